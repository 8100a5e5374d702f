"""Whether a clause goes along with what stands before it, or tells what comes next."""

from collections.abc import Sequence

from .clauses import Clause, Link
from .events import Event, Polarity
from .fixation import stays_during
from .lexicon_files import part_classes, word_set
from .read_clauses import ReadClause
from .screenplay import is_say_word
from .words import Form, Token

_PART_SUBJECTS = part_classes("subject")
_BECOMES = frozenset({"become", "grow", "turn", "get", "go"})
_FINITE = word_set("finite")


def goes_along(read: ReadClause) -> bool:
    """ "turns his head, but keeps looking at her": the eyes stay there all the while."""
    return all(event.fixes for event in read.events) and stays_during(read.clause.words)


def gapes(events: Sequence[Event]) -> bool:
    """Whether a gesture of the events opens the mouth, as a sigh and a laugh do."""
    peaks = (stage.get("jawOpen", 0.0) for event in events for _, stage in event.steps)
    return max(peaks, default=0.0) >= GAPING


GAPING = 0.3
"""How far the jaw opens in a gesture that has the mouth for itself."""


def is_breath(events: Sequence[Event]) -> bool:
    """ "With a sigh, she says ...": a gesture of the mouth, over when the line begins."""
    return any(event.steps and "jawOpen" in event.main_channels() for event in events)


def is_said_meanwhile(tag: ReadClause) -> bool:
    """ "nods while saying "Yes."", "she nods, saying "Yes."": the line is heard during what stands before."""
    if not tag.say or tag.events:
        return False
    participle = any(word.form is Form.ING and is_say_word(word) for word in tag.clause.words)
    return tag.clause.link in (Link.WHILE, Link.WITH) or (participle and tag.clause.link is Link.COMMA)


def is_simultaneous(read: ReadClause) -> bool:
    """Clauses that describe, and do not tell: "smiling", "his brows low", "eyes wide", "a grim smile"."""
    words = read.clause.words
    if all(event.entry.emotion for event in read.events):
        return not any(not _BECOMES.isdisjoint(word.bases) for word in words)
    first = next(
        (word for word in words if word.lower not in word_set("no_subject") and "#side" not in word.keys), None
    )
    if first is None:
        return True
    told_to_look = first is words[0] and first.form is Form.BASE and "@look" in first.keys  # "yawn, look around, sigh"
    part_moves = not _PART_SUBJECTS.isdisjoint(first.keys) and first.form in (Form.BASE, Form.S) and not told_to_look
    return part_moves or first.form in (Form.ED, Form.ING)


def tells_how_it_is_said(read: ReadClause) -> bool:
    """ "'No,' he says, crestfallen": the look behind a line, with no verb of its own."""
    told = any(word.lower in _FINITE or (word.form is Form.S and _is_verb(word)) for word in read.clause.words)
    return read.clause.link is Link.COMMA and not told and not any(event.steps for event in read.events)


def takes_the_place(read: ReadClause, told: Sequence[Event]) -> bool:
    """ "her fear subsides, replaced by curiosity", "melts away, leaving only sadness": it comes as the other goes."""
    goes = bool(told) and all(event.polarity is Polarity.FADE for event in told)
    first = read.clause.words[0].lower if read.clause.words else ""
    return goes and first in ("replaced", "leaving", "revealing") and all(event.entry.whole for event in read.events)


def is_absolute(clause: Clause) -> bool:
    """ "Tears streaming down her face, ...", "Eyes closed, ...": no verb of its own that is bound to a time."""
    words = clause.words
    if any(word.lower in _FINITE or (word.form is Form.S and _is_verb(word)) for word in words):
        return False
    first_part = bool(words) and not _PART_SUBJECTS.isdisjoint(words[0].keys | words[min(1, len(words) - 1)].keys)
    return any(word.form is Form.ING for word in words) or (first_part and words[-1].form is Form.ED)


def is_mood(read: ReadClause) -> bool:
    """ "Furious, he glares": a feeling in front of the clause that it colours."""
    feeling = all(event.entry.emotion and event.polarity is Polarity.DO for event in read.events)
    return feeling and not any(word.lower in _FINITE for word in read.clause.words)


def _is_verb(word: Token) -> bool:
    return _PART_SUBJECTS.isdisjoint(word.keys) and "@tear" not in word.keys
