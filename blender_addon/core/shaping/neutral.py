"""The resting face of this person, found in the take, becomes the neutral one.

What a face model reads on a resting face differs from person to person and is rarely 0; taken off, the
brows rest where the character's do. Eyelids are treated apart: taking their resting value off would stop
blinks from closing, so they are stretched between the resting and the most closed value instead.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNELS, SHAPES
from ..track import FaceTrack
from .regions import BLINKS, IS_SHAPE, REGION_OF

STRETCH_S: Final = 0.5
"""Length of a calm stretch; a take must be twice as long to have one."""
_EFFORT: Final = 0.5
"""How much a held expression counts against a stretch, next to one that moves (both summed over the shapes,
movement per second): a smile that is held is calm, but not neutral."""
_CLOSED: Final = 0.5
"""Eyes that are closed this far do not rest."""
_AT_REST: Final = {
    "brows": (("brows",), 0.45),
    "mouth": (("cheeks", "nose", "jaw", "mouth", "tongue"), 0.3),
    "head": (("head",), float(np.radians(10.0))),
}
"""The parts of a face, the regions of each, and the most that its channels read at rest.

On resting faces of real clips mouths read up to 0.21 and brows 0.34, and heads are filmed from up to 10 degrees aside.
Lids and gaze are at rest in every calm stretch: squints of 0.5 are read on resting faces.
"""
_LEAST_ROOM: Final = 0.5
"""A shape that rests high is not stretched to more than twice its size."""
_LEAST_BLINK: Final = 0.3
"""A take whose eyelids move less above their resting value holds no blink."""

Array = NDArray[np.float64]

_PART_OF: Final = np.array(
    [next((part for part, (regions, _) in _AT_REST.items() if REGION_OF[name] in regions), "") for name in CHANNELS]
)
"""Of each channel, the part that it belongs to; empty for lids and gaze."""


def calmest_moment(track: FaceTrack, seen: NDArray[np.bool_]) -> float | None:
    """The middle, in seconds, of the stretch in which the face rests best; None where the take is too short."""
    times, shapes = track.times, track.values[:, : len(SHAPES)].astype(np.float64)
    if len(times) < 3 or times[-1] - times[0] < 2 * STRETCH_S:
        return None
    moves = np.append(np.abs(np.diff(shapes, axis=0)).sum(axis=1) / np.diff(times), 0.0)
    unrest = moves + _EFFORT * shapes.sum(axis=1)
    usable = seen & (shapes[:, BLINKS].max(axis=1) < _CLOSED)
    last = np.searchsorted(times, times + STRETCH_S, side="right")
    first = np.flatnonzero(times + STRETCH_S <= times[-1])
    totals, counts = (np.append(0.0, np.cumsum(np.where(usable, what, 0.0))) for what in (unrest, np.ones(len(times))))
    within = counts[last] - counts[:-1]
    whole = first[within[first] == (last - np.arange(len(times)))[first]]
    if not len(whole):
        return None
    best = whole[np.argmin((totals[last] - totals[:-1])[whole] / within[whole])]
    return float(times[best] + STRETCH_S / 2)


def resting_pose(track: FaceTrack, seen: NDArray[np.bool_], moment: float) -> Array:
    """The median of what was seen around a moment, shape (61,); of the nearest frame with a face at least."""
    distance = np.where(seen, np.abs(track.times - moment), np.inf)
    near = distance <= max(STRETCH_S / 2, float(distance.min()))
    return np.asarray(np.median(track.values[near], axis=0), dtype=np.float64)


def parts_not_at_rest(pose: Array) -> tuple[str, ...]:
    """The parts of a calm face that do something all the same: a held smile, a head that looks up."""
    return tuple(part for part, (_, most) in _AT_REST.items() if (np.abs(pose[part == _PART_OF]) > most).any())


def without_expression(pose: Array) -> Array:
    """What of a calm pose is the resting face: 0 for the parts that are not at rest."""
    return np.where(np.isin(_PART_OF, parts_not_at_rest(pose)), 0.0, pose)


def make_neutral(track: FaceTrack, rest: Array, seen: NDArray[np.bool_]) -> FaceTrack:
    """Shift and stretch every channel so that `rest` becomes 0 and 1 stays 1."""
    values = track.values.astype(np.float64) - rest
    room = np.where(IS_SHAPE, np.maximum(1.0 - rest, _LEAST_ROOM), 1.0)
    for lid in BLINKS:
        most = float(track.values[seen, lid].max())
        if most - rest[lid] >= _LEAST_BLINK:
            room[lid] = (most - rest[lid]) / most  # the most closed value stays what it is
    values /= room
    # A shape has no other side: what is below rest is rest.
    values[:, IS_SHAPE] = np.maximum(values[:, IS_SHAPE], 0.0)
    return FaceTrack(track.times, values, track.confidence)
