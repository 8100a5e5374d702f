"""What keeps shape keys of a binding from being keyed or seen, told before anything is keyed."""

from collections.abc import Iterable
from typing import Any

from bpy.utils import escape_identifier

from .actions import driven_paths
from .binding_targets import ShapeTarget
from .character import Character
from .key_targets import listed

_SLACK = 1e-3


def obstacles(character: Character) -> list[str]:
    """One sentence for each kind of obstacle, with what to do; none where all is well."""
    driven, linked, muted, short = [], [], [], []
    by_key = character.rows_by_key
    owners = dict.fromkeys(owner for owner, _ in by_key)
    paths = {owner: driven_paths(owner) for owner in owners}
    keys = {owner: dict(owner.key_blocks.items()) for owner in owners}
    for (owner, name), rows in by_key.items():
        if _path(name) in paths[owner]:
            driven.append(name)
        if not owner.is_editable:
            linked.append(name)
        if keys[owner][name].mute:
            muted.append(name)
        if reaches_beyond(keys[owner][name], rows):
            short.append(name)
    found = []
    if driven:
        found.append(
            f"Moved by drivers, so they can't be keyed: {listed(driven)}. Remove or mute the drivers, or key the "
            "control rig that they follow."
        )
    if linked:
        found.append(f"Linked from another file, so they can't be keyed: {listed(linked)}. Override their meshes.")
    if muted:
        found.append(f"Muted, so they won't be seen: {listed(muted)}. Tick them in the list of shape keys.")
    if short:
        found.append(f"The gain goes beyond the slider's range: {listed(short)}. Widen the range or lower the gain.")
    return found


def why_not_keyed(row: ShapeTarget) -> str:
    """The same of one row, in two or three words; empty where it can be keyed and seen."""
    owner: Any = row.mesh.data.shape_keys
    if _path(row.key) in driven_paths(owner):
        return "driven"
    if not owner.is_editable:
        return "linked"
    return "muted" if owner.key_blocks[row.key].mute else ""


def reaches_beyond(key: Any, rows: Iterable[ShapeTarget]) -> bool:
    """Whether one channel alone would take a shape key beyond its slider's range."""
    rest = sum(row.offset for row in rows)
    ends = [rest, *(rest + row.gain for row in rows if not row.is_approximated)]
    return bool(max(ends) > key.slider_max + _SLACK or min(ends) < key.slider_min - _SLACK)


def _path(name: str) -> str:
    return f'key_blocks["{escape_identifier(name)}"].value'
