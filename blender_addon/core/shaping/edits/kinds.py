"""The kinds of edits. Seconds count from the take's `frame_start` at plain speed, after the edits that come before.

`what` is the noun that the sentence about an edit uses: "the smile".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

PoseChange = Mapping[str, float]
"""By channel: a shape's share of its full strength, or radians."""


@dataclass(frozen=True)
class Span:
    """Where in a take an edit acts: from `start` to `end`, None being the take's own end.

    during: only while one of these channels acts. together: only while all of them do, each on one side or the other.
    speaking: only while the mouth speaks. apart: not within any of these; their shoulders lie outside of them.
    told: during and together in words, as a sentence says it behind "while".
    """

    start: float | None = None
    end: float | None = None
    during: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    speaking: bool = False
    apart: "tuple[Span, ...]" = ()
    told: str = field(default="", compare=False)


WHOLE = Span()


@dataclass(frozen=True)
class Scale:
    """Make what there is stronger or weaker.

    seed: what is leant to by `factor - 1` where the span holds hardly any of it: more of nothing is something.
    one_sided: where any of these channels acts on one side of the face more than on the other, and only by what that
    side does more; empty for both sides alike.
    """

    channels: tuple[str, ...]
    factor: float
    span: Span = WHOLE
    seed: PoseChange = field(default_factory=dict)
    what: str = ""
    one_sided: tuple[str, ...] = ()


@dataclass(frozen=True)
class Add:
    """Put something on top: a shape takes its share of what is left to 1, or gives that share away; angles add up."""

    pose: PoseChange
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Slide:
    """Go from one shape towards its opposite: what there is of the one becomes less, and only where that is not enough
    anywhere within the span comes some of the other.

    pose: how much, by channel of where it goes. away: the opposite of each of these channels, in the same order.
    """

    pose: PoseChange
    away: tuple[str, ...]
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Lean:
    """Go towards a pose by a share; 1 is the pose itself."""

    pose: PoseChange
    share: float = 1.0
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Limit:
    """Keep within a lowest and a highest value."""

    channels: tuple[str, ...]
    low: float
    high: float
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Freeze:
    """Stay as it is at the beginning of the span.

    from_strongest: only from the moment on, within the span, at which the channels are at their strongest.
    """

    channels: tuple[str, ...]
    span: Span = WHOLE
    from_strongest: bool = False
    what: str = ""


@dataclass(frozen=True)
class Pause:
    """Let time stand still for some seconds; what follows comes later.

    at: the moment; None for that at which `channels` are at their strongest.
    """

    seconds: float
    at: float | None = None
    channels: tuple[str, ...] = ()
    what: str = ""


@dataclass(frozen=True)
class Retime:
    """Play faster (above 1) or slower; what follows comes sooner or later."""

    factor: float
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Delay:
    """Some channels later, or earlier where `seconds` are below 0; nothing else moves."""

    channels: tuple[str, ...]
    seconds: float
    what: str = ""


@dataclass(frozen=True)
class Blinks:
    """So many of the blinks: 0 takes them out, 0.5 every other one, 2 puts one between each two.

    more: just so many more, whatever the share.
    """

    share: float
    span: Span = WHOLE
    what: str = "the blinks"
    more: int = 0


class Closing(Enum):
    """What lids do for a moment: both of them, or one."""

    BLINK = "blink"
    WINK = "wink"


@dataclass(frozen=True)
class Closings:
    """The blinks or winks that are deepest within the span, each where it is; no time is put in, nothing else moves.

    factor: of how far they go; 0 takes them out. pace: of how long they last. stay: seconds for which they stay shut
    longer. seconds: by which they come later, below 0 earlier. side: only winks of this eye. onto: the eye that winks
    instead.
    """

    event: Closing
    factor: float = 1.0
    pace: float = 1.0
    stay: float = 0.0
    seconds: float = 0.0
    side: "Side | None" = None
    onto: "Side | None" = None
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Gesture:
    """A movement that comes and goes, beginning at a moment. steps: seconds from there, and what is reached then."""

    at: float
    steps: tuple[tuple[float, PoseChange], ...]
    what: str = ""


@dataclass(frozen=True)
class Smooth:
    """Take quick changes out (strength above 0; 1 is a twelfth of a second), or bring them out (below 0)."""

    channels: tuple[str, ...]
    strength: float
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Mirror:
    """Left and right change places. channels: of these, each beside that of the other side; empty for all."""

    span: Span = WHOLE
    what: str = "the take"
    channels: tuple[str, ...] = ()


class Side(Enum):
    """Of the character's own."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Even:
    """Make both sides alike by a share, below 0 less alike; of two that are alike the right one does less then.

    model: the side that the other one follows.
    """

    channels: tuple[str, ...]
    share: float = 1.0
    model: Side | None = None
    span: Span = WHOLE
    what: str = ""


@dataclass(frozen=True)
class Loop:
    """The end runs back into the beginning within so many seconds."""

    blend: float
    what: str = "the take"


@dataclass(frozen=True)
class Reverse:
    """Play it backwards."""

    what: str = "the take"


Edit = (
    Scale
    | Add
    | Slide
    | Lean
    | Limit
    | Freeze
    | Pause
    | Retime
    | Delay
    | Blinks
    | Closings
    | Gesture
    | Smooth
    | Mirror
    | Even
    | Loop
    | Reverse
)

IN_TIME = (Pause, Retime, Delay, Loop, Reverse)
"""Kinds that mean nothing to a single pose."""


@dataclass(frozen=True)
class WordEdit:
    """What one order in words came to. did: a sentence for each change."""

    words: str
    edits: tuple[Edit, ...]
    did: tuple[str, ...] = ()
