"""A small engine for clips that needs no model: it decodes for real, and opens the jaw as far as a frame is bright."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from PIL import Image

from blender_addon.core.channels import CHANNEL_COUNT, INDEX
from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import CancelledError, EngineError, InputError
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import EngineStatus
from inference_backend.engines import EVERY_FRAME, Cancelled, RgbPicture, never

FRAMES_AT_ONCE = 4
SLOW_WIDTH, BROKEN_WIDTH, UNWILLING_WIDTH = 48, 50, 52
SLOW_FRAME_SECONDS = 0.02
GOOD_FRAMES = 8
"""So many frames come of a clip that makes the engine fail."""
SEQUENCE_FPS = 25


class BrightnessClips:
    """Some widths make it slow or fail."""

    name = "brightness"

    def __init__(self) -> None:
        self.loaded = False
        self.tracked: list[Path] = []
        self.at_work = threading.Semaphore(1)

    def status(self) -> EngineStatus:
        return EngineStatus(self.name, ("video",), "loaded" if self.loaded else "ready", "Reads how bright clips are.")

    def unload(self) -> None:
        self.loaded = False

    def track(
        self,
        clip: Path,
        request: TrackRequest = EVERY_FRAME,
        *,
        on_open: Callable[[ClipInfo], None] = lambda _info: None,
        cancelled: Cancelled = never,
    ) -> Iterator[TrackedFrames]:
        assert self.at_work.acquire(blocking=False), "two clips at once"
        try:
            self.loaded = True
            self.tracked.append(clip)
            yield from _batches(_wanted(_frames_of(clip, on_open), request), cancelled)
        finally:
            self.at_work.release()


def _batches(frames: Iterator[tuple[float, RgbPicture]], cancelled: Cancelled) -> Iterator[TrackedFrames]:
    done = 0
    while batch := list(islice(frames, FRAMES_AT_ONCE)):
        if cancelled():
            raise CancelledError("Stopped.")
        _misbehave(batch[0][1].shape[1], done, len(batch))
        yield _read(batch)
        done += len(batch)
    if not done:
        raise InputError("The clip has no frame in that part.", "Choose another part.")


def _read(batch: list[tuple[float, RgbPicture]]) -> TrackedFrames:
    values = np.zeros((len(batch), CHANNEL_COUNT))
    values[:, INDEX["jawOpen"]] = [picture.mean() / 255 for _, picture in batch]
    height, width, _ = batch[0][1].shape
    track = FaceTrack([time for time, _ in batch], values, np.full(len(batch), 0.9))
    return TrackedFrames(track, np.tile(np.float32([0, 0, width, height]), (len(batch), 1)))


def _misbehave(width: int, done: int, count: int) -> None:
    if width == SLOW_WIDTH:
        time.sleep(SLOW_FRAME_SECONDS * count)
    elif width == BROKEN_WIDTH and done >= GOOD_FRAMES:
        raise ZeroDivisionError("a bug with a secret in it")
    elif width == UNWILLING_WIDTH and done >= GOOD_FRAMES:
        raise EngineError("The engine is out of breath.", "Let it rest.")


def _wanted(frames: Iterator[tuple[float, RgbPicture]], request: TrackRequest) -> Iterator[tuple[float, RgbPicture]]:
    end = float("inf") if request.end is None else request.end
    part = (frame for frame in frames if request.start <= frame[0] < end)
    return islice(part, 0, None, request.stride)


def _frames_of(clip: Path, on_open: Callable[[ClipInfo], None]) -> Iterator[tuple[float, RgbPicture]]:
    if clip.is_dir():
        pictures = sorted(clip.iterdir())
        for index, path in enumerate(pictures):
            picture = np.asarray(Image.open(path).convert("RGB"))
            if index == 0:
                on_open(ClipInfo(picture.shape[1], picture.shape[0], SEQUENCE_FPS, None, len(pictures)))
            yield index / SEQUENCE_FPS, picture
        return
    try:
        container = av.open(str(clip))
    except av.error.FFmpegError as fault:
        raise InputError("The file is no clip.", "Choose a clip.") from fault
    with container:
        stream = container.streams.video[0]
        on_open(ClipInfo(stream.width, stream.height, float(stream.average_rate), container.duration / 1e6))
        for frame in container.decode(stream):
            yield float(frame.pts * frame.time_base), frame.to_ndarray(format="rgb24")


def brightness_at(index: int) -> int:
    return 40 + 7 * index % 200


def clip_bytes(*, frames: int = 24, width: int = 32, fps: int = 25) -> bytes:
    """A clip without loss, whose frames can be told apart by their brightness."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, 32, "gray"
        stream.time_base = Fraction(1, 1000)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((32, width), brightness_at(index), np.uint8), format="gray")
            frame.pts, frame.time_base = index * 1000 // fps, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
