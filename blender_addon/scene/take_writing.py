"""What a take changed on a head, kept with it, so that exactly that can be taken back."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import InputError
from .actions import fcurves_in, fcurves_of, set_action, slot_of
from .character import Character
from .curve_states import CurveState, Place, pack_states, unpack_states
from .key_table import is_within, key_bytes, told_keys
from .key_targets import CurveId, Interval
from .keys import CurveWriting
from .stored_takes import takes_of

_ALWAYS = (-1e9, 1e9)


@dataclass(frozen=True)
class Former:
    """What animated a datablock before a take was written."""

    had_animation: bool
    action: Any
    slot: str
    was_kept: bool

    @classmethod
    def of(cls, owner: Any) -> "Former":
        """As it is now."""
        animation = owner.animation_data
        action = animation.action if animation else None
        return cls(animation is not None, action, slot_of(owner), bool(action and action.use_fake_user))


@dataclass(frozen=True, eq=False)
class Before:
    """What stood where a take is about to be written. states: empty where the former Actions tell."""

    formers: Mapping[Any, Former]
    values: Mapping[CurveId, float]
    states: Mapping[CurveId, CurveState]

    @classmethod
    def of(cls, writing: CurveWriting, formers: Mapping[Any, Former], *, with_states: bool = True) -> "Before":
        """To be called before `writing.write()`."""
        now = {owner: by_place(fcurves_of(owner)) for owner in writing.owners} if with_states else {}
        ids = writing.curve_ids if with_states else ()
        states = {(owner, path, index): CurveState.of(now[owner].get((path, index))) for owner, path, index in ids}
        return cls(formers, writing.values, states)

    def under(self, record: Any) -> "Before":
        """For a part of a take that is on the head: on the take's own curves, what stood there before it."""
        if not self.states:
            return self
        written, frames = written_curves(record), (record.written_from, record.written_until)
        pairs = [(c, s) for c, s in zip(written, _states_before(record, written), strict=True) if c.owner is not None]
        now = {owner: by_place(fcurves_of(owner)) for owner in dict.fromkeys(curve.owner for curve, _ in pairs)}
        first: dict[CurveId, CurveState] = {}
        for curve, state in pairs:
            fcurve = now[curve.owner].get(curve.place)
            is_changed = fcurve is not None and digest_of(fcurve) != curve.digest
            first[curve.curve_id] = state.under(CurveState.of(fcurve), frames) if is_changed else state
        return replace(self, states={**self.states, **first})

    def _gone_on(self) -> list[Any]:
        """The datablocks that play another Action now, also where nothing is written into it for them."""
        return [
            o for o, former in self.formers.items() if o.animation_data and o.animation_data.action != former.action
        ]

    def keep(self, record: Any, character: Character, frames: Interval, *, untouched: Collection[CurveId] = ()) -> None:
        """Keep it with a take that has been written within some frames.

        The values, and where the former Actions tell what was there before, stay those of its first writing. Where
        states tell, they are those of now: others may have keyed elsewhere on the curves since it was written first.
        untouched: curves that keep the take's former keys, because they are locked.
        """
        old = {written.curve_id: written for written in written_curves(record)} if record.is_written else {}
        states = dict(zip(old, unpack_states(record.before), strict=True)) if old and record.before else {}
        owners = [entry_owner(entry) for entry in record.owners] if old else []
        if not old:
            record.owners.clear()
        for owner in dict.fromkeys([*(owner for owner, _, _ in self.values), *self._gone_on()]):
            if owner not in owners:
                owners.append(owner)
                _keep_owner(record.owners.add(), owner, self.formers[owner], character)
        for owner, entry in zip(owners, record.owners, strict=True):
            entry.action = owner.animation_data.action if owner.animation_data else None
        values = {**self.values, **{curve_id: written.value for curve_id, written in old.items()}}
        if self.states:
            left = [c for c in values if c not in self.states and not (c in states and c in untouched)]
            states = {**states, **_states_now(left, owners), **self.states}
        record.before = pack_states(states[curve_id] for curve_id in values) if states else b""
        record.curves = json.dumps(list(_rows(owners, values, frames if states else _ALWAYS)))
        if not record.is_written:
            others = takes_of(character.anchor).items
            record.written_order = 1 + max((other.written_order for other in others), default=0)
        record.is_written, (record.written_from, record.written_until) = True, frames


@dataclass(frozen=True)
class WrittenCurve:
    """One F-curve that a take wrote. value: of its property before. digest: of its keys as they were written.

    own_digest: of those keys alone that would go with the take; elsewhere on the curve others may key.
    """

    owner: Any
    place: Place
    value: float
    digest: str
    own_digest: str

    @property
    def curve_id(self) -> CurveId:
        """As writers of F-curves know it."""
        return (self.owner, *self.place)

    @property
    def property_name(self) -> str:
        """That of the shape key or the bone as it was written."""
        return self.place[0].partition('["')[2].partition('"]')[0] or self.place[0]

    @property
    def is_nowhere(self) -> bool:
        """Whether the shape key or the bone has been renamed or deleted since."""
        return self.owner is not None and not _is_there(self.owner, self.place[0].rpartition(".")[0])


def written_curves(record: Any) -> list[WrittenCurve]:
    """Those of a take; the owner is None where it has been deleted. Raises InputError where they are damaged."""
    owners = [entry_owner(entry) for entry in record.owners]
    try:
        rows = json.loads(record.curves or "[]")
        return [
            WrittenCurve(owners[owner], (path, index), value, digest, *(own or [digest]))
            for owner, path, index, value, digest, *own in rows  # files of before had no `own`
        ]
    except (ValueError, TypeError, LookupError) as fault:
        raise InputError(
            f"What {record.name} has written on the head cannot be read any more.",
            "Use Undo or a backup of the file, or delete the take; its keys stay.",
        ) from fault


def made_curves(record: Any) -> dict[CurveId, float]:
    """The F-curves of a take, no layer, that were not there before it, and what their properties were."""
    written = written_curves(record) if record.is_written and not record.is_layer else []
    before = _states_before(record, written)
    return {c.curve_id: c.value for c, state in zip(written, before, strict=True) if state.keys is None}


def locked_curves(record: Any) -> set[CurveId]:
    """The F-curves of a take that are locked now, or whose group is."""
    written = written_curves(record)
    now = {o: by_place(fcurves_of(o)) for o in dict.fromkeys(c.owner for c in written) if o is not None}
    found = [(c.curve_id, now[c.owner].get(c.place)) for c in written if c.owner is not None]
    return {key for key, fcurve in found if fcurve and (fcurve.lock or (fcurve.group and fcurve.group.lock))}


def entry_owner(entry: Any) -> Any:
    """The datablock of a `MIEN_PG_written_owner`; None where it has been deleted."""
    if entry.holder is None or not entry.of_shapes:
        return entry.holder
    return entry.holder.data.shape_keys if entry.holder.type == "MESH" else None


def digest_of(fcurve: Any) -> str:
    """Changes when an animator changes a key of the curve."""
    return _digests_of(fcurve, _ALWAYS)[0]


def _digests_of(fcurve: Any, *parts: Interval) -> list[str]:
    """For each part, what changes when an animator changes a key of the curve within its frames."""
    told = told_keys(fcurve)
    return [hashlib.blake2b(key_bytes(told, part), digest_size=8).hexdigest() for part in parts]


def keep_edited(record: Any, owners: Iterable[Any]) -> str:
    """Keep copies of the Actions in which keys of a take, no layer, have been changed since; say which, if any.

    owners: those of its datablocks that still play what it was written into.
    """
    playing = list(owners)
    now = {owner: by_place(fcurves_of(owner)) for owner in playing}
    frames = (record.written_from, record.written_until) if record.before else _ALWAYS
    names = []
    for action in dict.fromkeys(
        curve.owner.animation_data.action
        for curve in written_curves(record)
        if curve.owner in playing and curve.own_digest
        if curve.place in now[curve.owner]  # one that is gone has no keys to keep
        and curve.own_digest not in _digests_of(now[curve.owner][curve.place], frames, _ALWAYS)
    ):
        copy = action.copy()
        copy.use_fake_user = True
        names.append(f'"{copy.name}"')
    if not names:
        return ""
    return f"Keys of the take that were changed are kept in the Action{'s' if names[1:] else ''} {', '.join(names)}"


def _former_curves(entry: Any) -> dict[Place, Any]:
    """Those of the Action in which a datablock no longer is, since it went on in a copy."""
    went_on = entry.former is not None and entry.former != entry.action
    return by_place(fcurves_in(entry.former, entry.former_slot)) if went_on else {}


def _has_all_keys(fcurve: Any, state: CurveState, frames: Interval) -> bool:
    """Whether a curve has the keys of a state within some frames."""
    if state.keys is None:
        return True
    wanted = state.keys["co"][is_within(state.keys["co"][:, 0], frames)]
    there = CurveState.of(fcurve).keys
    found = {tuple(key) for key in there["co"].tolist()} if there is not None else set()
    return found.issuperset(map(tuple, wanted.tolist()))


def put_back(record: Any, owners: Iterable[Any], frame: float, *, but: Collection[CurveId] = ()) -> int:
    """Make the F-curves that a take wrote, and the properties they move, what they were before; how many there are.

    owners: only theirs. but: those that are about to be written anew stay. Of a curve that has been changed since,
    only the frames of the take are put back; in an Action that was made for the take, all of it.
    """
    going = _put_back_curves(record, owners, but)
    show_again((curve for curve, _ in going), frame)
    bereft = [entry_owner(entry) for entry in without_former(record)]
    return sum(curve.owner not in bereft for curve, _ in going)


def _put_back_curves(
    record: Any, owners: Iterable[Any], but: Collection[CurveId] = ()
) -> list[tuple[WrittenCurve, CurveState]]:
    wanted, written = list(owners), written_curves(record)
    now = {owner: by_place(fcurves_of(owner)) for owner in wanted}
    pairs = zip(written, _states_before(record, written), strict=True)
    going = [(curve, state) for curve, state in pairs if curve.owner in wanted and curve.curve_id not in but]
    for curve, state in going:
        fcurve = now[curve.owner].get(curve.place)
        if fcurve is not None and not record.is_new_action and digest_of(fcurve) != curve.digest:
            frames = record.written_from, record.written_until
            state.put_back_within(curve.owner, curve.place, fcurve, frames)
        else:
            state.put_back(curve.owner, curve.place, fcurve)
    return going


def keep_what_gave_way(record: Any, owners: Iterable[Any]) -> str:
    """Keep copies of the Actions with what a take has replaced in them, as they were before it; say which, if any.

    owners: those of its datablocks that still play what it was written into.
    """
    if not record.before:
        return ""  # what was there before is in the former Actions
    written, frames = written_curves(record), (record.written_from, record.written_until)
    former = {entry_owner(entry): _former_curves(entry) for entry in record.owners}
    replaced = {
        curve.owner
        for curve, state in zip(written, unpack_states(record.before), strict=True)
        if not _has_all_keys(former.get(curve.owner, {}).get(curve.place), state, frames)
    }
    playing = {owner: (owner.animation_data.action, slot_of(owner)) for owner in owners if owner.animation_data}
    copies = {}
    for action, _ in (told for owner, told in playing.items() if owner in replaced):
        if action not in copies:
            copies[action] = action.copy()
            copies[action].name, copies[action].use_fake_user = f"{action.name} before {record.name}", True
    there = [owner for owner, (action, _) in playing.items() if action in copies]
    for owner in there:
        set_action(owner, copies[playing[owner][0]], playing[owner][1])
    _put_back_curves(record, there)
    for owner in there:
        set_action(owner, *playing[owner])
    names = ", ".join(f'"{copy.name}"' for copy in copies.values())
    return f"What stood there before is kept in the Action{'s' if len(copies) > 1 else ''} {names}" if names else ""


def show_again(curves: Iterable[WrittenCurve], frame: float) -> None:
    """Set properties to what their F-curves say now, or without one to what they were before."""
    wanted = list(curves)
    now = {owner: by_place(fcurves_of(owner)) for owner in dict.fromkeys(curve.owner for curve in wanted)}
    for curve in wanted:
        fcurve = now[curve.owner].get(curve.place)
        _show(curve.owner, curve.place, fcurve.evaluate(frame) if fcurve is not None else curve.value)


def without_former(record: Any) -> list[Any]:
    """Entries of the datablocks whose former Action alone told what was there, and has been deleted."""
    if record.before:
        return []
    return [entry for entry in record.owners if entry.had_action and entry.former is None]


def _states_before(record: Any, written: Iterable[WrittenCurve]) -> list[CurveState]:
    if record.before:
        return unpack_states(record.before)
    former = {
        entry_owner(entry): by_place(fcurves_in(entry.former, entry.former_slot)) if entry.former else {}
        for entry in record.owners
    }
    return [CurveState.of(former[curve.owner].get(curve.place)) for curve in written]


def by_place(fcurves: Iterable[Any]) -> dict[Place, Any]:
    """F-curves of one datablock by what they move."""
    return {(fcurve.data_path, fcurve.array_index): fcurve for fcurve in fcurves}


def _keep_owner(entry: Any, owner: Any, former: Former, character: Character) -> None:
    holders = {target.mesh.data.shape_keys: target.mesh for target in character.shapes}
    entry.of_shapes = owner in holders
    entry.holder = holders.get(owner, owner)
    entry.had_animation, entry.former_was_kept = former.had_animation, former.was_kept
    entry.former, entry.former_slot, entry.had_action = former.action, former.slot, former.action is not None


def _states_now(curve_ids: Iterable[CurveId], owners: Iterable[Any]) -> dict[CurveId, CurveState]:
    now = {owner: by_place(fcurves_of(owner)) for owner in owners}
    return {(o, path, index): CurveState.of(now[o].get((path, index))) for o, path, index in curve_ids}


def _rows(
    owners: list[Any], values: Mapping[CurveId, float], frames: Interval
) -> Iterator[tuple[int, str, int, float, str, str]]:
    now = {owner: by_place(fcurves_of(owner)) for owner in owners}
    for (owner, path, index), value in values.items():
        fcurve = now[owner].get((path, index))
        whole, own = _digests_of(fcurve, _ALWAYS, frames) if fcurve is not None else ("", "")
        yield owners.index(owner), path, index, value, whole, own


def _show(owner: Any, place: Place, value: float) -> None:
    """Set a property to what its curve says, so that the head shows it without a change of frame."""
    holder_path, _, attribute = place[0].rpartition(".")
    if not _is_there(owner, holder_path):
        return
    holder = owner.path_resolve(holder_path)
    if attribute == "value":
        holder.value = value
    else:
        getattr(holder, attribute)[place[1]] = value


def _is_there(owner: Any, path: str) -> bool:
    """Whether a shape key or a bone has not been renamed or deleted."""
    try:
        owner.path_resolve(path)
    except ValueError:
        return False
    return True
