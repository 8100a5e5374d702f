"""A rotated rectangle of a picture: where a face is.

A picture's coordinates here run from the centre of its top left pixel, x to the right and y down,
as in OpenCV's `warpPerspective`, which MediaPipe crops with
(`calculators/tensor/image_to_tensor_converter_opencv.cc`).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# How much of the surroundings the landmark model wants to see around a face
# (`face_detector_graph.cc` and `face_landmarks_detector_graph.cc`, scale_x and scale_y).
EXPANSION: Final = 1.5
# Outer corners of the right and the left eye among the 478 landmarks.
_RIGHT_EYE_OUTER, _LEFT_EYE_OUTER = 33, 263
# The grid of regions: an eighth of a pixel of the landmark model's input, 0.15 % of the size, 0.06 degrees.
_PLACES_A_WIDTH, _SIZES_AN_OCTAVE, _ANGLES_A_RADIAN = 2048, 512, 1024

Affine = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f take x, y to a x + b y + c, d x + e y + f."""


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

    def on_grid(self) -> "Region":
        """The nearest region on a grid that is finer than the landmarks are sure.

        Where the faces of two runs differ by a trifle, both then see the same pixels, and agree to the last bit from
        there on; else the rounding of the pixels would keep them apart.
        """
        shrink = 2 ** (round(_SIZES_AN_OCTAVE * math.log2(self.width)) / _SIZES_AN_OCTAVE) / self.width
        step = self.width * shrink / _PLACES_A_WIDTH
        return Region(
            round(self.center_x / step) * step,
            round(self.center_y / step) * step,
            self.width * shrink,
            self.height * shrink,
            round(self.rotation * _ANGLES_A_RADIAN) / _ANGLES_A_RADIAN,
        )

    def bounds(self) -> tuple[int, int, int, int]:
        """left, top, right and bottom of all pixels that it touches, whether or not there is a picture."""
        cos, sin = abs(math.cos(self.rotation)), abs(math.sin(self.rotation))
        half_x = (self.width * cos + self.height * sin) / 2 + 2
        half_y = (self.width * sin + self.height * cos) / 2 + 2
        left, right = math.floor(self.center_x - half_x), math.ceil(self.center_x + half_x)
        top, bottom = math.floor(self.center_y - half_y), math.ceil(self.center_y + half_y)
        return left, top, right, bottom

    def affine(self, side: int) -> Affine:
        """From a crop of `side` pixels to the picture."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        a, b = self.width / side * cos, -self.height / side * sin
        d, e = self.width / side * sin, self.height / side * cos
        half = side / 2
        return a, b, self.center_x - half * (a + b), d, e, self.center_y - half * (d + e)

    def into_crop(self, side: int) -> Affine:
        """From the picture to a crop of `side` pixels: the inverse of `affine`."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        a, b = side / self.width * cos, side / self.width * sin
        d, e = -side / self.height * sin, side / self.height * cos
        half, x, y = side / 2, self.center_x, self.center_y
        return a, b, half - a * x - b * y, d, e, half - d * x - e * y


def region_from_landmarks(points: NDArray[np.float32], box: NDArray[np.float64] | None = None) -> Region:
    """Where to look for the same face in the next frame: a square around its landmarks, along its eyes.

    points: pixels, shape (478, 3); box: their left, top, right and bottom where these are known already.
    As `face_landmarks_detector_graph.cc` does (square_long).
    """
    low, high = extent(points) if box is None else (box[:2], box[2:])
    side = float((high - low).max())
    center_x, center_y = (float(middle) for middle in (low + high) / 2)
    across = points[_LEFT_EYE_OUTER] - points[_RIGHT_EYE_OUTER]
    rotation = math.atan2(float(across[1]), float(across[0]))
    return Region(center_x, center_y, side, side, rotation).expanded()


def extent(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The least and the greatest x and y of points, shape (..., N, 3)."""
    along_axes = np.ascontiguousarray(points[..., :2].swapaxes(-1, -2))  # several times as fast as across them
    return along_axes.min(axis=-1), along_axes.max(axis=-1)
