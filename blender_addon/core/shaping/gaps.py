"""The stretches in which no face was seen: what the head does meanwhile."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..track import FaceTrack
from .settings import Gaps

BRIDGED_S: Final = 0.25
"""A gap this short is a frame or a few that the engine missed: it is bridged, whatever was chosen."""
EASE_S: Final = 0.4
"""How long the head takes to come to rest, and to be back again when the face is."""

Flags = NDArray[np.bool_]


def fill_gaps(track: FaceTrack, seen: Flags, way: Gaps) -> FaceTrack:
    """Give the frames without a face values; the others stay as they are.

    seen: which frames have a face, some at least. `Gaps.EMPTY` bridges every gap, so that the steps that
    follow have something to work on; the caller leaves those frames out in the end. `Gaps.EASE` comes to rest at 0:
    it is for a track of which the resting face has been taken off already.
    """
    values = track.values.copy()
    for begin, end in runs(~seen):
        inside = slice(begin, end)
        before = values[begin - 1] if begin else None
        after = values[end] if end < len(values) else None
        times = track.times[inside]
        since = times - track.times[begin - 1] if begin else np.full(end - begin, np.inf)
        until = track.times[end] - times if after is not None else np.full(end - begin, np.inf)
        values[inside] = _filled(before, after, since, until, way)
    return FaceTrack(track.times, values, track.confidence)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """First index and end (exclusive) of each run of true flags."""
    steps = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True))


def smoothstep(fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1, level at both ends."""
    clipped = np.clip(fraction, 0.0, 1.0)
    return np.asarray(clipped * clipped * (3.0 - 2.0 * clipped))


def _filled(
    before: NDArray[np.float32] | None,
    after: NDArray[np.float32] | None,
    since: NDArray[np.float64],
    until: NDArray[np.float64],
    way: Gaps,
) -> NDArray[np.float64]:
    """before, after: the pose at either side, None at the ends of the take. since, until: seconds from and to it."""
    length = float(since[0] + until[0])
    if before is None or after is None:
        (edge,) = (pose for pose in (before, after) if pose is not None)
        weight = 1.0 - smoothstep(np.minimum(since, until) / EASE_S) if way is Gaps.EASE else np.ones(len(since))
        return np.asarray(weight[:, np.newaxis] * edge)
    if length <= BRIDGED_S or way is Gaps.EMPTY:
        share = (since / length)[:, np.newaxis]
        return np.asarray((1.0 - share) * before + share * after)
    ease = min(EASE_S, length / 2)
    back = smoothstep(1.0 - until / ease)
    stay = 1.0 - back if way is Gaps.HOLD else 1.0 - smoothstep(since / ease)
    return np.asarray(stay[:, np.newaxis] * before + back[:, np.newaxis] * after)
