"""The engine `keyframeface`: Qwen3-14B with the released KeyframeFace adapter, one keyframe a request.

The release turns described keyframes into numbers; it reads no raw script and has no timing. Both come
from the built-in performer: its beats are the descriptions, and they keep their times.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from blender_addon.core.errors import InputError
from blender_addon.core.formats import keyframeface as release
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE, PoseConvention
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.wire import EngineStatus

from .answer_form import json_form
from .chat import Cancelled, ChatModel, ChatRequest, Message, Schema, ask
from .finishing import mended_with_notes
from .model_place import ModelPlace
from .side_by_side import side_by_side
from .sparse_keys import moving_channels

_MAX_NEW_TOKENS = 1024  # the release's own limit
_DECIMALS = 1  # the grid on which the release answers
_SPEECH_REACH = 0.4
"""Seconds: a beat with mouth shapes of speech this near on both sides leaves the mouth to them."""


class Performer(Protocol):
    """Reads a script into described beats."""

    def perform(
        self, script: str, *, background: str, emotion: str, duration: float | None, seed: int, life: bool
    ) -> Performance:
        """As the protocol of script engines has it."""


class KeyframeFaceEngine:
    """place: where the adapter runs. convention: the units in which its nine angles are taken."""

    name = "keyframeface"

    def __init__(self, place: ModelPlace, performer: Performer, convention: PoseConvention = KEYFRAMEFACE) -> None:
        self._place = place
        self._performer = performer
        self._convention = convention

    def status(self) -> EngineStatus:
        """Whether it can be used, without loading it."""
        state, detail = self._place.state()
        return EngineStatus(self.name, ("script",), state, detail)

    def unload(self) -> None:
        """Give the model's memory back."""
        self._place.unload()

    def perform(
        self,
        script: str,
        *,
        background: str = "",
        emotion: str = "",
        duration: float | None = None,
        seed: int = 0,
        life: bool = True,
        cancelled: Cancelled = lambda: False,
    ) -> Performance:
        """The performer's beats with the adapter's poses; its speech, its life and its words stay."""
        outline = self._performer.perform(
            script, background=background, emotion=emotion, duration=duration, seed=seed, life=life
        )
        if not outline.beats:
            return outline
        if len(outline.beats) > release.MOST_KEYFRAMES:
            raise InputError(
                f"The script has {len(outline.beats)} moments, and KeyframeFace takes {release.MOST_KEYFRAMES} at most.",
                "Perform it in parts.",
            )
        descriptions = [beat.description for beat in outline.beats]
        with self._place.model(cancelled) as model:

            def pose_of(number: int, stop: Cancelled) -> dict[str, float]:
                request = keyframe_request(descriptions, number, background=background, emotion=emotion)
                read = partial(release.read_reply, number=number)
                answer = ask(model, request, read, cancelled=stop, about=f"keyframe {number} of {len(descriptions)}")
                return self._convention.to_pose(answer).as_mapping()

            tasks = [partial(pose_of, number) for number in range(1, len(descriptions) + 1)]
            poses = side_by_side(tasks, most=model.parallel, cancelled=cancelled)
        return mended_with_notes(with_poses(outline, poses))


def keyframe_request(descriptions: Sequence[str], number: int, *, background: str, emotion: str) -> ChatRequest:
    """The released request for one keyframe, numbered from 1, at the released temperature of 0."""
    user = release.user_prompt(descriptions, number, background=background, emotion=emotion)
    key = release.reply_key(number)
    return ChatRequest(
        (Message("system", release.SYSTEM_PROMPT), Message("user", user)),
        max_tokens=_MAX_NEW_TOKENS,
        schema=_reply_schema(key),
        form=json_form(release.RANGES, decimals=_DECIMALS, before=f'{{"{key}":', after="}"),
    )


def _reply_schema(key: str) -> Schema:
    numbers = {
        name: {"type": "number", "minimum": low, "maximum": high} for name, (low, high) in release.RANGES.items()
    }
    return _closed({key: _closed(numbers)})


def _closed(properties: dict[str, Schema]) -> Schema:
    """An object with just these properties, all of them required."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def with_poses(outline: Performance, poses: Sequence[dict[str, float]]) -> Performance:
    """The outline with other poses at its beats.

    What led from one of the old poses to the next (PASSING) goes with them; speech and life stay.
    """
    beats = list(outline.beats)
    kept = [keyframe for keyframe in outline.keyframes if keyframe.role in {Role.SPEECH, Role.LIFE}]
    rest, *keyed = moving_channels([{}, *poses])
    keyframes = [
        replace(beat, channels=_without_speech(channels, beat, kept))
        for beat, channels in zip(beats, keyed, strict=True)
    ]
    if rest and beats[0].time > 0:
        keyframes.insert(0, Keyframe(0.0, rest, role=Role.PASSING))
    return replace(outline, keyframes=_in_order([*keyframes, *kept]))


def _without_speech(channels: dict[str, float], beat: Keyframe, others: Sequence[Keyframe]) -> dict[str, float]:
    """A beat in the middle of spoken words leaves to them the channels that they move."""
    near = [other for other in others if other.role is Role.SPEECH and abs(other.time - beat.time) <= _SPEECH_REACH]
    before = {name for other in near if other.time <= beat.time for name in other.channels}
    after = {name for other in near if other.time >= beat.time for name in other.channels}
    spoken = before & after
    return {name: value for name, value in channels.items() if name not in spoken}


def _in_order(keyframes: Sequence[Keyframe]) -> tuple[Keyframe, ...]:
    """By time; of two at the same moment, one with the channels of both, the first one's words and values."""
    by_time: dict[float, Keyframe] = {}
    for keyframe in keyframes:
        first = by_time.get(keyframe.time)
        merged = keyframe if first is None else replace(first, channels={**keyframe.channels, **first.channels})
        by_time[keyframe.time] = merged
    return tuple(by_time[time] for time in sorted(by_time))
