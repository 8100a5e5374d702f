"""Finding faces of any size: the whole picture first, then overlapping tiles where that pays."""

from collections.abc import Iterator
from typing import Final

from ..engines import RgbPicture
from .detector import INPUT_SIDE, Detection, FaceDetector, merge_overlapping
from .regions import Region

# A face narrower than this share of the picture's longer side may have smaller ones near it that the
# detector, which sees the whole picture at 128 pixels, missed. A portrait is not searched again.
_LARGE_FACE: Final = 0.2
# Each round halves the tiles; the second sees faces of a fortieth of the longer side.
_ROUNDS: Final = 2
# A tile shown to the detector enlarged holds nothing more to find.
_SMALLEST_TILE: Final = INPUT_SIDE
# Tiles overlap by half, so that a face up to half a tile large lies whole in one of them.
_STEP: Final = 0.5
# A box this near to a tile's edge, in shares of the tile, may be a part of a face.
_EDGE: Final = 0.01


def find_faces(detector: FaceDetector, picture: RgbPicture, *, wanted: int) -> list[Detection]:
    """The faces, largest first. Stops looking closer when `wanted` are found or the largest is large."""
    faces = detector.detect(picture)
    longer_side = max(picture.shape[:2])
    tile_side = longer_side / 2
    for _ in range(_ROUNDS):
        enough = len(faces) >= wanted or any(_width(face) > _LARGE_FACE * longer_side for face in faces)
        if enough or tile_side < _SMALLEST_TILE:
            break
        in_tiles = [face for tile in _tiles(picture, tile_side) for face in _whole_faces(detector, picture, tile)]
        faces = merge_overlapping(faces + in_tiles)
        tile_side /= 2
    return sorted(faces, key=lambda face: face.area, reverse=True)


def _width(face: Detection) -> float:
    return float(face.box[2] - face.box[0])


def _tiles(picture: RgbPicture, side: float) -> Iterator[Region]:
    height, width = picture.shape[:2]
    for y in _middles(height, side):
        for x in _middles(width, side):
            yield Region(x, y, side, side, 0.0)


def _middles(length: int, side: float) -> list[float]:
    """Centres of tiles that cover `length` evenly, the first and the last flush with its ends."""
    if length <= side:
        return [length / 2]
    steps = -int(-(length - side) // (side * _STEP))  # rounded up
    return [side / 2 + (length - side) * step / steps for step in range(steps + 1)]


def _whole_faces(detector: FaceDetector, picture: RgbPicture, tile: Region) -> list[Detection]:
    """The faces in a tile, without those that its edge cuts through unless the picture ends there too."""
    height, width = picture.shape[:2]
    margin = _EDGE * tile.width
    low_x, high_x = tile.center_x - tile.width / 2, tile.center_x + tile.width / 2
    low_y, high_y = tile.center_y - tile.height / 2, tile.center_y + tile.height / 2

    def is_whole(face: Detection) -> bool:
        left, top, right, bottom = face.box
        return (
            (left > low_x + margin or low_x <= 0)
            and (right < high_x - margin or high_x >= width)
            and (top > low_y + margin or low_y <= 0)
            and (bottom < high_y - margin or high_y >= height)
        )

    return [face for face in detector.detect(picture, tile) if is_whole(face)]
