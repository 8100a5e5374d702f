"""The pixels of a region, as a model wants them: bilinear, without low-pass filtering.

MediaPipe does not filter either (OpenCV's `warpPerspective`, INTER_LINEAR), and the models learnt
from what it gives them. Written for speed in plain numpy: this runs for every frame of a video.

Pictures have three bytes a pixel or four, as decoders like to give them; the fourth is not looked at.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..engines import RgbPicture
from .regions import Region

Crop = NDArray[np.float32]

# Positions are in 256ths of a pixel. A pixel is a number of 64 bits, 16 bits a channel: the weights of four
# neighbours sum to 256, and 255 * 256 fits into 16 bits, so that one multiplication serves all channels.
_STEPS: Final = 256
_LANES: Final = 4
# Rows done at a time, so that what is in work stays in the processor's cache: up to three times as fast.
_BAND: Final = 64


def sample_upright(picture: RgbPicture, region: Region, side: int) -> Crop:
    """An unrotated region as `side` x `side` pixels, 0..255; black beyond the picture's edge."""
    height, width = picture.shape[:2]
    left, top = region.center_x - region.width / 2, region.center_y - region.height / 2
    (near, far), column_weights = _neighbours(left, region.width / side, side, width)
    (upper, lower), row_weights = _neighbours(top, region.height / side, side, height)
    channels = picture.shape[2]
    near_weight, far_weight = np.repeat(column_weights, channels, axis=1)
    crop = np.empty((side, side, 3), np.float32)
    for start in range(0, side, _BAND):
        band = slice(start, start + _BAND)
        lines = picture[np.concatenate([upper[band], lower[band]])]
        count = len(lines) // 2
        mixed = lines.take(near, axis=1).reshape(2 * count, -1) * near_weight
        mixed += lines.take(far, axis=1).reshape(2 * count, -1) * far_weight
        mixed *= row_weights[:, band].reshape(-1, 1)
        crop[band] = (mixed[:count] + mixed[count:]).reshape(count, side, channels)[..., :3]
    return np.rint(crop, out=crop)  # MediaPipe's crop has 8 bits too


def _neighbours(start: float, step: float, count: int, length: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The two pixels around each of `count` positions along an axis, and their weights; both of shape (2, count)."""
    positions = start + step * np.arange(count)
    first = np.floor(positions).astype(np.intp)
    pixels = np.stack([first, first + 1])
    share = positions - first
    weights = np.stack([1 - share, share]) * ((pixels >= 0) & (pixels < length))
    return np.clip(pixels, 0, length - 1), weights.astype(np.float32)


class TurnedSampler:
    """Samples rotated regions as crops of `side` x `side` pixels; one thread at a time.

    It keeps the arrays that it works in: to get fresh ones from the system takes half as long as the work itself.
    """

    def __init__(self, side: int) -> None:
        self._side, self._rows = side, min(_BAND, side)
        shape = self._rows, side
        self._x, self._y, self._corner, self._rest = (np.empty(shape, np.int32) for _ in range(4))
        self._first = np.empty(shape, np.intp)
        self._weight, self._pixel, self._sum = (np.empty(shape, np.uint64) for _ in range(3))
        self._colours = np.empty((*shape, 3), np.float32)

    def sample(self, picture: RgbPicture, region: Region, crop: Crop, *, white: float = 255.0) -> None:
        """Fill `crop`, shape (side, side, 3), with 0..white; the nearest pixel of the edge beyond the picture."""
        lanes, left, top = _patch_in_lanes(picture, region)
        rows, columns = lanes.shape
        a, b, c, d, e, f = region.affine(self._side)
        x, y = self._steps(a, b, c - left), self._steps(d, e, f - top)
        last = self._side - self._rows
        for start in (*range(0, last, self._rows), last):
            band = slice(start, start + self._rows)
            _place(self._x, *x, band, columns)
            _place(self._y, *y, band, rows)
            self._blend(lanes)
            self._unpack(crop[band], white / (255 * _STEPS))

    def _steps(self, along_u: float, along_v: float, start: float) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """What the columns and the rows of the crop add to a position, in 256ths of a pixel."""
        steps = _STEPS * np.arange(self._side)
        across, down = np.rint(along_u * steps), np.rint(along_v * steps + _STEPS * start)
        return across.astype(np.int32), down.astype(np.int32)

    def _blend(self, lanes: NDArray[np.uint64]) -> None:
        """Sum the four neighbours of each place, times their weights. Uses the places up."""
        columns = lanes.shape[1]
        right, below, corner, rest = self._x, self._y, self._corner, self._rest
        np.right_shift(self._y, 8, out=rest)
        rest *= columns
        rest += np.right_shift(self._x, 8, out=corner)
        self._first[...] = rest  # as indices here, or `take` would do it four times
        right &= _STEPS - 1
        below &= _STEPS - 1
        np.multiply(right, below, out=corner)
        corner >>= 8
        right -= corner
        below -= corner
        np.subtract(_STEPS, corner, out=rest)
        rest -= right
        rest -= below
        self._sum[...] = 0
        for offset, share in ((0, rest), (1, right), (columns, below), (columns + 1, corner)):
            lanes.ravel()[offset:].take(self._first, mode="clip", out=self._pixel)
            self._weight[...] = share
            self._pixel *= self._weight
            self._sum += self._pixel

    def _unpack(self, crop: Crop, scale: float) -> None:
        channels = self._sum.view(np.uint16).reshape(*self._sum.shape, _LANES)
        for channel in range(3):  # far quicker than all three at once
            self._colours[..., channel] = channels[..., channel]
        np.multiply(self._colours, np.float32(scale), out=crop)


def _place(
    positions: NDArray[np.int32], across: NDArray[np.int32], down: NDArray[np.int32], band: slice, length: int
) -> None:
    """Find where the pixels of a band lie along an axis of the patch, in 256ths of a pixel, kept within it."""
    rows = down[band]
    np.add(across, rows[:, np.newaxis], out=positions)
    # The last pixel is reached as the neighbour of the one before it.
    last = (length - 1) * _STEPS - 1
    if min(across[0], across[-1]) + min(rows[0], rows[-1]) < 0:
        np.maximum(positions, 0, out=positions)
    if max(across[0], across[-1]) + max(rows[0], rows[-1]) > last:
        np.minimum(positions, last, out=positions)


def _patch_in_lanes(picture: RgbPicture, region: Region) -> tuple[NDArray[np.uint64], int, int]:
    """The pixels that the region touches, one number each, and their left and top in the picture."""
    height, width, channels = picture.shape
    left, top, right, bottom = region.bounds()
    # At least two pixels either way, so that each has a neighbour; the picture's edge is repeated for that.
    left, top = min(max(left, 0), max(width - 2, 0)), min(max(top, 0), max(height - 2, 0))
    right, bottom = min(max(right, left + 2), width), min(max(bottom, top + 2), height)
    patch = picture[top:bottom, left:right]
    if min(patch.shape[:2]) < 2:
        patch = np.pad(patch, ((0, 2 - min(patch.shape[0], 2)), (0, 2 - min(patch.shape[1], 2)), (0, 0)), mode="edge")
    lanes = np.empty((*patch.shape[:2], _LANES), np.uint16)
    if channels == _LANES:
        lanes[...] = patch
    else:
        for channel in range(3):
            lanes[..., channel] = patch[..., channel]
        lanes[..., 3] = 0
    return lanes.view(np.uint64)[..., 0], left, top
