"""Makes events of the entries that a clause names: side, strength, manner and polarity applied."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .clauses import Clause, Link
from .direct import plain
from .entries import REGION_OF, Entry, Pose, Region, Sides, entries
from .events import Event, Polarity
from .feelings import stays_in_mouth, unfelt
from .fixation import marked_as_fixing
from .lexicon_files import table
from .manner import Manner, manner_of
from .matching import Match
from .phrases import Time
from .polarity import scaled, with_polarity
from .prolonging import prolonged
from .sides import SideWord, is_two_sided, on_side, side_of
from .timing import BRIEF, QUICKEST_GESTURE, SLOWEST_GESTURE
from .word_kinds import PARTS
from .words import Token


@dataclass
class Memory:
    """What was spoken of last, for words that refer to it.

    part: of the face. side, way: of an act, and where one went. events, faded: what was done, and what went.
    words: of the last clause that was read. degree: of the last clause. expressions: of the whole face, as of the last
    clause that had any.
    """

    part: Token | None = None
    side: str | None = None
    way: str | None = None
    events: list[Event] = field(default_factory=list)
    faded: list[Event] = field(default_factory=list)
    expressions: list[Event] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)
    degree: float = 1.0


class EventMaker:
    """Turns matches into events, and remembers what they spoke of."""

    def __init__(self, script: str, memory: Memory) -> None:
        self._script = script
        self._memory = memory

    def events(
        self, clause: Clause, words: list[Token], sides: list[SideWord], matches: list[Match], *, undo: bool = False
    ) -> list[Event]:
        """One event for each match; undo: it only takes back what was done."""
        found: list[Event] = []
        for match in matches:
            side = side_of(match.entry, match.first, match.last, words, sides, self._memory.side)
            if (
                side is None
                and match.entry.sides is Sides.WAY
                and any(not _GOES_ALONG.isdisjoint(word.bases) for word in words)
            ):
                side = self._memory.way  # "eyes right, head follows", "looks to the right and listens"
            if is_two_sided(words) and match.entry.sides is Sides.ONE:
                side = None
            self._remember(match, side, words)
            manner = manner_of(match, matches, words)
            event = self.made(match.entry, manner, side, clause)
            if clause.gloss and event.strength == 1.0 and self._memory.degree != 1.0:
                event = self.made(match.entry, replace(manner, strength=self._memory.degree), side, clause)
            if clause.gloss:
                event = _within(event, self._memory.events)
            if _keeps_gaze(match, clause, words):
                pose = {name: value for name, value in event.pose.items() if REGION_OF[name] is not Region.GAZE}
                event = replace(event, pose=pose)
            if stays_in_mouth(words):
                event = unfelt(event)
            back = _is_taken_back(match, words) or _looks_up_again(match, words) or _comes_down(match, clause, words)
            undone = not match.entry.whole and (undo or back)
            if _comes_down(match, clause, words) and manner.brief:
                event = replace(event, hold=None)  # "glances up, then down again": the glance ends there
            event = with_polarity(replace(event, undo=undone), match, matches, clause, words)
            event = self._held_on_to(marked_as_fixing(event, match, words), match, words, clause)
            if not any((event.entry, event.side) == (other.entry, other.side) for other in found):
                found.append(event)
        return found

    def _held_on_to(self, event: Event, match: Match, words: Sequence[Token], clause: Clause) -> Event:
        """ "(smiles broadly) and holds the smile": what is there already stays as it is."""
        before = words[: match.first]
        holds = any(not _HOLDS_ON.isdisjoint(word.bases) for word in before)
        definite = bool(before) and before[-1].lower in ("the", "that", "this", "her", "his", "their")
        told = (*self._memory.events, *self._memory.expressions)
        known = next((e for e in told if e.entry is event.entry and not e.steps), None)
        if not (holds and definite and known) or event.polarity is not Polarity.DO:
            return event
        if event.hold is None:
            return self.made(entries()["hold"], Manner(), None, clause)
        return replace(event, pose=known.pose, strength=known.strength, lasting=True)

    def _remember(self, match: Match, side: str | None, words: Sequence[Token]) -> None:
        if side is not None and match.entry.sides in (Sides.PAIR, Sides.ONE):
            self._memory.side = side
        if match.entry.sides is Sides.WAY:
            self._memory.way = side or self._memory.way
        for position in match.positions:
            if not PARTS.isdisjoint(words[position].keys):
                self._memory.part = words[position]

    def made(self, entry: Entry, manner: Manner, side: str | None, clause: Clause) -> Event:
        """The entry on a side, at the strength and in the time that the clause asks for."""
        if manner.count > 1 and entry.counted:
            entry = entries()[entry.counted]
        strength = manner.strength
        hold = _seconds_held(clause)
        over = next((phrase.seconds for phrase in clause.times if phrase.kind is Time.OVER), None)
        if over is None and manner.speed > 1.0 and hold is not None and any(p.until is not None for p in clause.times):
            over, hold = hold, None  # "from 1 s to 3 s she slowly opens her mouth": so long it takes
        if hold is None and manner.brief:
            hold = float(table("modifiers")["brief"]["seconds"])

        def shaped(pose: Pose) -> dict[str, float]:
            return scaled(on_side(pose, entry, side), manner)

        pose: Pose = shaped(entry.pose)
        steps: tuple[tuple[float, Pose], ...] = tuple((time, shaped(stage)) for time, stage in entry.steps)
        if manner.count > 1 and pose and not steps and not entry.emotion:
            pose, steps = {}, _there_and_back(pose)
        count, leaves = manner.count, shaped(entry.leaves)
        if steps and count == 1 and over is None and hold is not None and hold > BRIEF:
            steps, count = prolonged(steps, leaves, hold / _pace(manner))
        return Event(
            entry=entry,
            pose=pose,
            steps=steps,
            leaves=leaves,
            strength=strength,
            side=side,
            speed=manner.speed,
            over=over,
            hold=hold,
            count=count,
            mask=entry.mask or (manner.attempted and entry.whole and not entry.emotion),
            source=(clause.start, clause.end),
            words=plain(self._script[clause.start : clause.end]),
        )


def _seconds_held(clause: Clause) -> float | None:
    """ "for two seconds", "from 1 s to 3 s", at most "until 2 s"; None where the clause does not say how long."""
    for phrase in clause.times:
        if phrase.kind in (Time.HOLD, Time.TILL):
            return phrase.seconds
        if phrase.until is not None:
            return phrase.until - phrase.seconds
    return None


def _pace(manner: Manner) -> float:
    """Factor on the time of a gesture's stages."""
    return min(SLOWEST_GESTURE, max(QUICKEST_GESTURE, manner.speed))


_HOLDS_ON = frozenset({"hold", "maintain", "sustain", "retain", "preserve"})
_RESTING_LOOKS = frozenset({"look_at", "stare", "peer", "gaze_steady"})
_GOES_ALONG = frozenset({"follow", "listen"})


def _keeps_gaze(match: Match, clause: Clause, words: Sequence[Token]) -> bool:
    """ "looks to the left and watches": who looks on at nothing that is named looks where he looked."""
    carried_on = clause.link in (Link.AND, Link.WHILE, Link.WITH)
    return match.entry.name in _RESTING_LOOKS and carried_on and match.last == len(words) - 1


def _looks_up_again(match: Match, words: Sequence[Token]) -> bool:
    """After a look down, "looks up" is a look at who is there, and not at the ceiling."""
    above = any("@above" in word.keys for word in words)
    return match.entry.name == "look_up" and "@look" in match.pattern.slots and not above


def _comes_down(match: Match, clause: Clause, words: Sequence[Token]) -> bool:
    """ "looks up, then down again", "then back down"; but who looks down again, or down at a thing, looks down."""
    if match.entry.name != "look_down" or any("@below" in word.keys for word in words):
        return False
    said = {word.lower for word in clause.words}
    return "back" in said or ("again" in said and match.last >= len(clause.words))


def _within(event: Event, glossed: list[Event]) -> Event:
    """ "the nose rises (sneer-like)": a gloss on an act of a part says nothing of other parts."""
    parts = {region for other in glossed if not other.entry.whole for region in other.regions}
    own = {name: value for name, value in event.pose.items() if REGION_OF[name] in parts}
    return replace(event, pose=own) if own and event.entry.whole and not event.entry.emotion else event


def _is_taken_back(match: Match, words: Sequence[Token]) -> bool:
    """ "closes it again", "tilts it back"; but who looks down again looks down."""
    regions = {REGION_OF[name] for name, value in match.entry.pose.items() if abs(value) > 0.15}
    looks = regions == {Region.GAZE}
    named = {words[position].lower for position in match.positions}  # "lets her head fall back" goes a way of its own
    return not looks and any(word.lower in ("again", "back") and word.lower not in named for word in words)


def _there_and_back(pose: Pose) -> tuple[tuple[float, Pose], ...]:
    """ "raises her brows twice": a pose that is taken up more than once lets go in between."""
    return ((0.25, pose), (0.4, pose), (0.75, dict.fromkeys(pose, 0.0)))
