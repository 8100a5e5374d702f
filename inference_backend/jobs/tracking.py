"""A clip through its engine, told as events."""

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

from blender_addon.core.clips import ClipInfo, TrackRequest
from blender_addon.core.wire import Frames, JobPhase, Started

from ..engines import ClipEngine
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
        for frames in pieces:
            job.tell(Frames(frames))
            pace.add(len(frames.track.times))
            if pace.is_due():
                job.tell(pace.progress())
        job.tell(pace.finished())
