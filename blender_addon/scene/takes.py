"""Takes on a head: writes them as keys, and takes exactly that back.

A take goes to a new Action, or in the place of keys within its own frames. In both cases everything else that
animates the head goes on, and what was there before can be had back, also after work elsewhere.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, Self

from bpy.types import Scene

from ..core.curves import Curves
from ..core.errors import InputError
from ..core.performance import Performance
from ..core.shaping import Shaper
from ..core.take import Take, TakeKind
from ..core.track import FaceTrack
from .actions import go_on_in_copies
from .character import Character
from .giving_way import come_back, mark
from .key_targets import CurveId, Interval, listed
from .keys import (
    CurveWriting,
    KeyingRules,
    KeyReport,
    Still,
    frames_per_second,
    refuse_beyond_last_frame,
    with_all_shapes,
)
from .layered_takes import take_off_layer, write_layer
from .markers import set_markers
from .nla_layers import refuse_layering, refuse_tweaking, without_action
from .room import Formers, Room
from .shapers import shaper_of
from .stored_performance import frames_in, keep_performance, settle_end
from .stored_takes import ensure_own_ids, own_record, remove_take, take_of, takes_of, with_line
from .take_standing import refuse_covered, refuse_reaching
from .take_writing import (
    Before,
    Former,
    entry_owner,
    keep_edited,
    keep_what_gave_way,
    locked_curves,
    made_curves,
    put_back,
    show_again,
    without_former,
    written_curves,
)
from .untouched_keys import owners_of, remember_keys, untouched_keys
from .written_actions import (
    forget_deleted,
    give_back_actions,
    hand_on_actions,
    leave_keys,
    owners_without_action,
    playing_owners,
    strayed_owners,
)

_WHOLE_ACTION = (-1e6, 1e6)
"""Seconds; no animation is longer."""

NO_REST: Final = (
    "No calm stretch was found, a half second in which the face is seen with its eyes open, so the face stays as it "
    "was read; choose a frame at which it rests."
)
"""What is told of a take whose calmest stretch was to become the neutral face."""
_UNRESTED: Final = "In the calmest stretch the {} not at rest, and so stay{} as read; choose a frame of rest for all."


class WritingMode(Enum):
    """Where the keys of a take go.

    NEW_ACTION: the head goes on in a new Action with this take alone on its channels; everything else that the former
        Action moved, such as the body, goes on in it. The former one stays as it was.
    REPLACE: into the Action that is there; old keys of the same channels within the take's frames give way.
    LAYER: into an Action of its own, which the NLA adds to what moves the head; no key is touched.
    """

    NEW_ACTION = "new action"
    REPLACE = "replace in range"
    LAYER = "layer on top"

    @classmethod
    def of(cls, record: Any) -> Self:
        """In which way a take is on the head, or else how it is to be written."""
        if not record.is_written:
            return cls[record.write_as]
        if record.is_layer:
            return cls.LAYER
        return cls.NEW_ACTION if record.is_new_action else cls.REPLACE


@dataclass(frozen=True)
class RevertReport:
    """What was taken back: how many F-curves; and in sentences what was not, and why."""

    curves: int
    left_alone: tuple[str, ...]


def apply_take(
    character: Character,
    record: Any,
    scene: Scene,
    *,
    mode: WritingMode | None = None,
    is_draft: bool = False,
    shaper: Shaper | None = None,
    anew: Performance | None = None,
) -> KeyReport:
    """Write a take; where it has been written before, in the place of what it wrote then.

    mode: None for that in which it was written before, or else that of the record (`write_as`).
    Where the head plays another Action since, that is written into as if the take were new.
    is_draft: see `Shaper.curves`.
    shaper: one that has shaped this very take at the scene's frame rate already, as on another thread.
    anew: what a script's take holds from now on, in the place of what it held.
    Keys of the take that the animator has changed since are kept in a copy of the Action, with a fake user.
    Raises InputError or CharacterError, with nothing changed, where there is nothing to key or no way to.
    """
    record = own_record(character.anchor, record, scene=scene)
    ensure_own_ids(character.anchor)
    take, fps = take_of(record), frames_per_second(scene)
    if anew is not None:
        take = replace(take, raw=anew)
    refuse_beyond_last_frame(take.frame_start, take.shown_duration, fps)
    shaper = shaper_of(record, take, fps, made=shaper)
    curves = take.curves(fps, shaper=shaper, is_draft=is_draft)
    if not len(curves) or not any(len(curve.times) for _, curve in curves):
        raise InputError(f"There is nothing to key in {record.name}.", "No face was seen, or no region is chosen.")
    refuse_covered(character.anchor, record)
    refuse_tweaking(owners_of(character))
    mode = mode or WritingMode.of(record)
    place = _Place.of(character, record, take, curves, scene, mode)
    curves, covered = place.filled(take, curves, fps)
    work = _Work.prepared(character, record, take, curves, scene, mode, covered)  # raises where nothing can be keyed
    if place.is_former and mode is WritingMode.REPLACE:
        refuse_reaching(character.anchor, record, work.frames, work.writing.curve_ids)
    intact = untouched_keys(character) if isinstance(take.raw, Performance) else {}
    _leave_strayed(character, record)
    forget_deleted(record)
    was_layer = record.is_written and record.is_layer
    kept = keep_edited(record, playing_owners(character, record)[0]) if record.is_written and not was_layer else ""
    if record.is_written and was_layer != (mode is WritingMode.LAYER):
        _take_off(character, record, scene)
    if mode is WritingMode.LAYER:
        report, kept_layer = write_layer(character, record, work.writing, work.frames, work.action_name)
        kept = kept or kept_layer
    else:
        locked = work.make_room(record, scene)
        report = work.done(record, locked)
    record.write_as = mode.name
    record.kept = with_line(record.kept, kept) if place.is_former else kept
    record.is_draft = is_draft and isinstance(take.raw, FaceTrack)
    if anew is not None:
        keep_performance(record, anew, {*record.channels.split(), *curves.by_channel})
    if isinstance(take.raw, Performance):
        _place_beats(record, take, take.raw, fps)
        place.keep(record, scene)
        remember_keys(character, intact if record.is_layer else {**intact, record.take_id: work.writing.curve_ids})
        mark(scene, record)
    if shaper is not None and not is_draft:
        record.unrested = _unrested(shaper.not_at_rest(take.shaping))
    told = (*([f"{kept}."] if kept else []), *([record.unrested] if record.unrested else []))
    return replace(report, limited=(*report.limited, *told))


def _unrested(parts: Sequence[str]) -> str:
    """Which parts of the face were not taken for neutral, in a sentence; empty where all were."""
    if not parts or "face" in parts:
        return NO_REST if parts else ""
    is_one = len(parts) == 1 and parts[0] != "brows"
    named = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return _UNRESTED.format(f"{named} {'is' if is_one else 'are'}", "s" if is_one else "")


def revert_take(character: Character, record: Any, scene: Scene) -> RevertReport:
    """Make the head what it was before a take was written; work elsewhere stays.

    Raises InputError, with nothing changed, where the take is not on the head or a later one stands over it.
    """
    record = own_record(character.anchor, record, scene=scene)
    if not record.is_written:
        raise InputError(f"{record.name} is not on the head.", "Use Apply Take to key it.")
    refuse_covered(character.anchor, record)
    refuse_tweaking(owners_of(character))
    kept = "" if record.is_layer else keep_edited(record, playing_owners(character, record)[0])
    report = _take_off(character, record, scene)
    if kept:
        report = replace(report, left_alone=(*report.left_alone, f"{kept}."))
    set_markers(scene, record.take_id, [])
    for other in takes_of(character.anchor).items:
        if come_back(other, record.take_id):
            settle_end(other, take_of(other).shown_duration)
            mark(scene, other)
    return report


def delete_take(character: Character, record: Any) -> str:
    """Forget a take; its keys stay. What gave way to them is kept in copies of the Actions: which, in a sentence."""
    kept = ""
    if record.is_written and not record.is_layer:
        kept = keep_what_gave_way(record, playing_owners(character, record)[0])
        hand_on_actions(record, takes_of(character.anchor).items)
    remove_take(character.anchor, record)
    return kept


def _take_off(character: Character, record: Any, scene: Scene) -> RevertReport:
    """Make the curves and properties what they were before a take was written."""
    if record.is_layer:
        report = RevertReport(*take_off_layer(character, record, scene.frame_current_final))
        _forget_writing(character, record)
        return report
    owners, left_alone = playing_owners(character, record)
    lost = [curve for curve in written_curves(record) if curve.owner in owners_without_action(record)]
    if bereft := without_former(record):
        names = listed([entry.holder.name for entry in bereft if entry.holder])
        left_alone = (*left_alone, f"What was there before is gone, because its Action has been deleted: {names}.")
    if renamed := list(dict.fromkeys(curve.property_name for curve in written_curves(record) if curve.is_nowhere)):
        left_alone = (*left_alone, f"Left alone because they are not there under their names: {listed(renamed)}.")
    count = put_back(record, owners, scene.frame_current_final)
    _forget_writing(character, record)
    show_again(lost, scene.frame_current_final)
    return RevertReport(count, left_alone)


@dataclass(frozen=True)
class _Place:
    """Where a take is about to be written. room: what it makes of it; None for one that makes none.

    is_former: whether it stands there already. formers: the performances that are to give way; None where they have.
    """

    room: Room | None = None
    is_former: bool = False
    formers: Formers | None = None

    @classmethod
    def of(cls, character: Character, record: Any, take: Take, curves: Curves, scene: Scene, mode: WritingMode) -> Self:
        """A script makes the room that it has made already, or in another place that which is needed there."""
        strayed = strayed_owners(record, takes_of(character.anchor).items)
        is_former = record.is_written and WritingMode.of(record) is mode and len(strayed) < len(record.owners)
        if mode is not WritingMode.REPLACE or take.kind is not TakeKind.SCRIPT:
            return cls(is_former=is_former)
        if is_former:
            return cls(Room.of(record), is_former)
        fps = frames_per_second(scene)
        frames = frames_in(take.shown_duration, fps)
        formers = Formers(character, record.frame_start, frames, but=record.take_id)
        return cls(formers.room(curves, from_rest=record.from_rest), is_former, formers)

    def filled(self, take: Take, curves: Curves, fps: float) -> tuple[Curves, dict[str, Interval]]:
        """See `Room.filled`; nothing is covered besides the keys where no room is made."""
        if self.room is None:
            return curves, {}
        last = max(float(curve.times[-1]) for _, curve in curves if len(curve.times))
        seconds = max(frames_in(take.shown_duration, fps) / fps, last)
        return self.room.within(take.shaping.regions).filled(curves, take.frame_start, seconds, fps)

    def keep(self, record: Any, scene: Scene) -> None:
        """Keep the room with the take, and let those that give way do so."""
        if self.room is not None:
            self.room.keep(record)
        if self.formers is not None:
            self.formers.give_way(scene, record.take_id)


@dataclass(frozen=True)
class _Work:
    """The writing of a take, looked at and not begun. frames: from its first key to its last."""

    character: Character
    writing: CurveWriting
    frames: Interval
    action_name: str
    is_new: bool

    @classmethod
    def prepared(
        cls,
        character: Character,
        record: Any,
        take: Take,
        curves: Curves,
        scene: Scene,
        mode: WritingMode,
        covered: Mapping[str, Interval],
    ) -> Self:
        """covered: see `_Place.filled`. Raises CharacterError where nothing can be keyed."""
        ends = [*((curve.times[0], curve.times[-1]) for _, curve in curves if len(curve.times)), *covered.values()]
        first, last = float(min(start for start, _ in ends)), float(max(end for _, end in ends))
        fps, name = frames_per_second(scene), f"{character.name} {take.name}"
        is_new, is_layer = mode is WritingMode.NEW_ACTION, mode is WritingMode.LAYER
        if record.all_channels:
            curves = with_all_shapes(character, curves, first, is_layer=is_layer)
        replacing = dict.fromkeys(curves.by_channel, (first, last) if mode is WritingMode.REPLACE else _WHOLE_ACTION)
        replacing |= covered
        still = Still.KEYED if record.all_channels else Still.LEFT_OUT if is_layer else Still.LEFT_ALONE

        strayed = strayed_owners(record, takes_of(character.anchor).items)
        own = {curve_id: value for curve_id, value in made_curves(record).items() if curve_id[0] not in strayed}
        rules = KeyingRules(still, own, into_copies=is_new)

        def writing() -> CurveWriting:
            return CurveWriting(
                *(character, curves, take.frame_start, scene),
                replacing=replacing,
                action_name=name,
                rules=rules,
            )

        frames = take.frame_start + first * fps, take.frame_start + last * fps
        if not is_layer:
            return cls(character, writing(), frames, name, is_new)
        owners = owners_of(character)
        refuse_layering(owners)
        with without_action(owners):  # locks and libraries of the Action that plays do not matter
            return cls(character, writing(), frames, name, is_new)

    def make_room(self, record: Any, scene: Scene) -> set[CurveId]:
        """Take away what the take has written, save what is about to be written anew, and what is locked: those."""
        if not record.is_written:
            return set()
        begins_anew = record.is_new_action != self.is_new or any(entry.action is None for entry in record.owners)
        stays = set(self.writing.curve_ids) if self.is_new and not begins_anew else set()
        locked = locked_curves(record)
        put_back(record, playing_owners(self.character, record)[0], scene.frame_current_final, but=stays | locked)
        if begins_anew:
            _forget_writing(self.character, record)
        return locked

    def done(self, record: Any, locked: Collection[CurveId]) -> KeyReport:
        """Write, and keep with the record what was there before; locked: curves with the take's former keys."""
        formers = {owner: Former.of(owner) for owner in self.writing.owners}
        if self.is_new:
            self._go_on_in_new(record)
        before = Before.of(self.writing, formers, with_states=not self.is_new)
        report = self.writing.write()
        before.keep(record, self.character, self.frames, untouched=locked)
        record.is_new_action = self.is_new
        return report

    def _go_on_in_new(self, record: Any) -> None:
        """Let datablocks that have not been written into go on in copies of their Actions, named after the take."""
        own = [entry_owner(entry) for entry in record.owners] if record.is_written else []
        fresh = [owner for owner in self.writing.owners if owner not in own]
        go_on_in_copies(fresh)
        for owner in fresh:
            if owner.animation_data and owner.animation_data.action:
                owner.animation_data.action.name = self.action_name


def _leave_strayed(character: Character, record: Any) -> None:
    """Where the head plays another Action now, the take's keys stay in the one that they are in."""
    if strayed := strayed_owners(record, takes_of(character.anchor).items):
        leave_keys(record, strayed)
        if not len(record.owners):
            _forget_writing(character, record)


def _place_beats(record: Any, take: Take, performance: Performance, fps: float) -> None:
    """Where a script's beats stand now."""
    record.fps, record.gave_way = fps, ""
    settle_end(record, take.shown_duration)
    seconds = take.seconds_after([beat.time for beat in performance.beats])
    for line, second in zip(record.beats, seconds.tolist(), strict=False):  # a duplicate has them all, an import none
        line.frame = record.frame_start + second * fps


def _forget_writing(character: Character, record: Any) -> None:
    record.gave_way = ""
    give_back_actions(record, takes_of(character.anchor).items)
    record.is_written, record.is_draft, record.curves, record.before = False, False, "", b""
