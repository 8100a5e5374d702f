"""How strongly each channel moves, and how far it may."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNEL_COUNT, CHANNELS
from ..track import FaceTrack
from .regions import IS_SHAPE, REGION_OF, by_channel


def apply_gain(track: FaceTrack, gain: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> FaceTrack:
    """Multiply, then keep within the range; see `Shaping` for what the names are."""
    factor = by_channel(gain, 1.0)
    low, high = limits(ranges)
    values = np.clip(track.values * factor.astype(np.float32), low.astype(np.float32), high.astype(np.float32))
    return FaceTrack(track.times, values, track.confidence)


def limits(ranges: Mapping[str, tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest value of each channel."""
    low = np.where(IS_SHAPE, 0.0, -np.inf)
    high = np.where(IS_SHAPE, 1.0, np.inf)
    for index in range(CHANNEL_COUNT):
        name = CHANNELS[index]
        chosen = ranges.get(name, ranges.get(REGION_OF[name]))
        if chosen is not None:
            low[index], high[index] = chosen
    return low, high
