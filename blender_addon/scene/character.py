"""A character: one head with its meshes and what turns it, and which of them each channel drives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from bpy.types import ArmatureModifier, Mesh, Object, ShapeKey
from mathutils import Vector
from numpy.typing import NDArray

from ..core.binding import Suggestion, recognise, suggest
from ..core.channels import SHAPES
from ..core.errors import CharacterError
from ..core.rotation import BLENDER_FACING, Facing
from .binding_targets import ShapeTarget, TurnTarget
from .facing import facing_of
from .turning import SIDES, eyes_by, look_shapes, moves_eyeball, turn_places

_ADVICE = "Select the head that has them, or use Add Example Head to see one."


@dataclass(frozen=True)
class Character:
    """One head.

    anchor: the object it is stored on: its armature, or else its face.
    shapes: the table, a row for each channel and shape key.
    turns: by what they turn: "head", "leftEye", "rightEye"; the angle channels begin with these words. "neck" takes
        `neck_share` of the head's angles, and the head's bone the rest.
    candidates: all that could turn, also what nothing turns now, as the bones of eyes that shapes turn.
    facing: which way it looks, in the space of the anchor.
    preset: whose names its shape keys have; empty where nobody's.
    suggestions: shape keys that might carry channels without one; nothing uses them.
    eyes_by: who turns the eyes, one of `core.binding.profile.EYES_BY`; see `in_use`.
    parts: all objects that belong to it, whatever the table says now.
    """

    anchor: Object
    shapes: tuple[ShapeTarget, ...]
    turns: Mapping[str, TurnTarget]
    facing: Facing = BLENDER_FACING
    preset: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    eyes_by: str = "SHAPES"
    neck_share: float = 0.0
    parts: tuple[Object, ...] = ()
    candidates: Mapping[str, TurnTarget] = field(default_factory=dict)

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
        """The shape channels that it has shapes of its own for."""
        channels = {target.channel for target in self.shapes if not target.is_approximated}
        return tuple(channel for channel in SHAPES if channel in channels)

    @property
    def approximated(self) -> tuple[str, ...]:
        """The shape channels that parts of other shapes stand for."""
        own = set(self.bound)
        channels = {target.channel for target in self.shapes} - own
        return tuple(channel for channel in SHAPES if channel in channels)

    @property
    def missing(self) -> tuple[str, ...]:
        """The shape channels that it cannot show."""
        shown = {target.channel for target in self.shapes}
        return tuple(channel for channel in SHAPES if channel not in shown)

    @property
    def rows_by_key(self) -> dict[tuple[Any, str], list[ShapeTarget]]:
        """The rows that move each shape key, by the datablock of the keys and its name.

        Objects that share a mesh share its keys: the rows of the first one count.
        """
        rows: dict[tuple[Any, str], list[ShapeTarget]] = {}
        for target in self.shapes:
            of_key = rows.setdefault((target.mesh.data.shape_keys, target.key), [])
            if not of_key or of_key[0].mesh == target.mesh:
                of_key.append(target)
        return rows

    def summary(self) -> str:
        """One line for the panel: "52 of 52, head bone, 2 eyes"."""
        eyes = sum(f"{side}Eye" in self.turns or bool(look_shapes(self.shapes, side)) for side in SIDES)
        head = self.turns.get("head")
        approximated = [f"{len(self.approximated)} approximated"] if self.approximated else []
        return ", ".join(
            [
                f"{len(self.bound)} of {len(SHAPES)}",
                *approximated,
                "no head bone" if head is None else "head bone" if head.bone else "head object",
                {0: "no eyes", 1: "1 eye", 2: "2 eyes"}[eyes],
            ]
        )

    def eyes_words(self) -> str:
        """In a sentence, who turns the eyes; empty where there is nothing to choose between."""
        names = " and ".join(self.candidates[f"{side}Eye"].name for side in SIDES if f"{side}Eye" in self.candidates)
        if not names:
            return ""
        if self.eyes_by == "BOTH":
            return f"{names} turn the eyes; the eyeLook shape keys move the lids only."
        if self.eyes_by == "TURNS":
            return f"{names} turn the eyes."
        return f"The eyeLook shape keys turn the eyes; {names} are left alone where an eye has some."

    def approximations(self) -> list[str]:
        """In sentences, what stands for the channels that it has no shape for."""
        return [
            f"{channel} is approximated from {_listed_parts(self.shapes, channel)}." for channel in self.approximated
        ]


def _listed_parts(shapes: Iterable[ShapeTarget], channel: str) -> str:
    parts = {target.key: target.gain for target in shapes if target.channel == channel}
    return ", ".join(f"{key} ({gain:+.0%})" for key, gain in parts.items())


def in_use(
    shapes: Iterable[ShapeTarget], candidates: Mapping[str, TurnTarget], choice: str, neck_share: float
) -> tuple[tuple[ShapeTarget, ...], dict[str, TurnTarget]]:
    """The rows and what turns, so that no eye is turned twice, and the neck only where it takes a share of the head's.

    choice: SHAPES lets look shapes turn each eye that has some of its own; TURNS lets the bone or object of an eye do
    it alone; BOTH lets it turn the eye while the shapes go on with the lids.
    """
    rows, turned = tuple(shapes), dict(candidates)
    if not neck_share or "head" not in turned:
        turned.pop("neck", None)
    for side in SIDES:
        look = look_shapes(rows, side)
        if f"{side}Eye" not in turned or choice == "BOTH":
            continue
        if choice == "TURNS":
            rows = tuple(row for row in rows if row not in look)
        elif any(not row.is_approximated for row in look):
            del turned[f"{side}Eye"]
    return rows, turned


def bind(active: Object | None) -> Character:
    """Find the head that an object belongs to, and match its names; change nothing.

    Raises CharacterError where there is no object, it has no shape keys, or it is linked.
    """
    if active is None:
        raise CharacterError("No object is selected.", "Select the head, or use Add Example Head.")
    armature = _armature_of(active)
    family = _family_of(active, armature)
    meshes = sorted(_meshes_of(family, armature), key=lambda mesh: (mesh is not active, mesh.name))
    keys = {mesh: [key.name for key in shape_keys(mesh)[1:]] for mesh in meshes}  # the first one is the rest shape
    if not any(keys.values()):
        raise CharacterError(f"{active.name} has no shape keys, so there is nothing that a face could move.", _ADVICE)
    by_name = {mesh.name: mesh for mesh in meshes}
    named = {mesh.name: names for mesh, names in keys.items()}
    bones = [bone.name for bone in armature.pose.bones] if armature else []
    found = recognise(named, [*bones, *(thing.name for thing in family)])
    shapes = [
        ShapeTarget(row.channel, by_name[row.mesh], row.key, row.gain, row.offset, row.is_approximated)
        for row in found.rows
    ]
    anchor = armature or (_face(shapes) if shapes else max(keys, key=lambda mesh: len(keys[mesh])))
    _refuse_linked(anchor, meshes)
    places = turn_places(armature, family)
    own = {row.channel for row in found.rows if not row.is_approximated}
    eyes = {
        side: places[f"{side}Eye"].position(anchor.matrix_world.inverted_safe())
        for side in SIDES
        if f"{side}Eye" in places
    }
    facing = facing_of(shapes, anchor, eyes)
    choice = eyes_by([row for row in shapes if not row.is_approximated], places)
    candidates = {turns: place.target(facing, anchor) for turns, place in places.items()}
    once = [row for row in shapes if not (row.is_approximated and _turns_twice(row, places))]
    rows, turns = in_use(once, candidates, choice, 0.0)
    return Character(
        anchor=anchor,
        shapes=rows,
        turns=turns,
        candidates=candidates,
        facing=facing,
        preset=found.preset,
        suggestions=tuple(
            suggest(
                named,
                [channel for channel in SHAPES if channel not in own],
                [(row.mesh, row.key) for row in found.rows if not row.is_approximated],
                found.doubts,
            )
        ),
        eyes_by=choice,
        parts=tuple(dict.fromkeys([anchor, *meshes, *(place.thing for place in places.values())])),
    )


def _turns_twice(row: ShapeTarget, places: Mapping[str, Any]) -> bool:
    """Whether a look shape that stands in for others would move an eye that a bone or an object turns."""
    return any(
        look_shapes([row], side) and f"{side}Eye" in places and moves_eyeball([row], places[f"{side}Eye"])
        for side in SIDES
    )


def _refuse_linked(anchor: Object, meshes: Iterable[Object]) -> None:
    keys: list[Any] = [mesh.data.shape_keys for mesh in meshes]
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


def shape_keys(mesh: Object) -> list[ShapeKey]:
    """The shape keys of an object, the rest shape first; none where it has none."""
    keys = mesh.data.shape_keys if isinstance(mesh.data, Mesh) else None
    return list(keys.key_blocks) if keys else []


def _face(shapes: Iterable[ShapeTarget]) -> Object:
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


def _family_of(active: Object, armature: Object | None) -> set[Object]:
    """Every object that belongs to the same head as an object."""
    root = armature or _root(active)
    family = {root, *root.children_recursive}
    if armature is not None:  # its parts may lie in any collections
        family |= {other for other in bpy.context.scene.objects if _armature_of(other) == armature}
    else:
        family |= {other for other in active.users_collection[0].objects if _is_loose_part(other, active)}
    family.add(active)
    return family


def _meshes_of(family: Iterable[Object], armature: Object | None) -> Iterator[Object]:
    """The meshes with shape keys of a family, each once."""
    for mesh in family:
        if mesh.type == "MESH" and shape_keys(mesh) and _armature_of(mesh) in (armature, None):
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
