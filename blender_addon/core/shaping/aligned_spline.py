"""One smooth curve through given keys: the slope at each key, and the handles in between.

The two handles of a key lie on one line, so the slope is one number for both sides. Slopes come from least
squares over all samples of a lane, with handles a third of the way long; where that is not close enough,
the lengths of the two handles of the span are fitted; where that is not either, a key is added at the
worst sample. In the end keys that have become needless are taken out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .spans import THIRD, Fit, Signals, fit, normal_equations

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]

_SWEEPS = 12
"""Gauss-Seidel over the slopes: the matrix is diagonally dominant (0.75), twelve sweeps leave 0.1 %."""
_TOWARDS_STRAIGHT = 0.05
"""Weight of the straight line in each span, as a share of one sample's: where samples are too few to say a
slope, the curve must not swing out between them."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """The keys of independent stretches, lane after lane; each lane has its first and its last sample as keys.

    lane: the number of the lane of each key, rising. key: its sample. level: where the slope is 0.
    """

    lane: Places
    key: Places
    level: Flags

    def spans(self) -> Places:
        """The keys from which a span runs to the next key."""
        return np.flatnonzero(self.lane[1:] == self.lane[:-1])

    def is_odd(self) -> Flags:
        """Every other key of each lane, from its second one on.

        Counted lane by lane, so that a curve depends on its own samples alone, not on what is reduced along with it.
        """
        rank = np.arange(len(self.lane)) - np.searchsorted(self.lane, self.lane)
        return np.asarray(rank % 2 == 1)

    def only(self, wanted: Flags) -> "Lanes":
        """Some of the keys."""
        return Lanes(self.lane[wanted], self.key[wanted], self.level[wanted])

    def with_keys(self, lane: Places, key: Places, wanted: Flags) -> "Lanes":
        """Some of the keys, and more of the same lanes, none of those level."""
        lanes, keys = np.concatenate([self.lane[wanted], lane]), np.concatenate([self.key[wanted], key])
        level = np.concatenate([self.level[wanted], np.zeros(len(key), dtype=bool)])
        order = np.lexsort((keys, lanes))
        return Lanes(lanes[order], keys[order], level[order])


@dataclass(frozen=True, eq=False)
class SplineSpans:
    """The finished curve, span by span: its first and last sample, the slopes (per second) and handle lengths there."""

    start: Places
    stop: Places
    slope_start: Array
    slope_stop: Array
    leaving: Array
    arriving: Array

    @classmethod
    def joined(cls, parts: "list[SplineSpans]") -> "SplineSpans":
        """All parts in one, in the order of their first samples."""
        names = ("start", "stop", "slope_start", "slope_stop", "leaving", "arriving")
        columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
        order = np.argsort(columns[0], kind="stable")
        return cls(*(column[order] for column in columns))


def align(signals: Signals, lanes: Lanes, error: Array) -> SplineSpans:
    """A curve within `error` (one for each signal) of every sample, with keys added where it needs them."""
    finished = []
    mended = False
    while len(lanes.key):
        slope = _slopes(signals, lanes)
        begin = lanes.spans()
        found = _fit(signals, lanes, slope, begin, begin + 1, error)
        bad = found.error > error[signals.channel(lanes.key[begin])]
        unfinished = _in_same_lane(lanes.lane, begin[bad])
        if mended:
            ready, ready_slope = _pruned(signals, lanes.only(~unfinished), slope[~unfinished], error)
            finished.append(_as_spans(signals, ready, ready_slope, error))
        else:
            finished.append(_taken(lanes, slope, begin, found, ~unfinished[begin]))
        lanes = lanes.with_keys(lanes.lane[begin[bad]], found.worst[bad], unfinished)
        mended = True
    return SplineSpans.joined(finished)


def _in_same_lane(lane: Places, places: Places) -> Flags:
    """Which keys are in the lane of one of these."""
    chosen = np.zeros(lane[-1] + 1, dtype=bool)
    chosen[lane[places]] = True
    return np.asarray(chosen[lane])


def _slopes(signals: Signals, lanes: Lanes) -> Array:
    """The slope at each key, by least squares over the samples of its lane."""
    begin = lanes.spans()
    start, stop = lanes.key[begin], lanes.key[begin + 1]
    duration = signals.times[stop] - signals.times[start]
    straight = (signals.values[stop] - signals.values[start]) / duration
    sums = normal_equations(signals, start, stop)
    # lift = slope * duration / 3 at the first key, drop = -slope * duration / 3 at the last
    third = duration * THIRD
    own, right, coupling = np.zeros((3, len(lanes.key)))
    for place, squares, moment in ((begin, sums.b11, sums.r1), (begin + 1, sums.b22, -sums.r2)):
        own[place] += third * third * (squares + _TOWARDS_STRAIGHT)
        right[place] += third * moment + third * third * _TOWARDS_STRAIGHT * straight
    coupling[begin] = -third * third * sums.b12
    odd = lanes.is_odd()
    return _swept(own, right, coupling[:-1], (~odd & ~lanes.level, odd & ~lanes.level))


def _swept(own: Array, right: Array, coupling: Array, turns: tuple[Flags, Flags]) -> Array:
    """Solve the tridiagonal system for the keys of either turn, none next to another; the others keep slope 0."""
    slope = np.zeros(len(own))
    for _ in range(_SWEEPS):
        for turn in turns:
            pull = right.copy()
            pull[:-1] -= coupling * slope[1:]
            pull[1:] -= coupling * slope[:-1]
            slope[turn] = pull[turn] / own[turn]
    return slope


def _fit(signals: Signals, lanes: Lanes, slope: Array, begin: Places, end: Places, error: Array) -> Fit:
    """The curve from some keys to some later keys of the same lanes."""
    start, stop = lanes.key[begin], lanes.key[end]
    return fit(signals, start, stop, (slope[begin], slope[end]), error[signals.channel(start)])


def _as_spans(signals: Signals, lanes: Lanes, slope: Array, error: Array) -> SplineSpans:
    begin = lanes.spans()
    found = _fit(signals, lanes, slope, begin, begin + 1, error)
    return _taken(lanes, slope, begin, found, np.ones(len(begin), dtype=bool))


def _taken(lanes: Lanes, slope: Array, begin: Places, found: Fit, wanted: Flags) -> SplineSpans:
    begin = begin[wanted]
    return SplineSpans(
        lanes.key[begin],
        lanes.key[begin + 1],
        slope[begin],
        slope[begin + 1],
        found.leaving[wanted],
        found.arriving[wanted],
    )


def _pruned(signals: Signals, lanes: Lanes, slope: Array, error: Array) -> tuple[Lanes, Array]:
    """Take out the keys without which the curve stays close enough, no two neighbours at once."""
    for is_odd in (False, True, False, True):
        place = np.arange(1, len(lanes.key) - 1)
        inner = (lanes.lane[place - 1] == lanes.lane[place]) & (lanes.lane[place + 1] == lanes.lane[place])
        tried = place[inner & (lanes.is_odd()[place] == is_odd)]
        found = _fit(signals, lanes, slope, tried - 1, tried + 1, error)
        needless = tried[found.error <= error[signals.channel(lanes.key[tried])]]
        kept = np.ones(len(lanes.key), dtype=bool)
        kept[needless] = False
        lanes, slope = lanes.only(kept), slope[kept]
    return lanes, slope
