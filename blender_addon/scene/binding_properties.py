"""The properties that keep a binding in the .blend, and what follows when the user changes one."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import Object, PropertyGroup
from mathutils import Matrix, Quaternion
from numpy.typing import NDArray

from ..core.channels import SHAPES
from ..core.rotation import BLENDER_FACING, Facing
from .turning import TurnPlace

_AXIS_ITEMS: Final = (
    ("FOUND", "As Found", "What the face's own geometry tells"),
    ("X", "X", ""),
    ("-X", "-X", ""),
    ("Y", "Y", ""),
    ("-Y", "-Y", ""),
    ("Z", "Z", ""),
    ("-Z", "-Z", ""),
)
_EYES_ITEMS: Final = (
    ("SHAPES", "Look Shapes", "The eyeLook shape keys turn the eyes; bones or objects turn only eyes that have none"),
    ("TURNS", "Bones or Objects", "Bones or objects turn the eyes; the eyeLook shape keys are left alone"),
    (
        "BOTH",
        "Bones, Lids by Shapes",
        "Bones or objects turn the eyes, eyeLook shape keys move the lids; for keys that leave the eyeballs alone",
    ),
)


def _set_by_hand(row: Any, _context: Any) -> None:
    row.is_by_hand = True


def _chosen_by_hand(row: Any, _context: Any) -> None:
    """Another shape key is the user's own choice, and no longer a stand-in."""
    row.is_by_hand, row.is_approximated = True, False


def _channels(_row: Any, _context: Any, typed: str) -> Iterator[str]:
    return (channel for channel in SHAPES if typed.lower() in channel.lower())


def _keys_of_mesh(row: Any, _context: Any, typed: str) -> Iterator[str]:
    keys = row.mesh.data.shape_keys if row.mesh is not None else None
    names = [key.name for key in list(keys.key_blocks)[1:]] if keys else []
    return (name for name in names if typed.lower() in name.lower())


def _bones_of_thing(turn: Any, _context: Any, typed: str) -> Iterator[str]:
    bones = turn.thing.data.bones if turn.thing is not None and turn.thing.type == "ARMATURE" else ()
    return (bone.name for bone in bones if typed.lower() in bone.name.lower())


def _is_mesh_with_keys(_row: Any, thing: Any) -> bool:
    return thing.type == "MESH" and thing.data.shape_keys is not None


class MIEN_PG_shape_target(PropertyGroup):
    """One row of the table: a shape key that a channel drives."""

    channel: StringProperty(
        name="Channel", description="What moves the shape key", search=_channels, update=_chosen_by_hand
    )
    mesh: PointerProperty(
        type=Object,
        name="Mesh",
        description="The mesh of the shape key",
        poll=_is_mesh_with_keys,
        update=_chosen_by_hand,
    )
    key: StringProperty(
        name="Shape Key", description="The shape key that is moved", search=_keys_of_mesh, update=_chosen_by_hand
    )
    gain: FloatProperty(
        name="Gain",
        description="How far the channel moves the shape key; more than 1 asks for a wider range of the key's slider",
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        update=_set_by_hand,
    )
    offset: FloatProperty(
        name="Offset",
        description="Where the shape key stands while the channel rests",
        soft_min=-1.0,
        soft_max=1.0,
        update=_set_by_hand,
    )
    is_approximated: BoolProperty()
    is_by_hand: BoolProperty()


class MIEN_PG_turn(PropertyGroup):
    """A bone or an object that angles turn; `turns` is "head", "neck", "leftEye" or "rightEye"."""

    turns: StringProperty()
    thing: PointerProperty(
        type=Object,
        name="Object",
        description="The armature of the bone, or an object that is turned itself",
        update=lambda turn, _context: _aim_anew(turn),
    )
    bone: StringProperty(
        name="Bone",
        description="The bone that is turned; empty to turn the object itself",
        search=_bones_of_thing,
        update=lambda turn, _context: _aim_anew(turn),
    )
    gains: FloatVectorProperty(
        name="Yaw, Pitch, Roll",
        description="How far each angle turns it; -1 turns it the other way round, 0 not at all",
        size=3,
        default=(1.0, 1.0, 1.0),
        soft_min=-1.0,
        soft_max=1.0,
    )
    looks_along: EnumProperty(
        name="Looks Along",
        description="The direction in which the face looks at rest, on the axes of the armature or the object's parent",
        items=_AXIS_ITEMS,
    )
    up_axis: EnumProperty(
        name="Up", description="The direction of the crown of the head at rest, on the same axes", items=_AXIS_ITEMS
    )
    forward: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.forward))
    up: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.up))
    is_mirrored: BoolProperty()
    own: FloatVectorProperty(size=4, default=(1.0, 0.0, 0.0, 0.0))


class MIEN_PG_part(PropertyGroup):
    """An object of a head."""

    thing: PointerProperty(type=Object)


class MIEN_PG_suggestion(PropertyGroup):
    """A shape key that might carry a channel; nothing uses it before the user accepts it."""

    channel: StringProperty()
    mesh: PointerProperty(type=Object)
    key: StringProperty()
    gain: FloatProperty(default=1.0)
    is_alone: BoolProperty()


def _eyes_by_hand(stored: Any, _context: Any) -> None:
    stored.is_eyes_by_hand = True


class MIEN_PG_character(PropertyGroup):
    """A bound head; `anchor` is set where a scene keeps it."""

    anchor: PointerProperty(type=Object)
    is_bound: BoolProperty()
    preset: StringProperty()
    shapes: CollectionProperty(type=MIEN_PG_shape_target)
    index: IntProperty(name="Row")
    turns: CollectionProperty(type=MIEN_PG_turn)
    parts: CollectionProperty(type=MIEN_PG_part)
    suggestions: CollectionProperty(type=MIEN_PG_suggestion)
    forward: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.forward))
    up: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.up))
    is_mirrored: BoolProperty()
    eyes_by: EnumProperty(
        name="Eyes",
        description="What turns the eyes, so that none is turned twice",
        items=_EYES_ITEMS,
        update=_eyes_by_hand,
    )
    is_eyes_by_hand: BoolProperty()
    neck_share: FloatProperty(
        name="Neck Share",
        description="How much of the head's turn the neck bone takes; the head looks where it should all the same",
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


CLASSES = (MIEN_PG_shape_target, MIEN_PG_turn, MIEN_PG_part, MIEN_PG_suggestion, MIEN_PG_character)


def _axis(name: str) -> tuple[float, ...]:
    """The direction of "X" to "-Z"."""
    sign = -1.0 if name.startswith("-") else 1.0
    return tuple(sign * (letter == name[-1]) for letter in "XYZ")


def facing_in(stored: Any) -> Facing:
    """The directions that are kept with a head or with what turns."""
    return Facing(tuple(stored.forward), tuple(stored.up), is_mirrored=stored.is_mirrored)


def keep_facing(stored: Any, facing: Facing) -> None:
    """Keep directions with a head or with what turns."""
    stored.forward, stored.up = tuple(facing.forward), tuple(facing.up)
    stored.is_mirrored = facing.is_mirrored


def chosen_facing(turn: Any) -> Facing:
    """The directions of what turns, with the axes that the user has set; two that are one line are passed over."""
    found = facing_in(turn)
    forward = found.forward if turn.looks_along == "FOUND" else _axis(turn.looks_along)
    up = found.up if turn.up_axis == "FOUND" else _axis(turn.up_axis)
    try:
        return Facing(forward, up, is_mirrored=found.is_mirrored)
    except ValueError:
        return found


def own_rotation(turn: Any) -> NDArray[np.float64]:
    """The rotation of an object where the face is at rest, shape (3, 3)."""
    return np.array(Quaternion(list(turn.own)).to_matrix())


def keep_own(turn: Any, own: NDArray[np.float64]) -> None:
    """Keep the rest rotation of an object."""
    quaternion: Any = Matrix(own.tolist()).to_quaternion()
    turn.own = tuple(quaternion)


def _aim_anew(turn: Any) -> None:
    """Take the face's directions into the space of another bone or object."""
    stored = turn.id_data.path_resolve(turn.path_from_id().rpartition(".turns")[0])
    anchor = stored.anchor or turn.id_data
    if turn.thing is None or not isinstance(anchor, Object):
        return
    if turn.bone and (turn.thing.type != "ARMATURE" or turn.bone not in turn.thing.data.bones):
        return
    target = TurnPlace(turn.thing, turn.bone).target(facing_in(stored), anchor)
    keep_facing(turn, target.facing)
    keep_own(turn, target.own)
