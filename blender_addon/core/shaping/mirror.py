"""Left and right change places."""

from typing import Final

import numpy as np

from ..channels import CHANNELS, INDEX, other_side
from ..track import FaceTrack

_SOURCE: Final = np.array([INDEX[other_side(name)] for name in CHANNELS])
SIGN: Final = np.array([-1 if name.endswith(("Yaw", "Roll")) else 1 for name in CHANNELS], dtype=np.float32)


def mirror(track: FaceTrack) -> FaceTrack:
    """The take as a mirror shows it; twice is the take itself, bit for bit."""
    return FaceTrack(track.times, track.values[:, _SOURCE] * SIGN, track.confidence)
