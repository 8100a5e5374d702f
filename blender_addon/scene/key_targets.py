"""What the channels of a take key on a character: the properties, their new keys, and which of them must stay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.utils import escape_identifier

from ..core.curve_sums import scaled, summed
from ..core.curves import Curve, Curves
from .actions import driven_paths, fcurves_of
from .binding_targets import ShapeTarget
from .bone_rotation import angle_channels, bone_curves, rotation_components, rotation_path
from .character import Character
from .key_table import KeyTable, key_table, within

Interval = tuple[float, float]
"""From when to when, both included."""

CurveId = tuple[Any, str, int]
"""The datablock, the data path and the index of an F-curve."""

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
        for (owner, name), rows in self._character.rows_by_key.items():
            channels = tuple(dict.fromkeys(row.channel for row in rows if row.channel in self._wanted))
            if not channels:
                continue
            key = owner.key_blocks[name]
            path = f'key_blocks["{escape_identifier(name)}"].value'
            seconds = self._seconds(channels)
            rest = sum(row.offset for row in rows)
            table = key_table(self._curve_of_key(rows, rest, seconds), self._start, self._fps)
            is_clamped = _clamp(table, key.slider_min, key.slider_max)
            clear = self._frames(seconds)
            table = within(table, clear) if clear else table
            yield Target(owner, path, 0, _SHAPE_GROUP, key, "value", rest, table, clear, channels, is_clamped)

    def _seconds(self, channels: Sequence[str]) -> Interval | None:
        """From when to when the keys of what these channels move together give way."""
        if self._replacing is None:
            return None
        own = [self._replacing[name] for name in channels]
        return min(start for start, _ in own), max(end for _, end in own)

    def _curve_of_key(self, rows: Sequence[ShapeTarget], offset: float, seconds: Interval | None) -> Curve:
        parts = [(self._curves[row.channel], row.gain) for row in rows if row.channel in self._curves]
        parts = [(curve, gain) for curve, gain in parts if len(curve.times)]
        if not parts:
            return _NO_CURVE
        if len(parts) == 1:
            return scaled(*parts[0], offset)
        return summed(parts, offset, self._start, self._fps, seconds)

    def _bones(self) -> Iterator[Target]:
        for turns in self._character.turns:
            channels = tuple(name for name in angle_channels(turns) if name in self._wanted)
            if channels:
                yield from self._components(turns, channels, self._seconds(channels))

    def _components(self, turns: str, channels: tuple[str, ...], seconds: Interval | None) -> Iterator[Target]:
        target = self._character.turns[turns]
        holder = target.holder
        attribute, count = rotation_path(holder)
        components = [_NO_CURVE] * count
        angles = [self._curves.by_channel.get(name) for name in angle_channels(turns)]
        if any(curve is not None for curve in angles):
            attribute, components = bone_curves(self._character, turns, angles, self._start, self._fps, within=seconds)
        clear = self._frames(seconds)
        (rest,) = rotation_components(target, target.own[np.newaxis])
        for index, curve in enumerate(components):
            table = key_table(curve, self._start, self._fps)
            table = within(table, clear) if clear else table
            place = target.thing, target.path(attribute), index, target.name, holder, attribute
            yield Target(*place, float(rest[index]), table, clear, channels)


def _clamp(table: KeyTable, low: float, high: float) -> bool:
    """Keep the values of keys within a range, handles moving along with their keys; whether anyone could see it.

    A handle may reach beyond the range where its curve does not: it stays as it is.
    """
    wanted = table["co"][:, 1]
    if not len(wanted) or (low <= wanted.min() and wanted.max() <= high):
        return False
    wanted = wanted.copy()
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
    drivers = {owner: driven_paths(owner) for owner in dict.fromkeys(target.owner for target in targets)}
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
