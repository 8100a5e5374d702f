"""Cuts an order into clauses, each with the time that is said of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from blender_addon.core.shaping.edits.kinds import Span

from ..script.words import Form, Token, tokens_of
from .clock import Clock
from .event_times import QUOTES, SINGLE_QUOTES
from .exceptions import Excepted, left_alone, marker_at, named_at
from .happened import ORDINALS
from .numbers import is_minus
from .targets import MOVEMENTS
from .time_phrases import TimeKind, TimePhrase
from .times import SPEAKS, time_phrases
from .words import phrases

_SENTENCE_ENDS = frozenset(".;!?\n")
_COMMAS = frozenset({",", ":", "–", "—", "+"})
_AND = frozenset({"and", "then", "but", "plus", "also", "&", "while"})


@dataclass
class When:
    """What is said of time. length: of a hold, in seconds. edge: the moment that "at the end" names. told: during and
    together in words."""

    span: Span | None = None
    point: float | None = None
    length: float | None = None
    speaking: bool = False
    is_said: bool = False
    edge: float | None = None
    during: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    silent: bool = False
    told: str = ""


@dataclass
class LeftOut:
    """What an order does not touch: a part of the face, a time, or a part within a time.

    number: of what the order is about, which of them: "no blinks except the last one".
    """

    excepted: Excepted = field(default_factory=Excepted)
    when: When = field(default_factory=When)
    number: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything is named."""
        return bool(self.excepted.tokens) or self.when.is_said or self.number is not None


@dataclass
class Clause:
    """words: the tokens without those of time. joined: by "and" to the one before, with nothing else between.

    leads: its time was said before anything else in the sentence. left_out: what it does not touch. is_lost: it has
    words that no reading may pass over.
    """

    words: list[Token]
    when: When = field(default_factory=When)
    joined: bool = False
    start: int = 0
    end: int = 0
    leads: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    is_lost: bool = False


def clauses_of(text: str, clock: Clock) -> list[Clause]:
    """The clauses of all sentences, in order."""
    tokens = _unquoted(tokens_of(text))
    return [clause for sentence in _sentences(tokens) for clause in _of_sentence(sentence, clock)]


def _unquoted(tokens: list[Token]) -> list[Token]:
    """An order that stands in quotation marks as a whole, without them."""
    marks = [place for place, token in enumerate(tokens) if token.text in QUOTES]
    return tokens[1:-1] if marks == [0, len(tokens) - 1] else tokens


def _sentences(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    in_quotes = False
    for token in tokens:
        in_quotes = in_quotes != (token.text in QUOTES)
        if token.form is Form.MARK and token.text in _SENTENCE_ENDS and not in_quotes:
            yield current
            current, in_quotes = [], False
        else:
            current.append(token)
    yield current


def _of_sentence(tokens: Sequence[Token], clock: Clock) -> list[Clause]:
    phrases = {phrase.first: phrase for phrase in time_phrases(tokens, clock)}
    found = [Clause([])]
    index = 0
    quoted = sum(token.text in SINGLE_QUOTES for token in tokens) > 1
    while index < len(tokens):
        if (past := _leave_out(found[-1], tokens, index, phrases, clock)) > index:
            index = past
            continue
        phrase = phrases.get(index)
        if phrase is not None:
            found[-1].leads = found[-1].leads or (len(found) == 1 and not found[-1].words)
            _say(found[-1].when, phrase, clock)
            _stretch(found[-1], tokens[index : phrase.last])
            index = phrase.last
            continue
        token = tokens[index]
        if token.lower == "without" and found[-1].words:  # "slower without blinks"
            found.append(Clause([], joined=True))
        if _parts(tokens, index):
            _begin_another(found, token)
        elif token.text in QUOTES or (token.text in SINGLE_QUOTES and quoted):
            found[-1].is_lost = True  # words of no line of the take
            _stretch(found[-1], [token])
        elif _counts(tokens, index) and not _leads_to_limit(tokens, index):
            found[-1].words.append(token)
            _stretch(found[-1], [token])
        index += 1
    return _with_shared_times([clause for clause in found if clause.words or clause.when.is_said])


def _begin_another(found: list[Clause], token: Token) -> None:
    """A clause behind a comma or "and", if the one before has anything to say."""
    if not found[-1].words and found[-1].left_out and len(found) == 1:
        return  # "Except at the end, less smile"
    if found[-1].words or found[-1].when.is_said:
        found.append(Clause([], joined=token.lower in _AND))
    else:
        found[-1].joined = found[-1].joined and token.lower in _AND


def _leave_out(clause: Clause, tokens: Sequence[Token], index: int, times: dict[int, TimePhrase], clock: Clock) -> int:
    """Take what is left out from a clause, if a token says that something is; the token behind it."""
    length = marker_at(tokens, index)
    if not length:
        return index
    end, before = index + length, len(clause.left_out)
    while True:
        one, past = _one_left_out(tokens, end, times, clock)
        if not one.says_something:
            break
        clause.left_out.append(one)
        end = past
        joined = past < len(tokens) and tokens[past].lower in ("and", "or", "nor", ",")
        if not joined or not _goes_on(clause, tokens, past + 1, times, clock):
            break
        end = past + 1
    if len(clause.left_out) == before:
        limit = next((len(one) for one in phrases("order", "not_far") if _follows(tokens, end, one)), 0)
        clause.is_lost = clause.is_lost or not limit
        clause.words += tokens_of("slightly") if limit else []  # "more smile but not too much"
        end += limit
    _stretch(clause, tokens[index:end])
    return end


def _follows(tokens: Sequence[Token], index: int, phrase: tuple[str, ...]) -> bool:
    return tuple(token.lower for token in tokens[index : index + len(phrase)]) == phrase


def _one_left_out(
    tokens: Sequence[Token], index: int, times: dict[int, TimePhrase], clock: Clock
) -> tuple[LeftOut, int]:
    one, end = LeftOut(), index
    while index < len(tokens):
        if (phrase := times.get(index)) is not None:
            _say(one.when, phrase, clock)
            index = end = phrase.last
        elif not one.when.is_said and (edge := _edge_at(tokens, index, clock)) is not None:
            _say(one.when, edge, clock)
            index = end = index + edge.last - 1
        elif not one.excepted.tokens and (named := named_at(tokens, index)) is not None:
            one.excepted, index = named
            end = index
        elif tokens[index].lower in ORDINALS and one.number is None:
            one.number = ORDINALS[tokens[index].lower]
            index = end = index + 2
        elif not one.when.is_said and tokens[index].lower in SPEAKS:  # "outside of the line"
            one.when.is_said = one.when.speaking = True
            index = end = index + 1
        elif tokens[index].lower in _PASSED:
            index += 1
        else:
            break
    return one, end


def _edge_at(tokens: Sequence[Token], index: int, clock: Clock) -> TimePhrase | None:
    """ "Except the end" is "except at the end"."""
    found = time_phrases([*tokens_of("at"), *tokens[index : index + _LONGEST_EDGE]], clock)
    if not found or found[0].first or found[0].last < 2:
        return None
    named = named_at(tokens, index) if found[0].kind is TimeKind.EVENT else None
    # "Except the nods" is of a time, "except the smile" of a part.
    is_part = named is not None and (named[0].found is None or named[0].found.what not in MOVEMENTS)
    return None if is_part else found[0]


_LONGEST_EDGE = 4
"""Words of "the very end of it"."""


def _goes_on(clause: Clause, tokens: Sequence[Token], index: int, times: dict[int, TimePhrase], clock: Clock) -> bool:
    """ "Everything but the brows and the mouth": not "... but not the brows, and the head less"."""
    one, past = _one_left_out(tokens, index, times, clock)
    if not one.says_something:
        return False
    only_whole = all(token.lower in _WHOLE for token in clause.words)
    return only_whole or past >= len(tokens) or _parts(tokens, past)


_PASSED = frozenset(["the", "her", "his", "their", "its", "a", "on", "at", "in", "of", "for", "to", "those", "that"])
_WHOLE = frozenset(["make", "everything", "all", "exaggerate", "scale", "keep", "the", "whole", "face"])


def _parts(tokens: Sequence[Token], index: int) -> bool:
    """Not "everything but the mouth", nor "left and right"."""
    token = tokens[index]
    before = tokens[index - 1].lower if index else ""
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if _limits(tokens, index + 1):  # "smile more, only on the right"
        return False
    if token.lower == "while":  # "while laughing" is a time that is not understood, and no order
        return after.startswith(("keep", "hold", "stay", "leav"))
    if token.lower == "and":
        return {before, after} not in ({"left", "right"}, {"up", "down"}) and (before, after) != ("over", "over")
    return token.text in _COMMAS or token.lower in _AND


def _counts(tokens: Sequence[Token], index: int) -> bool:
    """Whether it is a word, a number, or a mark that belongs to one."""
    token = tokens[index]
    return token.form is not Form.MARK or token.text in ("%", "°") or is_minus(tokens, index)


def _leads_to_limit(tokens: Sequence[Token], index: int) -> bool:
    return tokens[index].lower in _AND and _limits(tokens, index + 1)


def _limits(tokens: Sequence[Token], index: int) -> bool:
    """Whether "only where" follows, "but" before it or not."""
    lower = [token.lower for token in tokens[index : index + 3]]
    if lower[:1] and lower[0] in _AND:
        lower = lower[1:]
    return lower[:1] == ["only"] and len(lower) > 1 and lower[1] in _WHERE


_WHERE = frozenset({"on", "at", "in", "during", "while", "when", "until", "before", "after", "from", "between"})


def _stretch(clause: Clause, tokens: Sequence[Token]) -> None:
    if not clause.end:
        clause.start = tokens[0].start
    clause.end = max(clause.end, tokens[-1].end)


def _say(when: When, phrase: TimePhrase, clock: Clock) -> None:
    when.is_said = True
    if phrase.kind is TimeKind.SPEAKING:
        when.speaking = True
    elif phrase.kind is TimeKind.SILENT:
        when.silent = True
    elif phrase.kind is TimeKind.DURING:
        when.during, when.together, when.told = phrase.channels, phrase.together, phrase.told
    elif phrase.kind is TimeKind.LENGTH:
        when.length = phrase.end
    elif phrase.kind is TimeKind.POINT:
        when.point = phrase.start
    elif phrase.kind is TimeKind.EVENT:
        when.span, when.point, when.edge = Span(phrase.start, phrase.end), phrase.edge, phrase.edge
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


def spared_throughout(clauses: list[Clause]) -> list[Clause]:
    """Without the clauses that ask for nothing but that something stays as it is: "but keep the mouth".

    The others leave that alone, whatever they ask for.
    """
    found: list[Clause] = []
    spared: list[LeftOut] = []
    for clause in clauses:
        is_plain = not (clause.when.is_said or clause.left_out)
        excepted = left_alone(clause.words, follows=bool(found)) if is_plain and len(clauses) > 1 else None
        if excepted is None:
            found.append(clause)
            continue
        spared.append(LeftOut(excepted))
        if found:
            found[-1].end = clause.end
    if not found:
        return clauses
    return [replace(clause, left_out=[*clause.left_out, *spared]) for clause in found]
