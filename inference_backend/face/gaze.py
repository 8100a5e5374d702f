"""Where each eye looks, from where its iris stands on the eyeball.

A ray from the camera through the centre of the iris meets the eyeball, a sphere that is fixed in
the head; the direction from the eye's centre of rotation to that point is the gaze, relative to the
head. The depth that the landmark model gives an iris is not used: it is a guess. The irises it finds
are off by several degrees at times, and not the same way on both sides, so the two eyes are made to
agree as a pair of eyes does; a real squint is lost by that.

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
# Centimetres from the middle of the eye's corners to its centre of rotation: outwards, up and forward.
# The inner corner reaches past the eyeball. Outwards agrees with anthropometry (pupils 63 mm apart, inner
# corners 32, outer 90); the others were measured on three clips (392 frames) of people who watch a camera
# while their heads move: with these the eyes turn back by 0.87 to 0.99 of the head's yaw, the lines of
# sight are parallel within 2 degrees on average, and the mean pitch is 1 to 6 degrees.
_OUTWARDS, _UP, _FORWARD = 0.12, 0.10, -0.65
# How far the lines of sight may meet (eyes on something half a metre away; more than that is, in most photos, the
# error of the irises and would be seen as a squint) or part (what measurement leaves).
_MOST_CROSSED, _MOST_PARTED = math.radians(7), math.radians(2)
# An eye turns no further than this (oculomotor range, about 50 degrees).
_FURTHEST: Final = math.radians(50)


def eye_angles(
    points: NDArray[np.float32], picture_size: tuple[int, int], pose: HeadPose, canonical: CanonicalFace
) -> tuple[Angles, Angles]:
    """The left and the right eye, relative to the head. points: landmarks in pixels, shape (478, 3)."""
    left, right = (_gaze(points, picture_size, pose, canonical, eye) for eye in (_LEFT_EYE, _RIGHT_EYE))
    # The eye that the camera sees wider counts for more: on a turned head the far one is a guess.
    left_width, right_width = (_apparent_width(points, eye) for eye in (_LEFT_EYE, _RIGHT_EYE))
    share = left_width / (left_width + right_width)
    # Both eyes go up and down together (Hering's law), and their lines of sight don't part.
    pitch = share * left.pitch + (1 - share) * right.pitch
    apart = left.yaw - right.yaw
    excess = apart - min(max(apart, -_MOST_CROSSED), _MOST_PARTED)
    return (
        listing_angles(_direction(left.yaw - (1 - share) * excess, pitch)),
        listing_angles(_direction(right.yaw + share * excess, pitch)),
    )


def _apparent_width(points: NDArray[np.float32], eye: tuple[int, int, int]) -> float:
    outer, inner, _ = eye
    return float(np.linalg.norm(points[outer, :2] - points[inner, :2])) + 1e-6


def _gaze(
    points: NDArray[np.float32],
    picture_size: tuple[int, int],
    pose: HeadPose,
    canonical: CanonicalFace,
    eye: tuple[int, int, int],
) -> Angles:
    """One eye by itself; its roll is left at 0."""
    near = on_near_plane(points[list(eye)], picture_size)
    camera = pose.into_head(np.zeros(3))
    rays = pose.into_head(np.column_stack([near[:, :2], -np.ones(3)])) - camera
    # The corners' depth is the canonical one; sideways and in height they are the person's own.
    depth = canonical.vertices[list(eye[:2]), 2].mean() - camera[2]
    corners = camera + rays[:2] * (depth / rays[:2, 2:])
    outwards = math.copysign(_OUTWARDS, corners[0, 0] - corners[1, 0])
    centre = corners.mean(axis=0) + np.array([outwards, _UP, _FORWARD])
    gaze = _meet_sphere(camera - centre, rays[2] / np.linalg.norm(rays[2]))
    return Angles(yaw=math.atan2(gaze[0], gaze[2]), pitch=math.asin(gaze[1]), roll=0.0)


def _direction(yaw: float, pitch: float) -> Points:
    return np.array([math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)])


def _meet_sphere(origin: Points, direction: Points) -> Points:
    """Unit vector to where the ray first meets the pupil's sphere about 0; the nearest point where it misses."""
    nearest = origin - (origin @ direction) * direction
    inside = PUPIL_RADIUS**2 - float(nearest @ nearest)
    point = nearest - math.sqrt(max(inside, 0.0)) * direction
    unit: Points = point / np.linalg.norm(point)
    return unit


def listing_angles(gaze: Points) -> Angles:
    """The one turn from straight ahead (+z) to `gaze`, as angles."""
    turn = min(math.acos(float(np.clip(gaze[2], -1.0, 1.0))), _FURTHEST)
    sideways = math.hypot(gaze[0], gaze[1])
    if sideways == 0:
        return Angles(0.0, 0.0, 0.0)
    axis_x, axis_y = -gaze[1] / sideways, gaze[0] / sideways
    cross = np.array([[0, 0, axis_y], [0, 0, -axis_x], [-axis_y, axis_x, 0]])
    return Angles.from_rotation(np.eye(3) + math.sin(turn) * cross + (1 - math.cos(turn)) * cross @ cross)
