"""The pixels of a region, as a model wants them: bilinear, without low-pass filtering, in 8 bits.

MediaPipe does not filter or keep more bits either (OpenCV's `warpPerspective`, INTER_LINEAR), and the models learnt
from what it gives them. The work is done by kornia-rs, in half the time that NumPy would take on one core.
"""

from typing import Final

import numpy as np
from kornia_rs.imgproc import warp_affine
from numpy.typing import NDArray

from ..engines import RgbPicture
from .regions import Region

Crop = NDArray[np.uint8]
"""Pixels of shape (side, side, 3)."""

_BILINEAR: Final = "bilinear"
# Pixels; this near to the edge kornia-rs, which counts in single precision, may err about what lies beyond it.
_EDGE: Final = 0.1


def sample(picture: RgbPicture, region: Region, side: int) -> Crop:
    """A region as `side` x `side` pixels; black beyond the picture's edge."""
    crop = _warped(picture, region, side)
    if _crosses_edge(picture, region):
        _blend_at_edge(crop, picture, region, repeated=False)
    return crop


def sample_repeating_edge(picture: RgbPicture, region: Region, side: int) -> Crop:
    """As `sample`, but with the nearest pixel of the edge beyond the picture."""
    crop = _warped(picture, region, side)
    if _crosses_edge(picture, region):
        _blend_at_edge(crop, picture, region, repeated=True)
    return crop


def _warped(picture: RgbPicture, region: Region, side: int) -> Crop:
    """Right where all four neighbours are in the picture, black beyond it."""
    crop: Crop = np.asarray(warp_affine(np.ascontiguousarray(picture), region.into_crop(side), (side, side), _BILINEAR))
    return crop


def _crosses_edge(picture: RgbPicture, region: Region) -> bool:
    left, top, right, bottom = region.bounds()
    height, width = picture.shape[:2]
    return left < 0 or top < 0 or right > width or bottom > height


def _blend_at_edge(crop: Crop, picture: RgbPicture, region: Region, *, repeated: bool) -> None:
    """Fill in the places with a neighbour beyond the picture, where that is black or the edge is repeated."""
    a, b, c, d, e, f = region.affine(len(crop))
    across, down = np.arange(len(crop)), np.arange(len(crop))[:, np.newaxis]
    x, y = a * across + b * down + c, d * across + e * down + f
    height, width = picture.shape[:2]
    last = np.array([width - 1, height - 1])
    filled = (x < _EDGE) | (y < _EDGE) | (x > last[0]) | (y > last[1])
    if not repeated:  # further out it is black already
        filled &= (x > -1) & (y > -1) & (x < width + _EDGE) & (y < height + _EDGE)
    places = np.stack([x[filled], y[filled]], axis=1)
    if repeated:
        places = places.clip(0, last)
    first = np.floor(places).astype(np.intp)
    share = places - first
    blend = np.zeros((len(places), 3))
    for neighbour in ((0, 0), (1, 0), (0, 1), (1, 1)):
        pixel = first + neighbour
        weight = np.where(neighbour, share, 1 - share).prod(axis=1) * ((pixel >= 0) & (pixel <= last)).all(axis=1)
        column, row = pixel.clip(0, last).T
        blend += weight[:, np.newaxis] * picture[row, column]
    crop[filled] = np.rint(blend)
