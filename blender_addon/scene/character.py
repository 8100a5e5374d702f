"""A character: one head with its meshes and bones, and which of them each channel drives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from bpy.types import ArmatureModifier, Mesh, Object, ShapeKey
from mathutils import Vector
from numpy.typing import NDArray

from ..core.binding import find_eye_bone, find_head_bone, match_shape_keys
from ..core.channels import SHAPES
from ..core.errors import CharacterError
from ..core.rotation import BLENDER_FACING, Facing, facing_of_face

_ADVICE = (
    "Its shape keys need ARKit names such as eyeBlinkLeft or eyeBlink_L; "
    "use Add Example Head to see a head that has them."
)


@dataclass(frozen=True)
class ShapeTarget:
    """One shape key that a channel drives."""

    channel: str
    mesh: Object
    key: str


@dataclass(frozen=True)
class BoneTarget:
    """A bone that angles turn."""

    armature: Object
    bone: str


@dataclass(frozen=True)
class Character:
    """One head.

    anchor: the object it is stored on: its armature, or else its face.
    bones: by what they turn: "head", "leftEye", "rightEye"; the angle channels begin with these words.
    facing: which way it looks, in the space of its armature.
    doubtful: channels left alone because their names are not clear, with those names as "Mesh.key".
    """

    anchor: Object
    shapes: tuple[ShapeTarget, ...]
    bones: Mapping[str, BoneTarget]
    facing: Facing = BLENDER_FACING
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the user calls it."""
        return str(self.anchor.name)

    @property
    def meshes(self) -> tuple[Object, ...]:
        """Its meshes, the one with most channels first."""
        count: dict[Object, int] = {}
        for target in self.shapes:
            count[target.mesh] = count.get(target.mesh, 0) + 1
        return tuple(sorted(count, key=lambda mesh: -count[mesh]))

    @property
    def bound(self) -> tuple[str, ...]:
        """The shape channels that it can show."""
        channels = {target.channel for target in self.shapes}
        return tuple(channel for channel in SHAPES if channel in channels)

    @property
    def missing(self) -> tuple[str, ...]:
        """The shape channels that it cannot show."""
        bound = set(self.bound)
        return tuple(channel for channel in SHAPES if channel not in bound)

    def doubts(self) -> list[str]:
        """For each channel whose name is not clear, a sentence that says between which shape keys to choose."""
        return [doubt_words(channel, keys) for channel, keys in self.doubtful.items()]

    def summary(self) -> str:
        """One line for the panel: "52 of 52, head bone, 2 eyes"."""
        eyes = sum(f"{side}Eye" in self.bones or _gaze_shapes(self.bound, side) for side in ("left", "right"))
        return ", ".join(
            [
                f"{len(self.bound)} of {len(SHAPES)}",
                "head bone" if "head" in self.bones else "no head bone",
                {0: "no eyes", 1: "1 eye", 2: "2 eyes"}[eyes],
            ]
        )


def _gaze_shapes(channels: Iterable[str], side: str) -> bool:
    """Whether shapes turn the eye of a side, so that a bone must not turn it a second time."""
    return any(name.startswith("eyeLook") and name.endswith(side.capitalize()) for name in channels)


def doubt_words(channel: str, keys: Sequence[str]) -> str:
    """What to do about the shape keys that could each be a channel, named with their meshes."""
    if len(keys) == 1:
        return f"{keys[0]} may be {channel}: name it so, if it is."
    return f"{channel} could be {' or '.join(keys)}: rename or remove all but one."


def bind(active: Object | None) -> Character:
    """Find the head that an object belongs to, and match its names; change nothing.

    Raises CharacterError where there is no object, none of its shape keys has an ARKit name, or it is linked.
    """
    if active is None:
        raise CharacterError("No object is selected.", "Select the head, or use Add Example Head.")
    armature = _armature_of(active)
    shapes: list[ShapeTarget] = []
    doubtful: dict[str, tuple[str, ...]] = {}
    for mesh in sorted(_meshes_of(active, armature), key=lambda mesh: (mesh is not active, mesh.name)):
        found = match_shape_keys(key.name for key in _shape_keys(mesh)[1:])  # the first one is the rest shape
        shapes.extend(ShapeTarget(match.channel, mesh, match.key) for match in found.matches)
        for channel, keys in found.doubtful.items():
            doubtful[channel] = (*doubtful.get(channel, ()), *(f"{mesh.name}.{key}" for key in keys))
    if not shapes and doubtful:
        first = doubt_words(*next(iter(doubtful.items())))
        raise CharacterError(f"No shape key of {active.name} has a clear ARKit name.", f"{first} Then bind it again.")
    if not shapes:
        raise CharacterError(f"{active.name} has no shape key with an ARKit name.", _ADVICE)
    bound = {target.channel for target in shapes}
    anchor = armature or _face(shapes)
    _refuse_linked(anchor, shapes)
    return Character(
        anchor=anchor,
        shapes=tuple(shapes),
        bones=_bones(armature, bound) if armature else {},
        facing=_facing(shapes, armature) if armature else BLENDER_FACING,
        doubtful={channel: keys for channel, keys in doubtful.items() if channel not in bound},
    )


def _refuse_linked(anchor: Object, shapes: Iterable[ShapeTarget]) -> None:
    keys: list[Any] = [target.mesh.data.shape_keys for target in shapes]
    if not anchor.is_editable:
        raise CharacterError(
            f"{anchor.name} is linked from another file and can't be keyed.",
            "Make an editable library override of it and of its meshes (in the Outliner: Library Override) "
            "and bind that.",
        )
    if not any(key.is_editable for key in keys):  # Blender overrides the objects of a head without their meshes
        raise CharacterError(
            f"The meshes of {anchor.name} are linked from another file, so their shape keys can't be keyed.",
            "Make a library override of each mesh too (in the Outliner, on the mesh itself: Library Override > Make).",
        )


def _shape_keys(mesh: Object) -> list[ShapeKey]:
    keys = mesh.data.shape_keys if isinstance(mesh.data, Mesh) else None
    return list(keys.key_blocks) if keys else []


def _face(shapes: Sequence[ShapeTarget]) -> Object:
    """The mesh that carries most channels."""
    meshes = [target.mesh for target in shapes]
    return max(meshes, key=meshes.count)


def _armature_of(thing: Object) -> Object | None:
    """The armature that an object is, is deformed by, or hangs on."""
    if thing.type == "ARMATURE":
        return thing
    for modifier in thing.modifiers:
        if isinstance(modifier, ArmatureModifier) and modifier.object is not None:
            return modifier.object
    return _armature_of(thing.parent) if thing.parent is not None else None


def _meshes_of(active: Object, armature: Object | None) -> Iterator[Object]:
    """Every mesh with shape keys that belongs to the same head as an object, each once."""
    root = armature or _root(active)
    family = {root, *root.children_recursive}
    if armature is not None:  # its parts may lie in any collections
        family |= {other for other in bpy.context.scene.objects if _armature_of(other) == armature}
    else:
        family |= {other for other in active.users_collection[0].objects if _is_loose_part(other, active)}
    family.add(active)
    for mesh in family:
        if mesh.type == "MESH" and _shape_keys(mesh) and _armature_of(mesh) in (armature, None):
            yield mesh


def _root(thing: Object) -> Object:
    while thing.parent is not None:
        thing = thing.parent
    return thing


def _is_loose_part(other: Object, active: Object) -> bool:
    """Whether an object without parent or armature sits inside another: teeth in a head, not a second head."""
    if other.parent is not None or active.parent is not None or other.type != "MESH":
        return False
    low, high = _world_bounds(active)
    middle = np.mean(_world_bounds(other), axis=0)
    return bool((middle >= low).all() and (middle <= high).all())


def _world_bounds(thing: Object) -> NDArray[np.float64]:
    """The lowest and the highest corner in world space, shape (2, 3)."""
    corners = np.array([thing.matrix_world @ Vector(corner) for corner in thing.bound_box])
    return np.array([corners.min(axis=0), corners.max(axis=0)])


def _bones(armature: Object, bound: set[str]) -> dict[str, BoneTarget]:
    """The bones to turn. An eye that shapes turn already gets none."""
    names = [bone.name for bone in armature.pose.bones]
    found = {"head": find_head_bone(names)}
    for side in ("left", "right"):
        if not _gaze_shapes(bound, side):
            found[f"{side}Eye"] = find_eye_bone(names, side)
    return {turns: BoneTarget(armature, bone) for turns, bone in found.items() if bone is not None}


def _facing(shapes: Sequence[ShapeTarget], armature: Object) -> Facing:
    """Which way a face looks, in armature space, read from where its own shapes move it.

    Imported rigs stand along other axes than Blender's (FBX: Y up, looking along Z), and the blinks
    and the mouth tell the truth for all of them. Without those shapes, Blender's convention is taken.
    Raises CharacterError where the armature has no size.
    """
    if not armature.matrix_world.determinant():
        raise CharacterError(f"{armature.name} has a scale of zero.", "Give it a size and bind it again.")
    mirrored = False
    places: dict[str, NDArray[np.float64]] = {}
    face = _face(shapes)  # brows and lashes carry shapes too, and would place the mouth among themselves
    for target in sorted(shapes, key=lambda target: target.mesh is not face):
        if target.channel in {"eyeBlinkLeft", "eyeBlinkRight", "mouthPucker"} and target.channel not in places:
            place = _moved_place(target)
            if place is not None:
                to_armature = armature.matrix_world.inverted() @ target.mesh.matrix_world
                mirrored = to_armature.is_negative
                places[target.channel] = np.array(to_armature @ Vector(place.tolist()))
    if len(places) < 3:
        return BLENDER_FACING
    eyes = places["eyeBlinkLeft"], places["eyeBlinkRight"]
    try:
        return facing_of_face(*eyes, places["mouthPucker"], is_mirrored=mirrored).snapped()
    except ValueError:
        return BLENDER_FACING


def _moved_place(target: ShapeTarget) -> NDArray[np.float64] | None:
    """The middle of what a shape key moves, in the space of its mesh; None where it moves nothing."""
    key = target.mesh.data.shape_keys.key_blocks[target.key]
    rest, moved = _coordinates(key.relative_key), _coordinates(key)
    distance = np.linalg.norm(moved - rest, axis=1)
    if not distance.any():
        return None
    return np.asarray(distance @ rest / distance.sum(), dtype=np.float64)


def _coordinates(key: ShapeKey) -> NDArray[np.float64]:
    flat = np.empty(len(key.data) * 3, dtype=np.float32)
    key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)
