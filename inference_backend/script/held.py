"""What the face holds while the script is played, and which event put it there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .antagonists import antagonists
from .entries import REGION_OF, Region
from .events import Event, Gap, Group, Polarity
from .timing import BRIEF


@dataclass
class HeldFace:
    """The face at one moment of the script.

    turn: counts what is told one after the other; since: the turn in which a channel was brought where it is.
    before: what a channel was held at until the event that owns it came.
    values: what every channel is held at. owners: the event that brought it there. initial: what the
    words suppose was there from the beginning. touched: the channels that have moved or were supposed.
    """

    values: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    owners: dict[str, Event] = field(default_factory=dict)
    initial: dict[str, float] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    turn: int = 0
    since: dict[str, int] = field(default_factory=dict)

    def at(self, name: str) -> float:
        """The held value; 0 for a channel at rest."""
        return self.values.get(name, 0.0)

    def hold(self, name: str, value: float, event: Event) -> None:
        """The event brings the channel there, and it stays."""
        if self.owners.get(name) is not event:
            self.before[name] = self.at(name)
        self.values[name], self.owners[name], self.since[name] = value, event, self.turn
        self.touched.add(name)

    def suppose(self, name: str, value: float) -> None:
        """So from the beginning, if nothing said otherwise."""
        only_supposed = name in self.initial and name not in self.owners and abs(value) > abs(self.initial[name])
        if name not in self.touched or only_supposed:
            self.initial[name] = self.values[name] = value
            self.touched.add(name)

    def feeling_behind(self, expression: Event) -> Event | None:
        """The held feeling that an expression shows: the rage of a glare, the joy of a smile."""
        feelings = {id(owner): owner for name, owner in self.owners.items() if owner.entry.emotion and self.at(name)}
        return next((feeling for feeling in feelings.values() if shows(expression, feeling)), None)


PUT_ON = frozenset({Region.MOUTH, Region.JAW, Region.NOSE})
"""What a smile that is put on takes from the feeling under it: the mouth, and the nose that lifts the lip
 (Ekman and Friesen 1982: a false smile leaves
the brows and the eyes to what is felt)."""


AROUND_EYES = frozenset({Region.LID, Region.CHEEK})
"""Where very different expressions look alike: pain and laughter both squeeze the eyes."""


def passed_on(group: Group, following: Group | None) -> frozenset[str]:
    """The channels that the next group takes from this one as they are: "smiles at 30 % for a second, then at 100 %".

    So does what sends the face back to rest: it does that itself, in its own time.
    """
    if following is None or following.wait or following.at is not None or following.on_word:
        return frozenset()
    held = {name for event in group.events if event.hold and event.hold > BRIEF for name in event.pose}
    own = [event.entry.name for event in group.events]
    return frozenset(name for event in following.events for name in held if _takes_on(event, name, own))


def carried_over(group: Group, following: Group | None) -> frozenset[str]:
    """The channels that what comes of a change takes over from what was there: the wide eyes of surprise in fear."""
    if following is None or following.gap is not Gap.TOGETHER or following.wait:
        return frozenset()
    coming = (event for event in following.events if event.entry.whole and event.polarity is Polarity.DO)
    values = {name: value for event in coming for name, value in event.pose.items()}
    changing = (e for e in group.events if e.polarity is Polarity.FADE and e.supposed)
    return frozenset(n for event in changing for n, value in event.pose.items() if value * values.get(n, 0.0) > 0)


def is_start_of_change(group: Group, following: Group | None) -> bool:
    """ "from surprise (to fear)", "from blank (to delighted)": it says only what was there."""
    changes = following is not None and following.gap is Gap.TOGETHER
    return changes and all(event.entry.rest or event.polarity is Polarity.FADE for event in group.events)


def _takes_on(event: Event, name: str, own: Sequence[str]) -> bool:
    """Whether an event takes on a channel from an act of one of the entries `own`, or sends it to rest itself."""
    if event.polarity is Polarity.FADE:
        return name in event.channels
    if event.polarity is not Polarity.DO:
        return False
    again = event.entry.name in own and name in event.pose
    undone = event.undo and any(event.pose.get(other) for other in antagonists(name))
    return again or undone or event.pose.get(name) == 0.0 or REGION_OF[name] in event.entry.rest


def shows(expression: Event, feeling: Event) -> bool:
    """Whether an expression is how a feeling shows, so that it adds to the feeling instead of replacing it."""
    if not feeling.entry.emotion or not expression.entry.whole or expression.entry.emotion or expression.mask:
        return False
    shared = feeling.main_channels() & expression.main_channels()
    return any(REGION_OF[name] not in AROUND_EYES for name in shared) or (
        bool(shared) and all(REGION_OF[name] in AROUND_EYES for name in expression.main_channels())
    )
