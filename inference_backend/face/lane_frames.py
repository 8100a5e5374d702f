"""What was read in consecutive frames, for every face that was followed, as arrays."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.errors import InputError
from blender_addon.core.wire import HeadFrame

from ..video.frame import ClipFrame
from .following import Follower, Seen
from .landmarks import FaceLandmarks
from .models import FaceModels

# Frames that are read before they are handed on: the first ones singly, for the preview.
_BATCH: Final = 16
# Frames and lanes of a message, and its arrays in their order: their numbers and how many a lane has, None for one a
# frame. An archive of NumPy's would take as long as the angles of the frames.
_HEADER: Final = Struct("<II")
_LAYOUT: Final[Mapping[str, tuple[type[np.generic], tuple[int, ...] | None]]] = {
    "index": (np.int64, None),
    "times": (np.float64, None),
    "boxes": (np.float32, (4,)),
    "values": (np.float32, (CHANNEL_COUNT,)),
    "confidence": (np.float32, ()),
}


@dataclass(frozen=True, eq=False)
class LaneFrames:
    """T frames of L lanes.

    index: places among the frames that were asked for, int64 of shape (T,); times: seconds, float64 of shape (T,).
    boxes: x, y, width, height in pixels of the upright picture, float32 of shape (T, L, 4).
    values: the channels, float32 of shape (T, L, 61); confidence: float32 of shape (T, L). 0 where a face is not seen.
    """

    index: NDArray[np.int64]
    times: NDArray[np.float64]
    boxes: NDArray[np.float32]
    values: NDArray[np.float32]
    confidence: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, part: slice | NDArray[np.bool_]) -> "LaneFrames":
        return LaneFrames(*(getattr(self, field.name)[part] for field in fields(self)))

    def to_bytes(self) -> bytes:
        """For another process on the same machine."""
        count, lanes = self.confidence.shape
        return b"".join([_HEADER.pack(count, lanes), *(getattr(self, name).tobytes() for name in _LAYOUT)])

    @classmethod
    def from_bytes(cls, data: bytes) -> "LaneFrames":
        """What `to_bytes` made."""
        count, lanes = _HEADER.unpack_from(data)
        arrays, offset = {}, _HEADER.size
        for name, (kind, per_lane) in _LAYOUT.items():
            shape = (count,) if per_lane is None else (count, lanes, *per_lane)
            arrays[name] = np.frombuffer(data, kind, math.prod(shape), offset).reshape(shape)
            offset += arrays[name].nbytes
        return cls(**arrays)


def read_lanes(
    models: FaceModels, frames: Iterable[ClipFrame], head_frame: HeadFrame, *, wanted: int | None = None
) -> Iterator[LaneFrames]:
    """Follow the faces through the frames and read their channels, a few frames at a time.

    wanted: the only lane whose channels are needed; None reads them all. Where a frame can't be read, those before it
    are given first.
    """
    follower, waiting, batch = Follower(models), list[Seen](), 1
    size, fault = (0, 0), None
    try:
        for frame in frames:
            waiting.append(follower.see(frame))
            size = frame.size
            if len(waiting) >= batch:
                yield _read(models, waiting, size, head_frame, wanted)
                waiting, batch = [], min(2 * batch, _BATCH)
    except InputError as unreadable:
        fault = unreadable
    if waiting:
        yield _read(models, waiting, size, head_frame, wanted)
    if fault is not None:
        raise fault


def _read(
    models: FaceModels, seen: Sequence[Seen], size: tuple[int, int], head_frame: HeadFrame, wanted: int | None
) -> LaneFrames:
    count, lanes = len(seen), max(len(frame.faces) for frame in seen)
    boxes = np.zeros((count, lanes, 4), np.float32)
    values = np.zeros((count, lanes, CHANNEL_COUNT), np.float32)
    confidence = np.zeros((count, lanes), np.float32)
    read: list[tuple[int, int, FaceLandmarks]] = []
    for place, frame in enumerate(seen):
        for lane, face in enumerate(frame.faces):
            if face is None:
                continue
            left, top, right, bottom = np.clip(face.box, 0, [*size, *size])
            boxes[place, lane] = left, top, right - left, bottom - top
            confidence[place, lane] = face.presence
            if wanted in (None, lane):
                read.append((place, lane, face))
    if read:
        places, lanes_read, faces = zip(*read, strict=True)
        values[places, lanes_read] = models.poses(faces, size, head_frame)
    return LaneFrames(
        np.array([frame.index for frame in seen], np.int64),
        np.array([frame.time for frame in seen]),
        boxes,
        values,
        confidence,
    )
