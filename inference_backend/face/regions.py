"""A rotated rectangle of a picture, and its pixels as a model wants them.

A picture's coordinates here run from the centre of its top left pixel, x to the right and y down,
as in OpenCV's `warpPerspective`, which MediaPipe crops with
(`calculators/tensor/image_to_tensor_converter_opencv.cc`).
"""

import math
from dataclasses import dataclass
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


def sample_upright(picture: RgbPicture, region: Region, side: int) -> NDArray[np.float32]:
    """An unrotated region as `side` x `side` pixels, 0..255; black beyond the picture's edge.

    Bilinear and without low-pass filtering, as MediaPipe samples and as the models learnt it.
    """
    height, width = picture.shape[:2]
    left, top = region.center_x - region.width / 2, region.center_y - region.height / 2
    columns, column_weights = _neighbours(left, region.width / side, side, width)
    rows, row_weights = _neighbours(top, region.height / side, side, height)
    lines = picture[rows.ravel()]
    near, far = (np.take(lines, column, axis=1).reshape(2 * side, -1) for column in columns)
    near_weight, far_weight = np.repeat(column_weights, 3, axis=1)
    mixed = near * near_weight + far * far_weight
    upper_weight, lower_weight = row_weights[:, :, np.newaxis]
    blended: NDArray[np.float32] = mixed[:side] * upper_weight + mixed[side:] * lower_weight
    np.rint(blended, out=blended)
    return blended.reshape(side, side, 3)


def _neighbours(start: float, step: float, count: int, length: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The two pixels around each of `count` positions along an axis, and their weights; both of shape (2, count)."""
    positions = start + step * np.arange(count)
    first = np.floor(positions).astype(np.intp)
    pixels = np.stack([first, first + 1])
    share = positions - first
    weights = np.stack([1 - share, share]) * ((pixels >= 0) & (pixels < length))
    return np.clip(pixels, 0, length - 1), weights.astype(np.float32)


def sample(picture: RgbPicture, region: Region, side: int) -> NDArray[np.uint8]:
    """A rotated region as `side` x `side` pixels; the nearest pixel of the edge beyond the picture.

    Bilinear and unfiltered like `sample_upright`. Pillow rounds the result down: it is darker by half a
    step than it should be, on average.
    """
    patch, left, top = _patch_around(picture, region)
    a, b, c, d, e, f = region.affine(side)
    # Pillow counts from the corner of a pixel, not from its centre.
    coefficients = (a, b, c - left + 0.5 * (1 - a - b), d, e, f - top + 0.5 * (1 - d - e))
    image = Image.fromarray(patch).transform(
        (side, side), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(image)


def _patch_around(picture: RgbPicture, region: Region) -> tuple[RgbPicture, int, int]:
    """All pixels that the region touches, continued beyond the picture, and where the first of them lies."""
    height, width = picture.shape[:2]
    cos, sin = abs(math.cos(region.rotation)), abs(math.sin(region.rotation))
    half_x = (region.width * cos + region.height * sin) / 2 + 2
    half_y = (region.width * sin + region.height * cos) / 2 + 2
    left, right = math.floor(region.center_x - half_x), math.ceil(region.center_x + half_x)
    top, bottom = math.floor(region.center_y - half_y), math.ceil(region.center_y + half_y)
    # At least one pixel of the picture, so that there is an edge to continue.
    first_row, first_column = min(max(top, 0), height - 1), min(max(left, 0), width - 1)
    patch = picture[first_row : max(bottom, first_row + 1), first_column : max(right, first_column + 1)]
    before_y, before_x = max(first_row - top, 0), max(first_column - left, 0)
    after_y, after_x = max(bottom - height, 0), max(right - width, 0)
    if before_y or before_x or after_y or after_x:
        patch = np.pad(patch, ((before_y, after_y), (before_x, after_x), (0, 0)), mode="edge")
    return np.ascontiguousarray(patch), first_column - before_x, first_row - before_y


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
