"""From the moments of the source to the frames of a scene. Seconds stay seconds, whatever the two rates are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..track import FaceTrack
from .extremes import is_end, turning_points

Array = NDArray[np.float64]

_PEAK: Final = 0.05
"""A top or bottom with this much swing to both sides is put on the nearest frame as it is."""


def change_speed(track: FaceTrack, speed: float) -> FaceTrack:
    """The take played faster (above 1) or slower; it begins when it did."""
    start = track.times[:1]
    return FaceTrack(start + (track.times - start) / speed, track.values, track.confidence)


def on_frames(track: FaceTrack, frames_per_second: float) -> FaceTrack:
    """The take at the whole frames of a scene; frame 0 is second 0.

    Between the moments of the source the values follow a cubic that does not swing beyond them. A peak
    between two frames is put on the nearer one, whole: it moves by half a frame at most, and a blink of
    a clip with a higher rate still closes.
    """
    times = track.times
    first, last = np.round(times[[0, -1]] * frames_per_second).astype(np.int64)
    moments = np.arange(first, last + 1) / frames_per_second
    values = track.values.astype(np.float64)
    place = np.clip(moments, times[0], times[-1])
    resampled = _interpolated(times, values, place)
    _put_peaks_on_frames(times, values, resampled, frames_per_second, int(first))
    middles = 0.5 * (times[:-1] + times[1:])
    return FaceTrack(moments, resampled, track.confidence[np.searchsorted(middles, place)])


def _interpolated(times: Array, values: Array, moments: Array) -> Array:
    """A monotone cubic through the values (Fritsch and Butland 1984), for each column."""
    if len(times) == 1:
        return np.repeat(values, len(moments), axis=0)
    duration = np.diff(times)
    slope = _monotone_slopes(np.diff(values, axis=0) / duration[:, np.newaxis], duration)
    start = np.clip(np.searchsorted(times, moments, side="right") - 1, 0, len(times) - 2)
    t = ((moments - times[start]) / duration[start])[:, np.newaxis]
    rise = values[start + 1] - values[start]
    length = duration[start][:, np.newaxis]
    bend = (1.0 - t) * slope[start] * length - t * slope[start + 1] * length
    return np.asarray(values[start] + rise * t * t * (3.0 - 2.0 * t) + t * (1.0 - t) * bend)


def _monotone_slopes(secants: Array, duration: Array) -> Array:
    """Weighted harmonic means of the secants at both sides; 0 where they differ in sign."""
    slope = np.concatenate([secants[:1], np.zeros_like(secants[1:]), secants[-1:]])
    before, after = secants[:-1], secants[1:]
    weight = ((duration[:-1] + 2 * duration[1:]) / (3 * (duration[:-1] + duration[1:])))[:, np.newaxis]
    same = before * after > 0
    mean = weight * np.where(same, after, 1.0) + (1.0 - weight) * np.where(same, before, 1.0)
    slope[1:-1] = np.where(same, before * after / np.where(same, mean, 1.0), 0.0)
    return slope


def _put_peaks_on_frames(times: Array, values: Array, resampled: Array, rate: float, first: int) -> None:
    count = len(times)
    peaks = turning_points(np.ascontiguousarray(values.T), _PEAK)
    peaks = peaks[~is_end(peaks, count)]
    moment, channel = peaks % count, peaks // count
    frame = np.round(times[moment] * rate).astype(np.int64) - first
    resampled[frame, channel] = values[moment, channel]
