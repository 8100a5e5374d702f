"""A Bezier F-curve exactly as Blender draws it.

Between two keys Blender runs a cubic Bezier in the plane of time and value through the right handle of the
first and the left handle of the second. Its value at a moment follows from the parameter at which the cubic
in time is that moment. A handle that reaches in time beyond the neighbouring key is first shortened to it,
along its own direction, so that time never runs back (`fcurve_eval_keyframes_interpolate` and
`BKE_fcurve_correct_bezpart` in Blender's `source/blender/blenkernel/intern/fcurve.cc`).

Blender computes with 32-bit numbers, this with 64-bit ones; that is the whole difference.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves import Curve, Interpolation

Array = NDArray[np.float64]

_CLOSE_ENOUGH = 1e-13
_MOST_STEPS = 60  # bisection alone is exact to 2**-60


def evaluate(curve: Curve, times: ArrayLike) -> Array:
    """The values of a curve at moments in seconds; before its first and after its last key it stands still.

    Raise ValueError for Bezier keys without handles (only Blender knows where it puts those) and for no keys.
    """
    moments = np.asarray(times, dtype=np.float64)
    if not len(curve.times):
        raise ValueError("a curve without keys has no values")
    if len(curve.times) == 1:
        return np.full(moments.shape, curve.values[0])
    clamped = np.clip(moments, curve.times[0], curve.times[-1])
    start = np.clip(np.searchsorted(curve.times, clamped, side="right") - 1, 0, len(curve.times) - 2)
    fraction = (clamped - curve.times[start]) / (curve.times[start + 1] - curve.times[start])
    if curve.interpolation is Interpolation.CONSTANT:
        return np.asarray(curve.values[np.where(fraction < 1, start, start + 1)])
    if curve.interpolation is Interpolation.LINEAR:
        return np.asarray(curve.values[start] + fraction * (curve.values[start + 1] - curve.values[start]))
    if curve.handles is None:
        raise ValueError("the handles of these keys are Blender's own")
    return _on_bezier(curve, curve.handles, start, fraction)


def _on_bezier(curve: Curve, handles: Array, start: NDArray[np.intp], fraction: Array) -> Array:
    duration = np.diff(curve.times)
    keys = np.column_stack([curve.times, curve.values])
    leaving, arriving = handles[:-1, 1] - keys[:-1], keys[1:] - handles[1:, 0]
    leaving, arriving = (_shortened(reach, duration) for reach in (leaving, arriving))
    parameter = parameter_at(fraction, (leaving[:, 0] / duration)[start], (arriving[:, 0] / duration)[start])
    first, last = curve.values[start], curve.values[start + 1]
    return cubic(parameter, first, first + leaving[start, 1], last - arriving[start, 1], last)


def _shortened(reach: Array, duration: Array) -> Array:
    """Handles, relative to their keys, that stay within their spans."""
    return np.asarray(reach * (duration / np.maximum(np.abs(reach[:, 0]), duration))[:, np.newaxis])


def cubic(parameter: Array, first: Array, second: Array, third: Array, last: Array) -> Array:
    """A cubic Bezier in one dimension (Bernstein form)."""
    rest = 1.0 - parameter
    return np.asarray(
        rest * rest * (rest * first + 3.0 * parameter * second)
        + parameter * parameter * (3.0 * rest * third + parameter * last)
    )


def parameter_at(fraction: Array, leaving: Array, arriving: Array) -> Array:
    """Where the cubic in time reaches a fraction of the way from key to key.

    leaving, arriving: how far the two handles reach, as fractions of the way, each 0..1; time then never
    runs back and there is one answer. Newton's method, kept between bounds that close in as by bisection.
    """
    a, b, c = _time_polynomial(leaving, arriving)
    low, high = np.zeros_like(fraction), np.ones_like(fraction)
    parameter = np.array(fraction)
    for _ in range(_MOST_STEPS):
        beyond = ((c * parameter + b) * parameter + a) * parameter - fraction
        low, high = np.where(beyond < 0, parameter, low), np.where(beyond < 0, high, parameter)
        slope = (3.0 * c * parameter + 2.0 * b) * parameter + a
        newton = parameter - beyond / np.where(slope > 1e-9, slope, 1.0)
        inside = (slope > 1e-9) & (newton >= low) & (newton <= high)
        following = np.where(inside, newton, 0.5 * (low + high))
        if np.abs(following - parameter).max(initial=0.0) < _CLOSE_ENOUGH:
            return following
        parameter = following
    return parameter


def parameter_near(fraction: Array, leaving: Array, arriving: Array) -> Array:
    """The same, nearly and in a quarter of the time: four steps of Newton's method alone."""
    a, b, c = _time_polynomial(leaving, arriving)
    b2, c3 = 2.0 * b, 3.0 * c
    parameter = fraction
    for _ in range(4):
        beyond = ((c * parameter + b) * parameter + a) * parameter - fraction
        slope = (c3 * parameter + b2) * parameter + a
        parameter = np.clip(parameter - beyond / np.maximum(slope, 0.05), 0.0, 1.0)
    return parameter


def _time_polynomial(leaving: Array, arriving: Array) -> tuple[Array, Array, Array]:
    """Coefficients of s, s**2 and s**3 of the time reached at parameter s."""
    a = 3.0 * leaving
    b = 3.0 * (1.0 - arriving) - 2.0 * a
    return a, b, 1.0 - a - b
