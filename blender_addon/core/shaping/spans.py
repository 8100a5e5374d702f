"""Stretches between two keys, thousands at a time: how far a cubic can follow the samples in each.

All signals stand in one flat array, signal after signal. A span runs from the sample `start` to the sample
`stop`; both are keys, and lie on the curve. With `t` the fraction of the way, the curve is

    first + (last - first) (B2 + B3)(t) + lift * B1(t) + drop * B2(t)

where B are Bernstein's cubic polynomials, `lift` how far the right handle of the first key is above it and
`drop` how far the left handle of the last key is above that. With handles a third of the way long, time
and parameter are the same thing, and the fit of lift and drop is linear.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import bezier

Array = NDArray[np.float64]
Places = NDArray[np.intp]

THIRD = 1.0 / 3.0
_SHORTEST, _LONGEST = 0.04, 0.9
"""Limits of a handle, as a fraction of the way: no corners, and time runs on at both ends of a steep S."""
_AT_ONCE = 1 << 16
"""Samples worked on together: so many that numpy's overhead vanishes, so few that they stay in the cache."""
_HOPELESS = (6.0, 3.0, 1.5)
"""Rounds of fitting handle lengths: an error that is still more times too large is given up before each."""


@dataclass(frozen=True, eq=False)
class Signals:
    """Samples of several signals at common times. times and values: flat, of one length; count: of one signal."""

    times: Array
    values: Array
    count: int

    @classmethod
    def of(cls, times: Array, samples: Array) -> "Signals":
        """times: shape (T,); samples: shape (T, C)."""
        values = np.ascontiguousarray(samples.T, dtype=np.float64)
        return cls(np.tile(times, len(values)), values.ravel(), len(times))

    def channel(self, places: Places) -> Places:
        """The number of the signal that each sample belongs to."""
        return places // self.count


@dataclass(frozen=True, eq=False)
class Fit:
    """How well the curve follows the samples in each span.

    error: largest distance. worst: the sample where it is. leaving, arriving: lengths of the two handles
    as fractions of the way.
    """

    error: Array
    worst: Places
    leaving: Array
    arriving: Array


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """Of the least squares for lift and drop, one set for each span."""

    b11: Array
    b12: Array
    b22: Array
    r1: Array
    r2: Array


class _Samples:
    """The samples strictly between the ends of spans, one after the other.

    span: which span each belongs to. first: where each span's samples begin. Every span has some.
    """

    def __init__(self, signals: Signals, start: Places, stop: Places, most: int | None = None) -> None:
        between = stop - start - 1
        number = between if most is None else np.minimum(between, most)
        self.number = number
        self.first = np.cumsum(number) - number
        self.span = np.repeat(np.arange(len(start)), number)
        rank = np.arange(len(self.span)) - self.first[self.span]
        if most is not None:
            rank = rank * between[self.span] // number[self.span]
        self.place = rank + (start + 1)[self.span]
        began = signals.times[start]
        self.fraction = (signals.times[self.place] - began[self.span]) / (signals.times[stop] - began)[self.span]
        self.value = signals.values[self.place]

    def total(self, numbers: Array) -> Array:
        """The sum over each span."""
        return np.asarray(np.add.reduceat(numbers, self.first))

    def largest(self, numbers: Array) -> Array:
        """The maximum over each span."""
        return np.asarray(np.maximum.reduceat(numbers, self.first))


def normal_equations(signals: Signals, start: Places, stop: Places, *, most: int | None = None) -> NormalEquations:
    """most: so many samples of a span are enough; all where it is None. Zeros for a span without samples."""
    sums = np.zeros((5, len(start)))
    for part in _parts(start, stop):
        samples = _Samples(signals, start[part], stop[part], most)
        b1, b2, residual = _bases(signals, samples, start[part], stop[part])
        sums[:, part] = [
            samples.total(product) for product in (b1 * b1, b1 * b2, b2 * b2, b1 * residual, b2 * residual)
        ]
    return NormalEquations(*sums)


def error_of_free_handles(signals: Signals, start: Places, stop: Places, *, most: int) -> Array:
    """The largest error with the best lift and drop, in `most` samples of each span, about evenly spread."""
    error = np.zeros(len(start))
    for part in _parts(start, stop):
        samples = _Samples(signals, start[part], stop[part], most)
        b1, b2, residual = _bases(signals, samples, start[part], stop[part])
        b11, b12, b22, r1, r2 = (
            samples.total(product) for product in (b1 * b1, b1 * b2, b2 * b2, b1 * residual, b2 * residual)
        )
        determinant = np.maximum(b11 * b22 - b12 * b12, 1e-12)  # one sample alone leaves it open
        lift, drop = (r1 * b22 - r2 * b12) / determinant, (r2 * b11 - r1 * b12) / determinant
        distance = np.abs(residual - lift[samples.span] * b1 - drop[samples.span] * b2)
        error[part] = samples.largest(distance)
    return error


def _bases(signals: Signals, samples: _Samples, start: Places, stop: Places) -> tuple[Array, Array, Array]:
    """B1, B2, and what lift and drop have to make up for."""
    t = samples.fraction
    rest = 1.0 - t
    product = 3.0 * t * rest
    b1, b2 = product * rest, product * t
    first = signals.values[start]
    rise = signals.values[stop] - first
    residual = samples.value - first[samples.span] - rise[samples.span] * (b2 + t * t * t)
    return b1, b2, residual


def fit(signals: Signals, start: Places, stop: Places, slopes: tuple[Array, Array], enough: Array) -> Fit:
    """Follow the samples with given slopes (per second) at both ends.

    Handles are a third of the way long where that is good enough (error at most `enough`); elsewhere their
    lengths are fitted by Gauss-Newton.
    """
    spans = len(start)
    error, worst = np.zeros(spans), start.copy()
    lengths = np.full((2, spans), THIRD)
    for part in _parts(start, stop):
        found = _Following(signals, start[part], stop[part], slopes[0][part], slopes[1][part])
        found.improve(enough[part])
        error[part], worst[part], lengths[:, part] = found.error, found.worst, found.lengths
    return Fit(error, worst, lengths[0], lengths[1])


class _Following:
    """One part of the spans while the lengths of their handles are being fitted."""

    def __init__(self, signals: Signals, start: Places, stop: Places, leaving: Array, arriving: Array) -> None:
        self._signals, self._start, self._stop = signals, start, stop
        duration = signals.times[stop] - signals.times[start]
        self._rises = leaving * duration, arriving * duration
        self.lengths = np.full((2, len(start)), THIRD)
        self.error = np.full(len(start), np.inf)
        self.worst = start.copy()
        everything, samples = np.arange(len(start)), _Samples(signals, start, stop)
        self._keep(
            everything, samples, self._distance(everything, samples, samples.fraction, self.lengths), self.lengths
        )

    def improve(self, enough: Array) -> None:
        """Fit the handle lengths of the spans whose error is too large."""
        changed = np.zeros(len(self.error), dtype=bool)
        for limit in _HOPELESS:
            spans = np.flatnonzero((self.error > enough) & (self.error < limit * enough) & self._has_choice())
            if not len(spans):
                break
            samples = _Samples(self._signals, self._start[spans], self._stop[spans])
            before = self.lengths[:, spans]
            parameter = self._parameter(samples, before, exact=False)
            lengths = self._step(spans, samples, parameter, before)
            parameter = self._parameter(samples, lengths, exact=False)
            self._keep(spans, samples, self._distance(spans, samples, parameter, lengths), lengths)
            changed[spans] = True
        self._prove(np.flatnonzero(changed & (self.error <= enough)))

    def _prove(self, spans: Places) -> None:
        """Measure anew, and exactly, what was fitted in a hurry."""
        if not len(spans):
            return
        samples, lengths = _Samples(self._signals, self._start[spans], self._stop[spans]), self.lengths[:, spans]
        parameter = self._parameter(samples, lengths, exact=True)
        self.error[spans] = np.inf
        self._keep(spans, samples, self._distance(spans, samples, parameter, lengths), lengths)

    def _parameter(self, samples: _Samples, lengths: Array, *, exact: bool) -> Array:
        leaving, arriving = (length[samples.span] for length in lengths)
        solve = bezier.parameter_at if exact else bezier.parameter_near
        return np.asarray(solve(samples.fraction, leaving, arriving))

    def _has_choice(self) -> NDArray[np.bool_]:
        return np.asarray(self._stop - self._start > 2)

    def _control(self, spans: Places, lengths: Array) -> tuple[Array, Array, Array, Array]:
        first, last = self._signals.values[self._start[spans]], self._signals.values[self._stop[spans]]
        return first, first + self._rises[0][spans] * lengths[0], last - self._rises[1][spans] * lengths[1], last

    def _distance(self, spans: Places, samples: _Samples, parameter: Array, lengths: Array) -> Array:
        points = (point[samples.span] for point in self._control(spans, lengths))
        return np.asarray(np.abs(samples.value - bezier.cubic(parameter, *points)))

    def _keep(self, spans: Places, samples: _Samples, distance: Array, lengths: Array) -> None:
        """Keep the error and the lengths of the spans that have come closer."""
        error = samples.largest(distance)
        closer = error < self.error[spans]
        place = np.empty(len(spans), dtype=np.intp)
        hits = np.flatnonzero(distance == error[samples.span])
        place[samples.span[hits]] = samples.place[hits]
        better = spans[closer]
        self.error[better], self.worst[better] = error[closer], place[closer]
        self.lengths[:, better] = lengths[:, closer]

    def _step(self, spans: Places, samples: _Samples, parameter: Array, lengths: Array) -> Array:
        """One Gauss-Newton step.

        A longer handle moves the curve up by its basis times how much steeper the handle is than the curve.
        """
        rest = 1.0 - parameter
        first, second, third, last = self._control(spans, lengths)
        up = _derivative(parameter, rest, samples.span, second - first, third - second, last - third)
        along = _derivative(parameter, rest, samples.span, lengths[0], 1.0 - lengths[0] - lengths[1], lengths[1])
        slope = up / np.maximum(along, 1e-3)
        product = 3.0 * parameter * rest
        by_leaving = product * rest * (self._rises[0][spans][samples.span] - slope)
        by_arriving = product * parameter * (slope - self._rises[1][spans][samples.span])
        points = (point[samples.span] for point in (first, second, third, last))
        missing = samples.value - bezier.cubic(parameter, *points)
        a11, a12, a22 = (
            samples.total(product)
            for product in (by_leaving * by_leaving, by_leaving * by_arriving, by_arriving * by_arriving)
        )
        r1, r2 = samples.total(by_leaving * missing), samples.total(by_arriving * missing)
        damping = 1e-3 * (a11 + a22) + 1e-12
        a11, a22 = a11 + damping, a22 + damping
        determinant = a11 * a22 - a12 * a12
        change = np.array([r1 * a22 - r2 * a12, r2 * a11 - r1 * a12]) / determinant
        return np.clip(lengths + change, _SHORTEST, _LONGEST)


def _derivative(parameter: Array, rest: Array, span: Places, *differences: Array) -> Array:
    """Of a cubic Bezier by its parameter, a third of it; the differences are those between its control points."""
    first, middle, last = (difference[span] for difference in differences)
    return np.asarray(rest * rest * first + 2.0 * parameter * rest * middle + parameter * parameter * last)


def _parts(start: Places, stop: Places) -> Iterator[Places]:
    """The spans that have samples between their ends, some at a time."""
    spans = np.flatnonzero(stop - start > 1)
    if not len(spans):
        return
    part = np.cumsum((stop - start)[spans]) // _AT_ONCE
    yield from np.split(spans, np.flatnonzero(np.diff(part)) + 1)
