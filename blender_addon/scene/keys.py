"""The one writer of F-curves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from bpy.types import Scene
from bpy.utils import escape_identifier

from ..core.channels import CHANNELS
from ..core.curves import Curve, Curves
from ..core.errors import CharacterError
from .actions import ensure_action, ensure_fcurve, fcurves_of, remove_fcurve
from .bone_rotation import bone_curves, rotation_path
from .character import BoneTarget, Character
from .key_table import (
    KeyTable,
    frames_of,
    in_the_way,
    is_within,
    key_table,
    merge_keys,
    with_key_before,
    within,
)

Interval = tuple[float, float]
"""From when to when, both included."""

CurveId = tuple[Any, str, int]
"""The datablock, the data path and the index of an F-curve."""

_AXES = ("Yaw", "Pitch", "Roll")
_NO_CURVE = Curve([], [])
_VISIBLE = 1e-4
"""A smaller jump of a value is none."""
_CLAMPED = 1e-3
"""A value changed by less than this was not clamped so that anyone could see."""
_SHAPE_GROUP = "Mien"
"""The group of the F-curves of shape keys; a nameless one for each is what Blender makes otherwise."""
_HELD = 0.012
"""Nearer to rest than this, a channel is at rest."""


@dataclass(frozen=True)
class KeyReport:
    """What was written: how many channels and keys, and in sentences what was left alone and why.

    limited: in sentences what was keyed, but shows otherwise than the take has it.
    """

    channels: int
    keys: int
    left_alone: tuple[str, ...]
    limited: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Target:
    """One property to key, with its new keys in frames and the property's own units.

    owner: the datablock whose Action takes the F-curve.
    holder, attribute: where the property itself is, to show the result at once; an attribute that is
        an array is indexed.
    rest: its value where nothing moves it.
    clear: the frames within which all old keys give way; None where only those on the frame of a new one do.
    channels: those of the take that move it.
    is_clamped: whether the range of the slider changed a value.
    """

    owner: Any
    data_path: str
    index: int
    group: str
    holder: Any
    attribute: str
    rest: float
    keys: KeyTable
    clear: Interval | None
    channels: tuple[str, ...]
    is_clamped: bool = False

    @property
    def curve_id(self) -> CurveId:
        return self.owner, self.data_path, self.index


class _LeftAlone:
    """Collects what must not be keyed, to tell it in one sentence for each reason."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        names = self._names.setdefault(reason, [])
        if name not in names:
            names.append(name)

    def sentences(self) -> tuple[str, ...]:
        return tuple(f"Left alone because {reason}: {_listed(names)}." for reason, names in self._names.items())


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class _Targets:
    """What the channels of a take key on a character, with its new keys."""

    def __init__(
        self,
        character: Character,
        curves: Curves,
        frame_start: float,
        fps: float,
        replacing: Mapping[str, Interval] | None,
    ) -> None:
        self._character, self._curves = character, curves
        self._start, self._fps = frame_start, fps
        self._replacing = replacing
        self._wanted = set(curves.by_channel if replacing is None else replacing)

    def __iter__(self) -> Iterator[_Target]:
        """Every target; one channel moves it, or for a component of a bone up to three."""
        yield from self._shapes()
        yield from self._bones()

    def _frames(self, seconds: Interval | None) -> Interval | None:
        if seconds is None:
            return None
        return self._start + seconds[0] * self._fps, self._start + seconds[1] * self._fps

    def _shapes(self) -> Iterator[_Target]:
        seen: set[tuple[Any, str]] = set()  # objects that share a mesh share its keys
        for target in self._character.shapes:
            owner = target.mesh.data.shape_keys
            if target.channel not in self._wanted or (owner, target.key) in seen:
                continue
            seen.add((owner, target.key))
            key = owner.key_blocks[target.key]
            path = f'key_blocks["{escape_identifier(target.key)}"].value'
            table = key_table(self._curves.by_channel.get(target.channel, _NO_CURVE), self._start, self._fps)
            wanted = table["co"][:, 1].copy()
            for column in ("co", "handle_left", "handle_right"):
                if column in table:
                    table[column][:, 1] = np.clip(table[column][:, 1], key.slider_min, key.slider_max)
            clear = self._frames(self._replacing[target.channel]) if self._replacing is not None else None
            channels = (target.channel,)
            is_clamped = bool((np.abs(table["co"][:, 1] - wanted) > _CLAMPED).any())
            table = within(table, clear) if clear else table
            yield _Target(owner, path, 0, _SHAPE_GROUP, key, "value", 0.0, table, clear, channels, is_clamped)

    def _bones(self) -> Iterator[_Target]:
        for turns, target in self._character.bones.items():
            names = [f"{turns}{axis}" for axis in _AXES]
            moving = tuple(name for name in names if name in self._wanted)
            if not moving:
                continue
            seconds = None
            if self._replacing is not None:
                own = [self._replacing[name] for name in moving]
                seconds = min(start for start, _ in own), max(end for _, end in own)
            angles = [self._curves.by_channel.get(name) for name in names]
            yield from self._components(target, moving, angles, seconds)

    def _components(
        self,
        target: BoneTarget,
        channels: tuple[str, ...],
        angles: Sequence[Curve | None],
        seconds: Interval | None,
    ) -> Iterator[_Target]:
        bone = target.armature.pose.bones[target.bone]
        attribute, count = rotation_path(bone)
        components = [_NO_CURVE] * count
        if any(curve is not None for curve in angles):
            attribute, components = bone_curves(self._character, target, angles, self._start, self._fps, within=seconds)
        path = f'pose.bones["{escape_identifier(target.bone)}"].{attribute}'
        clear = self._frames(seconds)
        for index, curve in enumerate(components):
            table = key_table(curve, self._start, self._fps)
            table = within(table, clear) if clear else table
            rest = float(attribute == "rotation_quaternion" and index == 0)
            rest = float(attribute == "rotation_axis_angle" and index == 2) or rest
            yield _Target(target.armature, path, index, target.bone, bone, attribute, rest, table, clear, channels)


class CurveWriting:
    """Curves on their way to a character, looked at before anything is changed.

    Time 0 of the curves is `frame_start`. A key that stands on the frame of a new one is replaced; every
    other key stays as it is. New Actions are named after the character.

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
    ) -> None:
        self._character, self._scene, self._replacing = character, scene, replacing
        left_alone = _LeftAlone()
        targets = _Targets(character, curves, frame_start, frames_per_second(scene), replacing)
        self._targets = _free(list(targets), left_alone)
        self._left_alone = left_alone.sentences()
        if not self._targets:
            sentences = self._left_alone or (f"{character.name} has none of the channels of this take.",)
            raise CharacterError(" ".join(sentences), "Nothing was keyed.")

    def in_the_way(self) -> dict[CurveId, list[float]]:
        """The frames of the old keys that writing would take away, by their F-curve."""
        fcurves = _fcurves(self._targets)
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
            made = ensure_action(owner, _action_name(self._character), made)
        for target in self._targets:
            _write(target, self._scene.frame_current_final)
        return KeyReport(
            channels=len({channel for target in self._targets for channel in target.channels}),
            keys=sum(len(target.keys["co"]) for target in self._targets),
            left_alone=self._left_alone,
            limited=tuple(_limited(self._targets)),
        )

    @property
    def curve_ids(self) -> tuple[CurveId, ...]:
        """The F-curves that are written."""
        return tuple(target.curve_id for target in self._targets)


def write_curves(character: Character, curves: Curves, frame_start: float, scene: Scene) -> KeyReport:
    """Key a character; see `CurveWriting`. Nothing has been changed when CharacterError is raised."""
    return CurveWriting(character, curves, frame_start, scene).write()


def held_channels(character: Character, frame: float, until: float) -> tuple[str, ...]:
    """The channels whose keys hold them away from rest at a frame, and have no key of their own from there on."""
    everything = Curves({name: Curve([0.0], [0.0]) for name in CHANNELS})
    seconds = dict.fromkeys(CHANNELS, (0.0, 0.0))
    held: dict[str, None] = {}
    for target in _Targets(character, everything, frame, 1.0, seconds):
        fcurve = _fcurves([target]).get(target.curve_id)
        if fcurve is None or is_within(frames_of(fcurve), (frame + 1, until)).any():
            continue
        if abs(fcurve.evaluate(frame) - target.rest) > _HELD:
            held.update(dict.fromkeys(target.channels))
    return tuple(held)


def frames_per_second(scene: Scene) -> float:
    """The scene's frame rate, with its base."""
    return float(scene.render.fps / scene.render.fps_base)


def _action_name(character: Character) -> str:
    return character.name if character.name.startswith("Mien") else f"Mien {character.name}"


def _fcurves(targets: Sequence[_Target]) -> dict[CurveId, Any]:
    """The F-curves that animate these datablocks now."""
    owners = dict.fromkeys(target.owner for target in targets)
    return {(owner, fcurve.data_path, fcurve.array_index): fcurve for owner in owners for fcurve in fcurves_of(owner)}


def _free(targets: Sequence[_Target], left_alone: _LeftAlone) -> list[_Target]:
    """The targets that may be keyed; for the others, why not."""
    fcurves = _fcurves(targets)
    drivers = {owner: _driven_paths(owner) for owner in dict.fromkeys(target.owner for target in targets)}
    locked = {
        (owner, fcurve.group.name) for (owner, _, _), fcurve in fcurves.items() if fcurve.group and fcurve.group.lock
    }
    free = []
    for target in targets:
        fcurve = fcurves.get(target.curve_id)
        reason = _reason_against(target, fcurve, drivers[target.owner])
        group = fcurve.group.name if fcurve is not None and fcurve.group else target.group
        if not reason and (target.owner, group) in locked:
            reason = "its group of curves is locked"
        if reason:
            left_alone.add(reason, target.holder.name)
        else:
            free.append(target)
    return free


def _driven_paths(owner: Any) -> set[str]:
    return {driver.data_path for driver in owner.animation_data.drivers} if owner.animation_data else set()


def _reason_against(target: _Target, fcurve: Any, driven: set[str]) -> str:
    action = target.owner.animation_data.action if target.owner.animation_data else None
    if not target.owner.is_editable:
        return "it is linked from another file (a library override of it can be keyed)"
    if target.data_path in driven:
        return "a driver moves it"
    if action is not None and not action.is_editable:
        return "its Action is linked from another file"
    if fcurve is not None and fcurve.lock:
        return "its curve is locked"
    if fcurve is not None and len(fcurve.sampled_points):
        return "its curve is baked to samples"
    return ""


def _limited(targets: Sequence[_Target]) -> Iterator[str]:
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
            yield f"{words}: {_listed(list(dict.fromkeys(names)))}."


def _held_up_to(targets: Sequence[_Target]) -> list[_Target]:
    """With a key where the replaced part begins, wherever a curve stood elsewhere there than its first new key."""
    fcurves = _fcurves(targets)
    return [_with_first_key(target, fcurves.get(target.curve_id)) for target in targets]


def _with_first_key(target: _Target, fcurve: Any) -> _Target:
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


def _write(target: _Target, frame_shown: float) -> None:
    if not len(target.keys["co"]) and target.curve_id not in _fcurves([target]):
        return
    is_one = len(target.keys["co"]) == 1 and "handle_left" not in target.keys and target.clear is None
    if is_one and _insert_one(target):
        fcurve = ensure_fcurve(target.owner, target.data_path, target.index, target.group)
    else:
        fcurve = ensure_fcurve(target.owner, target.data_path, target.index, target.group)
        merge_keys(fcurve, target.keys, target.clear)
    if len(fcurve.keyframe_points):
        _show(target, fcurve.evaluate(frame_shown))
    else:
        remove_fcurve(target.owner, fcurve)
        _show(target, target.rest)


def _insert_one(target: _Target) -> bool:
    """Key one moment as the user would by hand, with their own preferences for new keys; False where Blender does not.

    Bulk writing makes Blender evaluate the whole Action again, which throws away a pose of the body
    that is set and not yet keyed; this does not.
    """
    ((frame, value),) = target.keys["co"].tolist()
    _show(target, value)
    index = -1 if target.attribute == "value" else target.index
    return bool(target.holder.keyframe_insert(target.attribute, index=index, frame=frame, group=target.group))


def _show(target: _Target, value: float) -> None:
    """Set the property itself, so that the head shows its keys without a change of frame."""
    if target.attribute == "value":
        target.holder.value = value
    else:
        getattr(target.holder, target.attribute)[target.index] = value
