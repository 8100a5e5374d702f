"""Whether the sides of a face differ in the picture, or only to the model: a second look at it in a mirror.

The model is not symmetric. Over 81 photos and frames and their mirror images it read outer brows up to 0.22 higher on
one side for no other reason than that it was the left one, the lower lip up to 0.20 lower on the right, squints 0.23,
lip corners 0.14; photo by photo, so that no constant mends it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import INDEX, SHAPES, other_side
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.scale import COEFFICIENT

from ..engines import RgbPicture
from .landmarks import FaceLandmarks
from .models import FaceModels
from .regions import Region, region_from_landmarks

_OTHER_SIDES: Final = [INDEX[other_side(name)] for name in SHAPES]
_LEFT_SHAPES: Final = tuple(
    name for name in SHAPES if name.endswith("Left") and not name.startswith("eyeLook")
)  # the looks of the two eyes are no pair
_SIDES: Final = tuple((left, other_side(left)) for left in _LEFT_SHAPES)
_WAYS: Final = frozenset({"jawLeft", "mouthLeft"})
"""Not two sides, but two ways for one part to go."""
_WORTH_A_LOOK: Final = 0.1

_Shapes = NDArray[np.float64]


def may_be_uneven(told: Pose) -> bool:
    """Whether a closer look might find a side to tell in a pose; it takes up to two more readings of the face."""
    face = told.by_channel()
    return any(abs(face[left] - face[right]) >= _WORTH_A_LOOK for left, right in _SIDES)


def sides_of(models: FaceModels, picture: RgbPicture, face: FaceLandmarks) -> dict[str, float]:
    """`Sight.sides` of every pair: what both the picture and its mirror image show of it, 0 where they disagree."""
    region = region_from_landmarks(face.points)
    there = _read_in_mirror(models, picture, region)
    if not any(_is_uneven(left, there) for left in _LEFT_SHAPES):
        return dict.fromkeys(_LEFT_SHAPES, 0.0)  # whatever the picture as it is shows
    here = models.blendshapes.coefficients(models.landmarks.locate(picture, region))
    return {left: _agreed(left, here, there) for left in _LEFT_SHAPES}


def _agreed(left: str, here: _Shapes, there: _Shapes) -> float:
    one, other = _difference(left, here), _difference(left, there)
    agree = one * other > 0 and _is_uneven(left, here) and _is_uneven(left, there)
    return (one + other) / 2 if agree else 0.0


def _is_uneven(left: str, shapes: _Shapes) -> bool:
    least = COEFFICIENT.threshold if left in _WAYS else COEFFICIENT.side_difference
    return abs(_difference(left, shapes)) * COEFFICIENT.per_channel_unit >= least


def _difference(left: str, shapes: _Shapes) -> float:
    return float(shapes[INDEX[left]] - shapes[INDEX[other_side(left)]])


def _read_in_mirror(models: FaceModels, picture: RgbPicture, region: Region) -> _Shapes:
    """The shapes of the mirrored face, each under its name in the picture as it is."""
    height, width = picture.shape[:2]
    left, top, right, bottom = region.bounds()
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    patch = np.ascontiguousarray(picture[top:bottom, left:right][:, ::-1])
    turned = Region(right - 1 - region.center_x, region.center_y - top, region.width, region.height, -region.rotation)
    shapes: _Shapes = models.blendshapes.coefficients(models.landmarks.locate(patch, turned))[_OTHER_SIDES]
    return shapes
