"""Finding faces of any size: the whole picture first, then overlapping tiles where that pays."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..engines import RgbPicture
from .detector import Detection, merge_overlapping, overlaps
from .landmarks import FaceLandmarks
from .models import FaceModels
from .regions import Region, region_from_landmarks

# A face narrower than this share of the picture's longer side may have smaller ones near it that the
# detector, which sees the whole picture at 128 pixels, missed. A portrait is not searched again.
_LARGE_FACE: Final = 0.15
# Each round halves the tiles; the second sees faces of a fortieth of the longer side.
_ROUNDS: Final = 2
# In smaller tiles, in pixels, only faces of less than about 25 pixels would be new; there is no reading them.
_SMALLEST_TILE: Final = 192
# Tiles overlap by half, so that a face up to half a tile large lies whole in one of them.
_STEP: Final = 0.5
# A box this near to a tile's edge, in shares of the tile, may be a part of a face.
_EDGE: Final = 0.01
# Two boxes that overlap by more (intersection over union) are one face, seen twice.
_SAME_FACE: Final = 0.4
# A model that is less sure looks again; it did at four of 88 faces in photos, and became surer of three.
_SURE: Final = 0.98
_MORE_LOOKS: Final = 2


def find_faces(models: FaceModels, picture: RgbPicture, *, wanted: int) -> list[FaceLandmarks]:
    """At most `wanted` faces, largest first. Looks closer until it has them or the largest is large."""
    found = _confirmed(models, picture, models.detector.detect(picture), [], wanted)
    longer_side = max(picture.shape[:2])
    tile_side = longer_side / 2
    for _ in range(_ROUNDS):
        enough = len(found) >= wanted or any(_width(face) > _LARGE_FACE * longer_side for face in found)
        if enough or tile_side < _SMALLEST_TILE:
            break
        in_tiles = [face for tile in _tiles(picture, tile_side) for face in _whole_faces(models, picture, tile)]
        found = _confirmed(models, picture, merge_overlapping(in_tiles), found, wanted)
        tile_side /= 2
    return largest_first(found)


def largest_first(faces: Iterable[FaceLandmarks]) -> list[FaceLandmarks]:
    """The order in which faces are told."""
    return sorted(faces, key=_area, reverse=True)


def seen_surely(models: FaceModels, picture: RgbPicture, face: FaceLandmarks) -> FaceLandmarks:
    """The face as it looks from where its own landmarks say it is, if that makes an unsure model surer.

    The detector's box can slip off a face that is tilted or in profile: a third of its height on the largest face of a
    group photo, on which a grin was then read as a frown (presence 0.83, and 1.00 after two more looks). A video sees
    each frame so, from the landmarks of the last.
    """
    for _ in range(_MORE_LOOKS):
        if face.presence >= _SURE:
            break
        again = models.landmarks.locate(picture, region_from_landmarks(face.points))
        if again.presence <= face.presence:
            break
        face = again
    return face


def _confirmed(
    models: FaceModels, picture: RgbPicture, candidates: list[Detection], known: list[FaceLandmarks], wanted: int
) -> list[FaceLandmarks]:
    """The known faces, and of the candidates the largest that the landmark model takes for faces too."""
    found = list(known)
    for candidate in sorted(candidates, key=lambda face: face.area, reverse=True):
        if len(found) >= wanted:
            break
        if _is_among(candidate.box, found):
            continue
        face = models.locate(picture, candidate.region())
        if face is not None and not _is_among(face.box, found):
            found.append(face)
    return found


def _is_among(box: NDArray[np.float64], faces: list[FaceLandmarks]) -> bool:
    return bool(faces) and bool((overlaps(box, np.array([face.box for face in faces])) > _SAME_FACE).any())


def _width(face: FaceLandmarks) -> float:
    return float(face.box[2] - face.box[0])


def _area(face: FaceLandmarks) -> float:
    return float(np.prod(face.box[2:] - face.box[:2]))


def _tiles(picture: RgbPicture, side: float) -> Iterator[Region]:
    height, width = picture.shape[:2]
    for y in _middles(height, side):
        for x in _middles(width, side):
            yield Region(x, y, side, side, 0.0)


def _middles(length: int, side: float) -> list[float]:
    """Centres of tiles that cover `length` evenly, the first and the last flush with its ends."""
    if length <= side:
        return [length / 2]
    steps = math.ceil((length - side) / (side * _STEP))
    return [side / 2 + (length - side) * step / steps for step in range(steps + 1)]


def _whole_faces(models: FaceModels, picture: RgbPicture, tile: Region) -> list[Detection]:
    """The faces in a tile, without those that its edge may cut through: another tile holds them whole."""
    height, width = picture.shape[:2]
    size = np.array([width, height])
    margin = _EDGE * tile.width
    low = np.array([tile.center_x, tile.center_y]) - tile.width / 2
    high = low + tile.width

    def is_whole(face: Detection) -> bool:
        clear_of_low = (face.box[:2] > low + margin) | (low <= 0)
        clear_of_high = (face.box[2:] < high - margin) | (high >= size)
        return bool(clear_of_low.all() and clear_of_high.all())

    return [face for face in models.detector.detect(picture, tile) if is_whole(face)]
