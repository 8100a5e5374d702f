"""Curves that are the sum of others: a shape key or a bone that several channels move."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .curves import Curve, Interpolation
from .shaping.bezier import evaluate
from .shaping.reduction import reduce_keys

_ERROR = 0.002
"""Largest distance of a sum from the true one at any frame, in units of a shape: far below what is seen."""

Interval = tuple[float, float]
"""Seconds, both ends included."""


def scaled(curve: Curve, gain: float, offset: float) -> Curve:
    """gain x curve + offset, exactly; handles move with their keys."""
    if gain == 1.0 and offset == 0.0:
        return curve
    handles = None
    if curve.handles is not None:
        handles = np.stack([curve.handles[..., 0], curve.handles[..., 1] * gain + offset], axis=-1)
    return Curve(curve.times, curve.values * gain + offset, curve.interpolation, handles)


def summed(
    parts: Sequence[tuple[Curve, float]], offset: float, frame_start: float, fps: float, within: Interval | None
) -> Curve:
    """The sum of curves, each times its gain, and of an offset.

    Curves that are keyed alike are added key by key. Otherwise the sum is taken at every frame and reduced to few
    keys: between keys that stand at different times no handles give the same way.
    """
    curves = [curve for curve, _ in parts]
    times, interpolation = shared_times(curves)
    is_sampled = times is None
    if times is None:
        times = frame_times(curves, frame_start, fps, within)
    if not len(times):
        return Curve([], [])
    total = offset + sum((gain * values_at(curve, times) for curve, gain in parts), np.zeros(len(times)))
    if is_sampled:
        (curve,) = reduce_keys(times, total[:, np.newaxis], _ERROR)
        return curve
    return Curve(times, total, interpolation)


def shared_times(curves: Sequence[Curve]) -> tuple[NDArray[np.float64] | None, Interpolation]:
    """The times and the interpolation that all curves share; no times where the way between keys differs."""
    first = curves[0]
    alike = all(curve.interpolation is first.interpolation for curve in curves)
    same_times = all(np.array_equal(curve.times, first.times) for curve in curves)
    eased = any(curve.handles is not None for curve in curves) and len(first.times) > 1
    if alike and same_times and not eased:
        return first.times, first.interpolation
    if alike and first.interpolation is Interpolation.CONSTANT:
        return np.unique(np.concatenate([curve.times for curve in curves])), first.interpolation
    return None, Interpolation.BEZIER


def frame_times(
    curves: Sequence[Curve], frame_start: float, fps: float, within: Interval | None
) -> NDArray[np.float64]:
    """Seconds of all keys, and of every whole frame between the first and the last."""
    keys = np.unique(np.concatenate([curve.times for curve in curves]))
    if within is not None and len(keys):
        keys = np.unique(np.clip(keys, max(within[0], keys[0]), min(within[1], keys[-1])))
        if keys[0] > within[1] or keys[-1] < within[0]:
            return np.empty(0)
    if not len(keys):
        return keys
    first, last = frame_start + keys[0] * fps, frame_start + keys[-1] * fps
    frames = np.arange(np.ceil(first), np.floor(last) + 1)
    together = np.sort(np.concatenate([keys, (frames - frame_start) / fps]))
    return np.asarray(together[np.diff(together, prepend=-np.inf) > 1e-6])


def values_at(curve: Curve, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values of a curve at some times, which hold on before its first key and after its last."""
    if not len(curve.times):
        return np.zeros(len(times))
    if curve.interpolation is Interpolation.BEZIER and curve.handles is None:
        return np.interp(times, curve.times, curve.values)  # only Blender knows where it puts their handles
    return np.asarray(evaluate(curve, times))
