"""One clip of `track`: read to its end or its fault, and kept in its file."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import CancelledError, MienError
from blender_addon.core.track import FaceTrack

from ..engines import ClipEngine
from .output_file import write_whole
from .track_output import WRITERS, Tracked

OnFrames = Callable[[ClipInfo, TrackedFrames], None]
"""Told of frames as they are read."""


def track_clip(engine: ClipEngine, clip: Path, request: TrackRequest, on_frames: OnFrames) -> Tracked:
    """All frames that can be read, and what ended them early, if anything did."""
    infos: list[ClipInfo] = []
    batches: list[TrackedFrames] = []
    error: MienError | None = None
    begun = time.perf_counter()
    try:
        frames = engine.track(clip, request, on_open=infos.append)
        with closing(cast("Generator[TrackedFrames]", frames)):  # it can be closed, says the protocol
            for batch in frames:
                batches.append(batch)
                on_frames(infos[0], batch)
    except MienError as fault:
        error = fault
    except KeyboardInterrupt:
        error = _stopped(batches)
    track = FaceTrack.joined(*(batch.track for batch in batches)) if batches else None
    return Tracked(clip, infos[0] if infos else None, track, time.perf_counter() - begun, error)


def _stopped(batches: Sequence[TrackedFrames]) -> CancelledError:
    if not batches:
        return CancelledError("Stopped before its first frame.")
    last = float(batches[-1].track.times[-1])
    return CancelledError(f"Stopped at {last:.2f} s.", f"--start {last:.2f} goes on from there.")


def keep(tracked: Tracked, output: Path | None) -> Tracked:
    """Write the clip's file, whole or not at all, where a face was seen; the same with what went wrong."""
    if output is None or tracked.track is None or not tracked.track.confidence.any():
        return tracked
    try:
        write_whole(output, WRITERS[output.suffix.lower()](tracked))
    except MienError as fault:
        return tracked.failed(fault)
    return tracked.kept_in(output)
