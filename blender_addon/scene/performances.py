"""Puts performances on a head: their keys, their markers, and what is kept of them.

No key of the animator is ever lost: where one stands in the way, the head goes on in a copy of its
Action and the former one stays as it was. Keys that an earlier performance wrote and nobody has
changed since simply give way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bpy.types import Scene

from ..core.errors import InputError
from ..core.framing import on_frames
from ..core.performance import Performance
from ..core.shaping import Shaping
from ..core.splicing import Splice
from ..core.take import TakeKind, made_now
from ..core.wire import PerformRequest
from .actions import fcurves_of, go_on_in_copies
from .character import Character
from .giving_way import cut_at, mark, stretches_of
from .key_table import frames_of, is_within
from .key_targets import CurveId, Interval
from .keys import CurveWriting, KeyReport, frames_per_second, refuse_beyond_last_frame
from .room import Formers, Room
from .stored_performance import keep_performance, keep_request, performances_of
from .stored_takes import ensure_own_ids, keep_shaping, name_take, new_record, shaping_of, takes_of, with_line
from .take_writing import Before, Former
from .takes import WritingMode, apply_take
from .untouched_keys import owners_of, remember_keys, untouched_keys
from .written_actions import forget_deleted, strayed_owners


@dataclass(frozen=True)
class Performed:
    """What was done: the keys, and the stored performance."""

    report: KeyReport
    record: Any


def perform(
    character: Character,
    request: PerformRequest,
    performance: Performance,
    frame_start: int,
    scene: Scene,
    *,
    from_rest: bool,
) -> Performed:
    """Key a whole performance from a frame on.

    from_rest: what earlier keys hold on other channels is let go as it begins.
    Raises InputError where nothing was understood or nothing moves, CharacterError where nothing can be keyed;
    nothing has been changed then.
    """
    if not any(keyframe.channels for keyframe in performance.keyframes):
        raise InputError(*_nothing_to_play(performance))
    anchor = character.anchor
    fps = frames_per_second(scene)
    refuse_beyond_last_frame(frame_start, performance.duration, fps)
    framed = on_frames(performance, fps)
    formers = Formers(character, frame_start, framed.duration * fps)
    own = framed.to_curves()
    room = formers.room(own, from_rest=from_rest)
    curves, replacing = room.filled(own, frame_start, framed.duration, fps)
    writing = CurveWriting(character, curves, frame_start, scene, replacing=replacing)
    ensure_own_ids(anchor)
    intact = untouched_keys(character)
    owners = {owner: Former.of(owner) for owner in owners_of(character)}
    kept = _keep_what_is_in_the_way(character, writing, intact)
    before = Before.of(writing, owners)
    report = writing.write()
    record = new_record(anchor, scene=scene)
    formers.give_way(scene, record.take_id)
    record.kind, record.made_at = TakeKind.SCRIPT.name, made_now()
    record.write_as = WritingMode.REPLACE.name  # which is what is being done, and what Apply is to do again
    record.frame_start, record.fps = frame_start, fps
    keep_request(record, request)
    name_take(anchor, record, request.script)
    keep_shaping(record, Shaping())
    keep_performance(record, framed, curves.by_channel)
    record.kept, record.from_rest = kept, from_rest
    room.keep(record)
    before.keep(record, character, _frames_covered(record, replacing))
    intact[record.take_id] = set(writing.curve_ids)
    remember_keys(character, intact)
    mark(scene, record)
    return Performed(report, record)


def replay(character: Character, record: Any, splice: Splice, request: PerformRequest, scene: Scene) -> Performed:
    """Key what a splice changes of a stored performance; nothing else of it is touched.

    Raises InputError, with nothing changed, where it no longer stands as it was performed.
    """
    fps = frames_per_second(scene)
    if strayed_owners(record, takes_of(character.anchor).items):
        raise InputError(
            f"The head plays another Action than the one that {record.name} was written into.",
            "Choose that Action again, or apply the take first.",
        )
    if abs(fps - record.fps) > 1e-4:
        raise InputError(
            f"The frame rate was {record.fps:g} when the script was performed, and is {fps:g} now.",
            "Perform the whole script again.",
        )
    joined = Splice(splice.old, on_frames(splice.performance, fps), splice.played)
    if shaping_of(record) != Shaping():
        return _replayed_shaped(character, record, joined, request, scene)
    own = joined.performance.to_curves()
    curves, _ = Room.of(record).filled(own, record.frame_start, joined.performance.duration, fps)
    changed = _uncovered(character.anchor, record, joined.changed)
    writing = CurveWriting(character, curves, record.frame_start, scene, replacing=changed)
    ensure_own_ids(character.anchor)
    forget_deleted(record)
    intact = untouched_keys(character)
    fresh = {curve_id for curve_id in writing.curve_ids if not _has_keys(curve_id, record)}
    formers = {owner: Former.of(owner) for owner in owners_of(character)}
    kept = _keep_what_is_in_the_way(character, writing, intact)
    before = Before.of(writing, formers, with_states=bool(record.before)).under(record)
    report = writing.write()
    keep_request(record, request)
    keep_performance(record, joined.performance, {*record.channels.split(), *curves.by_channel})
    record.kept = with_line(record.kept, kept)
    before.keep(record, character, _frames_covered(record, changed))
    intact[record.take_id] |= fresh
    remember_keys(character, intact)
    mark(scene, record)
    return Performed(report, record)


def _replayed_shaped(
    character: Character, record: Any, joined: Splice, request: PerformRequest, scene: Scene
) -> Performed:
    """The whole take is keyed anew: what it is shaped by reaches over all of it, and may move it in time."""
    if not joined.changed:
        raise InputError("This variation is the same.", "Try another one.")
    report = apply_take(character, record, scene, anew=joined.performance)
    keep_request(record, request)
    return Performed(report, record)


def _uncovered(anchor: Any, record: Any, changed: Mapping[str, Interval]) -> dict[str, Interval]:
    """What a splice changes before the frame at which a later take begins to play; raise InputError where nothing."""
    if not changed:
        raise InputError("This variation is the same.", "Try another one.")
    frame = cut_at(record)
    if frame is None:
        return dict(changed)
    last = (frame - record.frame_start - 0.5) / record.fps
    found = {name: (start, min(end, last)) for name, (start, end) in changed.items() if start <= last}
    if not found:
        _refuse_what_gave_way(anchor, record)
    return found


def _refuse_what_gave_way(anchor: Any, record: Any) -> NoReturn:
    """Say which take plays in the place of a part; one that has been deleted has left its keys there."""
    there = {other.take_id: other.name for other in performances_of(anchor)}
    names = [there[take_id] for take_id in stretches_of(record) if take_id in there]
    if names:
        raise InputError(f'"{names[0]}" plays in the place of this part.', f'Revert "{names[0]}" first.')
    raise InputError(
        "Keys that a deleted take has left stand in the place of this part.", "Apply the take to key all of it anew."
    )


def _frames_covered(record: Any, seconds: Mapping[str, Interval]) -> Interval:
    """From the first to the last frame in which anything was written for a take."""
    begin = min(start for start, _ in seconds.values()) * record.fps + record.frame_start
    end = max(stop for _, stop in seconds.values()) * record.fps + record.frame_start
    if not record.is_written:
        return begin, end
    return min(begin, record.written_from), max(end, record.written_until)


def _nothing_to_play(performance: Performance) -> tuple[str, str]:
    if performance.keyframes:
        return "The engine's performance moves nothing.", "Try another variation, other words or another engine."
    if performance.notes:
        return performance.notes[0], ""
    return "Nothing in the script was understood.", 'Say what the face does, such as "She smiles."'


def _keep_what_is_in_the_way(character: Character, writing: CurveWriting, intact: Mapping[str, set[CurveId]]) -> str:
    """Go on in copies of the Actions where a key that is not an unchanged one of ours would go; say which."""
    ranges = {r.take_id: (r.frame_start, r.frame_end) for r in performances_of(character.anchor)}

    def is_ours(curve_id: CurveId, frame: float) -> bool:
        return any(
            curve_id in intact[key] and bounds[0] - 0.5 <= frame <= bounds[1] + 0.5 for key, bounds in ranges.items()
        )

    threatened = [
        curve_id[0]
        for curve_id, frames in writing.in_the_way().items()
        if not all(is_ours(curve_id, frame) for frame in frames)
    ]
    if not threatened:
        return ""
    actions = {owner.animation_data.action for owner in threatened}
    owners = [o for o in owners_of(character) if o.animation_data and o.animation_data.action in actions]
    names = go_on_in_copies(owners)
    listed = ", ".join(f'"{name}"' for name in names)
    return f"Keys that stood here are kept in the Action{'s' if len(names) > 1 else ''} {listed}"


def _has_keys(curve_id: CurveId, record: Any) -> bool:
    owner, path, index = curve_id
    fcurve = next((f for f in fcurves_of(owner) if (f.data_path, f.array_index) == (path, index)), None)
    if fcurve is None:
        return False
    return bool(is_within(frames_of(fcurve), (record.frame_start, record.frame_end)).any())
