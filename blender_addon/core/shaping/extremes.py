"""The turning points of a signal that matter: tops and bottoms with a swing worth the name between them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]


def turning_points(signals: Array, least_swing: ArrayLike) -> Places:
    """The tops and bottoms of several signals, as rising indices into `signals.ravel()`.

    signals: shape (C, T). least_swing: how far each signal has to move from one turning point to the next,
    one number or shape (C,). The first and the last sample of each signal are always among them.

    Swings that are too small are taken out, the smallest first, and both their ends with them, as rainflow
    counting does (ASTM E1049): what is left alternates between tops and bottoms. Of a level top or bottom,
    the first sample stands for it.
    """
    channels, count = signals.shape
    flat = signals.ravel()
    points = _ends_and_turns(flat, channels, count)
    threshold = np.broadcast_to(np.asarray(least_swing, dtype=np.float64), (channels,))
    while True:
        kept = _without_smallest_swings(flat, points, count, threshold)
        if len(kept) == len(points):
            return points
        points = kept


def is_end(points: Places, count: int) -> NDArray[np.bool_]:
    """Which of the indices are the first or the last sample of their signal."""
    place = points % count
    return np.asarray((place == 0) | (place == count - 1))


def _ends_and_turns(flat: Array, channels: int, count: int) -> Places:
    step = np.diff(flat)
    step[count - 1 :: count] = 0.0  # from one signal to the next
    moves = np.flatnonzero(step)
    turns = moves[:-1][np.sign(step[moves[1:]]) != np.sign(step[moves[:-1]])] + 1
    first = np.arange(channels) * count
    return np.unique(np.concatenate([first, first + count - 1, turns]))


def _without_smallest_swings(flat: Array, points: Places, count: int, threshold: Array) -> Places:
    """Take out every swing that is too small and no larger than its neighbours."""
    channel = points // count
    swing = np.abs(np.diff(flat[points]))
    swing[channel[1:] != channel[:-1]] = np.inf
    before, after = np.append(np.inf, swing[:-1]), np.append(swing[1:], np.inf)
    smallest = np.flatnonzero((swing < threshold[channel[:-1]]) & (swing <= before) & (swing < after))
    # Level noise can tie on both sides; then the first of the tie goes.
    ends = is_end(points, count)
    taken = np.zeros(len(points), dtype=bool)
    taken[smallest] = taken[smallest + 1] = True
    return points[~taken | ends]
