"""The Actions that takes were written into: which of them play, which head went on in a copy, and how they go back."""

import json
from collections.abc import Collection, Iterable
from typing import Any

import bpy

from .actions import fcurves_in, fcurves_of, set_action
from .character import Character
from .curve_states import CurveState, is_same, pack_states, unpack_states
from .key_targets import listed
from .take_writing import by_place, entry_owner, written_curves


def strayed_owners(record: Any, others: Iterable[Any]) -> tuple[Any, ...]:
    """The datablocks of a written take, no layer, that play an Action now which the take has no part in.

    others: the takes of the head; where one of them went on in a copy of the take's Action, that is none.
    """
    if not record.is_written or record.is_layer:
        return ()
    entries = [entry for other in others if other.is_written and not other.is_layer for entry in other.owners]
    strayed = []
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner is None or entry.action is None:
            continue
        playing = owner.animation_data.action if owner.animation_data else None
        formers = {other.action: other.former for other in entries if other.action and entry_owner(other) == owner}
        while playing is not None and playing != entry.action:
            playing = formers.pop(playing, None)
        if playing is None:
            strayed.append(owner)
    return tuple(strayed)


def leave_keys(record: Any, owners: Collection[Any]) -> None:
    """Let a take forget what it wrote into datablocks; its keys stay in the Action that they are in."""
    written = written_curves(record)
    states = unpack_states(record.before) if record.before else []
    stays = [curve.owner not in owners for curve in written]
    record.before = pack_states(state for state, kept in zip(states, stays, strict=True) if kept) if states else b""
    for index in reversed(range(len(record.owners))):
        if entry_owner(record.owners[index]) in owners:
            record.owners.remove(index)
    left = [entry_owner(entry) for entry in record.owners]
    kept_curves = [curve for curve, kept in zip(written, stays, strict=True) if kept and curve.owner in left]
    record.curves = json.dumps([(left.index(c.owner), *c.place, c.value, c.digest, c.own_digest) for c in kept_curves])


def forget_deleted(record: Any) -> None:
    """Let a take forget what it wrote into objects that have been deleted since."""
    if any(entry_owner(entry) is None for entry in record.owners):
        leave_keys(record, [None])


def give_back_actions(record: Any, others: Iterable[Any]) -> list[str]:
    """Give datablocks back the Actions that they had, where nothing else has been changed since; the others by name.

    others: the takes of the head, which stay in the Actions that it plays.
    """
    made, going_on = set(), []
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner is None or owner.animation_data is None or owner.animation_data.action != entry.action:
            continue
        if entry.action is None:  # it has been deleted, with all that it had
            _give_former(owner, entry)
        elif entry.former == entry.action:
            continue
        elif not _is_alike(owner, entry):
            going_on.append(entry.action.name)
            _hand_on(entry, record, others)
        else:
            made.add(entry.action)
            _give_former(owner, entry)
    record.owners.clear()
    for action in made:
        if action.users == int(action.use_fake_user) and action.name not in going_on:
            bpy.data.actions.remove(action)
    return list(dict.fromkeys(going_on))


def hand_on_actions(record: Any, others: Iterable[Any]) -> None:
    """Let the other takes go on in the Actions in which a head went on for this one, which is about to be forgotten."""
    for entry in record.owners:
        _hand_on(entry, record, others)


def _hand_on(entry: Any, record: Any, others: Iterable[Any]) -> None:
    for other in others:
        for theirs in other.owners if other != record and other.is_written and not other.is_layer else ():
            if theirs.action == entry.former and entry_owner(theirs) == entry_owner(entry):
                theirs.action = entry.action


def _give_former(owner: Any, entry: Any) -> None:
    set_action(owner, entry.former, entry.former_slot)
    if entry.former is not None:
        entry.former.use_fake_user = entry.former_was_kept
    elif not entry.had_animation and not owner.animation_data.drivers and not owner.animation_data.nla_tracks:
        owner.animation_data_clear()


def _is_alike(owner: Any, entry: Any) -> bool:
    """Whether the Action of a datablock has the same curves for it as the former one."""
    now = by_place(fcurves_of(owner))
    before = by_place(fcurves_in(entry.former, entry.former_slot)) if entry.former else {}
    return now.keys() == before.keys() and all(
        is_same(CurveState.of(fcurve), CurveState.of(before[place])) for place, fcurve in now.items()
    )


def playing_owners(character: Character, record: Any) -> tuple[list[Any], tuple[str, ...]]:
    """The datablocks of a written take that still play the Action it was written into; for the others, why not."""
    mine = set(character.parts)
    playing, elsewhere, deleted, gone = [], [], [], 0
    for entry in record.owners:
        owner = entry_owner(entry)
        if owner is None or entry.holder not in mine:
            gone += 1
        elif entry.action is None:
            deleted.append(entry.holder.name)
        elif owner.animation_data is None or owner.animation_data.action != entry.action:
            elsewhere.append(entry.holder.name)
        else:
            playing.append(owner)
    told = []
    if elsewhere:
        told.append(f"Left alone because another Action plays there now: {listed(elsewhere)}.")
    if deleted:
        told.append(f"The Action with the keys of the take has been deleted: {listed(deleted)}.")
    if gone:
        told.append("Left alone because they are not parts of this head: objects that the take was written on.")
    return playing, tuple(told)


def owners_without_action(record: Any) -> list[Any]:
    """The datablocks of a written take that have no Action since the one it was written into was deleted."""
    owners = [entry_owner(entry) for entry in record.owners if entry.action is None]
    return [o for o in owners if o is not None and (o.animation_data is None or o.animation_data.action is None)]
