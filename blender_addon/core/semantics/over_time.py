"""A face over time in words: the stretches in which it shows one expression, each as it is at its fullest."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..channels import INDEX
from ..pose import Pose
from ..shaping.edits.blinks import blinks_in
from ..shaping.edits.weights import blurred
from ..track import FaceTrack
from .description import Description
from .reader import describe

Array = NDArray[np.float64]

_LOOKS_PER_SECOND: Final = 8.0
_BLUR: Final = 0.12
"""Seconds: speech and tremble are no expressions."""
_SHORTEST: Final = 0.5
"""Seconds; a shorter stretch belongs to its neighbour, save where something shows that no neighbour has."""
MOST_STRETCHES: Final = 12
_LIDS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])


@dataclass(frozen=True)
class Stretch:
    """From one second to another, with the face at its fullest in between. blinks: the moments of those within."""

    start: float
    end: float
    fullest: float
    description: Description
    blinks: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """All fields by name."""
        return {
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "fullest": round(self.fullest, 3),
            "description": self.description.to_json(),
            "blinks": [round(moment, 3) for moment in self.blinks],
        }


def stretches_of(track: FaceTrack, *, most: int = MOST_STRETCHES) -> tuple[Stretch, ...]:
    """The stretches of a track in order; together they are the whole of it."""
    if not len(track.times):
        return ()
    times, values = track.times, track.values.astype(np.float64)
    blinks = tuple(float(times[blink.top]) for blink in blinks_in(times, values))
    calm = blurred(times, _open_eyed(times, values), _BLUR)
    strength = np.abs(calm).sum(axis=1)
    starts = _merged(_beginnings(times, calm), times, strength, most)
    ends = [*starts[1:], len(times)]
    found = []
    for first, last in zip(starts, ends, strict=True):
        fullest = first + int(strength[first:last].argmax())
        end = float(times[last]) if last < len(times) else float(times[-1])
        own = tuple(moment for moment in blinks if times[first] <= moment < end)
        found.append(Stretch(float(times[first]), end, float(times[fullest]), describe(Pose(calm[fullest])), own))
    return tuple(found)


def _open_eyed(times: Array, values: Array) -> Array:
    """Without blinks, which would pass for closed eyes."""
    result = values.copy()
    for blink in blinks_in(times, values):
        for lid in _LIDS:
            result[blink.first : blink.last + 1, lid] = min(values[blink.first, lid], values[blink.last, lid])
    return result


def _beginnings(times: Array, calm: Array) -> list[int]:
    """The frames at which what is said of the face becomes something else."""
    moments = np.arange(times[0], times[-1] + 1e-9, 1 / _LOOKS_PER_SECOND)
    frames = np.unique(np.clip(np.searchsorted(times, moments), 0, len(times) - 1))
    starts, former = [0], ""
    for frame in frames:
        summary = describe(Pose(calm[frame])).summary
        if former and summary != former:
            starts.append(int(frame))
        former = summary
    return starts


def _merged(starts: list[int], times: Array, strength: Array, most: int) -> list[int]:
    """Join the shortest stretch to what comes before it, again and again, until they are long enough and few."""
    starts = list(starts)
    while len(starts) > 1:
        edges = [*(times[start] for start in starts), times[-1]]
        lengths = np.diff(edges)
        shortest = int(lengths.argmin())
        if lengths[shortest] >= _SHORTEST and len(starts) <= most:
            break
        before = _peak(starts, strength, shortest - 1)
        after = _peak(starts, strength, shortest + 1)
        own = _peak(starts, strength, shortest)
        joins_after = shortest == 0 or (shortest + 1 < len(starts) and abs(after - own) < abs(before - own))
        del starts[shortest + 1 if joins_after else shortest]
    return starts


def _peak(starts: list[int], strength: Array, number: int) -> float:
    if not 0 <= number < len(starts):
        return float("inf")
    end = starts[number + 1] if number + 1 < len(starts) else len(strength)
    return float(strength[starts[number] : end].max())
