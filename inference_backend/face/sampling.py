"""The pixels of a region, as a model wants them: bilinear, without low-pass filtering.

MediaPipe does not filter either (OpenCV's `warpPerspective`, INTER_LINEAR), and the models learnt
from what it gives them. Written for speed in plain numpy: this runs for every frame of a video.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..engines import RgbPicture
from .regions import Region

Crop = NDArray[np.float32]

# Weights are in 256ths of a pixel. Two channels share a number of 32 bits, 16 bits each: the weights of
# four neighbours sum to 256, and 255 * 256 fits into 16 bits, so that nothing spills over.
_STEPS: Final = 256
# Rows done at a time, so that what is in work stays in the processor's cache: up to three times as fast.
_BAND: Final = 64
_RED_AND_BLUE: Final = np.uint32(0x00FF00FF)
_LOW_BYTE: Final = np.uint32(0xFF)
_BYTE: Final = np.uint32(8)


def sample_upright(picture: RgbPicture, region: Region, side: int) -> Crop:
    """An unrotated region as `side` x `side` pixels, 0..255; black beyond the picture's edge."""
    height, width = picture.shape[:2]
    left, top = region.center_x - region.width / 2, region.center_y - region.height / 2
    (near, far), column_weights = _neighbours(left, region.width / side, side, width)
    (upper, lower), row_weights = _neighbours(top, region.height / side, side, height)
    near_weight, far_weight = np.repeat(column_weights, 3, axis=1)
    crop = np.empty((side, side, 3), np.float32)
    for start in range(0, side, _BAND):
        band = slice(start, start + _BAND)
        lines = picture[np.concatenate([upper[band], lower[band]])]
        count = len(lines) // 2
        mixed = lines.take(near, axis=1).reshape(2 * count, -1) * near_weight
        mixed += lines.take(far, axis=1).reshape(2 * count, -1) * far_weight
        mixed *= row_weights[:, band].reshape(-1, 1)
        crop[band] = (mixed[:count] + mixed[count:]).reshape(count, side, 3)
    return np.rint(crop, out=crop)  # MediaPipe's crop has 8 bits too


def _neighbours(start: float, step: float, count: int, length: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The two pixels around each of `count` positions along an axis, and their weights; both of shape (2, count)."""
    positions = start + step * np.arange(count)
    first = np.floor(positions).astype(np.intp)
    pixels = np.stack([first, first + 1])
    share = positions - first
    weights = np.stack([1 - share, share]) * ((pixels >= 0) & (pixels < length))
    return np.clip(pixels, 0, length - 1), weights.astype(np.float32)


def sample(picture: RgbPicture, region: Region, side: int) -> Crop:
    """A rotated region as `side` x `side` pixels, 0..255; the nearest pixel of the edge beyond the picture."""
    packed, left, top, columns, rows = _packed_patch(picture, region)
    x, y = _positions(region, side, left, top, columns, rows)
    neighbours = [packed[offset:] for offset in (0, 1, columns, columns + 1)]
    crop = np.empty((side, side, 3), np.float32)
    for start in range(0, side, _BAND):
        band = slice(start, start + _BAND)
        _blend(neighbours, x[band], y[band], columns, crop[band])
    return crop


def _blend(
    neighbours: list[NDArray[np.uint32]], x: NDArray[np.int32], y: NDArray[np.int32], columns: int, crop: Crop
) -> None:
    """Fill `crop` with the pixels at x and y, in 256ths of a pixel, out of a patch seen from its four neighbours."""
    right, below = (x & (_STEPS - 1)).astype(np.uint32), (y & (_STEPS - 1)).astype(np.uint32)
    corner = right * below
    corner >>= _BYTE
    weights = (_STEPS - right - below + corner, right - corner, below - corner, corner)
    first = ((y >> 8) * columns + (x >> 8)).astype(np.intp)  # here, or `take` would do it four times
    red_and_blue, green = np.zeros_like(corner), np.zeros_like(corner)
    for pixels, weight in zip(neighbours, weights, strict=True):
        some = pixels.take(first, mode="clip")
        red_and_blue += (some & _RED_AND_BLUE) * weight
        some >>= _BYTE
        some &= _LOW_BYTE
        some *= weight
        green += some
    halves = red_and_blue.astype("<u4", copy=False).view("<u2").reshape(*x.shape, 2)
    crop[..., 0], crop[..., 1], crop[..., 2] = halves[..., 0], green, halves[..., 1]
    crop *= np.float32(1 / _STEPS)


def _positions(
    region: Region, side: int, left: int, top: int, columns: int, rows: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where each pixel of the crop lies in the patch, in 256ths of a pixel, kept within it; shape (side, side)."""
    a, b, c, d, e, f = region.affine(side)
    steps = np.arange(side, dtype=np.float64)
    positions = []
    for along_u, along_v, start, length in ((a, b, c - left, columns), (d, e, f - top, rows)):
        across = (_STEPS * along_u * steps).astype(np.float32)
        down = (_STEPS * (along_v * steps + start) + 0.5).astype(np.float32)
        position = across[np.newaxis] + down[:, np.newaxis]
        # The last pixel is reached as the neighbour of the one before it.
        np.clip(position, 0, (length - 1) * _STEPS - 1, out=position)
        positions.append(position.astype(np.int32))
    return positions[0], positions[1]


def _packed_patch(picture: RgbPicture, region: Region) -> tuple[NDArray[np.uint32], int, int, int, int]:
    """The pixels that the region touches, one number each (red lowest), their left and top, columns and rows."""
    height, width = picture.shape[:2]
    left, top, right, bottom = region.bounds()
    # At least two pixels either way, so that each has a neighbour; the picture's edge is repeated for that.
    left, top = min(max(left, 0), max(width - 2, 0)), min(max(top, 0), max(height - 2, 0))
    right, bottom = min(max(right, left + 2), width), min(max(bottom, top + 2), height)
    patch = picture[top:bottom, left:right]
    if min(patch.shape[:2]) < 2:
        patch = np.pad(patch, ((0, 2 - min(patch.shape[0], 2)), (0, 2 - min(patch.shape[1], 2)), (0, 0)), mode="edge")
    rows, columns = patch.shape[:2]
    # Four bytes from each third byte on: the pixel, and a byte of its neighbour that is never looked at.
    spare = np.empty(patch.size + 1, np.uint8)
    spare[:-1].reshape(patch.shape)[:] = patch
    packed = np.ndarray((rows * columns,), "<u4", spare, strides=(3,)).astype(np.uint32)
    return packed, left, top, columns, rows
