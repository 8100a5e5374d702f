"""The parts of the face that shaping treats on their own."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNEL_COUNT, CHANNELS, INDEX, SHAPES

_PREFIXES: Final = {
    "brows": ("brow",),
    "eyelids": ("eyeBlink", "eyeSquint", "eyeWide"),
    "gaze": ("eyeLook", "leftEye", "rightEye"),
    "cheeks": ("cheek",),
    "nose": ("nose",),
    "jaw": ("jaw",),
    "mouth": ("mouth",),
    "tongue": ("tongue",),
    "head": ("head",),
}

REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    region: tuple(name for name in CHANNELS if name.startswith(prefixes)) for region, prefixes in _PREFIXES.items()
}
"""Every channel is in one region."""

REGION_OF: Final[Mapping[str, str]] = {name: region for region, names in REGIONS.items() for name in names}

IS_SHAPE: Final[NDArray[np.bool_]] = np.arange(CHANNEL_COUNT) < len(SHAPES)
"""Of each channel: a coefficient of 0..1, not an angle."""

BLINKS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])


def by_channel(settings: Mapping[str, float], default: float) -> NDArray[np.float64]:
    """One number for each channel, from numbers for regions and channels; that of a region times that of a channel."""
    numbers = np.full(CHANNEL_COUNT, default)
    for index, name in enumerate(CHANNELS):
        if REGION_OF[name] in settings or name in settings:
            numbers[index] = settings.get(REGION_OF[name], 1.0) * settings.get(name, 1.0)
    return numbers
