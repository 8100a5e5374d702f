"""How a face moves in time: the numbers, and where they come from.

Seconds throughout. A blink closes in 70-100 ms and reopens 40-47 % slower (Stern 1984). A saccade
takes 21 ms and 2.2 ms a degree. Brows and eyes lead, the mouth follows, the head comes last. A
movement sets in faster than it lets go. Onsets of a quarter to half a second are those of felt
expressions; faster ones read as sudden, slower ones as deliberate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .entries import Region
from .events import Event, Gap


@dataclass(frozen=True)
class Course:
    """lead: behind the first region. attack: from rest to full. release: back again."""

    lead: float
    attack: float
    release: float


COURSE: Final[Mapping[Region, Course]] = {
    Region.BROW: Course(0.0, 0.26, 0.42),
    Region.LID: Course(0.0, 0.16, 0.24),
    Region.GAZE: Course(0.0, 0.08, 0.08),
    Region.NOSE: Course(0.08, 0.24, 0.38),
    Region.CHEEK: Course(0.08, 0.34, 0.5),
    Region.MOUTH: Course(0.08, 0.34, 0.5),
    Region.JAW: Course(0.08, 0.26, 0.36),
    Region.TONGUE: Course(0.08, 0.26, 0.3),
    Region.HEAD: Course(0.12, 0.5, 0.6),
}

LEAD_IN: Final = 0.3
"""At rest before the first movement."""
TAIL: Final = 1.5
"""The last pose stays this long."""
SHORT_TAIL: Final = 0.4
"""Where the script itself says how long."""
DWELL: Final[Mapping[Gap, float]] = {Gap.TOGETHER: 0.0, Gap.SOFT: 0.5, Gap.FIRM: 0.75, Gap.SENTENCE: 1.0}
"""From the arrival of one group to the onset of the next."""
AFTER_HOLD: Final = 0.15
"""From the end of what was held for a time that the script gives to what comes then."""
TOGETHER_LAG: Final = 0.24
"""Between the onsets of two acts joined by "and"."""
SPEECH_LAG: Final = 0.16
"""An expression sets in before the words it goes with."""
LEAST_SLOW: Final = 0.9
"""A movement that is called slow takes at least this."""
QUICKEST_GESTURE: Final = 0.6
SLOWEST_GESTURE: Final = 2.5
"""Factors on the time of a gesture's stages, however quick or slow it is called."""
BRIEF: Final = 0.6
"""Seconds up to which what is held is only brief, and no length of time that the script gives."""
STEP: Final = 0.02
"""Keys lie on this grid: no keyframe is nearer to the next than a frame at 50 a second."""

BIG_HEAD_TURN: Final = 0.4
"""Radians from which a head turn winds up and settles."""
BIG_CHANGE: Final = 0.6
"""Change of a shape from which a quick movement runs over and settles."""
OVERSHOOT: Final = 0.07
SETTLE: Final = 0.22
"""Share by which it runs over, and seconds to come back."""


def seconds_for(event: Event, usual: float) -> float:
    """How long a movement takes, by what is usual for its region and by the words of the script."""
    if event.over is not None:
        return event.over
    paced = usual * event.speed / event.entry.tempo
    return max(paced, LEAST_SLOW) if event.speed > 1.5 else paced
