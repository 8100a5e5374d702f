"""What the channels of a take key on a character: the properties, their new keys, and which of them must stay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.utils import escape_identifier

from ..core.curves import Curve, Curves
from .actions import fcurves_of
from .bone_rotation import bone_curves, rotation_path
from .character import BoneTarget, Character
from .key_table import KeyTable, key_table, within

Interval = tuple[float, float]
"""From when to when, both included."""

CurveId = tuple[Any, str, int]
"""The datablock, the data path and the index of an F-curve."""

_AXES = ("Yaw", "Pitch", "Roll")
_NO_CURVE = Curve([], [])
_CLAMPED = 1e-3
"""A value changed by less than this was not clamped so that anyone could see."""
_SHAPE_GROUP = "Mien"
"""The group of the F-curves of shape keys; a nameless one for each is what Blender makes otherwise."""


@dataclass(frozen=True, eq=False)
class Target:
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
        """The F-curve that moves the property."""
        return self.owner, self.data_path, self.index

    @property
    def value(self) -> float:
        """What the property is now."""
        shown = getattr(self.holder, self.attribute)
        return float(shown if self.attribute == "value" else shown[self.index])

    def show(self, value: float) -> None:
        """Set the property itself, so that the head shows its keys without a change of frame."""
        if self.attribute == "value":
            self.holder.value = value
        else:
            getattr(self.holder, self.attribute)[self.index] = value


class LeftAlone:
    """Collects what must not be keyed, to tell it in one sentence for each reason."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        """Once for each name."""
        names = self._names.setdefault(reason, [])
        if name not in names:
            names.append(name)

    def sentences(self) -> tuple[str, ...]:
        """One for each reason."""
        return tuple(f"Left alone because {reason}: {listed(names)}." for reason, names in self._names.items())


def listed(names: Sequence[str], most: int = 6) -> str:
    """The first names, and how many there are besides."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class Targets:
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

    def __iter__(self) -> Iterator[Target]:
        """Every target; one channel moves it, or for a component of a bone up to three."""
        yield from self._shapes()
        yield from self._bones()

    def _frames(self, seconds: Interval | None) -> Interval | None:
        if seconds is None:
            return None
        return self._start + seconds[0] * self._fps, self._start + seconds[1] * self._fps

    def _shapes(self) -> Iterator[Target]:
        seen: set[tuple[Any, str]] = set()  # objects that share a mesh share its keys
        for target in self._character.shapes:
            owner = target.mesh.data.shape_keys
            if target.channel not in self._wanted or (owner, target.key) in seen:
                continue
            seen.add((owner, target.key))
            key = owner.key_blocks[target.key]
            path = f'key_blocks["{escape_identifier(target.key)}"].value'
            table = key_table(self._curves.by_channel.get(target.channel, _NO_CURVE), self._start, self._fps)
            is_clamped = _clamp(table, key.slider_min, key.slider_max)
            clear = self._frames(self._replacing[target.channel]) if self._replacing is not None else None
            channels = (target.channel,)
            table = within(table, clear) if clear else table
            yield Target(owner, path, 0, _SHAPE_GROUP, key, "value", 0.0, table, clear, channels, is_clamped)

    def _bones(self) -> Iterator[Target]:
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
    ) -> Iterator[Target]:
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
            yield Target(target.armature, path, index, target.bone, bone, attribute, rest, table, clear, channels)


def _clamp(table: KeyTable, low: float, high: float) -> bool:
    """Keep the values of keys within a range, handles moving along with their keys; whether anyone could see it.

    A handle may reach beyond the range where its curve does not: it stays as it is.
    """
    wanted = table["co"][:, 1].copy()
    table["co"][:, 1] = np.clip(wanted, low, high)
    moved = table["co"][:, 1] - wanted
    for column in ("handle_left", "handle_right"):
        if column in table:
            table[column][:, 1] += moved
    return bool((np.abs(moved) > _CLAMPED).any())


def fcurves_of_targets(targets: Sequence[Target]) -> dict[CurveId, Any]:
    """The F-curves that animate these datablocks now."""
    owners = dict.fromkeys(target.owner for target in targets)
    return {(owner, fcurve.data_path, fcurve.array_index): fcurve for owner in owners for fcurve in fcurves_of(owner)}


def free_targets(targets: Sequence[Target], left_alone: LeftAlone, *, into_copies: bool = False) -> list[Target]:
    """The targets that may be keyed; for the others, why not.

    into_copies: the Actions are about to be exchanged for copies, so that linked ones are no obstacle.
    """
    fcurves = fcurves_of_targets(targets)
    drivers = {owner: _driven_paths(owner) for owner in dict.fromkeys(target.owner for target in targets)}
    locked = {
        (owner, fcurve.group.name) for (owner, _, _), fcurve in fcurves.items() if fcurve.group and fcurve.group.lock
    }
    free = []
    for target in targets:
        fcurve = fcurves.get(target.curve_id)
        reason = _reason_against(target, fcurve, drivers[target.owner], into_copies=into_copies)
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


def _reason_against(target: Target, fcurve: Any, driven: set[str], *, into_copies: bool) -> str:
    action = target.owner.animation_data.action if target.owner.animation_data else None
    if not target.owner.is_editable:
        return "it is linked from another file (a library override of it can be keyed)"
    if target.data_path in driven:
        return "a driver moves it"
    if action is not None and not action.is_editable and not into_copies:
        return "its Action is linked from another file (write to a New Action or as Layer on Top)"
    if fcurve is not None and fcurve.lock:
        return "its curve is locked"
    if fcurve is not None and len(fcurve.sampled_points):
        return "its curve is baked to samples"
    return ""
