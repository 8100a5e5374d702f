"""The one writer of F-curves.

Keys are written in bulk: `keyframe_insert` takes time that grows with the square of the number of
keys (two seconds for one channel of 10,000 frames), `foreach_set` a few milliseconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.types import PoseBone, Scene
from bpy.utils import escape_identifier
from numpy.typing import NDArray

from ..core.curves import Curve, Curves, Interpolation
from ..core.errors import CharacterError
from ..core.rotation import axis_angles, bone_basis, eulers, head_rotation, quaternions
from .actions import ensure_action, ensure_fcurve, fcurves_of
from .character import BoneTarget, Character

_SAME_FRAME = 0.01
"""Keys nearer than this many frames are one key; Blender's own threshold (BEZT_BINARYSEARCH_THRESH)."""

_VISIBLE = 1e-3
"""A difference in a value that can be seen."""

_INTERPOLATION = {Interpolation.CONSTANT: 0, Interpolation.LINEAR: 1, Interpolation.BEZIER: 2}
_FREE, _AUTO_CLAMPED = 0, 4
_KEY_ATTRIBUTES: dict[str, tuple[type, int]] = {
    "co": (np.float32, 2),
    "handle_left": (np.float32, 2),
    "handle_right": (np.float32, 2),
    "handle_left_type": (np.int32, 1),
    "handle_right_type": (np.int32, 1),
    "interpolation": (np.int32, 1),
    "easing": (np.int32, 1),
    "type": (np.int32, 1),
    "back": (np.float32, 1),
    "amplitude": (np.float32, 1),
    "period": (np.float32, 1),
    "select_control_point": (np.bool_, 1),
    "select_left_handle": (np.bool_, 1),
    "select_right_handle": (np.bool_, 1),
}
"""Everything a key holds, as numpy type and width; the numbers of enums are Blender's (4.2 to 5.2)."""

KeyTable = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class KeyReport:
    """What was written: how many channels and keys, and in sentences what was left alone and why.

    limited: in sentences what was keyed, but shows otherwise than the take has it.
    """

    channels: int
    keys: int
    left_alone: tuple[str, ...]
    limited: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Target:
    """One property to key, with its new keys in frames and the property's own units.

    owner: the datablock whose Action takes the F-curve.
    holder, attribute: where the property itself is, to show the result at once; an attribute that is
        an array is indexed.
    channels: those of the take that move it.
    is_clamped: whether the range of the slider changed a value.
    """

    owner: Any
    data_path: str
    index: int
    group: str
    holder: Any
    attribute: str
    keys: KeyTable
    channels: tuple[str, ...]
    is_clamped: bool = False


class _LeftAlone:
    """Collects what must not be keyed, to tell it in one sentence for each reason."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        names = self._names.setdefault(reason, [])
        if name not in names:
            names.append(name)

    def sentences(self) -> tuple[str, ...]:
        return tuple(f"Left alone because {reason}: {_listed(names)}." for reason, names in self._names.items())


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def write_curves(character: Character, curves: Curves, frame_start: float, scene: Scene) -> KeyReport:
    """Key a character; time 0 of the curves is `frame_start`.

    A key that stands on the frame of a new one is replaced; every other key stays as it is. New
    Actions are named after the character. Nothing has been changed when CharacterError is raised.
    """
    fps = scene.render.fps / scene.render.fps_base
    left_alone = _LeftAlone()
    found = [*_shapes(character, curves, frame_start, fps), *_bones(character, curves, frame_start, fps)]
    targets = _free(found, left_alone)
    if not targets:
        sentences = left_alone.sentences() or (f"{character.name} has none of the channels of this take.",)
        raise CharacterError(" ".join(sentences), "Nothing was keyed.")
    _write(targets, _action_name(character), scene.frame_current_final)
    return KeyReport(
        channels=len({channel for target in targets for channel in target.channels}),
        keys=sum(len(target.keys["co"]) for target in targets),
        left_alone=left_alone.sentences(),
        limited=tuple(_limited(targets)),
    )


def _action_name(character: Character) -> str:
    return character.name if character.name.startswith("Mien") else f"Mien {character.name}"


def _shapes(character: Character, curves: Curves, frame_start: float, fps: float) -> Iterator[_Target]:
    seen: set[tuple[Any, str]] = set()  # objects that share a mesh share its keys
    for target in character.shapes:
        owner = target.mesh.data.shape_keys
        if target.channel not in curves or (owner, target.key) in seen:
            continue
        seen.add((owner, target.key))
        key = owner.key_blocks[target.key]
        path = f'key_blocks["{escape_identifier(target.key)}"].value'
        table = _key_table(curves[target.channel], frame_start, fps)
        wanted = table["co"][:, 1].copy()
        for column in ("co", "handle_left", "handle_right"):
            if column in table:
                table[column][:, 1] = np.clip(table[column][:, 1], key.slider_min, key.slider_max)
        is_clamped = bool((np.abs(table["co"][:, 1] - wanted) > _VISIBLE).any())
        yield _Target(owner, path, 0, "", key, "value", table, (target.channel,), is_clamped)


def _bones(character: Character, curves: Curves, frame_start: float, fps: float) -> Iterator[_Target]:
    for turns, target in character.bones.items():
        names = [f"{turns}{axis}" for axis in ("Yaw", "Pitch", "Roll")]
        angles = [curves.by_channel.get(name) for name in names]
        moving = tuple(name for name in names if name in curves)
        keyed = [curve for curve in angles if curve is not None]
        if not keyed:
            continue
        times = np.unique(np.concatenate([curve.times for curve in keyed]))
        values = (np.interp(times, curve.times, curve.values) if curve else np.zeros(len(times)) for curve in angles)
        yaw, pitch, roll = values
        rotation = head_rotation(yaw, pitch, roll, character.facing)
        bone = target.armature.pose.bones[target.bone]
        rest = np.array(bone.bone.matrix_local.to_3x3())
        attribute, components = _components(bone, target, bone_basis(rotation, rest), frame_start)
        path = f'pose.bones["{escape_identifier(target.bone)}"].{attribute}'
        for index, component in enumerate(components.T):
            table = _key_table(Curve(times, component, keyed[0].interpolation), frame_start, fps)
            yield _Target(target.armature, path, index, target.bone, bone, attribute, table, moving)


def _components(
    bone: PoseBone, target: BoneTarget, basis: NDArray[np.float64], frame: float
) -> tuple[str, NDArray[np.float64]]:
    """The property that holds the bone's rotation in its rotation mode, and its numbers, shape (T, 3 or 4)."""
    if bone.rotation_mode == "QUATERNION":
        return "rotation_quaternion", quaternions(basis, near=_quaternion_at(target, frame))
    if bone.rotation_mode == "AXIS_ANGLE":
        return "rotation_axis_angle", axis_angles(basis)
    return "rotation_euler", eulers(basis, bone.rotation_mode)


def _quaternion_at(target: BoneTarget, frame: float) -> tuple[float, ...]:
    """What the bone's keys say at a frame, so that new keys do not turn it the long way round."""
    path = f'pose.bones["{escape_identifier(target.bone)}"].rotation_quaternion'
    found = {fcurve.array_index: fcurve for fcurve in fcurves_of(target.armature) if fcurve.data_path == path}
    if len(found) < 4:
        return (1.0, 0.0, 0.0, 0.0)
    return tuple(found[index].evaluate(frame) for index in range(4))


def _free(targets: Sequence[_Target], left_alone: _LeftAlone) -> list[_Target]:
    """The targets that may be keyed; for the others, why not."""
    owners = dict.fromkeys(target.owner for target in targets)
    fcurves = {
        owner: {(fcurve.data_path, fcurve.array_index): fcurve for fcurve in fcurves_of(owner)} for owner in owners
    }
    drivers = {owner: _driven_paths(owner) for owner in owners}
    locked = {
        owner: {fcurve.group.name for fcurve in found.values() if fcurve.group and fcurve.group.lock}
        for owner, found in fcurves.items()
    }
    free = []
    for target in targets:
        fcurve = fcurves[target.owner].get((target.data_path, target.index))
        reason = _reason_against(target, fcurve, drivers[target.owner])
        group = fcurve.group.name if fcurve is not None and fcurve.group else target.group
        if not reason and group in locked[target.owner]:
            reason = "its group of curves is locked"
        if reason:
            left_alone.add(reason, target.holder.name)
        else:
            free.append(target)
    return free


def _driven_paths(owner: Any) -> set[str]:
    return {driver.data_path for driver in owner.animation_data.drivers} if owner.animation_data else set()


def _reason_against(target: _Target, fcurve: Any, driven: set[str]) -> str:
    action = target.owner.animation_data.action if target.owner.animation_data else None
    if not target.owner.is_editable:
        return "it is linked from another file (a library override of it can be keyed)"
    if target.data_path in driven:
        return "a driver moves it"
    if action is not None and not action.is_editable:
        return "its Action is linked from another file"
    if fcurve is not None and fcurve.lock:
        return "its curve is locked"
    if fcurve is not None and len(fcurve.sampled_points):
        return "its curve is baked to samples"
    return ""


def _limited(targets: Sequence[_Target]) -> Iterator[str]:
    """In sentences, which of the keyed targets do not show what the take has."""
    muted = {
        (owner, fcurve.data_path)
        for owner in dict.fromkeys(target.owner for target in targets)
        for fcurve in fcurves_of(owner)
        if fcurve.mute
    }
    for words, names in (
        ("Kept within the range of its slider", [target.holder.name for target in targets if target.is_clamped]),
        (
            "Keyed, but muted and so not shown",
            [
                target.holder.name
                for target in targets
                if (target.owner, target.data_path) in muted or getattr(target.holder, "mute", False)
            ],
        ),
    ):
        if names:
            yield f"{words}: {_listed(list(dict.fromkeys(names)))}."


def _write(targets: Sequence[_Target], action_name: str, frame_shown: float) -> None:
    made = None
    for owner in dict.fromkeys(target.owner for target in targets):
        made = ensure_action(owner, action_name, made)
    for target in targets:
        is_one = len(target.keys["co"]) == 1 and "handle_left" not in target.keys
        if not (is_one and _insert_one(target)):
            _merge(ensure_fcurve(target.owner, target.data_path, target.index, target.group), target.keys)
        fcurve = ensure_fcurve(target.owner, target.data_path, target.index, target.group)
        _show(target, fcurve.evaluate(frame_shown))


def _insert_one(target: _Target) -> bool:
    """Key one moment as the user would by hand, with their own preferences for new keys; False where Blender does not.

    Bulk writing makes Blender evaluate the whole Action again, which throws away a pose of the body
    that is set and not yet keyed; this does not.
    """
    ((frame, value),) = target.keys["co"].tolist()
    _show(target, value)
    index = -1 if target.attribute == "value" else target.index
    return bool(target.holder.keyframe_insert(target.attribute, index=index, frame=frame, group=target.group))


def _show(target: _Target, value: float) -> None:
    """Set the property itself, so that the head shows its keys without a change of frame."""
    if target.attribute == "value":
        target.holder.value = value
    else:
        getattr(target.holder, target.attribute)[target.index] = value


def _key_table(curve: Curve, frame_start: float, fps: float) -> KeyTable:
    """The keys of a curve as Blender holds them, in frames."""
    count = len(curve.times)
    co = np.column_stack([frame_start + curve.times * fps, curve.values])
    table: KeyTable = {"co": co.astype(np.float32)}
    handle_type = _AUTO_CLAMPED
    if curve.handles is not None:
        handle_type = _FREE
        handles = curve.handles * (fps, 1.0) + (frame_start, 0.0)
        table["handle_left"] = handles[:, 0].astype(np.float32)
        table["handle_right"] = handles[:, 1].astype(np.float32)
    table["handle_left_type"] = table["handle_right_type"] = np.full(count, handle_type, dtype=np.int32)
    table["interpolation"] = np.full(count, _INTERPOLATION[curve.interpolation], dtype=np.int32)
    return table


def _merge(fcurve: Any, new: KeyTable) -> None:
    """Put keys into an F-curve: those on a frame of a new one are replaced, all others kept as they are."""
    points = fcurve.keyframe_points
    table = new
    if len(points):
        old = {name: _read(points, name) for name in _KEY_ATTRIBUTES}
        keep = ~_is_near(old["co"][:, 0], new["co"][:, 0])
        order = np.argsort(np.concatenate([old["co"][keep, 0], new["co"][:, 0]]), kind="stable")
        full = _complete(new)
        table = {
            name: np.concatenate([old[name][keep], full[name]])[order]
            for name in _KEY_ATTRIBUTES
            if name in new or old[name].any() or name.startswith("select")  # all else begins as 0
        }
    _resize(points, len(table["co"]))
    for name, values in table.items():
        points.foreach_set(name, np.ascontiguousarray(values).ravel())
    fcurve.update()


def _is_near(frames: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """For each frame, whether one of the others (rising) is the same frame."""
    place = np.searchsorted(others, frames)
    before = np.abs(frames - others[np.clip(place - 1, 0, len(others) - 1)])
    after = np.abs(frames - others[np.clip(place, 0, len(others) - 1)])
    return np.asarray(np.minimum(before, after) < _SAME_FRAME)


def _read(points: Any, name: str) -> NDArray[Any]:
    kind, width = _KEY_ATTRIBUTES[name]
    flat: NDArray[Any] = np.empty(len(points) * width, dtype=kind)
    points.foreach_get(name, flat)
    return flat.reshape(-1, width) if width > 1 else flat


def _complete(table: KeyTable) -> KeyTable:
    """A table with every attribute, those that it does not set as Blender sets them in a new key."""
    count = len(table["co"])
    full: KeyTable = {
        name: np.full((count, width) if width > 1 else count, name.startswith("select"), dtype=kind)
        for name, (kind, width) in _KEY_ATTRIBUTES.items()
    }
    full["handle_left"] = full["handle_right"] = table["co"]  # `FCurve.update` places automatic handles
    return full | table


def _resize(points: Any, count: int) -> None:
    if count > len(points):
        points.add(count - len(points))
    while len(points) > count:
        points.remove(points[-1], fast=True)
