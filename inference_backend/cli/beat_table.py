"""A performance for people: each described moment with what changes there, and nothing that stays as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import degrees, radians
from typing import Final

import numpy as np

from blender_addon.core.channels import ANGLES, INDEX, other_side
from blender_addon.core.performance import Keyframe, Performance, Role

_MOST_CHANGES: Final = 4
"""Named for each beat; the JSON has all."""
_LEAST_CHANGE: Final = 0.1
_FULL_ANGLE: Final = radians(30)
"""An angle that counts for as much as a whole coefficient."""


@dataclass(frozen=True)
class _Change:
    """What a channel comes to; size: how far that is from before, 1 for the whole of a coefficient."""

    channel: str
    target: float
    size: float


def rows(performance: Performance, *, ascii_only: bool = False) -> Iterator[tuple[str, str, str]]:
    """For each beat its time in seconds, its words, and the channels that move there with what they come to."""
    degree = " degrees" if ascii_only else "°"
    for beat, (start, end) in zip(performance.beats, _windows(performance), strict=True):
        yield f"{beat.time:.2f}", beat.description, ", ".join(_told(_changes(performance, beat, start, end), degree))


def _windows(performance: Performance) -> list[tuple[float, float]]:
    """What belongs to each beat, from and to: the parts of a face arrive a little before and after one another."""
    times = [beat.time for beat in performance.beats]
    middles = [(earlier + later) / 2 for earlier, later in pairwise(times)]
    return list(pairwise([0.0, *middles, performance.duration + 1.0])) if times else []


def _changes(performance: Performance, beat: Keyframe, start: float, end: float) -> list[_Change]:
    """Of each channel the fullest of the values that differ from where it stood; those that go to 0 last."""
    stood = performance.sampled(np.array([start]))[0]
    # Where a channel is not keyed yet it stands at rest.
    before = {name: stood[INDEX[name]] for k in performance.keyframes if k.time < start for name in k.channels}
    fullest: dict[str, _Change] = {}
    for keyframe in performance.keyframes:
        if not start <= keyframe.time < end or (keyframe.role is Role.LIFE and keyframe is not beat):
            continue
        for name, value in keyframe.channels.items():
            size = abs(value - before.get(name, 0.0)) / (_FULL_ANGLE if name in ANGLES else 1.0)
            if size >= _LEAST_CHANGE and (name not in fullest or abs(value) > abs(fullest[name].target)):
                fullest[name] = _Change(name, value, size)
    return sorted(_without_double_gaze(fullest), key=lambda change: (change.target == 0, -change.size))


def _without_double_gaze(changes: dict[str, _Change]) -> list[_Change]:
    """Without the lids' own shapes of a gaze where the eyeballs turn."""
    eyeballs_turn = any(name.startswith(("leftEye", "rightEye")) for name in changes)
    return [change for name, change in changes.items() if not (eyeballs_turn and name.startswith("eyeLook"))]


def _told(changes: list[_Change], degree: str) -> list[str]:
    """The first few, the two sides of a face as one where they come to the same."""
    targets = {change.channel: _amount(change, degree) for change in changes}
    told: dict[str, str] = {}
    for name, amount in targets.items():
        pair = _without_side(name) != name and targets.get(other_side(name)) == amount
        told.setdefault(_without_side(name) if pair else name, amount)
    return [f"{name} {amount}" for name, amount in list(told.items())[:_MOST_CHANGES]]


def _amount(change: _Change, degree: str) -> str:
    return f"{degrees(change.target):+.0f}{degree}" if change.channel in ANGLES else f"{change.target:.2f}"


def _without_side(channel: str) -> str:
    """The name of a pair; the channel itself where it is of none: the jaw goes to one side or to the other."""
    for side in ("Left", "Right"):
        if channel.endswith(side) and channel.removesuffix(side) not in ("jaw", "mouth"):
            return channel.removesuffix(side)
    return channel.replace("leftEye", "eye").replace("rightEye", "eye")
