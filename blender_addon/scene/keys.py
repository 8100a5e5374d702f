"""The one writer of F-curves."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from bpy.types import Scene
from bpy.utils import escape_identifier

from ..core.channels import ANGLES, CHANNELS
from ..core.curves import Curve, Curves
from ..core.errors import CharacterError, InputError
from .actions import ensure_action, ensure_fcurve, fcurves_of, remove_fcurve
from .bone_rotation import angle_channels
from .character import Character
from .key_table import SAME_FRAME, frames_of, in_the_way, is_within, merge_keys, with_key_before
from .key_targets import CurveId, Interval, LeftAlone, Target, Targets, fcurves_of_targets, free_targets, listed

_VISIBLE = 1e-4
"""A smaller jump of a value is none."""
_HELD = 0.012
"""Nearer to rest than this, a channel is at rest."""
_GAZE = ("eyeLook", "leftEye", "rightEye")
_MISSED = 0.2
"""A coefficient that is less is no part of what a face does: so much counts as active in the released data, too."""
_MISSED_TURN = math.radians(5)
_LAST_FRAME = 1_048_574
"""Blender's MAXFRAME."""


class Still(Enum):
    """What becomes of channels that stay at rest from the first key to the last.

    LEFT_ALONE: they get keys only where something else moves them, or holds them away from rest.
    """

    KEYED = "keyed"
    LEFT_ALONE = "left alone"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class KeyingRules:
    """What gets keys.

    still: see `Still`. own: curves that only the former keys of the same take have made, and what their properties
        were before.
    into_copies: the Actions are about to be exchanged for copies, so that linked ones are no obstacle.
    """

    still: Still = Still.KEYED
    own: Mapping[CurveId, float] = field(default_factory=dict)
    into_copies: bool = False


_ALL_KEYED = KeyingRules()


@dataclass(frozen=True)
class KeyReport:
    """What was written: how many channels and keys, and in sentences what was left alone and why.

    keys: those that a channel has alike on several meshes count once, as an animator changes them together.
    limited: in sentences what was keyed, but shows otherwise than the take has it.
    refused: of `left_alone`, what may not be keyed: locked, driven, linked.
    """

    channels: int
    keys: int
    left_alone: tuple[str, ...]
    limited: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class CurveWriting:
    """Curves on their way to a character, looked at before anything is changed.

    Time 0 of the curves is `frame_start`. A key that stands on the frame of a new one is replaced; every
    other key stays as it is. New Actions are named after the character, or `action_name`.

    replacing: for each channel the seconds within which its old keys go and the curves' keys are written;
        other channels are left alone. What an earlier key holds is held up to there, so that nothing
        before changes. Without it, all keys of all curves are written.
    Raises CharacterError where nothing can be keyed.
    """

    def __init__(
        self,
        character: Character,
        curves: Curves,
        frame_start: float,
        scene: Scene,
        *,
        replacing: Mapping[str, Interval] | None = None,
        action_name: str = "",
        rules: KeyingRules = _ALL_KEYED,
    ) -> None:
        self._scene, self._replacing = scene, replacing
        self._action_name = action_name or _action_name(character)
        left_alone = LeftAlone()
        targets = Targets(character, curves, frame_start, frames_per_second(scene), replacing)
        free = free_targets(list(targets), left_alone, into_copies=rules.into_copies)
        self._targets = _moving(free, rules)
        self._refused = tuple(left_alone.sentences())
        self._left_alone = (*self._refused, *_unshown(character, curves))
        if free and not self._targets:
            raise CharacterError("Nothing in this take moves.", "Choose All Bound Channels to key it all the same.")
        if not self._targets:
            sentences = left_alone.sentences() or (f"{character.name} has none of the channels of this take.",)
            raise CharacterError(" ".join(sentences), "Nothing was keyed.")

    def in_the_way(self) -> dict[CurveId, list[float]]:
        """The frames of the old keys that writing would take away, by their F-curve."""
        fcurves = fcurves_of_targets(self._targets)
        found: dict[CurveId, list[float]] = {}
        for target in self._targets:
            if fcurve := fcurves.get(target.curve_id):
                frames = frames_of(fcurve)
                if (taken := in_the_way(frames, target.keys, target.clear)).any():
                    found[target.curve_id] = frames[taken].tolist()
        return found

    def write(self) -> KeyReport:
        """Change the F-curves."""
        if self._replacing is not None:
            self._targets = _held_up_to(self._targets)
        made = None
        for owner in dict.fromkeys(target.owner for target in self._targets):
            made = ensure_action(owner, self._action_name, made)
        for target in self._targets:
            _write(target, self._scene.frame_current_final)
        return KeyReport(
            channels=len({channel for target in self._targets for channel in target.channels}),
            keys=sum({(target.channels, target.index): len(target.keys["co"]) for target in self._targets}.values()),
            left_alone=self._left_alone,
            limited=tuple(_limited(self._targets)),
            refused=self._refused,
        )

    @property
    def owners(self) -> tuple[Any, ...]:
        """The datablocks whose F-curves are written."""
        return tuple(dict.fromkeys(target.owner for target in self._targets))

    @property
    def values(self) -> dict[CurveId, float]:
        """What the properties are now, by the F-curve that moves them."""
        return {target.curve_id: target.value for target in self._targets}

    @property
    def curve_ids(self) -> tuple[CurveId, ...]:
        """The F-curves that are written."""
        return tuple(target.curve_id for target in self._targets)


def with_all_shapes(character: Character, curves: Curves, time: float, *, is_layer: bool) -> Curves:
    """Curves for every shape that is bound: those that a take leaves alone get one key of what they show.

    Nothing is changed by those keys: a shape that has keys already gets none, and a layer adds 0.
    """
    found = dict(curves.by_channel)
    for target in character.shapes:
        owner = target.mesh.data.shape_keys
        path = f'key_blocks["{escape_identifier(target.key)}"].value'
        if target.channel in found or (not is_layer and any(f.data_path == path for f in fcurves_of(owner))):
            continue
        shown = target.coefficient_for(owner.key_blocks[target.key].value)
        found[target.channel] = Curve([time], [0.0 if is_layer else shown])
    return Curves(found)


def _moving(targets: list[Target], rules: KeyingRules) -> list[Target]:
    """Without the properties that stay at rest and get no keys; the components of a rotation go together."""
    if rules.still is Still.KEYED:
        return targets
    others = fcurves_of_targets(targets).keys() - rules.own.keys()

    def is_needed(target: Target) -> bool:
        value = rules.own.get(target.curve_id, target.value)
        return target.curve_id in others or abs(value - target.rest) > _HELD

    moving = {
        (target.owner, target.data_path)
        for target in targets
        if (abs(target.keys["co"][:, 1] - target.rest) > _HELD).any()
        or (rules.still is Still.LEFT_ALONE and is_needed(target))
    }
    return [target for target in targets if (target.owner, target.data_path) in moving]


def write_curves(character: Character, curves: Curves, frame_start: float, scene: Scene) -> KeyReport:
    """Key a character; see `CurveWriting`. Nothing has been changed when CharacterError is raised."""
    return CurveWriting(character, curves, frame_start, scene).write()


def held_channels(character: Character, frame: float, until: float, *, going: Mapping[str, float]) -> tuple[str, ...]:
    """The channels whose keys hold them away from rest at a frame, and have no key that stays from there on.

    going: for channels whose keys are about to go, the frame up to which they do.
    """
    everything = Curves({name: Curve([0.0], [0.0]) for name in CHANNELS})
    seconds = dict.fromkeys(CHANNELS, (0.0, 0.0))
    held: dict[str, None] = {}
    for target in Targets(character, everything, frame, 1.0, seconds):
        fcurve = fcurves_of_targets([target]).get(target.curve_id)
        first = max(frame + 1, *(going.get(name, frame) + 0.5 for name in target.channels))
        if fcurve is None or is_within(frames_of(fcurve), (first, until)).any():
            continue
        if abs(fcurve.evaluate(frame) - target.rest) > _HELD:
            held.update(dict.fromkeys(target.channels))
    return tuple(held)


def refuse_beyond_last_frame(frame_start: float, seconds: float, fps: float) -> None:
    """Raise InputError where so many seconds from a frame on go beyond what Blender can count."""
    end = frame_start + seconds * fps
    if end > _LAST_FRAME:
        raise InputError(
            f"At {fps:,.0f} frames a second it would end on frame {end:,.0f}; "
            f"Blender counts frames up to {_LAST_FRAME:,}.",
            "Set another frame rate in the scene's output properties, or begin earlier.",
        )


def frames_per_second(scene: Scene) -> float:
    """The scene's frame rate, with its base."""
    return float(scene.render.fps / scene.render.fps_base)


def _action_name(character: Character) -> str:
    return character.name if character.name.startswith("Mien") else f"Mien {character.name}"


def _unshown(character: Character, curves: Curves) -> Iterator[str]:
    """Says what somebody would miss: channels that move, and for which the head has nothing.

    Gaze is no such channel: a head shows it by its shapes or by its eyes, and a take has both.
    """
    bound = {target.channel for target in character.shapes}
    bound |= {name for turns in character.turns for name in angle_channels(turns)}
    missed = [
        name
        for name, curve in curves
        if name not in bound
        and not name.startswith(_GAZE)
        and len(curve.values)
        and np.abs(curve.values).max() > (_MISSED_TURN if name in ANGLES else _MISSED)
    ]
    if missed:
        yield f"This head has nothing that shows {listed(missed)}."


def _limited(targets: Sequence[Target]) -> Iterator[str]:
    """In sentences, which of the keyed targets do not show what the take has."""
    muted = {
        (owner, fcurve.data_path)
        for owner in dict.fromkeys(target.owner for target in targets)
        for fcurve in fcurves_of(owner)
        if fcurve.mute
    }
    for words, names in (
        ("Kept within the range of its slider", [target.holder.name for target in targets if target.is_clamped]),
        (
            "Keyed, but muted and so not shown",
            [
                target.holder.name
                for target in targets
                if (target.owner, target.data_path) in muted or getattr(target.holder, "mute", False)
            ],
        ),
    ):
        if names:
            yield f"{words}: {listed(list(dict.fromkeys(names)))}."


def _held_up_to(targets: Sequence[Target]) -> list[Target]:
    """With a key where the replaced part begins, wherever a curve stood elsewhere there than its first new key."""
    fcurves = fcurves_of_targets(targets)
    return [_with_first_key(target, fcurves.get(target.curve_id)) for target in targets]


def _with_first_key(target: Target, fcurve: Any) -> Target:
    co = target.keys["co"]
    if target.clear is None or fcurve is None or not len(co):
        return target
    frames, begin = frames_of(fcurve), target.clear[0]
    if not len(frames) or frames[0] >= begin or co[0, 0] <= begin + 0.5:
        return target
    held = fcurve.evaluate(begin)
    if abs(held - co[0, 1]) <= _VISIBLE:
        return target
    return replace(target, keys=with_key_before(target.keys, begin, held))


def _write(target: Target, frame_shown: float) -> None:
    if not len(target.keys["co"]) and target.curve_id not in fcurves_of_targets([target]):
        return
    is_one = len(target.keys["co"]) == 1 and "handle_left" not in target.keys and _is_moment(target.clear, target)
    if is_one and _insert_one(target):
        fcurve = ensure_fcurve(target.owner, target.data_path, target.index, target.group)
    else:
        fcurve = ensure_fcurve(target.owner, target.data_path, target.index, target.group)
        merge_keys(fcurve, target.keys, target.clear)
    if len(fcurve.keyframe_points):
        target.show(fcurve.evaluate(frame_shown))
    else:
        remove_fcurve(target.owner, fcurve)
        target.show(target.rest)


def _is_moment(clear: Interval | None, target: Target) -> bool:
    """Whether no other key than one on the same frame gives way."""
    return clear is None or bool((np.abs(np.array(clear) - target.keys["co"][0, 0]) < SAME_FRAME).all())


def _insert_one(target: Target) -> bool:
    """Key one moment as the user would by hand, with their own preferences for new keys; False where Blender does not.

    Bulk writing makes Blender evaluate the whole Action again, which throws away a pose of the body
    that is set and not yet keyed; this does not.
    """
    ((frame, value),) = target.keys["co"].tolist()
    target.show(value)
    index = -1 if target.attribute == "value" else target.index
    return bool(target.holder.keyframe_insert(target.attribute, index=index, frame=frame, group=target.group))
