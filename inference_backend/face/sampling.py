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

_Places = NDArray[np.float64]
_BILINEAR: Final = "bilinear"
# Pixels; this near to the edge kornia-rs, which counts in single precision, may err about what lies beyond it.
_EDGE: Final = 0.1


def sample_upright(picture: RgbPicture, region: Region, side: int) -> Crop:
    """An unrotated region as `side` x `side` pixels; black beyond the picture's edge."""
    height, width = picture.shape[:2]
    x, y = _places(region.center_x, region.width, side), _places(region.center_y, region.height, side)
    if _are_whole(x) and _are_whole(y):
        return _picked(picture, x, y)
    crop = _warped(picture, region, side)
    columns, rows = _at_edge(x, width), _at_edge(y, height)
    if columns.size:
        crop[:, columns] = _mixed(picture, x[np.newaxis, columns], y[:, np.newaxis])
    if rows.size:
        crop[rows] = _mixed(picture, x[np.newaxis], y[rows, np.newaxis])
    return crop


def sample_turned(picture: RgbPicture, region: Region, side: int) -> Crop:
    """Any region as `side` x `side` pixels; the nearest pixel of the edge beyond the picture."""
    crop = _warped(picture, region, side)
    height, width = picture.shape[:2]
    left, top, right, bottom = region.bounds()
    if left < 0 or top < 0 or right > width or bottom > height:
        a, b, c, d, e, f = region.affine(side)
        across, down = np.arange(side), np.arange(side)[:, np.newaxis]
        x, y = a * across + b * down + c, d * across + e * down + f
        beyond = (x < _EDGE) | (y < _EDGE) | (x > width - 1) | (y > height - 1)
        crop[beyond] = _mixed(picture, x[beyond].clip(0, width - 1), y[beyond].clip(0, height - 1))
    return crop


def _warped(picture: RgbPicture, region: Region, side: int) -> Crop:
    """Right where all four neighbours are in the picture, black further out."""
    crop: Crop = np.asarray(warp_affine(np.ascontiguousarray(picture), region.into_crop(side), (side, side), _BILINEAR))
    return crop


def _places(center: float, length: float, side: int) -> _Places:
    """Where the pixels of an upright crop lie along an axis of the picture."""
    return np.arange(side, dtype=np.float64) * (length / side) + (center - length / 2)


def _are_whole(places: _Places) -> bool:
    """Whether evenly spaced places are pixels, as they are where the picture's longer side is a multiple of 128."""
    return float(places[0]).is_integer() and float(places[1]).is_integer()


def _picked(picture: RgbPicture, x: _Places, y: _Places) -> Crop:
    """Where every place is a pixel, there is nothing to mix; that takes a quarter of the time."""
    crop = np.zeros((len(y), len(x), 3), np.uint8)
    (top, row, down), (left, column, across) = _first_within(y), _first_within(x)
    seen = picture[row::down, column::across][: max(0, len(y) - top), : max(0, len(x) - left)]
    place = crop[top : top + seen.shape[0], left : left + seen.shape[1]]
    for colour in range(3):  # a third of the time of all three at once, in runs of three bytes
        place[..., colour] = seen[..., colour]
    return crop


def _first_within(places: _Places) -> tuple[int, int, int]:
    """The first of the places that is not before the picture: its index and its pixel; and the step to the next."""
    start, step = int(places[0]), int(places[1] - places[0])
    index = max(0, -(start // step))
    return index, start + index * step, step


def _at_edge(places: _Places, length: int) -> NDArray[np.intp]:
    """Those with a neighbour in the picture and one beyond it, or so near to that that `_warped` may err."""
    at_start, at_end = (places > -1) & (places < _EDGE), (places > length - 1) & (places < length + _EDGE)
    return np.flatnonzero(at_start | at_end)


def _mixed(picture: RgbPicture, x: _Places, y: _Places) -> NDArray[np.float64]:
    """The four pixels around each place, by their nearness; beyond the edge they are black."""
    height, width = picture.shape[:2]
    (columns, across), (rows, down) = _neighbours(x, width), _neighbours(y, height)
    weights = (down[:, np.newaxis] * across)[..., np.newaxis]
    mixed: NDArray[np.float64] = (weights * picture[rows[:, np.newaxis], columns]).sum(axis=(0, 1))
    return np.rint(mixed, out=mixed)


def _neighbours(places: _Places, length: int) -> tuple[NDArray[np.intp], _Places]:
    """The two pixels around each place along an axis, and their weights; both of shape (2, ...)."""
    first = np.floor(places)
    share = places - first
    pixels = np.stack([first, first + 1]).astype(np.intp)
    return pixels.clip(0, length - 1), np.stack([1 - share, share]) * ((pixels >= 0) & (pixels < length))
