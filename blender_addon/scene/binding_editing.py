"""What a user does to the table of a binding: rows added and removed, suggestions accepted, what turns set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.binding import BindingProfile, Row, TurnSetting
from ..core.channels import SHAPES
from ..core.errors import InputError
from .binding_properties import chosen_facing, facing_in
from .binding_targets import ShapeTarget
from .character import Character, shape_keys
from .stored_character import keep_rows, stored_rows
from .turning import TurnPlace


def add_row(stored: Any, character: Character) -> None:
    """A new row at the end of the table, for the first channel that has none, and choose it."""
    mesh = character.meshes[0] if character.meshes else next(p for p in character.parts if shape_keys(p))
    entry = stored.shapes.add()
    entry.channel = next(iter(character.missing), SHAPES[0])
    entry.mesh = mesh
    stored.index = len(stored.shapes) - 1


def remove_row(stored: Any) -> None:
    """Take the chosen row away; raise InputError where none is chosen."""
    if not 0 <= stored.index < len(stored.shapes):
        raise InputError("No row is chosen.", "Choose one in the table.")
    stored.shapes.remove(stored.index)
    stored.index = min(stored.index, max(len(stored.shapes) - 1, 0))


def accept(stored: Any, suggestions: Iterable[Any]) -> list[str]:
    """Put suggestions into the table, in the place of approximations; their channels, each once."""
    rows = stored_rows(stored)
    accepted = [ShapeTarget(s.channel, s.mesh, s.key, s.gain, is_by_hand=True) for s in suggestions]
    channels = list(dict.fromkeys(row.channel for row in accepted))
    rows = [row for row in rows if not (row.is_approximated and row.channel in channels)]
    keep_rows(stored, sorted([*rows, *accepted], key=lambda row: SHAPES.index(row.channel)))
    for index in reversed(range(len(stored.suggestions))):
        if stored.suggestions[index].channel in channels:
            stored.suggestions.remove(index)
    return channels


def clear_suggestions(stored: Any) -> None:
    """Forget all suggestions."""
    stored.suggestions.clear()


def clear_approximations(stored: Any) -> int:
    """Take all stand-ins out of the table; how many channels then have nothing."""
    rows = stored_rows(stored)
    keep_rows(stored, [row for row in rows if not row.is_approximated])
    return len({row.channel for row in rows if row.is_approximated})


def set_turn(stored: Any, turns: str, place: TurnPlace) -> Any:
    """Let a bone or an object be turned, in the directions of the face; its entry."""
    entry = next((entry for entry in stored.turns if entry.turns == turns), None) or stored.turns.add()
    entry.turns = turns
    entry.thing, entry.bone = place.thing, place.bone  # what follows from them is found anew
    return entry


def remove_turn(stored: Any, turns: str) -> None:
    """Let nothing be turned by these angles."""
    index = next((index for index, entry in enumerate(stored.turns) if entry.turns == turns), None)
    if index is not None:
        stored.turns.remove(index)


def axes_agree(entry: Any) -> bool:
    """Whether the axes that the user has set are two different lines, and so are used."""
    found, chosen = facing_in(entry), chosen_facing(entry)
    is_set = entry.looks_along != "FOUND" or entry.up_axis != "FOUND"
    return not is_set or chosen is not found


def profile_of(stored: Any, name: str) -> BindingProfile:
    """The whole binding as a profile."""
    rows = (
        Row(row.channel, row.mesh.name, row.key, row.gain, row.offset, row.is_approximated)
        for row in stored_rows(stored)
    )
    turns = {
        entry.turns: TurnSetting(
            entry.thing.name,
            entry.bone,
            (round(entry.gains[0], 6), round(entry.gains[1], 6), round(entry.gains[2], 6)),
            entry.looks_along,
            entry.up_axis,
        )
        for entry in stored.turns
        if entry.thing is not None
    }
    return BindingProfile(name, stored.preset, tuple(rows), turns, stored.eyes_by, round(stored.neck_share, 6))


@dataclass(frozen=True)
class ProfileReport:
    """What of a profile was used: how many rows, and by name which rows and what turns found nothing here."""

    rows: int
    missing: tuple[str, ...]


def apply_profile(stored: Any, character: Character, profile: BindingProfile) -> ProfileReport:
    """Make a head's binding that of a profile, as far as the head has what it names.

    A row whose mesh is not here goes to every mesh of the head that has its shape key. Raises InputError, with nothing
    changed, where the head has none of the shape keys.
    """
    rows: list[ShapeTarget] = []
    missing: list[str] = []
    for row in profile.rows:
        meshes = _meshes_for(row, character)
        rows.extend(
            ShapeTarget(row.channel, mesh, row.key, row.gain, row.offset, row.is_approximated, is_by_hand=True)
            for mesh in meshes
        )
        if not meshes:
            missing.append(f"{row.mesh}.{row.key}")
    if profile.rows and not rows:
        raise InputError(
            f"{character.name} has none of the shape keys of this binding.", "Choose a binding of the same kind of rig."
        )
    keep_rows(stored, rows)
    for turns, setting in profile.turns.items():
        place = _place_for(setting, character)
        if place is None:
            missing.append(setting.bone or setting.thing)
            continue
        entry = set_turn(stored, turns, place)
        entry.gains, entry.looks_along, entry.up_axis = setting.gains, setting.looks_along, setting.up
    for entry in [entry.turns for entry in stored.turns]:
        if entry not in profile.turns:
            remove_turn(stored, entry)
    stored.preset, stored.eyes_by, stored.neck_share = profile.preset, profile.eyes_by, profile.neck_share
    bound = {row.channel for row in rows}
    for index in reversed(range(len(stored.suggestions))):
        if stored.suggestions[index].channel in bound:
            stored.suggestions.remove(index)
    return ProfileReport(len(rows), tuple(dict.fromkeys(missing)))


def _meshes_for(row: Row, character: Character) -> list[Any]:
    having = [part for part in character.parts if any(key.name == row.key for key in shape_keys(part)[1:])]
    named = [part for part in having if part.name == row.mesh]
    # Blender numbers the names of copies: the head of another shot has "Face.001" where the profile says "Face".
    return named or having


def _place_for(setting: TurnSetting, character: Character) -> TurnPlace | None:
    if setting.bone:
        armatures = [part for part in character.parts if part.type == "ARMATURE"]
        having = [armature for armature in armatures if setting.bone in armature.pose.bones]
        return TurnPlace(having[0], setting.bone) if having else None
    named = [part for part in character.parts if part.name == setting.thing]
    return TurnPlace(named[0]) if named else None
