"""What is asked of an engine that follows a face through a clip, and what it gives."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .head_frame import HeadFrame
from .track import FaceTrack

_MOST_SECONDS: Final = 1e7
"""Longer than any clip, and few enough for the clock of every container."""
_MOST_STRIDE: Final = 1_000_000
_LEAST_FPS: Final = 1e-3
_MOST_FPS: Final = 1e5
_MOST_DIGITS: Final = 18
"""Of a number in a file's name; a longer one counts no frames."""


@dataclass(frozen=True)
class TrackRequest:
    """Which part of a clip to follow, and which face in it.

    start, end: seconds on the clip's own clock, the first frame at or after `start` and the last one before `end`;
        None goes on to the clip's end.
    stride: every n-th frame of that part, from 1 on.
    face: which face to follow, 0 being the largest one where faces are first seen.
    engine: its name; None takes the default one.
    sequence_fps: frames a second of a clip that is a folder of pictures, which have none of their own.

    Raises InputError for what no clip can hold.
    """

    start: float = 0.0
    end: float | None = None
    stride: int = 1
    face: int = 0
    head_frame: HeadFrame = HeadFrame.CAMERA
    engine: str | None = None
    sequence_fps: float = 24.0

    def __post_init__(self) -> None:
        for name, seconds in (("start", self.start), ("end", self.end)):
            if seconds is not None and not (isfinite(seconds) and abs(seconds) <= _MOST_SECONDS):
                raise InputError(f"No clip has a second {seconds:g} as its {name}.", "Give seconds of the clip.")
        if self.end is not None and self.end <= self.start:
            raise InputError(
                f"The part from {self.start:g} s to {self.end:g} s is empty.", "Let it end after its start."
            )
        if not 1 <= self.stride <= _MOST_STRIDE:
            raise InputError("A stride of so many frames can't be followed.", f"Give one from 1 to {_MOST_STRIDE}.")
        if self.face < 0:
            raise InputError(f"There is no face {self.face}.", "Count the faces from 0, the largest one.")
        if not _LEAST_FPS <= self.sequence_fps <= _MOST_FPS:
            raise InputError(
                f"Pictures have no frame rate of {self.sequence_fps:g}.",
                "Give the rate that they were made for, such as 24.",
            )

    def after(self, track: FaceTrack) -> "TrackRequest":
        """What is left to ask once these frames have come.

        It begins with the last of them again: only so is the stride kept, and no rounding of a clock can lose the next
        one. `FaceTrack.joined` leaves the repeated frame out.
        """
        return replace(self, start=float(track.times[-1])) if len(track.times) else self


@dataclass(frozen=True)
class ClipInfo:
    """What is known of a clip before its frames have been read.

    width, height: pixels of the upright picture. fps: frames a second, the mean where the rate varies.
    duration: seconds, and frames: how many, of the whole clip as its container tells; None where it does not.
    """

    width: int
    height: int
    fps: float
    duration: float | None = None
    frames: int | None = None


@dataclass(frozen=True, eq=False)
class TrackedFrames:
    """Some consecutive frames of a clip, in its order.

    track: times on the clip's clock, values and confidence; a frame without the face has confidence 0 and values of 0.
    boxes: x, y, width, height of the face in pixels of the upright picture, float32 of shape (T, 4); 0 without a face.
    """

    track: FaceTrack
    boxes: NDArray[np.float32]

    def after(self, time: float) -> "TrackedFrames":
        """Those of the frames that come later than `time`, in seconds; maybe none."""
        first = int(np.searchsorted(self.track.times, time, side="right"))
        track = self.track
        later = FaceTrack(track.times[first:], track.values[first:], track.confidence[first:])
        return TrackedFrames(later, self.boxes[first:])


def is_hidden(name: str) -> bool:
    """Whether a file's name begins with a dot: a Mac writes `._frame_0001.png`, no picture, beside `frame_0001.png`."""
    return name.startswith(".")


def frames_among(names: Sequence[str]) -> tuple[str, ...]:
    """Those of a folder's pictures that are frames of its sequence, in their order.

    Hidden files are none of them. Where more than half are numbered alike, neither are the others ("thumb.png").
    """
    names = [name for name in names if not is_hidden(name)]
    words = [numbered[0] if (numbered := _numbered(name)) is not None else None for name in names]
    for alike, count in Counter(words).most_common(1):
        if alike is not None and 2 * count > len(names):
            return tuple(name for name, around in zip(names, words, strict=True) if around == alike)
    return tuple(names)


def places_in_sequence(names: Sequence[str]) -> tuple[int, ...]:
    """The frames that pictures with these file names are, counted from the first one, which is 0.

    Where some of a row of numbers are missing, the others keep their places, as long as more than half are there. All
    other names, and numbers that count in steps, stand one behind the other.
    """
    in_a_row = tuple(range(len(names)))
    found = [_numbered(name) for name in names]
    if None in found or len({words for words, _ in filter(None, found)}) != 1:
        return in_a_row
    numbers = [number for _, number in filter(None, found)]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    if min(steps, default=0) != 1 or numbers[-1] - numbers[0] >= 2 * len(numbers):
        return in_a_row
    return tuple(number - numbers[0] for number in numbers)


def _numbered(name: str) -> tuple[tuple[str, ...], int] | None:
    """What stands around the last number of a file's name, and that number; digits of the suffix ("jp2") are none."""
    stem, dot, suffix = name.rpartition(".")
    parts = re.split(r"(\d+)", stem if dot else name)
    if len(parts) < 3 or len(parts[-2]) > _MOST_DIGITS:
        return None
    return ("".join(parts[:-2]), parts[-1], suffix if dot else ""), int(parts[-2])
