"""Takes made from a script: what was asked for, and what is played."""

from collections.abc import Iterable
from typing import Any

from ..core.errors import InputError
from ..core.framing import on_frames
from ..core.performance import Performance
from ..core.raw_bytes import raw_from_bytes, raw_to_bytes
from ..core.take import TakeKind
from ..core.wire import PerformRequest
from .giving_way import cut_at
from .stored_takes import takes_of

_MILLISECOND = 0.001
"""Seconds; to which the bytes of a performance tell its times."""


def performances_of(anchor: Any) -> list[Any]:
    """The takes made from scripts whose keys play on a head, in the order in which they were made; no layers."""
    records = takes_of(anchor).items
    return [r for r in records if r.kind == TakeKind.SCRIPT.name and r.is_written and not r.is_layer]


def performance_at(anchor: Any, frame: float) -> Any:
    """The performance that plays at a frame, or else the one made last; None where there is none."""
    stored = performances_of(anchor)
    playing = [record for record in stored if record.frame_start <= frame <= record.frame_end]
    return (playing or stored or [None])[-1]


def keep_request(record: Any, request: PerformRequest) -> None:
    """Keep what was asked for."""
    record.words, record.background, record.emotion = request.script, request.background, request.emotion
    record.plays = request.plays
    record.duration, record.engine, record.seed = request.duration or 0.0, request.engine or "", request.seed
    record.life = request.life


def request_of(record: Any, *, seed: int, script: str | None = None) -> PerformRequest:
    """The same request once more with another seed, or with the script reworded."""
    return PerformRequest(
        script=record.words if script is None else script,
        background=record.background,
        emotion=record.emotion,
        plays=record.plays,
        duration=record.duration or None,
        seed=seed,
        life=record.life,
        engine=record.engine or None,
        fps=record.fps,
        first_frame=round(record.frame_start),
    )


def keep_performance(record: Any, performance: Performance, channels: Iterable[str]) -> None:
    """Keep what is played, with a line for each beat; the record's frames and words must be set."""
    record.raw = raw_to_bytes(performance)
    record.channels = " ".join(sorted(channels))
    settle_end(record, performance.duration)
    record.not_understood = "\n".join(performance.not_understood)
    record.notes = "\n".join(performance.notes)
    variations = [beat.variation for beat in record.beats]
    record.beats.clear()
    for beat in performance.beats:
        line = record.beats.add()
        start, end = beat.source or (0, 0)
        line.name, line.words = beat.description, " ".join(record.words[start:end].split())
        line.frame = record.frame_start + beat.time * record.fps
    if len(variations) == len(record.beats):
        for line, variation in zip(record.beats, variations, strict=True):
            line.variation = variation
    record.chosen_beat = min(record.chosen_beat, max(len(record.beats) - 1, 0))


def settle_end(record: Any, duration: float) -> None:
    """Keep until when a performance of so many seconds plays; a later take may end it sooner.

    It ends on a whole frame as it was written, where its kept duration, told to the millisecond, allows that.
    """
    end, cut = record.frame_start + frames_in(duration, record.fps), cut_at(record)
    record.frame_end = end if cut is None else min(end, cut)


def frames_in(duration: float, fps: float) -> float:
    """How many frames a performance of so many seconds plays, told to the millisecond: whole ones where that may be."""
    frames = duration * fps
    return round(frames) if abs(frames - round(frames)) <= _MILLISECOND * fps else frames


def performance_of(record: Any) -> Performance:
    """What is played, on whole frames as it was written: its bytes tell times to the millisecond only."""
    raw = raw_from_bytes(record.raw)
    if not isinstance(raw, Performance):
        raise InputError(f"{record.name} was not made from a script.", "Choose a take that was.")
    return on_frames(raw, record.fps)
