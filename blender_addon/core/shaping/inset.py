"""A part of a curve replaced by another one; outside of it nothing moves, not even by the error of key reduction."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..curves import Curve
from .bezier import evaluate, parameter_at

Array = NDArray[np.float64]

_INSTANT: Final = 1e-6
"""Seconds; keys nearer than this are one."""
_SAME: Final = 1e-5
"""A smaller difference is that of 32-bit numbers."""
_THIRD: Final = 1 / 3


def with_part(curve: Curve, part: Curve, error: float) -> Curve:
    """The Bezier curve with `part` in it, from the first key of that to its last.

    Where the part begins or ends with another value than the curve has there, nothing of the curve is kept beyond.
    At a seam the part sets out as the curve does, if that turns its handle by less than the error.
    """
    keeps = np.abs(evaluate(curve, part.times[[0, -1]]) - part.values[[0, -1]]) < _SAME
    found = part
    if keeps[0]:
        whole = _with_key(curve, float(part.times[0]))
        found = _joined(_cut(whole, float(part.times[0]), is_before=True), found, error)
    if keeps[1]:
        whole = _with_key(curve, float(part.times[-1]))
        found = _joined(found, _cut(whole, float(part.times[-1]), is_before=False), error, follows_last=True)
    return found


def _cut(curve: Curve, moment: float, *, is_before: bool) -> Curve:
    """The keys up to that at a moment, or from there on."""
    assert curve.handles is not None
    place = int(np.abs(curve.times - moment).argmin())
    kept = slice(place + 1) if is_before else slice(place, None)
    return Curve(curve.times[kept], curve.values[kept], curve.interpolation, curve.handles[kept])


def _joined(first: Curve, second: Curve, error: float, *, follows_last: bool = False) -> Curve:
    """Two curves of which the one ends where the other begins, with one key there. follows_last: the second one's slope
    is that of both; else the first one's."""
    assert first.handles is not None
    assert second.handles is not None
    key = np.array([second.times[0], second.values[0]])
    seam = np.stack([first.handles[-1, 0], second.handles[0, 1]])
    if follows_last:
        seam[0] = _along(second.handles[0, 0], seam[0], key, error)
    else:
        seam[1] = _along(first.handles[-1, 1], seam[1], key, error)
    return Curve(
        np.concatenate([first.times[:-1], second.times]),
        np.concatenate([first.values[:-1], second.values]),
        first.interpolation,
        np.concatenate([first.handles[:-1], seam[np.newaxis], second.handles[1:]]),
    )


def _along(own: Array, part: Array, key: Array, error: float) -> Array:
    """The handle of the part, along the slope of the curve where that is nearly its own.

    own: the handle of the curve on the side of the part, which leaves off where the part goes on.
    """
    reach, run = part[0] - key[0], own[0] - key[0]
    if abs(run) < _INSTANT:
        return part
    turned = float(key[1] + reach * (own[1] - key[1]) / run)
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
