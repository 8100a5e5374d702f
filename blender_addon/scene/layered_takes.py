"""Takes as layers: their keys in Actions of their own, which the NLA adds to what moves the head.

No key of the head is touched, and the Action may be linked from another file.
"""

from collections.abc import Iterable
from typing import Any

import bpy

from .actions import exchange_action, fcurves_in, fcurves_of, remove_fcurve, set_action, slot_of
from .character import Character
from .key_targets import CurveId, Interval
from .keys import CurveWriting, KeyReport
from .nla_layers import add_layer, end_layers, is_layered, remove_layer, strips_with, without_action
from .stored_takes import takes_of
from .take_writing import Before, Former, digest_of, entry_owner, show_again, written_curves
from .untouched_keys import owners_of


def write_layer(
    character: Character, record: Any, writing: CurveWriting, frames: Interval, name: str
) -> tuple[KeyReport, str]:
    """Put the keys of a take on top; where it is a layer already, in the place of those it had.

    What was done; and where keys of the layer had been changed since, which Action keeps those.
    """
    owners, kept = owners_of(character), ""
    formers = {owner: Former(owner.animation_data is not None, None, "", was_kept=False) for owner in writing.owners}
    with without_action(owners):
        if record.is_layer:
            kept = _keep_edited(record)
            _part_from_copied_heads(record)
            _attach(record)
        for owner in owners:
            _remove_other_curves(owner, writing)
        earlier = _values_before_layers(character, record)
        before = Before(formers, {place: earlier.get(place, value) for place, value in writing.values.items()}, {})
        report = writing.write()
        before.keep(record, character, frames)
        made = {owner: (owner.animation_data.action, slot_of(owner)) for owner in writing.owners}
    record.is_layer, record.is_new_action = True, False
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner in made:
            entry.layer_slot = made[owner][1]
            _remember_blend(character, record, entry, owner)
            add_layer(owner, *made[owner], name, frames)
        elif owner is not None and owner.animation_data is not None:
            remove_layer(owner, entry.action)
    bpy.context.view_layer.update()  # so that scripts see the sum at once
    return report, kept


def take_off_layer(character: Character, record: Any, frame: float) -> tuple[int, tuple[str, ...]]:
    """Take a layer away again: how many curves went, and in sentences what there is to know."""
    written, told, actions = written_curves(record), [], []
    layered: set[Any] = set()
    edited = _edited_actions(record)
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner is None or owner.animation_data is None or not is_layered(owner, entry.action):
            told.append(f"No layer was left on {entry.holder.name if entry.holder else 'an object that is gone'}.")
        else:
            remove_layer(owner, entry.action)
            layered.update({owner} if entry.action is not None else ())
        actions.append(entry.action)
        if owner is not None and owner.animation_data is not None:
            _end_blending(character, record, entry, owner)
    show_again((curve for curve in written if curve.owner is not None), frame)
    bpy.context.view_layer.update()  # what other layers move is theirs again
    record.owners.clear()
    for action in {action for action in actions if action is not None}:
        if action in edited:
            action.use_fake_user = True
            told.append(f'Keys of the layer that were changed are kept in the Action "{action.name}".')
        elif action.users == int(action.use_fake_user):
            bpy.data.actions.remove(action)
    record.is_layer = False
    return sum(curve.owner in layered for curve in written), tuple(told)


def _part_from_copied_heads(record: Any) -> None:
    """Go on in copies of Actions that others play too: a head that was duplicated shares them with its copy."""
    for action in {entry.action for entry in record.owners if entry.action is not None}:
        entries = [entry for entry in record.owners if entry.action == action]
        strips = [s for entry in entries if (owner := entry_owner(entry)) for s in strips_with(owner, action)]
        if action.users > len(strips) + len(entries) + int(action.use_fake_user):
            copy = action.copy()
            copy.use_fake_user = False
            for strip in strips:
                exchange_action(strip, copy)
            for entry in entries:
                entry.action = copy


def _attach(record: Any) -> None:
    """Let the Actions of a layer play alone on its datablocks, to be written anew; a deleted one leaves its strip."""
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner is None or owner.animation_data is None:
            continue
        if entry.action is None:
            remove_layer(owner, None)
        else:
            set_action(owner, entry.action, entry.layer_slot)


def _remove_other_curves(owner: Any, writing: CurveWriting) -> None:
    wanted = set(writing.curve_ids)
    for fcurve in fcurves_of(owner):
        if (owner, fcurve.data_path, fcurve.array_index) not in wanted:
            remove_fcurve(owner, fcurve)


def _layers_besides(character: Character, record: Any, owner: Any) -> Iterable[Any]:
    """The entries of other layers for the same datablock."""
    for other in takes_of(character.anchor).items:
        if other.is_layer and other.take_id != record.take_id:
            yield from (entry for entry in other.owners if entry_owner(entry) == owner)


def _values_before_layers(character: Character, record: Any) -> dict[CurveId, float]:
    """What properties that other layers move were before the first of these."""
    others = [other for other in takes_of(character.anchor).items if other.is_layer and other.take_id != record.take_id]
    others.sort(key=lambda other: -other.written_order)
    return {curve.curve_id: curve.value for other in others for curve in written_curves(other) if curve.owner}


def _remember_blend(character: Character, record: Any, entry: Any, owner: Any) -> None:
    if not entry.former_blend and not any(_layers_besides(character, record, owner)):
        entry.former_blend = owner.animation_data.action_blend_type


def _end_blending(character: Character, record: Any, entry: Any, owner: Any) -> None:
    heir = next(iter(_layers_besides(character, record, owner)), None)
    if heir is not None:
        heir.former_blend = entry.former_blend or heir.former_blend
        return
    end_layers(owner, entry.former_blend or "REPLACE")
    animation = owner.animation_data
    is_empty = animation.action is None and not animation.drivers and not animation.nla_tracks
    if is_empty and not entry.had_animation:
        owner.animation_data_clear()


def _edited_actions(record: Any) -> set[Any]:
    """The Actions of a layer in which keys have been changed since they were written."""
    entries = {entry_owner(entry): entry for entry in record.owners if entry.action is not None}
    edited = set()
    for owner, entry in entries.items():
        now = {(f.data_path, f.array_index): f for f in fcurves_in(entry.action, entry.layer_slot)}
        for written in written_curves(record):
            if written.owner == owner and written.digest:
                fcurve = now.get(written.place)
                if fcurve is None or digest_of(fcurve) != written.digest:
                    edited.add(entry.action)
    return edited


def _keep_edited(record: Any) -> str:
    names = []
    for action in _edited_actions(record):
        copy = action.copy()
        copy.use_fake_user = True
        names.append(f'"{copy.name}"')
    if not names:
        return ""
    return f"Keys of the layer that were changed are kept in the Action{'s' if names[1:] else ''} {', '.join(names)}"
