"""A rotated rectangle of a picture, and its pixels as a model wants them.

A picture's coordinates here run from the centre of its top left pixel, x to the right and y down,
as in OpenCV's `warpPerspective`, which MediaPipe crops with
(`calculators/tensor/image_to_tensor_converter_opencv.cc`).
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..engines import RgbPicture

# How much of the surroundings the landmark model wants to see around a face
# (`face_detector_graph.cc` and `face_landmarks_detector_graph.cc`, scale_x and scale_y).
EXPANSION: Final = 1.5
# Outer corners of the right and the left eye among the 478 landmarks.
_RIGHT_EYE_OUTER, _LEFT_EYE_OUTER = 33, 263


class Outside(Enum):
    """What is sampled beyond the picture's edge."""

    BLACK = "black"
    NEAREST_EDGE = "nearest edge"


@dataclass(frozen=True)
class Region:
    """centre and size in pixels; rotation in radians, clockwise as seen, 0 for an upright face."""

    center_x: float
    center_y: float
    width: float
    height: float
    rotation: float

    def expanded(self) -> "Region":
        """The region with as much around it as the landmark model wants."""
        return Region(self.center_x, self.center_y, self.width * EXPANSION, self.height * EXPANSION, self.rotation)

    def affine(self, side: int) -> tuple[float, float, float, float, float, float]:
        """a, b, c, d, e, f with picture x = a u + b v + c and y = d u + e v + f for a crop of `side` pixels."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        a, b = self.width / side * cos, -self.height / side * sin
        d, e = self.width / side * sin, self.height / side * cos
        half = side / 2
        return a, b, self.center_x - half * (a + b), d, e, self.center_y - half * (d + e)


def sample(picture: RgbPicture, region: Region, side: int, outside: Outside) -> NDArray[np.uint8]:
    """The region as a picture of `side` x `side` pixels, bilinear, without low-pass filtering.

    MediaPipe does not filter either, and the models were trained on what it gives them.
    """
    patch, left, top = _patch_around(picture, region, outside)
    a, b, c, d, e, f = region.affine(side)
    # Pillow counts from the corner of a pixel, not from its centre.
    coefficients = (a, b, c - left + 0.5 * (1 - a - b), d, e, f - top + 0.5 * (1 - d - e))
    image = Image.fromarray(patch).transform(
        (side, side), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(image)


def _patch_around(picture: RgbPicture, region: Region, outside: Outside) -> tuple[RgbPicture, int, int]:
    """The part of the picture that the region touches, and the picture coordinates of its first pixel."""
    height, width = picture.shape[:2]
    cos, sin = abs(math.cos(region.rotation)), abs(math.sin(region.rotation))
    half_x = (region.width * cos + region.height * sin) / 2 + 2
    half_y = (region.width * sin + region.height * cos) / 2 + 2
    left, right = math.floor(region.center_x - half_x), math.ceil(region.center_x + half_x)
    top, bottom = math.floor(region.center_y - half_y), math.ceil(region.center_y + half_y)
    inside_left, inside_right = np.clip((left, right), 0, width)
    inside_top, inside_bottom = np.clip((top, bottom), 0, height)
    patch = picture[inside_top:inside_bottom, inside_left:inside_right]
    if outside is Outside.BLACK:
        return np.ascontiguousarray(patch), int(inside_left), int(inside_top)
    margins = (
        (inside_top - top, bottom - inside_bottom),
        (inside_left - left, right - inside_right),
        (0, 0),
    )
    return np.pad(patch, margins, mode="edge"), left, top


def region_from_landmarks(points: NDArray[np.float32]) -> Region:
    """Where to look for the same face in the next frame: a square around its landmarks, along its eyes.

    points: pixels, shape (478, 3). As `face_landmarks_detector_graph.cc` does (square_long).
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = float((high - low).max())
    center_x, center_y = (float(middle) for middle in (low + high) / 2)
    across = points[_LEFT_EYE_OUTER] - points[_RIGHT_EYE_OUTER]
    rotation = math.atan2(float(across[1]), float(across[0]))
    return Region(center_x, center_y, side, side, rotation).expanded()
