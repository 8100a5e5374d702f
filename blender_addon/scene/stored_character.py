"""How a character is kept in the .blend: on one of its objects, so that it is saved, undone and appended with it.

The character of a library override is kept on the scene: an override takes no new entries in a collection
that its library did not foresee, and loses them when the library is read again.
"""

from typing import Any

from bpy.props import BoolProperty, CollectionProperty, FloatVectorProperty, PointerProperty, StringProperty
from bpy.types import Object, PropertyGroup, Scene

from ..core.rotation import BLENDER_FACING, Facing
from .added_properties import AddedProperties
from .character import BoneTarget, Character, ShapeTarget
from .stored_takes import adopt_takes


class MIEN_PG_shape_target(PropertyGroup):
    """One shape key that a channel drives."""

    channel: StringProperty()
    mesh: PointerProperty(type=Object)
    key: StringProperty()


class MIEN_PG_bone_target(PropertyGroup):
    """A bone that the head's or an eye's angles turn; `turns` is "head", "leftEye" or "rightEye"."""

    turns: StringProperty()
    armature: PointerProperty(type=Object)
    bone: StringProperty()


class MIEN_PG_doubtful_name(PropertyGroup):
    """A channel that was left alone because several names, or an odd one, could be meant."""

    channel: StringProperty()
    keys: StringProperty()


class MIEN_PG_character(PropertyGroup):
    """A bound head. It exists where `shapes` or `bones` is not empty; `anchor` is set where a scene keeps it."""

    anchor: PointerProperty(type=Object)
    shapes: CollectionProperty(type=MIEN_PG_shape_target)
    bones: CollectionProperty(type=MIEN_PG_bone_target)
    doubtful: CollectionProperty(type=MIEN_PG_doubtful_name)
    forward: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.forward))
    up: FloatVectorProperty(size=3, default=tuple(BLENDER_FACING.up))
    is_mirrored: BoolProperty()


CLASSES = (MIEN_PG_shape_target, MIEN_PG_bone_target, MIEN_PG_doubtful_name, MIEN_PG_character)


def _is_bound_object(scene: Any, candidate: Any) -> bool:
    stored = _place_of(candidate, scene)
    return bool(len(stored.shapes) or len(stored.bones))


ADDED = (
    AddedProperties(Object, mien_character=PointerProperty(type=MIEN_PG_character)),
    AddedProperties(
        Scene,
        mien_head=PointerProperty(
            type=Object, name="Head", description="The head that Mien keys", poll=_is_bound_object
        ),
        mien_overridden_heads=CollectionProperty(type=MIEN_PG_character),
    ),
)
"""Objects get a place for a character, and scenes their active one."""


def _place_of(anchor: Any, scene: Any) -> Any:
    """Where the character of an object is kept, a `MIEN_PG_character`: the scene's own entry comes first."""
    own = (entry for entry in scene.mien_overridden_heads if entry.anchor == anchor)
    return next(own, anchor.mien_character)


def store(character: Character, scene: Any) -> None:
    """Keep a character on its anchor object and make it the scene's active one."""
    anchor: Any = character.anchor
    stored = _place_of(anchor, scene)
    if anchor.override_library is not None and stored.anchor is None:
        stored = scene.mien_overridden_heads.add()
        stored.anchor = anchor
    for collection in (stored.shapes, stored.bones, stored.doubtful):
        collection.clear()
    for target in character.shapes:
        entry = stored.shapes.add()
        entry.channel, entry.mesh, entry.key = target.channel, target.mesh, target.key
    for turns, bone in character.bones.items():
        entry = stored.bones.add()
        entry.turns, entry.armature, entry.bone = turns, bone.armature, bone.bone
    for channel, keys in character.doubtful.items():
        entry = stored.doubtful.add()
        entry.channel, entry.keys = channel, ", ".join(keys)
    stored.forward, stored.up = tuple(character.facing.forward), tuple(character.facing.up)
    stored.is_mirrored = character.facing.is_mirrored
    scene.mien_head = character.anchor
    adopt_takes(anchor, scene)


def stored_character(anchor: Any, scene: Any) -> Character | None:
    """The character kept for an object, without what has since been deleted; None where there is none."""
    stored = _place_of(anchor, scene)
    shapes = tuple(
        ShapeTarget(entry.channel, entry.mesh, entry.key) for entry in stored.shapes if _has_key(entry.mesh, entry.key)
    )
    bones = {
        entry.turns: BoneTarget(entry.armature, entry.bone)
        for entry in stored.bones
        if entry.armature is not None and entry.bone in entry.armature.pose.bones
    }
    if not shapes and not bones:
        return None
    doubtful = {entry.channel: tuple(entry.keys.split(", ")) for entry in stored.doubtful}
    facing = Facing(tuple(stored.forward), tuple(stored.up), is_mirrored=stored.is_mirrored)
    return Character(anchor, shapes, bones, facing, doubtful)


def _has_key(mesh: Any, key: str) -> bool:
    return mesh is not None and mesh.data.shape_keys is not None and key in mesh.data.shape_keys.key_blocks


def active_character(scene: Any) -> Character | None:
    """The scene's active character, if its objects are still in the scene."""
    anchor = scene.mien_head
    return stored_character(anchor, scene) if anchor is not None and _is_in(scene, anchor) else None


def _is_in(scene: Any, thing: Any) -> bool:
    """Whether an object itself, and not one of its name from another file, is in a scene."""
    return scene.objects.get(thing.name) == thing or any(other == thing for other in scene.objects)
