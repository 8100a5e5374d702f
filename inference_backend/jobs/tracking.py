"""A clip through its engine, told as events."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import MienError
from blender_addon.core.wire import Frames, JobPhase, Started

from ..engines import ClipEngine
from .clip_source import as_the_client_calls_it
from .job import Job
from .pace import Pace, expected_frames


def track(engine: ClipEngine, clip: Path, request: TrackRequest, job: Job) -> None:
    """Tell the frames as they come; raise CancelledError soon after the job has ended."""
    pace = Pace(None)

    def opened(info: ClipInfo) -> None:
        nonlocal pace
        pace = Pace(expected_frames(info, request))
        job.tell(Started(info), JobPhase.RUNNING)

    with ExitStack() as stack:
        pieces = engine.track(clip, request, on_open=opened, cancelled=job.abandoned.is_set)
        if isinstance(pieces, Generator):
            stack.callback(pieces.close)
        for frames in _own_names_hidden(pieces, clip, job.title):
            job.tell(Frames(frames))
            pace.add(len(frames.track.times))
            if pace.is_due():
                job.tell(pace.progress())
        job.tell(pace.finished())


def _own_names_hidden(pieces: Iterator[TrackedFrames], clip: Path, title: str) -> Iterator[TrackedFrames]:
    try:
        yield from pieces
    except MienError as error:
        raise as_the_client_calls_it(error, clip, title) from error
