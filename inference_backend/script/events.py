"""What a script asks of a face, one event for each entry that a clause names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from .entries import REGION_OF, Entry, Pose, Region
from .words import Token


class Polarity(Enum):
    """Whether the script asks for an act, takes it back or rules it out."""

    DO = "do"
    FADE = "fade"
    """It was there and goes: "her smile fades"."""
    FORBID = "forbid"
    """It is not to be seen: "without smiling"."""


@dataclass(frozen=True)
class Event:
    """One entry with its side, strength and manner applied.

    pose, steps, leaves: as in Entry, already limited to a side and scaled.
    speed: factor on the time that movements take; above 1 is slower. over: or that time in seconds.
    hold: seconds to keep it before letting go; None keeps it until something else comes.
    count: how often a gesture is done.
    undo: what it opposes is only taken back: "raises them, then lowers them again".
    mask: it is put on over what is felt.
    lasting: it goes on, and so was there before: "keeps smiling".
    fixes: it keeps the eyes on something, however the head moves.
    at_viewer: it is done to the viewer's face, who stays in the same place, however the head is turned.
    others: somebody else does it than who is played.
    dips: its stages are less than what is held: "her smile wavers".
    source: characters of the script; words: the same in plain text.
    """

    entry: Entry
    pose: Pose
    steps: tuple[tuple[float, Pose], ...] = ()
    leaves: Pose = field(default_factory=dict)
    polarity: Polarity = Polarity.DO
    strength: float = 1.0
    side: str | None = None
    speed: float = 1.0
    over: float | None = None
    hold: float | None = None
    count: int = 1
    undo: bool = False
    supposed: bool = False
    mask: bool = False
    lasting: bool = False
    fixes: bool = False
    at_viewer: bool = False
    others: bool = False
    dips: bool = False
    source: tuple[int, int] = (0, 0)
    words: str = ""

    @property
    def channels(self) -> frozenset[str]:
        """Every channel that it touches."""
        return frozenset(self.pose) | {name for _, pose in self.steps for name in pose}

    @property
    def regions(self) -> frozenset[Region]:
        """Every region that it touches."""
        return frozenset(REGION_OF[name] for name in self.channels)

    def main_channels(self) -> frozenset[str]:
        """The channels that make it what it is: those with at least six tenths of its largest value."""
        return self._main

    @cached_property
    def _main(self) -> frozenset[str]:
        values: dict[str, float] = {}
        for pose in (self.pose, *(pose for _, pose in self.steps)):
            for name, value in pose.items():
                values[name] = max(values.get(name, 0.0), abs(value))
        largest = max(values.values(), default=0.0)
        return frozenset(name for name, value in values.items() if value >= 0.6 * largest and value > 0)


class Gap(Enum):
    """How soon a group follows the one before."""

    TOGETHER = "together"
    SOFT = "soft"
    FIRM = "firm"
    SENTENCE = "sentence"


@dataclass
class Group:
    """Events that set in at the same time.

    wait: seconds of pause before it. at: or the second at which it sets in. stay: seconds to keep it
    before the next. until: it is let go as the next one sets in. on_word: where a line begins in the script, and how
    many of its words come before the one on which the group falls. ends: the second at which it is let go.
    onset: the second at which it sets in whatever else is said of it, since it was played so with others.
    """

    events: list[Event] = field(default_factory=list)
    speech: list["Speech"] = field(default_factory=list)
    gap: Gap = Gap.SOFT
    wait: float = 0.0
    at: float | None = None
    stay: float = 0.0
    until: bool = False
    on_word: tuple[int, int] | None = None
    ends: float | None = None
    onset: float | None = None


@dataclass(frozen=True)
class Speech:
    """A quotation: what is said, how loudly (1 is plain), how slowly, and where it stands.

    others: somebody else says it, and the face waits.
    """

    token: Token
    loudness: float = 1.0
    slowness: float = 1.0
    others: bool = False


Held = Mapping[str, float]
