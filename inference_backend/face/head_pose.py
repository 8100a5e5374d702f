"""How the head is turned: the canonical face fitted to the landmarks through a perspective camera.

What is fitted is what MediaPipe's geometry pipeline fits (`face_geometry/libs/geometry_pipeline.cc`), so
that the rotation agrees with its facial transformation matrix: a weighted Procrustes fit to the landmarks,
lifted out of the picture by their depth, which is relative, so that the face comes out in some scale. MediaPipe
estimates that scale twice; lifting is proportional to the first estimate, which cancels out, and is left out here.
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

_TO_CAMERA_AXES: Final = np.array([1.0, -1.0, 1.0])
"""A picture's y grows downwards, and the depth of landmarks away from the camera."""

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
class View:
    """Where a camera stands that shows a face, or many, so.

    middle: the point of the picture that it is aimed at, in pixels, (..., 3); its depth is 0.
    centimetres_per_pixel: on its near plane, 1 cm before it, (...).
    """

    middle: Points
    centimetres_per_pixel: Points

    @classmethod
    def of_picture(cls, size: tuple[int, int]) -> "View":
        """Of an uncut picture of this width and height, by MediaPipe's default camera."""
        width, height = size
        return cls(np.array([width / 2, height / 2, 0.0]), np.array(_NEAR_PLANE_HEIGHT / height))

    @classmethod
    def from_afar(cls, points: NDArray[np.float32], canonical: CanonicalFace) -> "View":
        """Aimed at each face, and as far away as `PORTRAIT_DISTANCE`. points: landmarks, (..., 478, 3).

        A crop shows neither where the camera was aimed nor what lens it had. Taken for the whole picture of a wide
        lens, a tight one puts the face 16 cm before the camera, and what such nearness would do to its outline is read
        as a pitch: up to 4 degrees of the head and 7 of the eyes.
        """
        low, high = extent(points[..., : len(canonical.vertices), :])
        middle, size = np.zeros((*low.shape[:-1], 3)), high - low
        middle[..., :2] = (low + high) / 2
        return cls(middle, canonical.diagonal / PORTRAIT_DISTANCE / np.hypot(size[..., 0], size[..., 1]))

    def beside(self, other: "View") -> "View":
        """Both, for the same faces: the first axis of the arrays chooses between them."""
        middle = np.stack([self.middle, other.middle])
        return View(middle, np.stack([self.centimetres_per_pixel, other.centimetres_per_pixel]))

    def on_near_plane(self, points: NDArray[np.float32]) -> Points:
        """Pixels, (..., N, 3), in centimetres on the near plane: x right, y up, z away."""
        size = self.centimetres_per_pixel[..., np.newaxis, np.newaxis] * _TO_CAMERA_AXES
        near: Points = (points - self.middle[..., np.newaxis, :]) * size
        return near


@dataclass(frozen=True, eq=False)
class HeadPose:
    """From the canonical face to the camera, both in centimetres; of one face or of many.

    The camera is at the origin, looks along -z, and sees x to the right and y up.
    rotation: (..., 3, 3); translation: the place of the canonical face's origin, (..., 3).
    """

    rotation: Points
    translation: Points

    @property
    def angles(self) -> Angles:
        """Yaw, pitch and roll of the head."""
        return Angles.from_rotation(self.rotation)

    def __getitem__(self, face: int) -> "HeadPose":
        """One of many."""
        return HeadPose(self.rotation[face], self.translation[face])


def fit_head_pose(points: NDArray[np.float32], view: View, canonical: CanonicalFace) -> HeadPose:
    """points: landmarks in pixels, shape (..., 478, 3); view: which shows them so.

    Weighted Procrustes analysis: D. Akca, Generalized Procrustes analysis and its applications in
    photogrammetry (2003), section 2.4, doi 10.3929/ethz-a-004656648.
    """
    lifted = _lifted(points, view, canonical)
    shared = lifted.swapaxes(-1, -2) @ canonical.spread
    left, strengths, right = np.linalg.svd(shared)
    # Where the nearest rotation would be a reflection, the weakest axis is turned round.
    hands = np.copysign(1.0, np.linalg.det(shared))
    left[..., 2] *= hands[..., np.newaxis]
    strengths[..., 2] *= hands
    rotation = left @ right
    scale = strengths.sum(axis=-1, keepdims=True) / canonical.size
    return HeadPose(rotation, canonical.weights @ lifted / scale - rotation @ canonical.middle)


def _lifted(points: NDArray[np.float32], view: View, canonical: CanonicalFace) -> Points:
    """The basis of each face in the camera's axes, (..., N, 3): where a face of some one scale would look so."""
    near = view.on_near_plane(points[..., canonical.basis, :])
    pixels = points[..., : len(canonical.vertices), 2].mean(axis=-1, dtype=np.float64)
    middle_depth = pixels * view.centimetres_per_pixel
    distances = near[..., 2] - middle_depth[..., np.newaxis] + 1.0
    near[..., 2] = -1.0
    near *= distances[..., np.newaxis]
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
