"""Where each eye looks, from where its iris stands on the eyeball.

A ray from the camera through the centre of the iris meets the eyeball, a sphere that is fixed in
the head; the direction from the eye's centre of rotation to that point is the gaze, relative to the
head. The depth that the landmark model gives an iris is not used: it is a guess.

The roll of an eye cannot be seen in five iris points. It follows from Listing's law: an eye reaches
every direction by one turn about an axis in the frontal plane, and that turn, written as yaw, pitch
and roll, has a small roll at oblique gazes.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .canonical_face import CanonicalFace
from .head_pose import Angles, HeadPose, Points, on_near_plane

# (outer corner, inner corner, iris centre) among the 478 landmarks; left is the subject's left.
_LEFT_EYE: Final = (263, 362, 473)
_RIGHT_EYE: Final = (33, 133, 468)

# The pupil's centre lies about 10.5 mm before the eye's centre of rotation: that is 13.5 mm behind
# the cornea (Fry and Hill 1962), the pupil 3 mm behind it.
PUPIL_RADIUS: Final = 1.05
# Centimetres from the middle of the canonical eye corners to the centre of rotation.
_CENTRE_OFFSET: Final = np.array([0.0, 0.0, -0.7])
# An eye turns no further than this (oculomotor range, about 50 degrees).
_FURTHEST: Final = math.radians(50)


def eye_angles(
    points: NDArray[np.float32], picture_size: tuple[int, int], pose: HeadPose, canonical: CanonicalFace
) -> tuple[Angles, Angles]:
    """The left and the right eye, relative to the head. points: landmarks in pixels, shape (478, 3)."""
    left, right = (_gaze(points, picture_size, pose, canonical, eye) for eye in (_LEFT_EYE, _RIGHT_EYE))
    return left, right


def _gaze(
    points: NDArray[np.float32],
    picture_size: tuple[int, int],
    pose: HeadPose,
    canonical: CanonicalFace,
    eye: tuple[int, int, int],
) -> Angles:
    outer, inner, iris = eye
    centre = (canonical.vertices[outer] + canonical.vertices[inner]) / 2 + _CENTRE_OFFSET
    near = on_near_plane(points[iris], picture_size)
    camera = pose.into_head(np.zeros(3))
    ray = pose.into_head(np.array([near[0], near[1], -1.0])) - camera
    return _listing_angles(_meet_sphere(camera - centre, ray / np.linalg.norm(ray)))


def _meet_sphere(origin: Points, direction: Points) -> Points:
    """Unit vector to where the ray first meets the pupil's sphere about 0; the nearest point where it misses."""
    nearest = origin - (origin @ direction) * direction
    inside = PUPIL_RADIUS**2 - float(nearest @ nearest)
    point = nearest - math.sqrt(max(inside, 0.0)) * direction
    unit: Points = point / np.linalg.norm(point)
    return unit


def _listing_angles(gaze: Points) -> Angles:
    """The one turn from straight ahead (+z) to `gaze`, as angles."""
    turn = min(math.acos(float(np.clip(gaze[2], -1.0, 1.0))), _FURTHEST)
    sideways = math.hypot(gaze[0], gaze[1])
    if sideways == 0:
        return Angles(0.0, 0.0, 0.0)
    axis_x, axis_y = -gaze[1] / sideways, gaze[0] / sideways
    cross = np.array([[0, 0, axis_y], [0, 0, -axis_x], [-axis_y, axis_x, 0]])
    return Angles.from_rotation(np.eye(3) + math.sin(turn) * cross + (1 - math.cos(turn)) * cross @ cross)
