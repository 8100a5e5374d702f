"""The 478 points of one face, and two numbers that come with them."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..engines import RgbPicture
from .interpreter import Model
from .regions import Region, extent
from .rewritten_model import with_wide_slopes
from .sampling import sample_turned

INPUT_SIDE: Final = 256
LANDMARK_COUNT: Final = 478
_PIXEL_SCALE: Final = np.float32(1 / 255)


@dataclass(frozen=True, eq=False)
class FaceLandmarks:
    """points: pixels of the picture, float32 of shape (478, 3), z growing away from the camera in the unit of x.

    presence: 0..1, how sure the model is that the region holds a face.
    tongue: 0..1, the model's tongue-out score, which MediaPipe's own interface discards.
    """

    points: NDArray[np.float32]
    presence: float
    tongue: float

    @cached_property
    def box(self) -> NDArray[np.float64]:
        """left, top, right, bottom of the points, in pixels, float64."""
        return np.concatenate(extent(self.points)).astype(np.float64)


class LandmarkModel:
    """Finds the points of the face that fills a region."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        self._model = Model(with_wide_slopes(content), threads=threads)

    def locate(self, picture: RgbPicture, region: Region) -> FaceLandmarks:
        """The points of what is most like a face in the region, whether or not it is one."""
        crop = sample_turned(picture, region, INPUT_SIDE)
        points, presence, tongue = self._model.filled(lambda tensor: np.multiply(crop, _PIXEL_SCALE, out=tensor[0]))
        a, b, c, d, e, f = region.affine(INPUT_SIDE)
        # z is scaled as x (`calculators/util/landmark_projection_calculator.cc`).
        axes = np.array([(a, d, 0), (b, e, 0), (0, 0, region.width / INPUT_SIDE)])
        placed = points.reshape(LANDMARK_COUNT, 3) @ axes + (c, f, 0)
        return FaceLandmarks(placed.astype(np.float32), _sigmoid(presence), float(tongue.item()))


def _sigmoid(logit: NDArray[np.float32]) -> float:
    return 1 / (1 + math.exp(-min(max(logit.item(), -100.0), 100.0)))
