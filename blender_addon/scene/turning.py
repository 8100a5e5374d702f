"""Which bones or objects turn a head and its eyes, and in which directions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from bpy.types import Object
from mathutils import Matrix, Vector

from ..core.binding import find_eye_bone, find_head_bone, find_neck_bone, is_eye_name
from ..core.rotation import Facing
from .binding_targets import ShapeTarget, TurnTarget
from .facing import coordinates

SIDES: Final = ("left", "right")
_MOVED: Final = 0.03
"""Of the size of an eyeball: a look shape that moves it by more turns it. Lids drag along less."""
_MOSTLY: Final = 0.5
"""A vertex that follows a bone with this weight is a part of what the bone turns."""


@dataclass(frozen=True)
class TurnPlace:
    """A bone, or an object where `bone` is empty."""

    thing: Object
    bone: str = ""

    @property
    def to_world(self) -> Matrix:
        """From the space in which its rotation is, while the head rests, to the world."""
        return self.thing.matrix_world if self.bone else _parent_matrix(self.thing)

    def position(self, to_space: Matrix) -> Vector:
        """Where it is at rest, in another space."""
        if self.bone:
            return to_space @ self.thing.matrix_world @ self.thing.data.bones[self.bone].head_local
        return to_space @ self.thing.matrix_world.translation

    def target(self, facing: Facing, anchor: Object) -> TurnTarget:
        """It as what angles turn. facing: of the face, in the space of the anchor object."""
        seen = facing
        if self.thing != anchor or not self.bone:
            seen = facing.seen_from(np.array((self.to_world.inverted() @ anchor.matrix_world).to_3x3()))
        own = np.eye(3) if self.bone else np.array(self.thing.matrix_basis.to_3x3().normalized())
        return TurnTarget(self.thing, self.bone, seen, own)


def turn_places(armature: Object | None, family: Iterable[Object]) -> dict[str, TurnPlace]:
    """What turns the head, the neck and the eyes, as far as names tell."""
    found: dict[str, TurnPlace] = {}
    if armature is not None:
        names = [bone.name for bone in armature.pose.bones]
        bones = {"head": find_head_bone(names)} | {f"{side}Eye": find_eye_bone(names, side) for side in SIDES}
        if bones["head"] is not None:
            above = armature.data.bones[bones["head"]].parent_recursive
            bones["neck"] = find_neck_bone(bone.name for bone in above)
        found = {turns: TurnPlace(armature, bone) for turns, bone in bones.items() if bone is not None}
    for side in SIDES:
        balls = [thing for thing in family if _is_eyeball(thing, side)]
        if f"{side}Eye" not in found and len(balls) == 1:
            found[f"{side}Eye"] = TurnPlace(balls[0])
    return found


def eyes_by(shapes: Sequence[ShapeTarget], places: Mapping[str, TurnPlace]) -> str:
    """Who turns the eyes: SHAPES where look shapes do, TURNS where none are, BOTH where those move only the lids."""
    look = {side: look_shapes(shapes, side) for side in SIDES}
    turned = [side for side in SIDES if f"{side}Eye" in places]
    if not any(look.values()):
        return "TURNS" if turned else "SHAPES"
    if not turned or any(look[side] and moves_eyeball(look[side], places[f"{side}Eye"]) for side in turned):
        return "SHAPES"
    return "BOTH"


def look_shapes(shapes: Iterable[ShapeTarget], side: str) -> list[ShapeTarget]:
    """The rows of the gaze of one side."""
    return [t for t in shapes if t.channel.startswith("eyeLook") and t.channel.endswith(side.capitalize())]


def moves_eyeball(look: Iterable[ShapeTarget], place: TurnPlace) -> bool:
    """Whether look shapes move what a bone or an object turns; also where nothing tells what that is."""
    balls = _turned_points(place)
    if not balls:
        return True
    for target in look:
        points = balls.get(target.mesh)
        if points is None:
            continue
        key: Any = target.mesh.data.shape_keys.key_blocks[target.key]
        rest = coordinates(key.relative_key)[points]
        size = float(np.ptp(rest, axis=0).max())
        if size and np.linalg.norm(coordinates(key)[points] - rest, axis=1).max() > _MOVED * size:
            return True
    return False


def _turned_points(place: TurnPlace) -> dict[Object, Any]:
    """The vertices that a bone or an object turns, as indices by mesh."""
    hanging = [thing for thing in place.thing.children_recursive if thing.type == "MESH"]
    if not place.bone:
        return {thing: slice(None) for thing in (place.thing, *hanging) if thing.type == "MESH"}
    bone = place.thing.data.bones[place.bone]
    names = {bone.name, *(child.name for child in bone.children_recursive)}
    found: dict[Object, Any] = {
        thing: slice(None) for thing in hanging if thing.parent_type == "BONE" and thing.parent_bone in names
    }
    for mesh in _deformed_by(place.thing):
        groups = {group.index for group in mesh.vertex_groups if group.name in names}
        points = [
            vertex.index
            for vertex in (mesh.data.vertices if groups else ())
            if sum(entry.weight for entry in vertex.groups if entry.group in groups) > _MOSTLY
        ]
        if points:
            found[mesh] = points
    return found


def _deformed_by(armature: Object) -> list[Object]:
    scenes: Any = armature.users_scene
    things = {thing for scene in scenes for thing in scene.objects if thing.type == "MESH"}
    return [t for t in things if any(m.type == "ARMATURE" and m.object == armature for m in t.modifiers)]


def _is_eyeball(thing: Object, side: str) -> bool:
    """Whether an object can be turned in its place as an eye: nothing deforms it and its origin is inside it."""
    if thing.type != "MESH" or not is_eye_name(thing.name, side):
        return False
    if any(modifier.type == "ARMATURE" for modifier in thing.modifiers):
        return False
    corners = np.array(thing.bound_box)
    return bool((corners.min(axis=0) <= 0).all() and (corners.max(axis=0) >= 0).all())


def _parent_matrix(thing: Object) -> Matrix:
    """The space of an object's own location and rotation, its parent at rest."""
    parent = thing.parent
    if parent is not None and thing.parent_type == "BONE" and thing.parent_bone in parent.data.bones:
        bone = parent.data.bones[thing.parent_bone]
        at_tail = Matrix.Translation((0, bone.length, 0))
        return parent.matrix_world @ bone.matrix_local @ at_tail @ thing.matrix_parent_inverse
    return thing.matrix_world @ thing.matrix_basis.inverted_safe()
