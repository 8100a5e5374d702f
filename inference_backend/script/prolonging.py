"""Gestures that go on for a time that the script gives: "laughs for eight seconds", "screams for three"."""

from collections.abc import Sequence, Set
from itertools import pairwise

from .entries import Pose

Steps = tuple[tuple[float, Pose], ...]

SAME = 0.25
"""Two stages that differ by no more than this in each channel are one that is held."""
WAVES = (0.8, 0.95, 0.7, 0.9)
"""How far jaw and head go in each further bout of a laugh, beside the first: no laughter is as even as a clockwork."""


def prolonged(steps: Steps, leaves: Pose, seconds: float) -> tuple[Steps, int]:
    """The stages, and how often they come, so that the gesture lasts the seconds; no shorter than it is by itself."""
    length = steps[-1][0]
    if seconds <= length:
        return steps, 1
    held = [number for number, (stage, following) in enumerate(pairwise(steps[:-1])) if _is_held(stage, following)]
    if len(held) == 1:
        return _later(steps, held[0] + 1, seconds - length), 1
    if leaves and len(steps) > 3:
        return _at_pace(_with_more_bouts(steps, seconds), seconds), 1
    times = max(1, round(seconds / length))
    return _at_pace(steps, seconds / times), times


def _is_held(stage: tuple[float, Pose], following: tuple[float, Pose]) -> bool:
    before, after = stage[1], following[1]
    return before.keys() == after.keys() and all(abs(before[name] - after[name]) <= SAME for name in before)


def _later(steps: Steps, first: int, seconds: float) -> Steps:
    """The stages from the first on, so much later."""
    return tuple((time + seconds * (number >= first), pose) for number, (time, pose) in enumerate(steps))


def _with_more_bouts(steps: Steps, seconds: float) -> Steps:
    """What lies between the first and the last stage again and again."""
    bout, period = steps[1:-1], steps[-2][0] - steps[0][0]
    pulsing = frozenset.intersection(*(frozenset(pose) for _, pose in bout))
    found = list(steps[:-1])
    for turn in range(round((seconds - steps[-1][0]) / period)):
        found.extend(
            (time + (turn + 1) * period, _scaled(pose, pulsing, WAVES[turn % len(WAVES)])) for time, pose in bout
        )
    return (*found, (found[-1][0] + steps[-1][0] - steps[-2][0], steps[-1][1]))


def _scaled(pose: Pose, names: Set[str], factor: float) -> Pose:
    return {name: value * factor if name in names else value for name, value in pose.items()}


def _at_pace(steps: Sequence[tuple[float, Pose]], seconds: float) -> Steps:
    """The stages in so many seconds."""
    factor = seconds / steps[-1][0]
    return tuple((time * factor, pose) for time, pose in steps)
