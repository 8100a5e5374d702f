"""The engine `keyframeface`: Qwen3-14B with the released KeyframeFace adapter, one keyframe a request.

The release turns described keyframes into numbers; it reads no raw script and has no timing. Both come
from the built-in performer: its beats are the descriptions, and they keep their times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from blender_addon.core.errors import InputError
from blender_addon.core.formats import keyframeface as release
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE, PoseConvention
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.wire import EngineStatus

from ..engines import Cancelled, ScriptEngine, never
from .answer_form import json_form
from .chat import ChatRequest, Message, Schema, ask
from .finishing import finished, in_order
from .model_place import ModelPlace
from .side_by_side import side_by_side
from .sparse_keys import moving_channels

_MAX_NEW_TOKENS = 1024  # the release's own limit
_DECIMALS = 1  # the grid on which the release answers
_TOGETHER_SECONDS = 0.25
"""Beats nearer than this are one keyframe: the release poses whole faces, not their parts in turn."""
_ONSET_SECONDS = 0.4
"""A face takes this long to its next pose, and holds the one before until then."""
_SPEECH_REACH_SECONDS = 0.2
"""Words spoken this near to a pose have the mouth."""


class KeyframeFaceEngine:
    """place: where the adapter runs. convention: the units in which its nine angles are taken."""

    name = "keyframeface"

    def __init__(self, place: ModelPlace, performer: ScriptEngine, convention: PoseConvention = KEYFRAMEFACE) -> None:
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

    def perform(  # noqa: PLR0913 - one keyword for each field of a request
        self,
        script: str,
        *,
        background: str = "",
        emotion: str = "",
        plays: str = "",
        duration: float | None = None,
        seed: int = 0,
        life: bool = True,
        frames: FrameCount | None = None,
        cancelled: Cancelled = never,
    ) -> Performance:
        """The performer's beats with the adapter's poses; its speech, its life and its words stay."""
        outline = self._performer.perform(
            script,
            background=background,
            emotion=emotion,
            plays=plays,
            duration=duration,
            seed=seed,
            life=False,
            frames=frames,
        )
        beats = joined_beats(outline.beats)
        if not beats:
            return outline
        if len(beats) > release.MOST_KEYFRAMES:
            raise InputError(
                f"The script has {len(beats)} moments; KeyframeFace takes at most {release.MOST_KEYFRAMES}.",
                "Perform it in parts.",
            )
        descriptions = [beat.description for beat in beats]
        with self._place.model(cancelled) as model:

            def pose_of(number: int, stop: Cancelled) -> dict[str, float]:
                request = keyframe_request(descriptions, number, background=background, emotion=emotion)
                read = partial(release.read_reply, number=number)
                answer = ask(model, request, read, cancelled=stop, about=f"keyframe {number} of {len(descriptions)}")
                return self._convention.to_pose(answer).as_mapping()

            tasks = [partial(pose_of, number) for number in range(1, len(descriptions) + 1)]
            poses = side_by_side(tasks, most=model.parallel, cancelled=cancelled)
        return finished(with_poses(outline, beats, poses), life=life, seed=seed)


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


def _closed(properties: Mapping[str, Schema]) -> Schema:
    """An object with just these properties, all of them required."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def with_poses(outline: Performance, beats: Sequence[Keyframe], poses: Sequence[dict[str, float]]) -> Performance:
    """The outline's speech between poses at these beats, each held until the face has to set off for the next."""
    speech = [keyframe for keyframe in outline.keyframes if keyframe.role is Role.SPEECH]
    rest, *keyed = moving_channels([{}, *poses])
    posed = [replace(beat, channels=channels) for beat, channels in zip(beats, keyed, strict=True)]
    if rest and beats[0].time > 0:
        posed.insert(0, Keyframe(0.0, rest, role=Role.PASSING))
    held = [
        replace(keyframe, hold=round(max(0.0, later.time - keyframe.time - _ONSET_SECONDS), 3))
        for keyframe, later in pairwise(posed)
    ]
    spoken = [_without_speech(keyframe, speech) for keyframe in (*held, posed[-1])]
    return replace(outline, keyframes=in_order([*spoken, *speech]))


def joined_beats(beats: Sequence[Keyframe]) -> list[Keyframe]:
    """The beats as whole faces: what the performer lets begin a moment apart is one keyframe here."""
    groups: list[list[Keyframe]] = []
    for beat in beats:
        if groups and beat.time - groups[-1][-1].time < _TOGETHER_SECONDS:
            groups[-1].append(beat)
        else:
            groups.append([beat])
    return [_joined(group) for group in groups]


def _joined(group: Sequence[Keyframe]) -> Keyframe:
    words = "; ".join(dict.fromkeys(beat.description for beat in group))
    sources = [beat.source for beat in group if beat.source is not None]
    span = (min(start for start, _ in sources), max(end for _, end in sources)) if sources else None
    return replace(group[-1], description=words, source=span, hold=0.0)


def _without_speech(keyframe: Keyframe, speech: Sequence[Keyframe]) -> Keyframe:
    """A pose that is held while words are spoken leaves to them the channels that they move."""
    start, end = keyframe.time - _SPEECH_REACH_SECONDS, keyframe.time + keyframe.hold + _SPEECH_REACH_SECONDS
    spoken = {name for other in speech if start <= other.time <= end for name in other.channels}
    return replace(keyframe, channels={name: v for name, v in keyframe.channels.items() if name not in spoken})
