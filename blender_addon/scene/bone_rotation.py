"""The rotation of a bone from angles that are keyed each at its own times."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from bpy.types import PoseBone
from bpy.utils import escape_identifier
from numpy.typing import NDArray

from ..core.curves import Curve, Interpolation
from ..core.rotation import axis_angles, bone_basis, eulers, head_rotation, quaternions
from ..core.shaping.bezier import evaluate
from ..core.shaping.reduction import reduce_keys
from .actions import fcurves_of
from .character import BoneTarget, Character

_ERROR = 0.002
"""Largest distance from the true rotation at any frame: radians of an angle (0.1 degrees), or of a quaternion."""

Angles = Sequence[Curve | None]
"""Yaw, pitch and roll; None where a take does not set one."""


def bone_curves(
    character: Character,
    target: BoneTarget,
    angles: Angles,
    frame_start: float,
    fps: float,
    *,
    within: tuple[float, float] | None = None,
) -> tuple[str, list[Curve]]:
    """The property of the bone that holds its rotation, and the curves of its components.

    Angles that are keyed at the same times, without handles, are turned key by key. Otherwise the
    rotation follows the eased angles at every frame, on as few keys as stay within a tenth of a degree:
    the components of a rotation are no sums of curves, so no handles could be carried over exactly.
    within: seconds outside of which the rotation is not asked for.
    """
    times, interpolation = _shared_times(angles)
    attribute, count = rotation_path(target.armature.pose.bones[target.bone])
    sampled = times is None
    if times is None:
        times = _frame_times(angles, frame_start, fps, within)
    if not len(times):
        return attribute, [Curve([], [])] * count
    yaw, pitch, roll = (np.zeros(len(times)) if curve is None else _values(curve, times) for curve in angles)
    bone = target.armature.pose.bones[target.bone]
    rest = np.array(bone.bone.matrix_local.to_3x3())
    basis = bone_basis(head_rotation(yaw, pitch, roll, character.facing), rest)
    components = _components(bone, target, basis, frame_start)
    if sampled:
        return attribute, list(_reduced(times.tobytes(), components.tobytes(), components.shape[1]))
    return attribute, [Curve(times, component, interpolation) for component in components.T]


@lru_cache(maxsize=4)
def _reduced(times: bytes, components: bytes, count: int) -> tuple[Curve, ...]:
    """Key reduction, kept: while the sliders of the mouth are dragged, the head turns as it did."""
    samples = np.frombuffer(components).reshape(-1, count)
    return tuple(reduce_keys(np.frombuffer(times), samples, _ERROR))


def rotation_path(bone: PoseBone) -> tuple[str, int]:
    """The property that holds a bone's rotation in its rotation mode, and how many components it has."""
    if bone.rotation_mode == "QUATERNION":
        return "rotation_quaternion", 4
    if bone.rotation_mode == "AXIS_ANGLE":
        return "rotation_axis_angle", 4
    return "rotation_euler", 3


def _shared_times(angles: Angles) -> tuple[NDArray[np.float64] | None, Interpolation]:
    """The times and the interpolation that all angles share; no times where the way between keys differs."""
    keyed = [curve for curve in angles if curve is not None]
    first = keyed[0]
    alike = all(curve.interpolation is first.interpolation for curve in keyed)
    same_times = all(np.array_equal(curve.times, first.times) for curve in keyed)
    eased = any(curve.handles is not None for curve in keyed) and len(first.times) > 1
    if alike and same_times and not eased:
        return first.times, first.interpolation
    if alike and first.interpolation is Interpolation.CONSTANT:
        return np.unique(np.concatenate([curve.times for curve in keyed])), first.interpolation
    return None, Interpolation.BEZIER


def _frame_times(
    angles: Angles, frame_start: float, fps: float, within: tuple[float, float] | None
) -> NDArray[np.float64]:
    """Seconds of all keys, and of every whole frame between the first and the last."""
    keys = np.unique(np.concatenate([curve.times for curve in angles if curve is not None]))
    if within is not None:
        keys = np.unique(np.clip(keys, max(within[0], keys[0]), min(within[1], keys[-1])))
        if keys[0] > within[1] or keys[-1] < within[0]:
            return np.empty(0)
    first, last = frame_start + keys[0] * fps, frame_start + keys[-1] * fps
    frames = np.arange(np.ceil(first), np.floor(last) + 1)
    together = np.sort(np.concatenate([keys, (frames - frame_start) / fps]))
    return np.asarray(together[np.diff(together, prepend=-np.inf) > 1e-6])


def _values(curve: Curve, times: NDArray[np.float64]) -> NDArray[np.float64]:
    if curve.interpolation is Interpolation.BEZIER and curve.handles is None:
        return np.interp(times, curve.times, curve.values)  # only Blender knows where it puts their handles
    return np.asarray(evaluate(curve, times))


def _components(bone: PoseBone, target: BoneTarget, basis: NDArray[np.float64], frame: float) -> NDArray[np.float64]:
    """The numbers of the property that holds the bone's rotation, shape (T, 3 or 4)."""
    if bone.rotation_mode == "QUATERNION":
        return quaternions(basis, near=_quaternion_at(target, frame))
    if bone.rotation_mode == "AXIS_ANGLE":
        return axis_angles(basis)
    return eulers(basis, bone.rotation_mode)


def _quaternion_at(target: BoneTarget, frame: float) -> tuple[float, ...]:
    """What the bone's keys say at a frame, so that new keys do not turn it the long way round."""
    path = f'pose.bones["{escape_identifier(target.bone)}"].rotation_quaternion'
    found = {fcurve.array_index: fcurve for fcurve in fcurves_of(target.armature) if fcurve.data_path == path}
    if len(found) < 4:
        return (1.0, 0.0, 0.0, 0.0)
    return tuple(found[index].evaluate(frame) for index in range(4))
