"""Keys of channels while a performance is being made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from blender_addon.core.anatomy import OPPOSED, TOLERANCE
from blender_addon.core.performance import Role

from .timing import STEP

STILL = 0.012
"""A smaller change is no movement."""


@dataclass(frozen=True)
class Key:
    """A value at a time, and the number of the beat that put it there."""

    time: float
    value: float
    beat: int
    role: Role = Role.PASSING


@dataclass(frozen=True)
class Move:
    """A channel goes from where it is at `start` to `value` at `end`."""

    channel: str
    start: float
    end: float
    value: float
    beat: int
    role: Role = Role.PASSING


@dataclass
class Keys:
    """The keys of every channel, in order of time."""

    by_channel: dict[str, list[Key]] = field(default_factory=dict)

    @classmethod
    def from_moves(cls, moves: Iterable[Move], initial: Mapping[str, float]) -> "Keys":
        """Lay the movements of each channel one after the other; a later one cuts an earlier one short."""
        table = cls()
        by_channel: dict[str, list[Move]] = {name: [] for name in sorted(initial)}
        for move in moves:
            by_channel.setdefault(move.channel, []).append(move)
        for channel, own in by_channel.items():
            keys = _laid(sorted(own, key=lambda move: move.start), initial.get(channel, 0.0))
            if keys:
                table.by_channel[channel] = keys
        return table

    def value_at(self, channel: str, time: float) -> float:
        """The value on the straight line between keys; 0 for a channel without keys."""
        keys = self.by_channel.get(channel)
        if not keys:
            return 0.0
        return float(np.interp(time, [key.time for key in keys], [key.value for key in keys]))

    @property
    def last_time(self) -> float:
        """When the last key of all stands."""
        return max((keys[-1].time for keys in self.by_channel.values()), default=0.0)

    def part_opposites(self) -> None:
        """Where one of two opposed shapes gives way to the other, let it be gone before the other comes."""
        for first, second in OPPOSED:
            if first in self.by_channel and second in self.by_channel:
                self._part(first, second)

    def _part(self, first: str, second: str) -> None:
        times = sorted({key.time for name in (first, second) for key in self.by_channel[name]})
        a_line, b_line = (
            np.interp(times, [k.time for k in self.by_channel[n]], [k.value for k in self.by_channel[n]])
            for n in (first, second)
        )
        for index in range(len(times) - 1):
            (a0, a1), (b0, b1) = a_line[index : index + 2], b_line[index : index + 2]
            if min(a0, b0) > STILL or min(a1, b1) > STILL or (a0 + b1 if a0 > b0 else b0 + a1) < 2 * TOLERANCE:
                continue
            going, coming = (a0, b1) if a0 > b0 else (b0, a1)
            if going < STILL or coming < STILL:
                continue
            middle = _on_grid(times[index] + (times[index + 1] - times[index]) * going / (going + coming))
            for name in (first, second):
                self._insert(name, Key(middle, 0.0, self.by_channel[name][-1].beat))

    def _insert(self, channel: str, key: Key) -> None:
        kept = [other for other in self.by_channel[channel] if other.time != key.time]
        self.by_channel[channel] = sorted([*kept, key], key=lambda other: other.time)

    def scaled_in_time(self, factor: float) -> None:
        """Every key sooner or later by a factor."""
        for channel, keys in self.by_channel.items():
            self.by_channel[channel] = [Key(_on_grid(k.time * factor), k.value, k.beat, k.role) for k in keys]


def _on_grid(time: float) -> float:
    return round(round(time / STEP) * STEP, 3)


def _laid(moves: list[Move], start_value: float) -> list[Key]:
    keys: list[Key] = [] if abs(start_value) < STILL else [Key(0.0, start_value, -1)]
    value = start_value
    for move in moves:
        start, end = _on_grid(move.start), max(_on_grid(move.end), _on_grid(move.start) + STEP)
        value = _cut(keys, start, value)
        if abs(move.value - value) < STILL:
            continue
        if not keys or start > keys[-1].time:
            keys.append(Key(start, value, move.beat, move.role if move.role is not Role.BEAT else Role.PASSING))
        value = move.value
        keys.append(Key(_on_grid(end), value, move.beat, move.role))
    return keys if any(abs(key.value) >= STILL for key in keys) else []


def _cut(keys: list[Key], time: float, value: float) -> float:
    """End what is under way at `time`; return the value it has there."""
    if not keys or keys[-1].time <= time:
        return value
    reached = float(np.interp(time, [key.time for key in keys], [key.value for key in keys]))
    later = keys[-1]
    while keys and keys[-1].time > time:
        later = keys.pop()
    if not keys or keys[-1].time < time:
        keys.append(Key(time, reached, later.beat, later.role))
    return reached
