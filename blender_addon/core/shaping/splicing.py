"""A part of a curve replaced by another one; outside of it nothing moves, not even by the error of key reduction."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..curves import Curve
from .bezier import evaluate, parameter_at

Array = NDArray[np.float64]

_INSTANT: Final = 1e-6
"""Seconds; keys nearer than this are one."""
_THIRD: Final = 1 / 3


def spliced(curve: Curve, part: Curve, error: float) -> Curve:
    """The Bezier curve with `part` in it from the first key of that to its last, where both have the same values.

    At the two seams the part sets out as the curve does, if that turns it by less than the error within its span.
    """
    first, last = float(part.times[0]), float(part.times[-1])
    whole = _with_key(_with_key(curve, first), last)
    begin, end = (int(np.abs(whole.times - moment).argmin()) for moment in (first, last))
    assert whole.handles is not None
    assert part.handles is not None
    before, after = whole.handles[: begin + 1].copy(), whole.handles[end:].copy()
    before[-1, 1] = _leaving(whole.handles[begin, 1], part.handles[0, 1], part.times[0], part.values[0], error)
    after[0, 0] = _leaving(whole.handles[end, 0], part.handles[-1, 0], part.times[-1], part.values[-1], error)
    return Curve(
        np.concatenate([whole.times[: begin + 1], part.times[1:-1], whole.times[end:]]),
        np.concatenate([whole.values[: begin + 1], part.values[1:-1], whole.values[end:]]),
        curve.interpolation,
        np.concatenate([before, part.handles[1:-1], after]),
    )


def _leaving(own: Array, part: Array, time: float, value: float, error: float) -> Array:
    """The handle of the part, along the slope of the curve where that is nearly its own."""
    reach = part[0] - time
    if abs(own[0] - time) < _INSTANT:
        return part
    turned = value + reach * (own[1] - value) / (own[0] - time)
    return np.array([part[0], turned]) if abs(turned - part[1]) < error else part


def _with_key(curve: Curve, moment: float) -> Curve:
    """The same curve with a key at a moment."""
    assert curve.handles is not None
    if np.abs(curve.times - moment).min() < _INSTANT:
        return curve
    if not curve.times[0] < moment < curve.times[-1]:
        return _prolonged(curve, moment)
    place = int(np.searchsorted(curve.times, moment))
    start, stop = (np.array([curve.times[at], curve.values[at]]) for at in (place - 1, place))
    duration = stop[0] - start[0]
    leaving, arriving = curve.handles[place - 1, 1] - start, stop - curve.handles[place, 0]
    leaving, arriving = (reach * duration / max(abs(reach[0]), duration) for reach in (leaving, arriving))
    fraction, ways = np.array([(moment - start[0]) / duration]), (leaving[0] / duration, arriving[0] / duration)
    parameter = float(parameter_at(fraction, *(np.array([way]) for way in ways))[0])
    # De Casteljau's construction: the two halves together are the same curve.
    one, two, three = start + parameter * leaving, start + leaving, stop - arriving
    middle, four = two + parameter * (three - two), three + parameter * arriving
    left, right = one + parameter * (middle - one), middle + parameter * (four - middle)
    key = left + parameter * (right - left)
    handles = np.insert(curve.handles, place, [left, right], axis=0)
    handles[place - 1, 1], handles[place + 1, 0] = one, four
    times, values = np.insert(curve.times, place, moment), np.insert(curve.values, place, key[1])
    return Curve(times, values, curve.interpolation, handles)


def _prolonged(curve: Curve, moment: float) -> Curve:
    """With a key before its first or after its last one, up to which it stands still."""
    assert curve.handles is not None
    place, end = (0, 0) if moment < curve.times[0] else (len(curve.times), -1)
    value, gap = float(evaluate(curve, [moment])[0]), _THIRD * (moment - curve.times[end])
    handles = curve.handles.copy()
    handles[end, 0 if moment < curve.times[0] else 1] = [curve.times[end] + gap, value]
    reach = abs(gap)
    added = [[moment - reach, value], [moment + reach, value]]
    return Curve(
        np.insert(curve.times, place, moment),
        np.insert(curve.values, place, value),
        curve.interpolation,
        np.insert(handles, place, added, axis=0),
    )
