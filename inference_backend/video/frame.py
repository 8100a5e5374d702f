"""One frame of a clip, and the clip that gives it, whatever it is stored as."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.clips import ClipInfo

from ..engines import RgbPicture

Bounds = tuple[int, int, int, int]
"""left, top, right and bottom in pixels of the upright picture; right and bottom are the first ones outside."""


@dataclass(frozen=True, eq=False)
class View:
    """A part of an upright picture, perhaps scaled down.

    left, top: where its corner lies in the upright picture, in pixels. scale_x, scale_y: its pixels for each of those.
    """

    pixels: RgbPicture
    left: float = 0.0
    top: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0


class ClipFrame(Protocol):
    """A frame whose pixels are converted only when, and as far as, they are asked for."""

    @property
    def index(self) -> int:
        """Its place among the frames that were asked for, from 0 on."""

    @property
    def time(self) -> float:
        """Seconds on the clip's clock: the clip's first frame is at 0."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture in square pixels."""

    def view(self, bounds: Bounds | None = None, *, most: int) -> View:
        """At least the pixels within `bounds` that there are (the whole picture by default).

        most: pixels of the longer side of the bounds; what is larger is scaled down.
        """


@dataclass(frozen=True)
class Part:
    """Which frames of a clip: seconds as in `TrackRequest`, every `stride`-th of them."""

    start: float = 0.0
    end: float | None = None
    stride: int = 1

    def holds(self, time: float) -> bool:
        """Whether a frame at `time` belongs to it, before the stride is counted."""
        return time >= self.start - TIME_TOLERANCE and (self.end is None or time < self.end - TIME_TOLERANCE)


TIME_TOLERANCE = 1e-6
"""Seconds. Times in files are fractions, and those in requests decimals."""


@dataclass(frozen=True, eq=False)
class FrameTable:
    """The frames of a part as the container lists them, before any is decoded.

    stamps: rising presentation times in the clip's own unit, int64; times: the same in seconds.
    """

    stamps: NDArray[np.int64]
    times: NDArray[np.float64]


class Clip(Protocol):
    """An open clip. One thread at a time; close it, or use it in a `with` statement."""

    info: ClipInfo

    def frames(self, part: Part) -> Iterator[ClipFrame]:
        """The frames of a part, in the order of their times. What can't be decoded is left out."""

    def table(self, part: Part) -> FrameTable | None:
        """What `frames` will give, as far as the container tells; None where that can't be known quickly."""

    def listed_frames(self, stamps: NDArray[np.int64], first_index: int) -> Iterator[ClipFrame]:
        """A stretch of a table's frames: those of `stamps`, numbered from `first_index` on."""

    def check_whole(self, times: NDArray[np.float64], part: Part, table: FrameTable | None) -> None:
        """Raise InputError where frames are missing for more than half a second, at the end of the part or before.

        times: seconds of all frames that were read. table: what `table` gave, where others read the frames by it.
        """

    def close(self) -> None:
        """Free the file and the decoder."""

    def __enter__(self) -> "Clip":
        """Itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""
