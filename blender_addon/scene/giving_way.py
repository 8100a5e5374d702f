"""Takes that give way to a later one, and come back when that one is reverted.

What a take holds is never shortened by it: kept is only in which stretch of frames which take plays in its place,
and until when it plays, its beats in the timeline and its end follow from that.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from bpy.types import Scene

from .markers import set_markers


class Stretch(NamedTuple):
    """From which frame to which another take plays; None for as long as there is something to play.

    written: what the keys of the take that gives way were before (`untouched_keys`).
    """

    start: float
    end: float | None
    written: str


def stretches_of(record: Any) -> dict[str, Stretch]:
    """Where other takes play in the place of one, by their ids."""
    return {take_id: Stretch(*told) for take_id, told in json.loads(record.gave_way or "{}").items()}


def give_way(record: Any, take_id: str, start: float, end: float | None) -> None:
    """Let another take play in a stretch; the take is off the head where it cannot even begin."""
    _keep(record, {**stretches_of(record), take_id: Stretch(start, end, record.written)})
    if start <= record.frame_start:
        record.is_written = False
    else:
        record.frame_end = min(record.frame_end, start)


def come_back(record: Any, take_id: str) -> bool:
    """Play again where another take did, which has been reverted; False where it did not."""
    stretches = stretches_of(record)
    stretch = stretches.pop(take_id, None)
    if stretch is None:
        return False
    _keep(record, stretches)
    record.written = stretch.written
    record.is_written = all(left.start > record.frame_start for left in stretches.values())
    return True


def cut_at(record: Any) -> float | None:
    """The frame at which a take that has begun to play must end; None where it may play to its own end."""
    return min((s.start for s in stretches_of(record).values() if s.start > record.frame_start), default=None)


def plays_at(record: Any, frame: float) -> bool:
    """Whether no other take plays in the place of one at a frame."""
    return not any(s.start <= frame and (s.end is None or frame <= s.end) for s in stretches_of(record).values())


def mark(scene: Scene, record: Any) -> None:
    """Set the markers of the beats that a script plays, in the place of those that it had."""
    frames = ((round(beat.frame), beat.name) for beat in record.beats)
    set_markers(scene, record.take_id, [(frame, name) for frame, name in frames if plays_at(record, frame)])


def rename_takes(records: Iterable[Any], ids: Mapping[str, str]) -> None:
    """Follow takes that have got other ids."""
    for record in records:
        if record.gave_way:
            _keep(record, {ids.get(take_id, take_id): stretch for take_id, stretch in stretches_of(record).items()})


def _keep(record: Any, stretches: Mapping[str, Stretch]) -> None:
    record.gave_way = json.dumps(dict(stretches)) if stretches else ""
