"""Timecode, `HH:MM:SS:FF.sss`: the time of day, counted in frames and decimals of a frame.

A rate of 29.97 or 59.94 is 30 or 60 frames slowed down by 1001/1000, and its timecode runs as slowly as its frames.
Drop-frame timecode (SMPTE 12M, written with a semicolon before the frames) leaves out two labels of 30, or four of
60, at each minute except every tenth, and so keeps step with the clock; no frame is left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .file_text import FormatError

PARTS: Final = 1_000_000
"""Parts of a frame in which positions are counted, as whole numbers, so that nothing is lost."""

_TIMECODE: Final = re.compile(r"\s*(\d{1,6})[:;](\d{1,6})[:;](\d{1,6})([:;])(\d{1,6})(?:[.,](\d{1,12}))?\s*", re.ASCII)
_DAY_HOURS: Final = 24


@dataclass(frozen=True)
class TimecodeRate:
    """What a second of timecode is.

    labels: frames counted to it. slowed: whether they are 1001/1000 as long. drops: whether it is drop-frame.
    """

    labels: int
    slowed: bool = False
    drops: bool = False

    def seconds(self, parts: int) -> float:
        """The seconds of a position in parts of a frame, rounded once."""
        return parts * 1001 / (self.labels * 1000 * PARTS) if self.slowed else parts / (self.labels * PARTS)

    def parts(self, seconds: float) -> int:
        """The nearest position to so many seconds."""
        return (
            round(seconds * self.labels * PARTS * 1000 / 1001) if self.slowed else round(seconds * self.labels * PARTS)
        )

    @property
    def frames_per_second(self) -> float:
        """Fractional where it is slowed, as in 60000 / 1001."""
        return self.labels * 1000 / 1001 if self.slowed else float(self.labels)

    @property
    def day(self) -> int:
        """The parts of a frame from midnight to midnight."""
        return self.frames_at(_DAY_HOURS, 0, 0, 0) * PARTS

    def frames_at(self, hours: int, minutes: int, seconds: int, frames: int) -> int:
        """How many frames there are from midnight to a label."""
        all_minutes = hours * 60 + minutes
        dropped = self.dropped * (all_minutes - all_minutes // 10)
        return (all_minutes * 60 + seconds) * self.labels + frames - dropped

    @property
    def dropped(self) -> int:
        """Labels left out at a minute: 2 of 30, 4 of 60; none where it is not drop-frame."""
        return self.labels // 15 if self.drops else 0


RATES: Final[Mapping[str, TimecodeRate]] = {
    "23.976": TimecodeRate(24, slowed=True),
    "24": TimecodeRate(24),
    "25": TimecodeRate(25),
    "29.97": TimecodeRate(30, slowed=True),
    "29.97 drop": TimecodeRate(30, slowed=True, drops=True),
    "30": TimecodeRate(30),
    "50": TimecodeRate(50),
    "59.94": TimecodeRate(60, slowed=True),
    "59.94 drop": TimecodeRate(60, slowed=True, drops=True),
    "60": TimecodeRate(60),
    "120": TimecodeRate(120),
}
"""By name; Live Link Face counts at 60 unless told otherwise."""

DEFAULT_RATE: Final = "60"


@dataclass(frozen=True)
class Timecode:
    """One timecode as it is written; what it means takes a `TimecodeRate`. `parts`: of a frame."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    parts: int
    marked_drop: bool = False

    @classmethod
    def parse(cls, text: str) -> "Timecode":
        """Read `HH:MM:SS:FF` with any decimals; raise FormatError otherwise.

        Seconds from 60 on are taken as they are: the converters of KeyframeFace and SemanticFace never carry them.
        """
        found = _TIMECODE.fullmatch(text)
        if found is None:
            raise FormatError(f"{text.strip()[:20]!r} is no timecode such as 12:34:56:07.123")
        hours, minutes, seconds, mark, frames, decimals = found.groups()
        parts = round(int(decimals) * PARTS / 10 ** len(decimals)) if decimals else 0
        return cls(int(hours), int(minutes), int(seconds), int(frames), parts, mark == ";")

    def position(self, rate: TimecodeRate) -> int:
        """Parts of a frame since midnight."""
        return rate.frames_at(self.hours, self.minutes, self.seconds, self.frames) * PARTS + self.parts


def formatted(parts: int, rate: TimecodeRate) -> str:
    """The timecode of a position, past midnight beginning anew; three decimals, or six where three lose something."""
    frames, rest = divmod(parts % rate.day, PARTS)
    seconds, frame = divmod(_label(frames, rate), rate.labels)
    decimals = f"{rest // 1000:03d}" if rest % 1000 == 0 else f"{rest:06d}"
    mark = ";" if rate.drops else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frame:02d}.{decimals}"


def _label(frames: int, rate: TimecodeRate) -> int:
    """The number on a frame: how many there are before it, with the labels that were left out."""
    dropped = rate.dropped
    in_minute = 60 * rate.labels - dropped  # in each but the first of ten
    in_ten = 10 * in_minute + dropped
    tens, left = divmod(frames, in_ten)
    minutes = 0 if left < 60 * rate.labels else 1 + (left - 60 * rate.labels) // in_minute
    return frames + dropped * (9 * tens + minutes)


def rate_of(timecodes: Sequence[Timecode]) -> str:
    """The name of the rate that the labels speak for; `DEFAULT_RATE` where they do not tell.

    A semicolon is drop-frame. Where nearly every label from 0 to 23, 24 or 29 occurs and none above, it is 24, 25 or
    30: a take at 60 of more than a second would have the others too. Slowed rates look like plain ones.
    """
    labels = {code.frames for code in timecodes}
    most = max(labels, default=0)
    if any(code.marked_drop for code in timecodes):
        return "29.97 drop" if most < 30 else "59.94 drop"
    if len({code.seconds for code in timecodes}) < 2 or len(labels) < 20 or most >= 30:
        return DEFAULT_RATE if most < 60 else "120"
    return {23: "24", 24: "25"}.get(most, "30")


def since_first(positions: Sequence[int], rate: TimecodeRate) -> list[int]:
    """Positions from the first one on, over midnight where the clock jumps back by more than half a day."""
    found, days = [], 0
    for index, position in enumerate(positions):
        if index and position - positions[index - 1] < -rate.day // 2:
            days += 1
        found.append(position + days * rate.day - positions[0])
    return found
