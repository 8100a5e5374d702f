"""Long work as JSON: what a job is, and the events it tells one after the other.

An event is one object: its number `seq`, counted from 1 without gaps, its kind `event`, and what belongs to that kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..clips import ClipInfo, TrackedFrames
from ..errors import MienError
from ..narrowing import as_integer, as_mapping, as_number, as_text
from ..performance import Performance
from .clips import clip_info_from_json, clip_info_to_json, tracked_frames_from_json, tracked_frames_to_json
from .failures import error_from_json, error_to_json
from .performances import performance_from_json, performance_to_json
from .reading import reading


class JobPhase(Enum):
    """Where a job of the backend stands; the last three are its ends."""

    RECEIVING = "receiving"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobPhase.DONE, JobPhase.FAILED, JobPhase.CANCELLED)


class JobKind(Enum):
    """What a job turns into what."""

    TRACK = "track"
    PERFORM = "perform"


@dataclass(frozen=True)
class JobStatus:
    """One line of the list of jobs.

    title: what the user calls its source; may be empty. engine: the name of the one that does the work.
    events: how many it has told so far.
    """

    id: str
    kind: JobKind
    title: str
    engine: str
    phase: JobPhase
    events: int


@dataclass(frozen=True)
class Queued:
    """The source is whole; so many jobs of the same engine come before it."""

    ahead: int


@dataclass(frozen=True)
class Started:
    """The engine is at work; clip: what it knows of a clip it has opened."""

    clip: ClipInfo | None = None


@dataclass(frozen=True)
class Frames:
    """Some consecutive frames of a clip."""

    frames: TrackedFrames


@dataclass(frozen=True)
class Progress:
    """How far the engine is.

    done, total: frames, or keyframes of a performance; total is None where nobody knows.
    rate: of them a second, lately. seconds_left: at that rate; None where nobody knows.
    """

    done: int
    total: int | None = None
    rate: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class Ended:
    """The last event. error: why, unless it is done. performance: the result of a script; frames came before."""

    phase: JobPhase
    error: MienError | None = None
    performance: Performance | None = None

    def __post_init__(self) -> None:
        if not self.phase.is_end:
            raise ValueError(f"{self.phase.value!r} is not an end")


JobEvent = Queued | Started | Frames | Progress | Ended


def event_to_json(seq: int, event: JobEvent) -> dict[str, Any]:
    """The line of an event."""
    return {"seq": seq, "event": type(event).__name__.lower(), **_CONTENT[type(event)](event)}


def event_from_json(data: object) -> tuple[int, JobEvent]:
    """Number and event; raise InputError for anything else."""
    with reading("The event"):
        fields = as_mapping(data)
        kind = as_text(fields["event"])
        if kind not in _READERS:
            raise ValueError(f"{kind!r} is no kind of event")
        return as_integer(fields["seq"]), _READERS[kind](fields)


def job_status_to_json(status: JobStatus) -> dict[str, Any]:
    """One entry of the list of jobs."""
    return {
        "id": status.id,
        "kind": status.kind.value,
        "title": status.title,
        "engine": status.engine,
        "state": status.phase.value,
        "events": status.events,
    }


def job_status_from_json(data: object) -> JobStatus:
    """Read what `job_status_to_json` wrote; raise InputError for anything else."""
    with reading("The job"):
        fields = as_mapping(data)
        return JobStatus(
            id=as_text(fields["id"]),
            kind=JobKind(as_text(fields["kind"])),
            title=as_text(fields["title"]),
            engine=as_text(fields["engine"]),
            phase=JobPhase(as_text(fields["state"])),
            events=as_integer(fields["events"]),
        )


def _started_to_json(event: Started) -> dict[str, Any]:
    return {} if event.clip is None else {"clip": clip_info_to_json(event.clip)}


def _progress_to_json(event: Progress) -> dict[str, Any]:
    return {
        "done": event.done,
        "total": event.total,
        "rate": None if event.rate is None else round(event.rate, 2),
        "seconds_left": None if event.seconds_left is None else round(event.seconds_left, 1),
    }


def _ended_to_json(event: Ended) -> dict[str, Any]:
    body: dict[str, Any] = {"state": event.phase.value}
    if event.error is not None:
        body |= error_to_json(event.error)
    if event.performance is not None:
        body["performance"] = performance_to_json(event.performance)
    return body


_CONTENT: Mapping[type[JobEvent], Callable[[Any], dict[str, Any]]] = {
    Queued: lambda event: {"ahead": event.ahead},
    Started: _started_to_json,
    Frames: lambda event: tracked_frames_to_json(event.frames),
    Progress: _progress_to_json,
    Ended: _ended_to_json,
}


def _started_from_json(fields: Mapping[str, Any]) -> Started:
    clip = fields.get("clip")
    return Started(None if clip is None else clip_info_from_json(clip))


def _progress_from_json(fields: Mapping[str, Any]) -> Progress:
    total, rate, left = (fields.get(name) for name in ("total", "rate", "seconds_left"))
    return Progress(
        done=as_integer(fields["done"]),
        total=None if total is None else as_integer(total),
        rate=None if rate is None else as_number(rate),
        seconds_left=None if left is None else as_number(left),
    )


def _ended_from_json(fields: Mapping[str, Any]) -> Ended:
    performance = fields.get("performance")
    return Ended(
        JobPhase(as_text(fields["state"])),
        error_from_json(fields) if "error" in fields else None,
        None if performance is None else performance_from_json(performance),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], JobEvent]] = {
    "queued": lambda fields: Queued(as_integer(fields["ahead"])),
    "started": _started_from_json,
    "frames": lambda fields: Frames(tracked_frames_from_json(fields)),
    "progress": _progress_from_json,
    "ended": _ended_from_json,
}
