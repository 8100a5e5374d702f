"""How the head is turned: the canonical face fitted to the landmarks through a perspective camera.

The steps are those of MediaPipe's geometry pipeline (`face_geometry/libs/geometry_pipeline.cc`), so
that the rotation agrees with its facial transformation matrix: the landmarks' depth is relative, so
the scale of the face is estimated twice, each time from a weighted Procrustes fit, and used to lift
the landmarks out of the picture into metric space.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .canonical_face import CanonicalFace
from .regions import extent

# MediaPipe's default camera (`face_landmarker.cc`): the near plane is at 1 cm.
VERTICAL_FIELD_OF_VIEW: Final = math.radians(63.0)
_NEAR_PLANE_HEIGHT: Final = 2 * math.tan(VERTICAL_FIELD_OF_VIEW / 2)

PORTRAIT_DISTANCE: Final = 150.0
"""Centimetres; from further away a face looks much the same: at 4 m its pitch is read 0.2 degrees lower."""
_PORTRAIT_SIDE: Final = 1024
"""Pixels of the square picture that shows a face from there."""

Points = NDArray[np.float64]
Numbers = NDArray[np.float64] | float
"""One number, or one for each of many faces."""


@dataclass(frozen=True)
class Angles:
    """Radians, in the signs and the order of `blender_addon.core.channels`."""

    yaw: Numbers
    pitch: Numbers
    roll: Numbers

    @property
    def rotation(self) -> Points:
        """The rotations that `from_rotation` reads, shape (..., 3, 3)."""
        turned: Points = _turn(1, self.yaw) @ upwards(self.pitch) @ _turn(2, -self.roll)
        return turned

    @classmethod
    def from_rotation(cls, rotation: Points) -> "Angles":
        """The angles of rotations, shape (..., 3, 3), in axes x to the subject's left, y up, z forward.

        With those axes a rotation is Ry(yaw) Rx(-pitch) Rz(-roll).
        """
        return cls(
            yaw=np.arctan2(rotation[..., 0, 2], rotation[..., 2, 2]),
            pitch=np.arcsin(np.clip(rotation[..., 1, 2], -1.0, 1.0)),
            roll=np.arctan2(-rotation[..., 1, 0], rotation[..., 1, 1]),
        )


@dataclass(frozen=True, eq=False)
class HeadPose:
    """From the canonical face to the camera, both in centimetres; of one face or of many.

    The camera is at the origin, looks along -z, and sees x to the right and y up.
    rotation: (..., 3, 3); scale: (...); translation: the place of the canonical face's origin, (..., 3).
    """

    rotation: Points
    scale: Points
    translation: Points

    @property
    def angles(self) -> Angles:
        """Yaw, pitch and roll of the head."""
        return Angles.from_rotation(self.rotation)

    def into_head(self, points: Points) -> Points:
        """N points of each face in camera coordinates, shape (..., N, 3), in the canonical face's own."""
        turned: Points = (points - self.translation[..., np.newaxis, :]) @ self.rotation
        turned /= self.scale[..., np.newaxis, np.newaxis]
        return turned

    def __getitem__(self, face: int) -> "HeadPose":
        """One of many."""
        return HeadPose(self.rotation[face], self.scale[face], self.translation[face])


def fit_head_pose(points: NDArray[np.float32], picture_size: tuple[int, int], canonical: CanonicalFace) -> HeadPose:
    """points: landmarks in pixels, shape (..., 478, 3); picture_size: width and height."""
    return _fit_on_near_plane(*_on_near_plane(points, picture_size, canonical), canonical)


def fit_as_seen_and_from_afar(
    points: NDArray[np.float32], picture_size: tuple[int, int], canonical: CanonicalFace
) -> tuple[HeadPose, HeadPose]:
    """`fit_head_pose` of one face as the picture shows it, and as `seen_from_afar`, in the time of one."""
    as_seen = _on_near_plane(points, picture_size, canonical)
    from_afar = _on_near_plane(*seen_from_afar(points, canonical), canonical)
    near, middle_depth = (np.stack(pair) for pair in zip(as_seen, from_afar, strict=True))
    both = _fit_on_near_plane(near, middle_depth, canonical)
    return both[0], both[1]


def _on_near_plane(
    points: NDArray[np.float32], picture_size: tuple[int, int], canonical: CanonicalFace
) -> tuple[Points, Points]:
    """The basis on the camera's near plane, and the mean depth of all landmarks there, shape (..., 1)."""
    depths = points[..., : len(canonical.vertices), 2]
    middle_depth = depths.mean(axis=-1, dtype=np.float64, keepdims=True) * _centimetres_per_pixel(picture_size)
    return on_near_plane(points[..., canonical.basis, :], picture_size), middle_depth


def _fit_on_near_plane(near: Points, middle_depth: Points, canonical: CanonicalFace) -> HeadPose:
    def lifted(scale: Points) -> Points:
        """The landmarks in metric space, where a face of this scale would put them on the near plane."""
        distance = (near[..., 2] - middle_depth + 1.0) / scale[..., np.newaxis]
        placed: Points = near * distance[..., np.newaxis]
        placed[..., 2] = -distance
        return placed

    first_scale = _scale(near * (1, 1, -1), canonical)
    second_scale = _scale(lifted(first_scale), canonical)
    return _fit(lifted(first_scale * second_scale), canonical)


def seen_from_afar(
    points: NDArray[np.float32], canonical: CanonicalFace
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Each face in the middle of a square picture that shows it as from `PORTRAIT_DISTANCE`, and the picture's size.

    A crop shows neither where the camera was aimed nor what lens it had. Taken for the whole picture of a wide lens, a
    tight one puts the face 16 cm before the camera, and what such nearness would do to its outline is read as a pitch:
    up to 4 degrees of the head and 7 of the eyes.
    """
    low, high = extent(points[..., : len(canonical.vertices), :])
    pixels_per_centimetre = np.hypot(*np.moveaxis(high - low, -1, 0)) / canonical.diagonal
    shown = pixels_per_centimetre * PORTRAIT_DISTANCE * _NEAR_PLANE_HEIGHT
    moved = points.copy()
    moved[..., :2] -= ((low + high) / 2)[..., np.newaxis, :]
    moved *= (_PORTRAIT_SIDE / shown)[..., np.newaxis, np.newaxis]
    moved[..., :2] += _PORTRAIT_SIDE / 2
    return moved, (_PORTRAIT_SIDE, _PORTRAIT_SIDE)


def on_near_plane(points: NDArray[np.float32], picture_size: tuple[int, int]) -> Points:
    """Pixels in centimetres on the camera's near plane: x right, y up from the picture's centre, z away."""
    width, height = picture_size
    origin, directions = np.array([width / 2, height / 2, 0.0]), np.array([1.0, -1.0, 1.0])
    near: Points = (points - origin) * (directions * _centimetres_per_pixel(picture_size))
    return near


def upwards(angle: Numbers) -> Points:
    """The rotations by a pitch alone, shape (..., 3, 3)."""
    return _turn(0, -angle)


def _turn(about: int, angle: Numbers) -> Points:
    """The right-handed rotations about x, y or z (0, 1, 2), shape (..., 3, 3)."""
    first, second = (about + 1) % 3, (about + 2) % 3
    turned = np.zeros((*np.shape(angle), 3, 3))
    turned[..., about, about] = 1.0
    turned[..., first, first] = turned[..., second, second] = np.cos(angle)
    turned[..., second, first] = np.sin(angle)
    turned[..., first, second] = -np.sin(angle)
    return turned


def _centimetres_per_pixel(picture_size: tuple[int, int]) -> float:
    return _NEAR_PLANE_HEIGHT / picture_size[1]


def _fit(target: Points, canonical: CanonicalFace) -> HeadPose:
    """The similarities that take the face's basis nearest to `target`, (..., N, 3).

    Weighted Procrustes analysis: D. Akca, Generalized Procrustes analysis and its applications in
    photogrammetry (2003), section 2.4, doi 10.3929/ethz-a-004656648.
    """
    shared = target.swapaxes(-1, -2) @ canonical.spread
    left, _, right = np.linalg.svd(shared)
    left[..., 2] *= _handedness(shared)
    rotation = left @ right
    scale = (rotation * shared).sum(axis=(-2, -1)) / canonical.size
    middle = canonical.weights @ target
    return HeadPose(rotation, scale, middle - scale[..., np.newaxis] * (rotation @ canonical.middle))


def _scale(target: Points, canonical: CanonicalFace) -> Points:
    """The scale of `_fit` by itself, which is quicker to be had."""
    shared = target.swapaxes(-1, -2) @ canonical.spread
    strengths = np.linalg.svd(shared, compute_uv=False)
    strengths[..., 2:] *= _handedness(shared)
    scale: Points = strengths.sum(axis=-1) / canonical.size
    return scale


def _handedness(shared: Points) -> Points:
    """1, or -1 where the nearest rotation would be a reflection: then the weakest axis is turned round. (..., 1)."""
    hands: Points = np.copysign(1.0, np.linalg.det(shared))[..., np.newaxis]
    return hands
