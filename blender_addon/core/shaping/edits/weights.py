"""How much an edit acts at each moment of a take: 0 outside of its span, 1 inside, with smooth shoulders within."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ...channels import ANGLES, INDEX, other_side
from .kinds import Span

Array = NDArray[np.float64]

SHOULDER: Final = 0.25
"""Seconds of a shoulder, at most a quarter of the span; both lie inside, so nothing changes outside."""
NOT_OF_A_LOOK: Final = ("eyeBlink", "eyeLook", "leftEye", "rightEye", "head", "jaw", "tongue", "mouthClose")
"""What is strongest by chance: blinks, glances, turns and speech do not make a look."""
_TOUCH: Final = 1e-6
_ACTS_FROM, _ACTS_FULLY = 0.08, 0.25
"""A shape acts between these values; angles from a tenth of them on, in radians."""
_SETS_OUT: Final = 0.15
"""Seconds from where an action sets out to where all of it clearly shows."""
_SPEECH_REACH: Final = 0.35
"""Seconds to both sides in which the mouth's movement tells whether it speaks."""
_SPEECH_FROM, _SPEECH_FULLY = 0.012, 0.035
"""Standard deviation of the mouth's opening there: at rest trackers stay below the first."""
_OPENING: Final = {
    "jawOpen": 1.0,
    "mouthFunnel": 0.5,
    "mouthPucker": 0.5,
    "mouthLowerDownLeft": 0.5,
    "mouthClose": -0.5,
}


def weights(times: Array, values: Array, span: Span, *, shoulder: float = SHOULDER) -> Array:
    """Shape (T,), 0..1. values: shape (T, 61), for spans that hang on what the face does."""
    return _of_moments(times, span, shoulder) * _of_the_face(times, values, span, shoulder)


def _of_the_face(times: Array, values: Array, span: Span, shoulder: float) -> Array:
    found = np.ones(len(times))
    if span.during:
        found *= _acting(times, values, span.during)
    if span.together:
        acting = [_acting(times, values, (name, other_side(name))) for name in span.together]
        found *= also_near(times, np.min(acting, axis=0), _SETS_OUT)
    if span.speaking:
        found *= _speaking(times, values)
    for spared in span.apart:
        found *= 1.0 - _spared(times, spared, shoulder) * _of_the_face(times, values, spared, shoulder)
    return found


def _spared(times: Array, span: Span, shoulder: float) -> Array:
    """1 from the first to the last moment of what is left out, so that nothing changes there."""
    acts = np.zeros(len(times))
    if span.start is not None:
        acts = np.maximum(acts, _of_moments(times, Span(None, span.start), shoulder))
    if span.end is not None:
        acts = np.maximum(acts, _of_moments(times, Span(span.end, None), shoulder))
    return 1.0 - acts


def also_near(times: Array, share: Array, seconds: float) -> Array:
    """The highest within so many seconds to both sides: what is clear at its strongest is the same as it begins."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    reach = min(round(seconds / step), len(times) - 1)
    return np.asarray(sliding_window_view(np.pad(share, reach), 2 * reach + 1).max(axis=1))


def eased(fraction: Array) -> Array:
    """A step from 0 to 1 that sets out and arrives without a jerk."""
    t = np.clip(fraction, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def _of_moments(times: Array, span: Span, shoulder: float) -> Array:
    start = -np.inf if span.start is None or span.start <= times[0] + _TOUCH else span.start
    end = np.inf if span.end is None or span.end >= times[-1] - _TOUCH else span.end
    if end < times[0] or start > times[-1] or end < start:
        return np.zeros(len(times))
    if end - start < 2 * _TOUCH:
        return np.asarray(np.arange(len(times)) == np.abs(times - start).argmin(), dtype=np.float64)
    inner = min(shoulder, (min(end, times[-1]) - max(start, times[0])) / 4)
    found = np.ones(len(times))
    if np.isfinite(start):
        found *= eased((times - start) / max(inner, _TOUCH))
    if np.isfinite(end):
        found *= eased((end - times) / max(inner, _TOUCH))
    return found


def _acting(times: Array, values: Array, channels: tuple[str, ...]) -> Array:
    columns = [values[:, INDEX[name]] * (1.0 if name not in ANGLES else 10.0) for name in channels]
    strongest = np.max(np.abs(columns), axis=0)
    return eased((blurred(times, strongest[:, np.newaxis], 0.05)[:, 0] - _ACTS_FROM) / (_ACTS_FULLY - _ACTS_FROM))


def _speaking(times: Array, values: Array) -> Array:
    opening = sum((share * values[:, INDEX[name]] for name, share in _OPENING.items()), np.zeros(len(times)))
    mean = blurred(times, opening[:, np.newaxis], _SPEECH_REACH / 2)[:, 0]
    spread = np.sqrt(np.maximum(blurred(times, ((opening - mean) ** 2)[:, np.newaxis], _SPEECH_REACH / 2)[:, 0], 0.0))
    return eased((spread - _SPEECH_FROM) / (_SPEECH_FULLY - _SPEECH_FROM))


def blurred(times: Array, values: Array, seconds: float) -> Array:
    """Values of shape (T, C) under a Gaussian with this standard deviation; nothing lags, the ends stay in place."""
    if len(times) < 3:
        return values
    reach_frames = seconds / max(float(np.median(np.diff(times))), 1e-6)
    reach = max(1, min(int(np.ceil(3 * reach_frames)), len(times) - 1))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(reach_frames, 1e-6)) ** 2)
    kernel /= kernel.sum()
    # Point reflection at both ends keeps a slope a slope.
    before, after = 2 * values[:1] - values[reach:0:-1], 2 * values[-1:] - values[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, values, after])
    return np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)
