"""What is tried and does not succeed: "tries to keep a straight face and fails", "tries not to cry, but can't"."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .clauses import Clause, Link, is_expression
from .direct import plain
from .entries import Entry, Region, entries
from .events import Event, Polarity
from .lexicon_files import word_set
from .making import EventMaker
from .manner import Manner
from .matching import matches_in
from .word_kinds import is_manner
from .words import Form, Token

_TRIES = word_set("attempt") | {"struggle", "fight", "want", "strive"}
_WHO = frozenset({"he", "she", "they", "it", "him", "her", "them"})
_CANNOT = ("can't", "cannot", "can not", "couldn't", "could not", "can n't", "could n't", "ca n't")
_HOLDING = frozenset(
    {"not", "hold", "fight", "suppress", "stifle", "contain", "bite", "choke", "swallow", "hide", "stop"}
)
_HELD_IN = {"tear": "cry", "laughter": "laugh"}
"""What breaks out where this was held in."""


class Failures:
    """What shows where an attempt does not succeed; remembers what was there before it."""

    def __init__(self, script: str, maker: EventMaker) -> None:
        self._script = script
        self._maker = maker
        self._shown: list[Event] = []

    def remember(self, acts: Sequence[Event]) -> None:
        """The last expressions of the whole face but rest: they break out again where they cannot be held in."""
        self._shown = [event for event in acts if event.entry.whole and not event.entry.rest] or self._shown

    def of_attempt(self, clause: Clause, tried: Sequence[Token], events: Sequence[Event]) -> list[Event]:
        """What was held in breaks out, what was put on goes; nothing where the words before tell of no attempt."""
        if not _is_tried(tried):
            return []
        if _holds_in(tried, events):
            return self._broken_out(clause, tried)
        gone = [event for event in events if event.polarity is Polarity.DO and not event.entry.before]
        return [self._said_in(clause, replace(event, polarity=Polarity.FADE, supposed=False)) for event in gone]

    def of_failing_to(self, clause: Clause, events: list[Event]) -> list[Event]:
        """ "fails to keep a straight face": what breaks out; else the events as they are."""
        if not (_fails_to(clause.words) and _holds_in(clause.words, events)):
            return events
        return self._broken_out(clause, clause.words) or events

    def _broken_out(self, clause: Clause, tried: Sequence[Token]) -> list[Event]:
        """The expression that the words of the attempt name, or the one that was there before it."""
        named = _named_in(tried)
        if not (named or self._shown) and _breaks_straight_face(tried):
            named = [entries()["laugh"]]
        again = [self._said_in(clause, replace(event, hold=None)) for event in self._shown]
        return [self._maker.made(entry, Manner(), None, clause) for entry in named] or again

    def _said_in(self, clause: Clause, event: Event) -> Event:
        words = plain(self._script[clause.start : clause.end])
        return replace(event, source=(clause.start, clause.end), words=words)


def is_failure(clause: Clause) -> bool:
    """ "... and fails", "..., but he can't": the clause says no more than that what was tried did not succeed."""
    said = [word for word in clause.words if word.lower not in _WHO]
    if clause.link is Link.BUT and " ".join(word.lower for word in said) in _CANNOT:
        return True
    failing = [word for word in said if not (is_manner(word) or word.form is Form.LY) or "fail" in word.bases]
    return bool(failing) and all("fail" in word.bases for word in failing)


def _fails_to(words: Sequence[Token]) -> bool:
    """ "fails to keep a straight face"."""
    return any("fail" in word.bases and after.lower == "to" for word, after in pairwise(words))


def _is_tried(words: Sequence[Token]) -> bool:
    """Whether the clause tells of an attempt."""
    return any(not _TRIES.isdisjoint(word.bases) for word in words)


def _holds_in(words: Sequence[Token], events: Sequence[Event]) -> bool:
    """Whether what is tried is to show nothing: "not to laugh", "to hold back tears", "to keep a straight face"."""
    at_rest = bool(events) and all(Region.MOUTH in event.entry.rest for event in events)
    return at_rest or any(not _HOLDING.isdisjoint(word.bases) or word.lower.endswith("n't") for word in words)


def _breaks_straight_face(words: Sequence[Token]) -> bool:
    """What is behind a straight face or a poker face that does not hold is laughter, where nothing else is said."""
    return any(not {"straight", "poker", "deadpan"}.isdisjoint(word.bases) for word in words)


def _named_in(words: Sequence[Token]) -> list[Entry]:
    """The expressions that the words of an attempt name by themselves: the laugh of "tries not to laugh"."""
    known = entries()
    for word in words:
        held_in = next((known[_HELD_IN[base]] for base in word.bases if base in _HELD_IN), None)
        if held_in is not None:
            return [held_in]
        found = [match.entry for match in matches_in([word]) if is_expression(word) and not match.entry.rest]
        if found:
            return found
    return []
