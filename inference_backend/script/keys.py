"""Keys of channels while a performance is being made."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from blender_addon.core.anatomy import ANGLE_LIMITS, OPPOSED, TOLERANCE
from blender_addon.core.performance import Role

from .timing import STEP

_STEPS_A_SECOND = round(1 / STEP)
TRACE = 0.1
"""Of a shape; half as much in radians of an angle: no more than that is not seen beside the act that it goes with."""
PASSED = 0.03
"""A key so near to the straight way past it marks nothing of its own."""
NEAR = 0.06
"""A channel that is so near to where an act asks for it is there already; only back at rest is it quite."""
STILL = 0.012
"""A smaller change is no movement."""


class Key(NamedTuple):
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

    def drop_traces(self, keeping: Set[str]) -> None:
        """Without the channels that only go along, and never so far that it could be seen."""
        for channel in [name for name in self.by_channel if name not in keeping]:
            limit = TRACE / 2 if channel in ANGLE_LIMITS else TRACE
            if max(abs(key.value) for key in self.by_channel[channel]) <= limit:
                del self.by_channel[channel]

    def part_opposites(self) -> None:
        """Where one of two opposed shapes gives way to the other, let it be gone before the other comes."""
        for first, second in OPPOSED:
            if first in self.by_channel and second in self.by_channel:
                a_keys, b_keys = self.by_channel[first], self.by_channel[second]
                _give_way(a_keys, b_keys)
                _give_way(b_keys, a_keys)

    def scaled_in_time(self, factor: float) -> None:
        """Every key sooner or later by a factor."""
        for channel, keys in self.by_channel.items():
            self.by_channel[channel] = [Key(_on_grid(k.time * factor), k.value, k.beat, k.role) for k in keys]


def _give_way(going: list[Key], coming: list[Key]) -> None:
    """Wherever one channel goes to rest while the other sets out; both are walked once, as their steps are in order."""
    rises, passed = _steps(coming, falling=False), 0
    for fall in _steps(going, falling=True):
        while passed < len(rises) and coming[rises[passed] + 1].time <= going[fall].time:
            passed += 1
        place = passed
        while place < len(rises) and coming[rises[place]].time < going[fall + 1].time:
            _hand_over(going, fall, coming, rises[place])
            place += 1


def _steps(keys: list[Key], *, falling: bool) -> list[int]:
    """Where a channel goes to rest, or sets out from it: the index of the first of the two keys."""
    found = []
    for index, (before, after) in enumerate(pairwise(keys)):
        start, end = (before.value, after.value) if falling else (after.value, before.value)
        if start > TOLERANCE and end < STILL:
            found.append(index)
    return found


def _hand_over(going: list[Key], falls: int, coming: list[Key], rises: int) -> None:
    """One channel is at rest when the other sets out: both keys go to where the two lines would meet the floor."""
    start = max(going[falls].time, coming[rises].time)
    end = min(going[falls + 1].time, coming[rises + 1].time)
    if end - start < 2 * STEP:
        return
    share = going[falls].value / (going[falls].value + coming[rises + 1].value)
    middle = _on_grid(min(max(start + (end - start) * share, start + STEP), end - STEP))
    going[falls + 1] = going[falls + 1]._replace(time=middle)
    coming[rises] = coming[rises]._replace(time=middle)


def _on_grid(time: float) -> float:
    return round(time / STEP) / _STEPS_A_SECOND


def _laid(moves: list[Move], start_value: float) -> list[Key]:
    keys: list[Key] = [] if abs(start_value) < STILL else [Key(0.0, start_value, -1)]
    value = start_value
    for move in moves:
        start = _on_grid(move.start)
        end = _on_grid(max(move.end, start + STEP))
        value = _cut(keys, start, value)
        if abs(move.value - value) < (NEAR if move.value and move.role is not Role.SPEECH else STILL):
            continue
        if not keys or start > keys[-1].time:
            keys.append(Key(start, value, move.beat, move.role if move.role is not Role.BEAT else Role.PASSING))
        value = move.value
        keys.append(Key(end, value, move.beat, move.role))
    return _without_passed(keys) if any(abs(key.value) >= STILL for key in keys) else []


def _without_passed(keys: list[Key]) -> list[Key]:
    """Without the keys that lie on the way from one to the next: they would only make the movement falter."""
    kept: list[Key] = []
    for index, key in enumerate(keys):
        following = keys[index + 1] if index + 1 < len(keys) else None
        before = kept[-1] if kept else None
        if before and following and key.role is not Role.SPEECH and abs(following.value - before.value) > STILL:
            share = (key.time - before.time) / (following.time - before.time)
            if abs(before.value + share * (following.value - before.value) - key.value) < PASSED:
                continue
        kept.append(key)
    return kept


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
