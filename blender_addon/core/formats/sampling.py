"""Curves as a dense track, for forms that know frames only."""

from math import floor

import numpy as np

from ..channels import CHANNEL_COUNT, INDEX
from ..curves import Curves
from ..shaping.bezier import evaluate
from ..track import FaceTrack

_INSTANT = 1e-6
"""Seconds by which the last frame may lie behind the end."""


def sampled_track(curves: Curves, *, duration: float, frames_per_second: float) -> FaceTrack:
    """A frame at 0 and at each 1 / frames_per_second up to the duration; channels without keys are 0."""
    times = np.arange(floor((duration + _INSTANT) * frames_per_second) + 1) / frames_per_second
    values = np.zeros((len(times), CHANNEL_COUNT))
    for name, curve in curves:
        if len(curve.times):
            values[:, INDEX[name]] = evaluate(curve, times)
    return FaceTrack(times, values, np.ones(len(times)))
