"""The rotation of a bone or an object from angles that are keyed each at its own times."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.curve_sums import frame_times, shared_times, values_at
from ..core.curves import Curve
from ..core.rotation import axis_angles, bone_basis, eulers, head_rotation, quaternions
from ..core.shaping.reduction import reduce_keys
from .actions import fcurves_of
from .binding_targets import TurnTarget
from .character import Character

_ERROR = 0.002
"""Largest distance from the true rotation at any frame: radians of an angle (0.1 degrees), or of a quaternion."""
_AXES = ("Yaw", "Pitch", "Roll")

Array = NDArray[np.float64]
Angles = Sequence[Curve | None]
"""Yaw, pitch and roll; None where a take does not set one."""


def angle_channels(turns: str) -> list[str]:
    """Yaw, pitch and roll of what is turned; the neck's are the head's."""
    return [f"{'head' if turns == 'neck' else turns}{axis}" for axis in _AXES]


def bone_curves(
    character: Character,
    turns: str,
    angles: Angles,
    frame_start: float,
    fps: float,
    *,
    within: tuple[float, float] | None = None,
) -> tuple[str, list[Curve]]:
    """The property of the bone or object that holds its rotation, and the curves of its components.

    Angles that are keyed at the same times, without handles, are turned key by key. Otherwise the
    rotation follows the eased angles at every frame, on as few keys as stay within a tenth of a degree:
    the components of a rotation are no sums of curves, so no handles could be carried over exactly.
    within: seconds outside of which the rotation is not asked for.
    """
    keyed = [curve for curve in angles if curve is not None]
    target = character.turns[turns]
    times, interpolation = shared_times(keyed)
    attribute, count = rotation_path(target.holder)
    sampled = times is None
    if times is None:
        times = frame_times(keyed, frame_start, fps, within)
    if not len(times):
        return attribute, [Curve([], [])] * count
    yaw, pitch, roll = (np.zeros(len(times)) if curve is None else values_at(curve, times) for curve in angles)
    near = _quaternion_at(target, frame_start)
    components = rotation_components(target, own_rotations(character, turns, yaw, pitch, roll), near)
    if sampled:
        return attribute, list(_reduced(times.tobytes(), components.tobytes(), components.shape[1]))
    return attribute, [Curve(times, component, interpolation) for component in components.T]


def own_rotations(
    character: Character,
    turns: str,
    yaw: Array,
    pitch: Array,
    roll: Array,
) -> Array:
    """The rotations, shape (T, 3, 3), that the bone or object has itself for angles in radians.

    The neck takes its share of each angle and the head's bone what is left, so that together they give the whole turn.
    """
    target = character.turns[turns]
    share = character.neck_share if "neck" in character.turns else 0.0
    if turns == "neck":
        turn = _turned(target, share, yaw, pitch, roll)
    else:
        turn = _turned(target, 1.0, yaw, pitch, roll)
        if turns == "head" and share:
            neck = _turned(character.turns["neck"], share, yaw, pitch, roll)
            turn = np.swapaxes(neck, -1, -2) @ turn
    return np.asarray(bone_basis(turn, target.rest) @ target.own)


def _turned(target: TurnTarget, share: float, yaw: Array, pitch: Array, roll: Array) -> Array:
    of_yaw, of_pitch, of_roll = (share * gain for gain in target.gains)
    return head_rotation(of_yaw * yaw, of_pitch * pitch, of_roll * roll, target.facing)


@lru_cache(maxsize=4)
def _reduced(times: bytes, components: bytes, count: int) -> tuple[Curve, ...]:
    """Key reduction, kept: while the sliders of the mouth are dragged, the head turns as it did."""
    samples = np.frombuffer(components).reshape(-1, count)
    return tuple(reduce_keys(np.frombuffer(times), samples, _ERROR))


def rotation_path(holder: Any) -> tuple[str, int]:
    """The property that holds the rotation of a bone or an object in its rotation mode, and its components' number."""
    if holder.rotation_mode == "QUATERNION":
        return "rotation_quaternion", 4
    if holder.rotation_mode == "AXIS_ANGLE":
        return "rotation_axis_angle", 4
    return "rotation_euler", 3


def rotation_components(target: TurnTarget, rotations: Array, near: Sequence[float] = (1.0, 0.0, 0.0, 0.0)) -> Array:
    """The numbers of the property that holds the rotation, shape (T, 3 or 4).

    near: the quaternion that the first one should be near to, since q and -q are one rotation.
    """
    mode = target.holder.rotation_mode
    if mode == "QUATERNION":
        return quaternions(rotations, near=near)
    return axis_angles(rotations) if mode == "AXIS_ANGLE" else eulers(rotations, mode)


def _quaternion_at(target: TurnTarget, frame: float) -> tuple[float, ...]:
    """What the keys say at a frame, so that new keys do not turn it the long way round."""
    path = target.path("rotation_quaternion")
    found = {fcurve.array_index: fcurve for fcurve in fcurves_of(target.thing) if fcurve.data_path == path}
    if len(found) < 4:
        return (1.0, 0.0, 0.0, 0.0)
    return tuple(found[index].evaluate(frame) for index in range(4))
