"""Zero-phase smoothing that leaves real movement alone.

A signal is split into details at scales of 1, 2, 4, 8, 16 and 32 frames (the undecimated "a trous" wavelet
with the B3 spline, Starck and Murtagh 1994), details that are no larger than the noise are taken out
(firm shrinkage, Gao and Bruce 1997), and the rest is put together again. Every kernel is symmetric in
time, so nothing lags; a blink is far above the noise at its scales and stays whole, while a resting face
becomes still.

The noise of each channel is measured from the take itself: the median of its finest details, which
movements that fill less than half of the time do not reach (Donoho and Johnstone 1994).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .extremes import is_end, turning_points

Values = NDArray[np.float32]
Array = NDArray[np.float64]

SCALES: Final = 6
_B3_SPLINE: Final = (1.0, 4.0, 6.0, 4.0, 1.0)
_NOISE_SHARE: Final = (0.72, 0.50, 0.30, 0.15, 0.08, 0.04)
"""Deviation of the details, scale by scale, of noise whose deviation is 1.

White noise has 0.72, 0.29, 0.18, 0.12, 0.09, 0.06 with this spline. What a face model reads on a resting
face wanders, so the second and third are larger here; from eight frames on, movement comes first.
"""
_MEDIAN_TO_DEVIATION: Final = 1 / 0.6745
_NOISE: Final = (4.0, 7.0)
"""In deviations: details below the first are noise, above the second movement, in between partly kept."""
_PEAK: Final = 0.1
_PEAK_TO_NOISE: Final = 6.0
_QUICK: Final = 6
"""A top or bottom with swings of this size, and so many deviations of the noise, within so many frames to both
sides, stays where it is."""


def smooth(times: Array, values: Values, seen: NDArray[np.bool_], amounts: Array) -> Values:
    """Smooth channels of shape (T, C).

    seen: the frames that count for the measure of the noise. amounts: of each channel, shape (C,); 1 takes
    out the measured noise, 0 nothing, 2 what is twice as large.
    """
    if len(times) < 3 or not seen.any():
        return values
    smooth_part, kept = values, np.zeros_like(values)
    noise = np.zeros(values.shape[1])
    for scale in range(SCALES):
        if 2 * 2**scale >= len(times):  # no frame may be without neighbours
            break
        coarser = _convolved(smooth_part, *_kernel(times, 2**scale))
        detail = smooth_part - coarser
        if scale == 0:
            noise = np.median(np.abs(detail[seen]), axis=0) * (_MEDIAN_TO_DEVIATION / _NOISE_SHARE[0])
        threshold = (noise * amounts * _NOISE_SHARE[scale]).astype(np.float32)
        kept += detail * _share_kept(detail, threshold, 2**scale)
        smooth_part = coarser
    result = smooth_part + kept
    _put_peaks_back(values, result, np.maximum(_PEAK, _PEAK_TO_NOISE * noise))
    return np.asarray(result, dtype=np.float32)


def _put_peaks_back(values: Values, result: Values, least_swing: Array) -> None:
    """Give every quick peak of a movement its own value and moment again, and half of it to its neighbours.

    A slow peak needs none of that, and on it the highest sample is just the one with the most noise.
    """
    count = len(values)
    signals = np.ascontiguousarray(values.T, dtype=np.float64)
    peaks = turning_points(signals, least_swing)
    peaks = peaks[~is_end(peaks, count)]
    frame, channel = peaks % count, peaks // count
    around = np.clip(frame[:, np.newaxis] + np.arange(-_QUICK, _QUICK + 1), 0, count - 1)
    swing = np.abs(signals[channel[:, np.newaxis], around] - signals[channel, frame][:, np.newaxis])
    both_sides = np.minimum(swing[:, :_QUICK].max(axis=1), swing[:, _QUICK + 1 :].max(axis=1))
    quick = both_sides >= least_swing[channel]
    frame, channel = frame[quick], channel[quick]
    share = np.zeros_like(result)
    share[frame - 1, channel] = share[frame + 1, channel] = 0.5
    share[frame, channel] = 1.0
    result += share * (values - result)


def _kernel(times: Array, stride: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Neighbours and their weights, both of shape (5, T), that keep a straight line as it is.

    With even times the weights are those of the B3 spline; uneven times and the ends of the take are
    evened out as in local linear regression.
    """
    count = len(times)
    place = np.arange(count) + stride * np.arange(-2, 3)[:, np.newaxis]
    inside = (place >= 0) & (place < count)
    place = np.clip(place, 0, count - 1)
    weight = np.where(inside, np.array(_B3_SPLINE)[:, np.newaxis], 0.0)
    distance = (times[place] - times) / (times[-1] - times[0]) * (count / stride)
    moment0, moment1, moment2 = (np.sum(weight * distance**power, axis=0) for power in range(3))
    weight = weight * (moment2 - moment1 * distance) / (moment0 * moment2 - moment1 * moment1)
    return place, weight.astype(np.float32)


def _convolved(values: Values, place: NDArray[np.intp], weight: NDArray[np.float32]) -> Values:
    result = np.asarray(weight[2][:, np.newaxis] * values)
    for tap in (0, 1, 3, 4):
        result += weight[tap][:, np.newaxis] * values[place[tap]]
    return result


def _share_kept(detail: Values, threshold: NDArray[np.float32], stride: int) -> Values:
    """0 for noise, 1 for movement. What is near a movement belongs to it, so that its shape stays whole."""
    size = _largest_nearby(np.abs(detail), stride)
    low, high = (limit * threshold for limit in _NOISE)
    # A channel without noise, or an amount of 0: everything is movement.
    return np.asarray(np.clip((size - low) / np.maximum(high - low, np.float32(1e-9)), 0, 1))


def _largest_nearby(size: Values, reach: int) -> Values:
    """The largest of the values one stride before, here, and one stride after."""
    result = size.copy()
    np.maximum(result[reach:], size[:-reach], out=result[reach:])
    np.maximum(result[:-reach], size[reach:], out=result[:-reach])
    return result
