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
from .head_pose import Angles, HeadPose, Numbers, Points, View

# (outer corner, inner corner, iris centre) among the 478 landmarks; the subject's left eye, then the right one.
_EYES: Final = np.array([(263, 362, 473), (33, 133, 468)])

# The pupil's centre lies about 10.5 mm before the eye's centre of rotation: that is 13.5 mm behind
# the cornea (Fry and Hill 1962), the pupil 3 mm behind it.
PUPIL_RADIUS: Final = 1.05
# Centimetres from the middle of the eye's corners to its centre of rotation: outwards, up and forward.
# The inner corner reaches past the eyeball. Outwards agrees with anthropometry (pupils 63 mm apart, inner
# corners 32, outer 90); the others were measured on three clips (392 frames) of people who watch a camera
# while their heads move: with these the eyes turn back by 0.87 to 0.99 of the head's yaw, the lines of
# sight are parallel within 2 degrees on average, and the mean pitch is 1 to 6 degrees.
_OUTWARDS: Final = 0.12
_UP_AND_FORWARD: Final = np.array([0.0, 0.10, -0.65])
# How far the lines of sight may meet (eyes on something half a metre away; more than that is, in most photos, the
# error of the irises and would be seen as a squint) or part (what measurement leaves).
_MOST_CROSSED, _MOST_PARTED = math.radians(7), math.radians(2)
# An eye turns no further than this (oculomotor range, about 50 degrees).
_FURTHEST: Final = math.radians(50)


def eye_angles(
    points: NDArray[np.float32], view: View, pose: HeadPose, canonical: CanonicalFace
) -> tuple[Angles, Angles]:
    """The left and the right eye, relative to the head. points: landmarks in pixels, shape (..., 478, 3)."""
    gaze = _gazes(points, view, pose, canonical)
    yaw, pitch = np.arctan2(gaze[..., 0], gaze[..., 2]), np.arcsin(gaze[..., 1])
    # The eye that the camera sees wider counts for more: on a turned head the far one is a guess.
    width = np.linalg.norm(points[..., _EYES[:, 0], :2] - points[..., _EYES[:, 1], :2], axis=-1) + 1e-6
    share = width / width.sum(axis=-1, keepdims=True)
    # Both eyes go up and down together (Hering's law), and their lines of sight don't part.
    together = (share * pitch).sum(axis=-1)
    apart = yaw[..., 0] - yaw[..., 1]
    excess = apart - np.clip(apart, -_MOST_CROSSED, _MOST_PARTED)
    yaw += share[..., ::-1] * (excess[..., np.newaxis] * (-1, 1))
    both = listing_angles(_direction(yaw, together[..., np.newaxis]))
    return _of_side(both, 0), _of_side(both, 1)


def _of_side(both: Angles, side: int) -> Angles:
    return Angles(*(np.asarray(angle)[..., side] for angle in (both.yaw, both.pitch, both.roll)))


def _gazes(points: NDArray[np.float32], view: View, pose: HeadPose, canonical: CanonicalFace) -> Points:
    """Unit vectors in the head for each eye by itself, shape (..., 2, 3)."""
    near = view.on_near_plane(points[..., _EYES.ravel(), :])
    near[..., 2] = -1.0
    camera = -pose.translation[..., np.newaxis, :] @ pose.rotation
    rays = (near @ pose.rotation).reshape(*near.shape[:-2], *_EYES.shape, 3)
    # The corners' depth is the canonical one; sideways and in height they are the person's own.
    depth = canonical.vertices[_EYES[:, :2], 2].mean(axis=1) - camera[..., 2]
    corners = camera[..., np.newaxis, :] + rays[..., :2, :] * (depth[..., np.newaxis, np.newaxis] / rays[..., :2, 2:])
    centre = corners.mean(axis=-2) + _UP_AND_FORWARD
    centre[..., 0] += np.copysign(_OUTWARDS, corners[..., 0, 0] - corners[..., 1, 0])
    iris = rays[..., 2, :]
    return _meet_sphere(camera - centre, iris / np.linalg.norm(iris, axis=-1, keepdims=True))


def _direction(yaw: Points, pitch: Points) -> Points:
    """Unit vectors, of the shape of `yaw` and a last axis of 3."""
    direction = np.empty((*yaw.shape, 3))
    across = np.cos(pitch)
    direction[..., 0], direction[..., 1], direction[..., 2] = np.sin(yaw) * across, np.sin(pitch), np.cos(yaw) * across
    return direction


def _meet_sphere(origin: Points, direction: Points) -> Points:
    """Unit vectors to where rays, (..., 3), first meet the pupil's sphere about 0; the nearest point on a miss."""
    nearest = origin - (origin * direction).sum(axis=-1, keepdims=True) * direction
    inside = PUPIL_RADIUS**2 - (nearest * nearest).sum(axis=-1, keepdims=True)
    point = nearest - np.sqrt(np.maximum(inside, 0.0)) * direction
    unit: Points = point / np.linalg.norm(point, axis=-1, keepdims=True)
    return unit


def listing_angles(gaze: Points) -> Angles:
    """The one turn from straight ahead (+z) to `gaze`, shape (..., 3), as angles."""
    turn = np.minimum(np.arccos(np.clip(gaze[..., 2], -1.0, 1.0)), _FURTHEST)
    sideways = np.hypot(gaze[..., 0], gaze[..., 1])
    length = np.where(sideways > 0, sideways, 1.0)
    # The turn's axis is (x, y, 0); these are the elements of its rotation (Rodrigues) that the angles come from.
    x, y = -gaze[..., 1] / length, gaze[..., 0] / length
    sine, rest = np.sin(turn), 1 - np.cos(turn)
    roll: Numbers = np.arctan2(-rest * x * y, 1 - rest * x * x)
    return Angles(yaw=np.arctan2(sine * y, 1 - rest), pitch=np.arcsin(-sine * x), roll=roll)
