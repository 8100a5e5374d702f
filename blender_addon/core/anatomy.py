"""What a face cannot do, and the nearest that it can."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .channels import ANGLES, CHANNELS, INDEX, SHAPES
from .performance import Keyframe, Performance, Role

TOLERANCE: Final = 0.1
"""Two opposed shapes may both show this much: the skin between two muscles is soft."""
TOLERANCE_IN_PASSING: Final = 2 * TOLERANCE
"""So much for an instant between two keys, where one gives way to the other."""

ANGLE_LIMITS: Final[Mapping[str, float]] = {
    # Radians either way. Head: the neck's active range (about 80, 60 and 45 degrees); eyes: the
    # oculomotor range (about 45 degrees sideways, 40 up and down), torsion a few degrees.
    "headYaw": 1.4,
    "headPitch": 1.05,
    "headRoll": 0.8,
    "leftEyeYaw": 0.8,
    "leftEyePitch": 0.7,
    "leftEyeRoll": 0.2,
    "rightEyeYaw": 0.8,
    "rightEyePitch": 0.7,
    "rightEyeRoll": 0.2,
}

_SIDED_OPPOSITES = (
    ("mouthSmile{0}", "mouthFrown{0}"),
    ("eyeBlink{0}", "eyeWide{0}"),
    ("eyeLookUp{0}", "eyeLookDown{0}"),
    ("eyeLookIn{0}", "eyeLookOut{0}"),
    # Both eyes look the same way: up and down together, never one up and the other down.
    ("eyeLookUp{0}", "eyeLookDown{1}"),
)
OPPOSED: Final[tuple[tuple[str, str], ...]] = (
    *(
        (first.format(side, other), second.format(side, other))
        for first, second in _SIDED_OPPOSITES
        for side, other in (("Left", "Right"), ("Right", "Left"))
    ),
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
    ("cheekPuff", "tongueOut"),
    # Eyes may cross but never part.
    ("eyeLookOutLeft", "eyeLookOutRight"),
)
"""Pairs that no face shows at once."""

_LOW = np.array([0.0] * len(SHAPES) + [-ANGLE_LIMITS[name] for name in ANGLES])
_HIGH = np.array([1.0] * len(SHAPES) + [ANGLE_LIMITS[name] for name in ANGLES])


@dataclass(frozen=True)
class Fault:
    """One thing that no face can do, at one moment."""

    time: float
    sentence: str


_Times = NDArray[np.float64]
_Table = NDArray[np.float64]
"""Values of all channels, shape (T, 61)."""


def faults(performance: Performance) -> tuple[Fault, ...]:
    """Everything at the keys of the performance that a face cannot do."""
    times = _key_times(performance)
    table = performance.sampled(times)
    return tuple(
        Fault(float(times[row]), sentence)
        for check in (_range_faults, _opposed_faults, _lip_faults, _gaze_faults)
        for row, sentence in check(table)
    )


def mended(performance: Performance) -> Performance:
    """The nearest performance that a face can do: ranges clipped, the weaker of two opposed shapes lowered.

    Where one of two opposed shapes gives way to the other between two keys, both get a key at which both are low.
    """
    for _ in range(_MOST_ROUNDS):
        times = _key_times(performance)
        table = performance.sampled(times)
        better = _mended_at_keys(performance, times, table) or _handed_over(performance, times, table)
        if better is None:
            break
        performance = better
    return performance


_MOST_ROUNDS = 8
"""A key that is mended moves the lines to its neighbours, which may then need mending in turn."""


def _mended_at_keys(performance: Performance, times: _Times, before: _Table) -> Performance | None:
    """None where there is nothing to mend."""
    after = mended_table(before)
    changed = np.abs(after - before) > 1e-9
    if not changed.any():
        return None
    rows = {_place(float(time)): row for row, time in enumerate(times)}
    keyframes = [_mended_keyframe(keyframe, rows, after, changed) for keyframe in performance.keyframes]
    own_times = {_place(keyframe.time) for keyframe in keyframes}
    for place, row in rows.items():
        if place not in own_times and changed[row].any():
            channels = {CHANNELS[column]: float(after[row, column]) for column in np.flatnonzero(changed[row])}
            keyframes.append(Keyframe(float(times[row]), channels, role=Role.PASSING))
    return replace(performance, keyframes=tuple(sorted(keyframes, key=lambda keyframe: keyframe.time)))


def _handed_over(performance: Performance, times: _Times, table: _Table) -> Performance | None:
    """None where no shape turns into its opposite between two keys."""
    low_at: dict[float, dict[str, float]] = {}
    for first, second in OPPOSED:
        a, b = table[:, INDEX[first]], table[:, INDEX[second]]
        lead = a - b
        for row in np.flatnonzero((lead[:-1] * lead[1:] < 0) & (np.diff(times) > _SEEN_SECONDS)):
            share = lead[row] / (lead[row] - lead[row + 1])  # of the way, where the two lines cross
            if a[row] + share * (a[row + 1] - a[row]) >= TOLERANCE_IN_PASSING:
                time = round(float(times[row] + share * (times[row + 1] - times[row])), 3)
                low_at.setdefault(time, {}).update({first: TOLERANCE, second: TOLERANCE})
    if not low_at:
        return None
    handovers = [Keyframe(time, low, _HANDOVER, role=Role.PASSING) for time, low in low_at.items()]
    keyframes = sorted((*performance.keyframes, *handovers), key=lambda keyframe: keyframe.time)
    return replace(performance, keyframes=tuple(keyframes))


_SEEN_SECONDS: Final = 0.01
"""What happens between two keys that are nearer than this, no frame shows."""
_HANDOVER: Final = "on the way: one shape gives way to its opposite"


def mended_table(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of shape (T, 61), each row made a pose that a face can do."""
    table = np.clip(table, _LOW, _HIGH)
    for first, second in OPPOSED:
        a, b = table[:, INDEX[first]], table[:, INDEX[second]]
        # The stronger of the two is what was meant; of equals, the second gives way.
        first_wins = a >= b
        table[:, INDEX[second]] = np.where(first_wins & (a > TOLERANCE), np.minimum(b, TOLERANCE), b)
        table[:, INDEX[first]] = np.where(~first_wins & (b > TOLERANCE), np.minimum(a, TOLERANCE), a)
    jaw, lips = INDEX["jawOpen"], INDEX["mouthClose"]
    table[:, lips] = np.minimum(table[:, lips], table[:, jaw])
    return _eyes_together(table)


def _eyes_together(table: NDArray[np.float64]) -> NDArray[np.float64]:
    left, right = INDEX["leftEyeYaw"], INDEX["rightEyeYaw"]
    parting = table[:, left] > table[:, right] + _EYE_SLACK
    mean = (table[:, left] + table[:, right]) / 2
    table[parting, left] = table[parting, right] = mean[parting]
    left, right = INDEX["leftEyePitch"], INDEX["rightEyePitch"]
    uneven = np.abs(table[:, left] - table[:, right]) > _EYE_SLACK
    mean = (table[:, left] + table[:, right]) / 2
    table[uneven, left] = table[uneven, right] = mean[uneven]
    return table


_EYE_SLACK = 0.06
"""Radians by which two eyes may part or differ in height before it shows."""

_Found = list[tuple[int, str]]


def _rows(mask: NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]


def _range_faults(table: NDArray[np.float64]) -> _Found:
    outside = (table < _LOW - 1e-9) | (table > _HIGH + 1e-9)
    return [
        (int(row), f"{CHANNELS[column]} is {table[row, column]:.2f}, outside {_LOW[column]:g} to {_HIGH[column]:g}")
        for row, column in np.argwhere(outside)
    ]


def _opposed_faults(table: NDArray[np.float64]) -> _Found:
    found: _Found = []
    for first, second in OPPOSED:
        both = np.minimum(table[:, INDEX[first]], table[:, INDEX[second]]) > TOLERANCE + 1e-9
        found.extend((row, f"{first} and {second} act at once") for row in _rows(both))
    return found


def _lip_faults(table: NDArray[np.float64]) -> _Found:
    beyond = table[:, INDEX["mouthClose"]] > table[:, INDEX["jawOpen"]] + 1e-9
    return [(row, "mouthClose is above jawOpen") for row in _rows(beyond)]


def _gaze_faults(table: NDArray[np.float64]) -> _Found:
    parting = table[:, INDEX["leftEyeYaw"]] > table[:, INDEX["rightEyeYaw"]] + _EYE_SLACK + 1e-9
    uneven = np.abs(table[:, INDEX["leftEyePitch"]] - table[:, INDEX["rightEyePitch"]]) > _EYE_SLACK + 1e-9
    return [(row, "the two eyes look apart") for row in _rows(parting | uneven)]


def _key_times(performance: Performance) -> NDArray[np.float64]:
    """Of the keyframes and of the ends of what they hold; nearer than a millionth of a second they are one."""
    ends = (k.time + k.hold for k in performance.keyframes if k.hold)
    times = (*ends, *(k.time for k in performance.keyframes))
    return np.array(sorted({_place(time): time for time in times}.values()))


def _place(time: float) -> float:
    return round(time, 6)


def _mended_keyframe(
    keyframe: Keyframe, rows: Mapping[float, int], table: NDArray[np.float64], changed: NDArray[np.bool_]
) -> Keyframe:
    row = rows[_place(keyframe.time)]
    if not changed[row].any():
        return keyframe
    names = [*keyframe.channels, *(CHANNELS[c] for c in np.flatnonzero(changed[row]))]
    return replace(keyframe, channels={name: float(table[row, INDEX[name]]) for name in dict.fromkeys(names)})
