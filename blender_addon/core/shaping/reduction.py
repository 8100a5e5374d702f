"""Key reduction: few Bezier keys that stay within a stated error of dense samples.

- Tops and bottoms with a real swing between them are keys with level handles, exactly where the samples
  have them: that is where an animator puts keys, and what makes a blink close.
- Between those, keys are as few as cubics can do with (`key_placement`), and lie on samples.
- All handles are aligned; the curve is smooth (`aligned_spline`).
- The error is that of the curve as Blender draws it, at every sample (`bezier`).

All signals go through together: 10,000 frames of 61 restless channels take about a second on one core.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves import Curve, Interpolation
from .aligned_spline import Lanes, SplineSpans, align
from .extremes import is_end, turning_points
from .key_placement import place_keys
from .spans import Signals

Array = NDArray[np.float64]

_LEAST_SWING = 5.0
"""In errors: a top or bottom that swings less is no key of its own right (it is within the error all the same)."""
_MARGIN = 0.995
"""Of the error that is used here; the rest is left to Blender, which counts frames in 32-bit numbers."""


def reduce_keys(times: ArrayLike, samples: ArrayLike, errors: ArrayLike, *, pinned: ArrayLike = ()) -> list[Curve]:
    """One curve for each column of the samples.

    times: seconds, strictly rising, shape (T,). samples: shape (T, C). errors: the largest distance of each
    curve from its samples, one number or shape (C,); 0 keeps a key for every sample.
    pinned: indices of moments at which every curve that moves has a key with level handles.
    """
    moments = np.asarray(times, dtype=np.float64)
    columns = np.asarray(samples, dtype=np.float64)
    allowed = np.broadcast_to(np.asarray(errors, dtype=np.float64), (columns.shape[1],))
    moving = (allowed > 0) & (np.ptp(columns, axis=0) > allowed) if len(moments) else np.zeros(len(allowed), dtype=bool)
    curves = [
        _still(moments, column) if most > 0 else Curve(moments, column)
        for column, most in zip(columns.T, allowed, strict=True)
    ]
    signals = Signals.of(moments, columns[:, moving])
    found = _reduced(signals, allowed[moving], np.asarray(pinned, dtype=np.intp)) if moving.any() else []
    for channel, curve in zip(np.flatnonzero(moving), found, strict=True):
        curves[channel] = curve
    return curves


def follow_samples(times: ArrayLike, curve: Curve, before: ArrayLike, now: ArrayLike) -> Curve:
    """A curve that `reduce_keys` made of some samples, made to follow others that move alike.

    times: of both samples, shape (T,). Every key keeps its moment and takes its new value, and its handles turn by as
    much as the movement has grown (least squares of the steps from sample to sample). No error is proved.
    """
    earlier, later = np.asarray(before, dtype=np.float64), np.asarray(now, dtype=np.float64)
    steps = np.diff(earlier)
    growth = float(np.diff(later) @ steps) / max(float(steps @ steps), 1e-12)
    values = later[np.searchsorted(np.asarray(times), curve.times)]
    if curve.handles is None:
        return Curve(curve.times, values, curve.interpolation)
    reach = (curve.handles[:, :, 1] - curve.values[:, np.newaxis]) * growth
    handles = np.stack([curve.handles[:, :, 0], values[:, np.newaxis] + reach], axis=2)
    return Curve(curve.times, values, curve.interpolation, handles)


def _still(times: Array, values: Array) -> Curve:
    """One key, in the middle of values that hardly differ."""
    if not len(times):
        return Curve([], [])
    middle = 0.5 * (values.min() + values.max())
    return Curve(times[:1], [middle], Interpolation.BEZIER, _level_handles(times[:1], np.array([middle])))


def _level_handles(times: Array, values: Array) -> Array:
    """A third of a second long, which means nothing where there is one key."""
    return np.stack([np.column_stack([times - 1 / 3, values]), np.column_stack([times + 1 / 3, values])], axis=1)


def _reduced(signals: Signals, errors: Array, pinned: NDArray[np.intp]) -> list[Curve]:
    errors = errors * _MARGIN
    channels = len(errors)
    corners = turning_points(signals.values.reshape(channels, signals.count), _LEAST_SWING * errors)
    pins = (np.arange(channels)[:, np.newaxis] * signals.count + pinned).ravel()
    bounds = np.union1d(corners, pins)
    last = bounds % signals.count == signals.count - 1
    start, stop = bounds[~last], bounds[np.flatnonzero(~last) + 1]
    lane, key = place_keys(signals, start, stop, errors[signals.channel(start)])
    level = np.isin(key, bounds) & (~is_end(key, signals.count) | np.isin(key, pins))
    return _curves(signals, align(signals, Lanes(lane, key, level), errors))


def _curves(signals: Signals, spans: SplineSpans) -> list[Curve]:
    """Cut what stands signal after signal into one curve each."""
    channel = signals.channel(spans.start)
    cuts = np.searchsorted(channel, np.arange(1, channel[-1] + 1))
    columns = (spans.start, spans.stop, spans.slope_start, spans.slope_stop, spans.leaving, spans.arriving)
    pieces = zip(*(np.split(column, cuts) for column in columns), strict=True)
    return [_curve(signals, SplineSpans(*piece)) for piece in pieces]


def _curve(signals: Signals, spans: SplineSpans) -> Curve:
    places = np.append(spans.start, spans.stop[-1])
    times, values = signals.times[places], signals.values[places]
    duration = np.diff(times)
    leaving, arriving = spans.leaving * duration, spans.arriving * duration
    # The outermost handles are never drawn; they mirror those on the other side.
    before, after = np.append(leaving[:1], arriving), np.append(leaving, arriving[-1:])
    slope_before, slope_after = (
        np.append(spans.slope_start[:1], spans.slope_stop),
        np.append(spans.slope_start, spans.slope_stop[-1:]),
    )
    left = np.column_stack([times - before, values - slope_before * before])
    right = np.column_stack([times + after, values + slope_after * after])
    return Curve(times, values, Interpolation.BEZIER, np.stack([left, right], axis=1))
