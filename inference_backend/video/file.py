"""Video files, decoded with PyAV: any container, codec and pixel format that FFmpeg knows, told by their content."""

import logging
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from blender_addon.core.clips import ClipInfo
from blender_addon.core.errors import InputError

from .conversion import Converter, Orientation
from .frame import TIME_TOLERANCE, Bounds, FrameTable, Part, View

_log = logging.getLogger(__name__)

_READABLE_HINT: Final = "Use a clip that plays elsewhere, such as an MP4 with H.264, or convert it to one."
# Beyond this a clip is not read through for its table: seconds on a slow disk.
_MOST_TABLE_BYTES: Final = 4_000_000_000
# Frames are missing at the end where the last one ends by so many seconds before the stream does.
_MISSING_SECONDS: Final = 0.5
_GUESSED_FPS: Final = Fraction(25)
# Decoders hold a frame for each of their threads; of a large one that is 50 MB.
_MOST_THREADS: Final = 4
_LARGE_PIXELS: Final = 4096 * 2304
# So many frames are decoded in a row where they are small: the models push the decoder's code and tables out of the
# processor's caches: among them a frame of 400 x 300 took 0.45 ms to decode, by itself 0.25, in rows 0.4.
_MOST_IN_A_ROW: Final = 16
_MOST_PIXELS_IN_A_ROW: Final = _MOST_IN_A_ROW * 400 * 300


@dataclass(frozen=True, eq=False)
class VideoFrameOfClip:
    """A decoded frame (`ClipFrame`)."""

    index: int
    time: float
    size: tuple[int, int]
    decoded: VideoFrame
    converter: Converter

    def view(self, bounds: Bounds | None = None, *, most: int) -> View:
        """Its pixels within the bounds."""
        return self.converter.view(self.decoded, bounds, most)


class VideoClip:
    """An open video file (`Clip`)."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """threads: of the decoder; 0 for a few where there are cores for them."""
        self._path = path
        self._threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        self._container, self._stream = _open(path)
        try:
            first = self._first_frame()
            self._origin = first.pts or 0
            self._base = first.time_base or Fraction(1, 1000)
            self._converter = Converter(_orientation(self._stream, first))
            self.size = self._converter.orientation.upright_size(first.width, first.height)
            self.info = self._information()
            self._damaged = 0  # packets that could not be decoded
            self._longest_gap = _Gap(0.0, 0.0)  # between frames that were decoded here
            self._read_until = 0.0  # seconds: where the last frame ends that was decoded here
            self._listed_until = 0.0  # and the last one of the table
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> "VideoClip":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the file and the decoder."""
        self._container.close()

    def frames(self, part: Part) -> Iterator[VideoFrameOfClip]:
        """The frames of a part, in the order of their times."""
        seen = 0
        for decoded, time in self._decoded_from(part.start):
            if part.end is not None and not part.holds(max(time, part.start)):
                return
            if not part.holds(time):
                continue
            if seen % part.stride == 0:
                yield self._frame(seen // part.stride, time, decoded)
            seen += 1

    def table(self, part: Part) -> FrameTable | None:
        """The times of the part's packets; None where some have none, or reading them all would take long."""
        if self._path.stat().st_size > _MOST_TABLE_BYTES:
            return None
        listed = _packet_stamps(self._path)
        if listed is None:
            return None
        stamps, end = listed
        stamps = stamps[stamps >= self._origin]
        times = (stamps - self._origin) * float(self._base)
        kept = np.array([part.holds(time) for time in times], bool)
        self._listed_until = self._seconds(end) if part.end is None else min(part.end, self._seconds(end))
        return FrameTable(stamps[kept][:: part.stride], times[kept][:: part.stride])

    def listed_frames(self, stamps: NDArray[np.int64], first_index: int) -> Iterator[VideoFrameOfClip]:
        """The frames of these stamps. One that can't be decoded is left out."""
        for decoded, time in self._decoded_from(self._seconds(int(stamps[0]))):
            place = int(np.searchsorted(stamps, decoded.pts or 0))
            if place >= len(stamps):
                return
            if stamps[place] == decoded.pts:
                yield self._frame(first_index + place, time, decoded)
                if place == len(stamps) - 1:
                    return

    def _frame(self, index: int, time: float, decoded: VideoFrame) -> VideoFrameOfClip:
        return VideoFrameOfClip(index, time, self.size, decoded, self._converter)

    def _seconds(self, stamp: int) -> float:
        return (stamp - self._origin) * self._base.numerator / self._base.denominator  # quicker than as a Fraction

    def _first_frame(self) -> VideoFrame:
        self._set_threads(1)
        for frame in self._decoded():
            return frame
        raise InputError("The clip holds no frame that can be decoded.", _READABLE_HINT)

    def _decoded(self) -> Iterator[VideoFrame]:
        """Every frame from here on that can be decoded; damaged packets are left out, and counted."""
        self._damaged = 0
        for packet in _packets(self._container, self._stream):
            try:
                yield from self._stream.codec_context.decode(packet)
            except av.FFmpegError:
                self._damaged += 1
        if self._damaged:
            _log.warning("%s packets of the clip could not be decoded.", self._damaged)

    def _set_threads(self, threads: int) -> None:
        context = self._stream.codec_context
        context.thread_type = "AUTO" if threads > 1 else "NONE"
        context.thread_count = threads

    def _decoded_from(self, start: float) -> Iterator[tuple[VideoFrame, float]]:
        """Decoded frames with rising times, from the last key frame at or before `start` seconds on."""
        self._container.close()  # a fresh one: not every demuxer seeks back to its very first packet
        self._container, self._stream = _open(self._path)
        large = self.size[0] * self.size[1] > _LARGE_PIXELS
        self._set_threads(1 if large else self._threads)
        if start > 0:
            self._seek(start)
        last = -math.inf
        for counted, frame in enumerate(_in_rows(self._decoded(), self._row_length())):
            if frame.pts is None:  # a raw stream in a container without times
                frame.pts = self._origin + round(counted / Fraction(self.info.fps) / self._base)
            time = self._seconds(frame.pts)
            if time > last and time >= 0:
                if last >= 0:
                    self._longest_gap = max(self._longest_gap, _Gap(self._read_until, time), key=_Gap.length)
                last = time
                self._read_until = self._seconds(frame.pts + (frame.duration or 0))
                yield frame, time

    def _row_length(self) -> int:
        return max(1, min(_MOST_IN_A_ROW, _MOST_PIXELS_IN_A_ROW // (self.size[0] * self.size[1])))

    def _seek(self, start: float) -> None:
        try:
            self._container.seek(self._origin + int(start / self._base), stream=self._stream)
        except av.FFmpegError:  # not every stream can: it is read from its beginning then
            self._container.close()
            self._container, self._stream = _open(self._path)
            self._set_threads(self._threads)

    def _information(self) -> ClipInfo:
        stream = self._stream
        fps = stream.average_rate or stream.guessed_rate or stream.base_rate or _GUESSED_FPS
        duration = _stream_seconds(self._container, stream)
        frames = stream.frames or (round(duration * fps) if duration else None)
        return ClipInfo(*self.size, fps=float(fps), duration=duration, frames=frames)

    def check_whole(self, times: NDArray[np.float64], part: Part, table: FrameTable | None) -> None:
        """See `Clip.check_whole`."""
        bearable = max(_MISSING_SECONDS, 2 / self.info.fps)
        last = float(times[-1])
        if table is None:
            until = max(last + part.stride / self.info.fps, self._read_until)  # a last picture may stand for long
            gap = self._longest_gap if self._damaged else _Gap(0.0, 0.0)
        else:
            gap = _longest_unread(table.times, times, self._listed_until)
            until = gap.start if gap.start > last else self._listed_until
        expected = min(part.end or math.inf, self.info.duration or 0.0)
        if expected - until > bearable:
            raise InputError(
                f"The clip is cut short or damaged: it should last {self.info.duration:.1f} s, "
                f"and its frames end at {last:.1f} s.",
                "What was read is good; copy or export the clip again for the rest.",
            )
        if gap.length() > bearable:
            raise InputError(
                "The clip is damaged, or was changed while it was read: "
                f"from {gap.start:.1f} s to {gap.end:.1f} s no frame can be decoded.",
                "What was read is good; copy or export the clip again for the rest.",
            )


@dataclass(frozen=True)
class _Gap:
    """A stretch without a frame, in seconds."""

    start: float
    end: float

    def length(self) -> float:
        return self.end - self.start


def _longest_unread(listed: NDArray[np.float64], read: NDArray[np.float64], end: float) -> _Gap:
    """The longest stretch of listed frames of which none was read. Single ones are left out of sound clips too."""
    unread = np.ones(len(listed), bool)
    unread[np.searchsorted(listed, read - TIME_TOLERANCE).clip(max=len(listed) - 1)] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], unread, [False]])))
    ends = np.append(listed, max(end, listed[-1]))
    gaps = (_Gap(float(listed[first]), float(ends[behind])) for first, behind in edges.reshape(-1, 2))
    return max(gaps, key=_Gap.length, default=_Gap(0.0, 0.0))


def _open(path: Path) -> tuple[InputContainer, VideoStream]:
    """The container and its first moving picture."""
    try:
        # "file:", or a name such as "concat:a|b" would be taken for a protocol; and no file may name an address.
        container = av.open(f"file:{path}", metadata_errors="replace", container_options={"protocol_whitelist": "file"})
    except FileNotFoundError as fault:
        raise InputError(f"{path} does not exist.", "Check the path.") from fault
    except (av.FFmpegError, OSError, ValueError) as fault:
        raise InputError(_why_not(path, fault), _READABLE_HINT) from fault
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        sound = bool(container.streams.audio)
        container.close()
        if sound:
            raise InputError("The file holds sound, and no moving picture.", "Choose a clip in which a face is seen.")
        raise InputError("The file holds no moving picture, or it is cut short or damaged.", _READABLE_HINT)
    return container, streams[0]


def _why_not(path: Path, fault: Exception) -> str:
    try:
        if path.is_file() and path.stat().st_size == 0:
            return "The clip is empty: the file has 0 bytes."
    except OSError as unseen:  # a path that is too long
        return f"{path} can't be read: {unseen.strerror}."
    if isinstance(fault, PermissionError):
        return f"{path} can't be read: permission denied."
    return "This is not a clip that can be read, or it is damaged at its beginning."


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the cover picture of a sound file."""
    return "attached_pic" in str(stream.disposition).lower()


def _in_rows(frames: Iterator[VideoFrame], length: int) -> Iterator[VideoFrame]:
    """The same frames, so many of them decoded before the first of these is given."""
    while row := list(islice(frames, length)):
        yield from row


def _packets(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream] | None]":
    """The stream's packets; at its end, or where it breaks off, an empty one or none, which flushes the decoder."""
    try:
        yield from container.demux(stream)
    except av.FFmpegError as fault:
        _log.warning("The clip breaks off: %s", fault)
        yield None


def _packet_stamps(path: Path) -> tuple[NDArray[np.int64], int] | None:
    """Rising presentation times of all packets that are shown, and where they end; None where one has none."""
    container, stream = _open(path)
    stamps: list[int] = []
    end = 0
    with container:
        for packet in _packets(container, stream):
            if packet is None or not packet.size or packet.is_discard:
                continue
            if packet.pts is None:
                return None
            stamps.append(packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
    return np.unique(np.array(stamps, np.int64)), end


def _orientation(stream: VideoStream, frame: VideoFrame) -> Orientation:
    ratio = stream.sample_aspect_ratio or Fraction(1)
    return Orientation(round(frame.rotation / 90) % 4, float(ratio) if ratio > 0 else 1.0)


def _stream_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """How long the pictures last; None where only the whole file's length is known, and sound may be longer."""
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        return float(stream.frames / stream.average_rate)  # FFmpeg's duration follows the file's size, cut short or not
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        start = max(container.start_time or 0, 0)
        return (container.duration - start) / 1_000_000
    return None
