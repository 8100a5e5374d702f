"""Cuts an order into clauses, each with the time that is said of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from blender_addon.core.shaping.edits.kinds import Span

from ..script.words import Form, Token, tokens_of
from .clock import Clock
from .numbers import is_minus
from .times import TimeKind, TimePhrase, time_phrases

_SENTENCE_ENDS = frozenset(".;!?\n")
_COMMAS = frozenset({",", ":", "–", "—", "+"})
_AND = frozenset({"and", "then", "but", "plus", "also", "&", "while"})


@dataclass
class When:
    """What is said of time. length: of a hold, in seconds. edge: the moment that "at the end" names."""

    span: Span | None = None
    point: float | None = None
    length: float | None = None
    speaking: bool = False
    is_said: bool = False
    edge: float | None = None
    during: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


@dataclass
class Clause:
    """words: the tokens without those of time. joined: by "and" to the one before, with nothing else between.

    leads: its time was said before anything else in the sentence.
    """

    words: list[Token]
    when: When = field(default_factory=When)
    joined: bool = False
    start: int = 0
    end: int = 0
    leads: bool = False


def clauses_of(text: str, clock: Clock) -> list[Clause]:
    """The clauses of all sentences, in order."""
    return [clause for sentence in _sentences(tokens_of(text)) for clause in _of_sentence(sentence, clock)]


def _sentences(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    for token in tokens:
        if token.form is Form.MARK and token.text in _SENTENCE_ENDS:
            yield current
            current = []
        else:
            current.append(token)
    yield current


def _of_sentence(tokens: Sequence[Token], clock: Clock) -> list[Clause]:
    phrases = {phrase.first: phrase for phrase in time_phrases(tokens, clock)}
    found = [Clause([])]
    index = 0
    while index < len(tokens):
        phrase = phrases.get(index)
        if phrase is not None:
            found[-1].leads = found[-1].leads or (len(found) == 1 and not found[-1].words)
            _say(found[-1], phrase, clock)
            _stretch(found[-1], tokens[index : phrase.last])
            index = phrase.last
            continue
        token = tokens[index]
        if _parts(tokens, index):
            if found[-1].words or found[-1].when.is_said:
                found.append(Clause([], joined=token.lower in _AND))
            else:
                found[-1].joined = found[-1].joined and token.lower in _AND
        elif token.form is not Form.MARK or token.text in ("%", "°") or is_minus(tokens, index):
            found[-1].words.append(token)
            _stretch(found[-1], [token])
        index += 1
    return _with_shared_times([clause for clause in found if clause.words or clause.when.is_said])


def _parts(tokens: Sequence[Token], index: int) -> bool:
    """Not "everything but the mouth", nor "left and right"."""
    token = tokens[index]
    before = tokens[index - 1].lower if index else ""
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if token.lower == "but":
        return after != "not" and not (before in ("everything", "all") and after in ("the", "her", "his", "for"))
    if token.lower == "while":  # "while laughing" is a time that is not understood, and no order
        return after.startswith(("keep", "hold", "stay", "leav"))
    if token.lower == "and":
        return {before, after} not in ({"left", "right"}, {"up", "down"}) and (before, after) != ("over", "over")
    return token.text in _COMMAS or token.lower in _AND


def _stretch(clause: Clause, tokens: Sequence[Token]) -> None:
    if not clause.end:
        clause.start = tokens[0].start
    clause.end = max(clause.end, tokens[-1].end)


def _say(clause: Clause, phrase: TimePhrase, clock: Clock) -> None:
    when = clause.when
    when.is_said = True
    if phrase.kind is TimeKind.SPEAKING:
        when.speaking = True
    elif phrase.kind is TimeKind.DURING:
        when.during, when.together = phrase.channels, phrase.together
    elif phrase.kind is TimeKind.LENGTH:
        when.length = phrase.end
    elif phrase.kind is TimeKind.POINT:
        when.point = phrase.start
    elif phrase.kind is TimeKind.SPAN:
        span = when.span or Span()
        start = phrase.start if phrase.start is not None else span.start
        end = phrase.end if phrase.end is not None else span.end
        if phrase.end is None and phrase.start is not None and phrase.start >= clock.end - 1e-6:
            when.point = clock.end  # "at the very end"
        when.span, when.edge = Span(start, end), phrase.edge


def _with_shared_times(clauses: list[Clause]) -> list[Clause]:
    """ "From 40 to 60, raise the brows and smile": a time that stands alone is that of what follows; one behind several
    clauses that "and" joins is that of all that have none of their own."""
    found: list[Clause] = []
    leading: When | None = None
    start = 0
    for clause in clauses:
        if not clause.words:
            leading, start = clause.when, clause.start
            if found and clause is clauses[-1]:
                found = [one if one.when.is_said else replace(one, when=clause.when) for one in found]
            continue
        if leading is None and clause.leads:
            leading = clause.when
        if leading is None or clause.when.is_said:
            found.append(clause)
        else:
            begins = clause.start if found else min(start, clause.start)
            found.append(replace(clause, when=leading, start=begins))
    return found or clauses  # a time and nothing else: to be reported
