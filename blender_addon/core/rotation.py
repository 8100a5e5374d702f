"""From the angles of a head to the rotation of a bone, whatever its rest pose and rotation mode.

Matrices are float64 arrays of shape (..., 3, 3) that turn column vectors; quaternions are (w, x, y, z).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EULER_ORDERS = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
"""Blender's names: the first axis is applied first."""


@dataclass(frozen=True, eq=False)
class Facing:
    """The way a character looks, as orthonormal axes of shape (3,) in the space of its armature.

    left is the character's own left, so that left = up x forward; but forward x up where the space is a
    mirror image of the character, as under an armature with a negative scale.
    """

    forward: Array
    up: Array
    is_mirrored: bool

    def __init__(self, forward: ArrayLike, up: ArrayLike, *, is_mirrored: bool = False) -> None:
        """Make the axes orthonormal, keeping `up` as it is; raise ValueError where they are parallel or zero."""
        up_axis = np.array(up, dtype=np.float64)
        forward_axis = np.array(forward, dtype=np.float64)
        if np.linalg.norm(np.cross(up_axis, forward_axis)) < 1e-9:
            raise ValueError("forward and up must point different ways")
        up_axis /= np.linalg.norm(up_axis)
        forward_axis -= up_axis * (forward_axis @ up_axis)
        forward_axis /= np.linalg.norm(forward_axis)
        object.__setattr__(self, "forward", forward_axis)
        object.__setattr__(self, "up", up_axis)
        object.__setattr__(self, "is_mirrored", is_mirrored)

    @property
    def left(self) -> Array:
        """Towards the character's own left."""
        return np.cross(self.up, self.forward) * (-1 if self.is_mirrored else 1)

    def snapped(self, within: float = np.radians(25), frames: Sequence[ArrayLike] = (np.eye(3),)) -> "Facing":
        """The nearest axes of the first frame where both are within an angle (radians) of one, else itself.

        A face's own geometry tells its directions to some degrees; rigs are built along axes.
        frames: orthonormal, shape (3, 3), their axes as columns; at first those of the space itself.
        """
        for frame in (np.asarray(frame, dtype=np.float64) for frame in frames):
            nearest = [frame @ _nearest_axis(frame.T @ own) for own in (self.forward, self.up)]
            close = all(
                axis @ own >= np.cos(within) for axis, own in zip(nearest, (self.forward, self.up), strict=True)
            )
            if close and abs(nearest[0] @ nearest[1]) < 0.5:
                return Facing(*nearest, is_mirrored=self.is_mirrored)
        return self

    def seen_from(self, matrix: ArrayLike) -> "Facing":
        """The same directions in another space; matrix, shape (3, 3), takes them there."""
        to_other = np.asarray(matrix, dtype=np.float64)
        is_mirrored = self.is_mirrored != bool(np.linalg.det(to_other) < 0)
        return Facing(to_other @ self.forward, to_other @ self.up, is_mirrored=is_mirrored)


BLENDER_FACING = Facing(forward=(0, -1, 0), up=(0, 0, 1))
"""Blender's convention, seen in its front view."""


def facing_of_face(left_eye: ArrayLike, right_eye: ArrayLike, mouth: ArrayLike, *, is_mirrored: bool = False) -> Facing:
    """The way a face looks, from three points of it; raise ValueError where they are in one line.

    is_mirrored: the points are those of a mirror image, which has its left where the right should be.
    """
    left = np.asarray(left_eye, dtype=np.float64) - np.asarray(right_eye, dtype=np.float64)
    middle = (np.asarray(left_eye, dtype=np.float64) + np.asarray(right_eye, dtype=np.float64)) / 2
    up = middle - np.asarray(mouth, dtype=np.float64)
    forward = np.cross(left, up) * (-1 if is_mirrored else 1)
    if np.linalg.norm(forward) < 1e-12:
        raise ValueError("the eyes and the mouth are in one line")
    return Facing(forward, up - left * (up @ left) / (left @ left), is_mirrored=is_mirrored)


def _nearest_axis(direction: Array) -> Array:
    axis = np.zeros(3)
    index = int(np.argmax(np.abs(direction)))
    axis[index] = np.sign(direction[index])
    return axis


def head_rotation(yaw: ArrayLike, pitch: ArrayLike, roll: ArrayLike, facing: Facing = BLENDER_FACING) -> Array:
    """Rotations, shape (..., 3, 3), from angles in radians with the signs and the order of `core.channels`."""
    # In a mirror image every turn goes the other way round, about axes that are mirrored too.
    sense = -1.0 if facing.is_mirrored else 1.0
    turn = axis_rotation(facing.up, sense * np.asarray(yaw, dtype=np.float64))
    # Right-handed about the character's left, the nose would go down, and about its forward, to the right.
    nod = axis_rotation(facing.left, -sense * np.asarray(pitch, dtype=np.float64))
    lean = axis_rotation(facing.forward, -sense * np.asarray(roll, dtype=np.float64))
    return np.asarray(turn @ nod @ lean)


def head_angles(rotation: Array, facing: Facing = BLENDER_FACING) -> tuple[float, float, float]:
    """Yaw, pitch and roll in radians of one rotation, shape (3, 3): the way back of `head_rotation`."""
    nose, crown, ear = (rotation @ axis for axis in (facing.forward, facing.up, facing.left))
    yaw = np.arctan2(nose @ facing.left, nose @ facing.forward)
    pitch = np.arctan2(nose @ facing.up, np.hypot(crown @ facing.up, ear @ facing.up))
    roll = np.arctan2(-(ear @ facing.up), crown @ facing.up)
    return float(yaw), float(pitch), float(roll)


def axis_rotation(axis: ArrayLike, angle: ArrayLike) -> Array:
    """Right-handed rotations about one unit axis (Rodrigues' formula), shape (..., 3, 3)."""
    x, y, z = np.asarray(axis, dtype=np.float64)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    theta = np.asarray(angle, dtype=np.float64)[..., np.newaxis, np.newaxis]
    return np.asarray(np.eye(3) + np.sin(theta) * cross + (1 - np.cos(theta)) * (cross @ cross))


def bone_basis(rotation: Array, rest: ArrayLike) -> Array:
    """The bone's own rotation that turns it by `rotation` in armature space while its parents rest.

    rest: the bone's rest orientation in armature space, shape (3, 3).
    """
    rest_matrix = np.asarray(rest, dtype=np.float64)
    return np.asarray(rest_matrix.T @ rotation @ rest_matrix)


def quaternions(matrices: Array, near: ArrayLike = (1.0, 0.0, 0.0, 0.0)) -> Array:
    """Unit quaternions, shape (T, 4), each on the side of its predecessor (q and -q are one rotation).

    near: the quaternion that the first one should be near to. Method of the largest component
    (Shepperd 1978), exact for every rotation.
    """
    m = np.asarray(matrices, dtype=np.float64).reshape(-1, 3, 3)
    trace = np.trace(m, axis1=1, axis2=2)
    squares = np.stack([trace, m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], axis=1)
    largest = np.argmax(squares, axis=1)
    d = m - np.swapaxes(m, 1, 2)
    s = m + np.swapaxes(m, 1, 2)
    products = np.empty((len(m), 4, 4))  # products[:, i, j] = 4 q_i q_j
    products[:, 0, 0] = 1 + trace
    for axis, (a, b) in enumerate(((2, 1), (0, 2), (1, 0)), start=1):
        products[:, 0, axis] = products[:, axis, 0] = d[:, a, b]
        products[:, axis, axis] = 1 + 2 * m[:, axis - 1, axis - 1] - trace
        products[:, a + 1, b + 1] = products[:, b + 1, a + 1] = s[:, a, b]
    q = products[np.arange(len(m)), largest]
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    chain = np.concatenate([np.asarray(near, dtype=np.float64)[np.newaxis], q])
    flips = np.where(np.sum(chain[1:] * chain[:-1], axis=1) < 0, -1.0, 1.0)
    return np.asarray(q * np.cumprod(flips)[:, np.newaxis])


def eulers(matrices: Array, order: str) -> Array:
    """Euler angles in radians, shape (T, 3), as (x, y, z) whatever the order; no jumps by a full turn.

    order: one of `EULER_ORDERS`. The middle angle stays within a quarter turn, which a head does.
    """
    if order not in EULER_ORDERS:
        raise ValueError(f"{order!r} is not one of {', '.join(EULER_ORDERS)}")
    m = np.asarray(matrices, dtype=np.float64).reshape(-1, 3, 3)
    i, j, k = ("XYZ".index(axis) for axis in order)
    parity = 1.0 if (j - i) % 3 == 1 else -1.0
    angles = np.empty((len(m), 3))
    # R = R_k R_j R_i: row k holds the middle sine and the first angle, column i the last one.
    angles[:, i] = np.arctan2(parity * m[:, k, j], m[:, k, k])
    angles[:, j] = np.arctan2(-parity * m[:, k, i], np.hypot(m[:, i, i], m[:, j, i]))
    angles[:, k] = np.arctan2(parity * m[:, j, i], m[:, i, i])
    return np.unwrap(angles, axis=0)


def axis_angles(matrices: Array) -> Array:
    """Blender's axis-angle form, shape (T, 4): angle in radians, then the unit axis (Y where nothing turns)."""
    q = quaternions(matrices)
    length = np.linalg.norm(q[:, 1:], axis=1)
    angle = 2 * np.arctan2(length, q[:, 0])
    still = length < 1e-9
    axis = np.where(still[:, np.newaxis], (0.0, 1.0, 0.0), q[:, 1:] / np.where(still, 1.0, length)[:, np.newaxis])
    return np.column_stack([angle, axis])
