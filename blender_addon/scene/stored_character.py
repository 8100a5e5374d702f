"""How a character is kept in the .blend: on one of its objects, so that it is saved, undone and appended with it.

The character of a library override is kept on the scene: an override takes no new entries in a collection
that its library did not foresee, and loses them when the library is read again.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bpy.props import CollectionProperty, PointerProperty
from bpy.types import Object, Scene

from ..core.binding import Suggestion
from ..core.channels import SHAPES
from .added_properties import AddedProperties
from .binding_properties import (
    CLASSES,
    MIEN_PG_character,
    chosen_facing,
    facing_in,
    keep_facing,
    keep_own,
    own_rotation,
)
from .binding_targets import ShapeTarget, TurnTarget
from .character import Character, in_use
from .stored_takes import adopt_takes

__all__ = [
    "ADDED",
    "CLASSES",
    "active_binding",
    "active_character",
    "binding_of",
    "has_character",
    "store",
    "stored_character",
]

_SHAPES = frozenset(SHAPES)


def _is_bound_object(scene: Any, candidate: Any) -> bool:
    return bool(binding_of(candidate, scene).is_bound)


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


def binding_of(anchor: Any, scene: Any) -> Any:
    """Where the character of an object is kept, a `MIEN_PG_character`: the scene's own entry comes first."""
    own = (entry for entry in scene.mien_overridden_heads if entry.anchor == anchor)
    return next(own, anchor.mien_character)


def active_binding(scene: Any) -> Any:
    """The same of the scene's active character; None where there is none."""
    return binding_of(scene.mien_head, scene) if has_character(scene) else None


def store(character: Character, scene: Any) -> None:
    """Keep a character on its anchor object and make it the scene's active one; what was set by hand stays."""
    anchor: Any = character.anchor
    stored = binding_of(anchor, scene)
    if anchor.override_library is not None and stored.anchor is None:
        stored = scene.mien_overridden_heads.add()
        stored.anchor = anchor
    by_hand = [row for row in stored_rows(stored) if row.is_by_hand]
    places, channels = {(row.channel, row.mesh) for row in by_hand}, {row.channel for row in by_hand}
    found = (row for row in character.shapes if not (row.is_approximated and row.channel in channels))
    rows = [*by_hand, *(row for row in found if (row.channel, row.mesh) not in places)]
    keep_rows(stored, sorted(rows, key=lambda row: SHAPES.index(row.channel)))
    keep_turns(stored, character.candidates)
    keep_facing(stored, character.facing)
    if not stored.is_eyes_by_hand:
        stored.eyes_by, stored.is_eyes_by_hand = character.eyes_by, False
        stored.is_eyes_by_hand = False
    stored.parts.clear()
    for part in character.parts:
        stored.parts.add().thing = part
    keep_suggestions(stored, character)
    stored.preset, stored.is_bound = character.preset, True
    scene.mien_head = character.anchor
    adopt_takes(anchor, scene)


def keep_rows(stored: Any, rows: Iterable[ShapeTarget]) -> None:
    """Keep the table."""
    stored.shapes.clear()
    for row in rows:
        entry = stored.shapes.add()
        entry.channel, entry.mesh, entry.key, entry.gain = row.channel, row.mesh, row.key, row.gain
        entry.offset = row.offset
        entry.is_approximated, entry.is_by_hand = row.is_approximated, row.is_by_hand
    stored.index = min(stored.index, max(len(stored.shapes) - 1, 0))


def keep_turns(stored: Any, turns: Any) -> None:
    """Keep what turns, each with the corrections of the user where it is the same as before."""
    before = {
        entry.turns: (entry.thing, entry.bone, tuple(entry.gains), entry.looks_along, entry.up_axis)
        for entry in stored.turns
    }
    stored.turns.clear()
    for name, target in turns.items():
        entry = stored.turns.add()
        entry.turns, entry.thing, entry.bone = name, target.thing, target.bone
        keep_facing(entry, target.facing)
        keep_own(entry, target.own)
        entry.gains = target.gains
        thing, bone, *corrections = before.get(name, (None, ""))
        if (thing, bone) == (target.thing, target.bone) and corrections:
            entry.gains, entry.looks_along, entry.up_axis = corrections


def keep_suggestions(stored: Any, character: Character) -> None:
    """Keep the suggestions for channels that have no row of their own."""
    bound = {entry.channel for entry in stored.shapes if not entry.is_approximated}
    meshes = {part.name: part for part in character.parts}
    stored.suggestions.clear()
    for suggestion in character.suggestions:
        if suggestion.channel not in bound and suggestion.mesh in meshes:
            entry = stored.suggestions.add()
            entry.channel, entry.mesh, entry.key = suggestion.channel, meshes[suggestion.mesh], suggestion.key
            entry.gain, entry.is_alone = suggestion.gain, suggestion.is_alone


def stored_character(anchor: Any, scene: Any) -> Character | None:
    """The character kept for an object, without what has since been deleted; None where there is none."""
    stored = binding_of(anchor, scene)
    if not stored.is_bound:
        return None
    every = {entry.turns: _turn(entry) for entry in stored.turns if _has_holder(entry)}
    shapes, turns = in_use(stored_rows(stored), every, stored.eyes_by, stored.neck_share)
    parts = [entry.thing for entry in stored.parts if entry.thing is not None]
    return Character(
        anchor,
        shapes,
        turns,
        facing_in(stored),
        stored.preset,
        tuple(
            Suggestion(entry.channel, entry.mesh.name, entry.key, entry.gain, entry.is_alone)
            for entry in stored.suggestions
            if entry.mesh is not None
        ),
        stored.eyes_by,
        stored.neck_share,
        tuple(dict.fromkeys([anchor, *parts, *(row.mesh for row in shapes), *(turn.thing for turn in turns.values())])),
        every,
    )


def stored_rows(stored: Any) -> list[ShapeTarget]:
    """The table, without what has since been deleted."""
    names = {mesh: _key_names(mesh) for mesh in {entry.mesh for entry in stored.shapes}}  # heads have hundreds
    return [
        ShapeTarget(
            entry.channel,
            entry.mesh,
            entry.key,
            round(entry.gain, 6),  # Blender keeps 32 bits
            round(entry.offset, 6),
            entry.is_approximated,
            entry.is_by_hand,
        )
        for entry in stored.shapes
        if entry.channel in _SHAPES and entry.key in names[entry.mesh]
    ]


def _turn(entry: Any) -> TurnTarget:
    target = TurnTarget(entry.thing, entry.bone, chosen_facing(entry), own_rotation(entry))
    return replace(target, gains=tuple(round(gain, 6) for gain in entry.gains))


def _has_holder(entry: Any) -> bool:
    if entry.thing is None:
        return False
    return not entry.bone or (entry.thing.pose is not None and entry.bone in entry.thing.pose.bones)


def _key_names(mesh: Any) -> set[str]:
    keys = mesh.data.shape_keys if mesh is not None and mesh.type == "MESH" else None
    return set(keys.key_blocks.keys()) if keys is not None else set()


def active_character(scene: Any) -> Character | None:
    """The scene's active character, if its objects are still in the scene."""
    return stored_character(scene.mien_head, scene) if has_character(scene) else None


def has_character(scene: Any) -> bool:
    """Whether there is one; for buttons, which ask at every redraw."""
    anchor = scene.mien_head
    return anchor is not None and bool(binding_of(anchor, scene).is_bound) and _is_in(scene, anchor)


def _is_in(scene: Any, thing: Any) -> bool:
    """Whether an object itself, and not one of its name from another file, is in a scene."""
    return scene.objects.get(thing.name) == thing or any(other == thing for other in scene.objects)
