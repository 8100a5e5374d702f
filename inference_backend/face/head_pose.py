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

# MediaPipe's default camera (`face_landmarker.cc`): the near plane is at 1 cm.
VERTICAL_FIELD_OF_VIEW: Final = math.radians(63.0)
_NEAR_PLANE_HEIGHT: Final = 2 * math.tan(VERTICAL_FIELD_OF_VIEW / 2)

PORTRAIT_DISTANCE: Final = 150.0
"""Centimetres; from further away a face looks much the same: at 4 m its pitch is read 0.2 degrees lower."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Angles:
    """Radians, in the signs and the order of `blender_addon.core.channels`."""

    yaw: float
    pitch: float
    roll: float

    @property
    def rotation(self) -> Points:
        """The 3 x 3 rotation that `from_rotation` reads."""
        (sin_y, cos_y), (sin_r, cos_r) = ((math.sin(angle), math.cos(angle)) for angle in (self.yaw, self.roll))
        to_the_left = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
        to_the_shoulder = np.array([[cos_r, sin_r, 0], [-sin_r, cos_r, 0], [0, 0, 1]])
        turned: Points = to_the_left @ upwards(self.pitch) @ to_the_shoulder
        return turned

    @classmethod
    def from_rotation(cls, rotation: Points) -> "Angles":
        """The angles of a 3 x 3 rotation in axes x to the subject's left, y up, z forward.

        With those axes the rotation is Ry(yaw) Rx(-pitch) Rz(-roll).
        """
        return cls(
            yaw=math.atan2(rotation[0, 2], rotation[2, 2]),
            pitch=math.asin(min(1.0, max(-1.0, rotation[1, 2]))),
            roll=math.atan2(-rotation[1, 0], rotation[1, 1]),
        )


@dataclass(frozen=True, eq=False)
class HeadPose:
    """From the canonical face to the camera, both in centimetres.

    The camera is at the origin, looks along -z, and sees x to the right and y up.
    rotation: 3 x 3; translation: the place of the canonical face's origin.
    """

    rotation: Points
    scale: float
    translation: Points

    @property
    def angles(self) -> Angles:
        """Yaw, pitch and roll of the head."""
        return Angles.from_rotation(self.rotation)

    def into_head(self, points: Points) -> Points:
        """Camera coordinates, shape (..., 3), in the canonical face's own."""
        head: Points = (points - self.translation) @ self.rotation / self.scale
        return head


def fit_head_pose(points: NDArray[np.float32], picture_size: tuple[int, int], canonical: CanonicalFace) -> HeadPose:
    """points: landmarks in pixels, shape (478, 3); picture_size: width and height."""
    mesh = on_near_plane(points[: len(canonical.vertices)], picture_size)
    middle_depth = mesh[:, 2].mean()
    near = mesh[canonical.basis]
    source = canonical.vertices[canonical.basis]

    def lifted(scale: float) -> Points:
        """The landmarks in metric space, where a face of this scale would put them on the near plane."""
        distance = (near[:, 2] - middle_depth + 1.0) / scale
        return np.column_stack([near[:, :2] * distance[:, np.newaxis], -distance])

    first_scale = _fit(source, near * (1, 1, -1), canonical.weights).scale
    second_scale = _fit(source, lifted(first_scale), canonical.weights).scale
    return _fit(source, lifted(first_scale * second_scale), canonical.weights)


def seen_from_afar(
    points: NDArray[np.float32], canonical: CanonicalFace
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The landmarks in the middle of a square picture that shows the face as from `PORTRAIT_DISTANCE`, and its size.

    A crop shows neither where the camera was aimed nor what lens it had. Taken for the whole picture of a wide lens, a
    tight one puts the face 16 cm before the camera, and what such nearness would do to its outline is read as a pitch:
    up to 4 degrees of the head and 7 of the eyes.
    """
    outline = points[: len(canonical.vertices), :2]
    extent = np.ptp(outline, axis=0)
    pixels_per_centimetre = np.hypot(*extent) / np.hypot(*np.ptp(canonical.vertices[:, :2], axis=0))
    side = max(1, round(float(pixels_per_centimetre) * PORTRAIT_DISTANCE * _NEAR_PLANE_HEIGHT))
    moved = points.copy()
    moved[:, :2] += np.float32(side / 2) - (outline.min(axis=0) + outline.max(axis=0)) / 2
    return moved, (side, side)


def on_near_plane(points: NDArray[np.float32], picture_size: tuple[int, int]) -> Points:
    """Pixels in centimetres on the camera's near plane: x right, y up from the picture's centre, z away."""
    width, height = picture_size
    centimetres_per_pixel = _NEAR_PLANE_HEIGHT / height
    origin, directions = np.array([width / 2, height / 2, 0.0]), np.array([1.0, -1.0, 1.0])
    near: Points = (points - origin) * directions * centimetres_per_pixel
    return near


def upwards(angle: float) -> Points:
    """The 3 x 3 rotation by a pitch alone."""
    sin, cos = math.sin(angle), math.cos(angle)
    return np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])


def _fit(source: Points, target: Points, weights: Points) -> HeadPose:
    """The similarity that takes `source` nearest to `target`; `weights` sum to 1.

    Weighted Procrustes analysis: D. Akca, Generalized Procrustes analysis and its applications in
    photogrammetry (2003), section 2.4, doi 10.3929/ethz-a-004656648.
    """
    source_middle, target_middle = weights @ source, weights @ target
    spread = (source - source_middle) * weights[:, np.newaxis]
    left, _, right = np.linalg.svd(target.T @ spread)
    if np.linalg.det(left) * np.linalg.det(right) < 0:  # a reflection: turn the weakest axis round
        left[:, 2] *= -1
    rotation = left @ right
    scale = float(((spread @ rotation.T) * target).sum() / (spread * source).sum())
    return HeadPose(rotation, scale, target_middle - scale * rotation @ source_middle)
