"""Phrases of time that name what happens in the take: on the word "go", before the line, after she nods."""

from collections.abc import Sequence
from typing import Final

from ..script.screenplay import is_say_word
from ..script.words import Token
from .clock import Clock
from .happened import ORDINALS, Named, merged, moment_of_words, named_at
from .time_phrases import TimeKind, TimePhrase

QUOTES: Final = frozenset('"“”«»„')
SINGLE_QUOTES: Final = frozenset("'‘’")
_LEADS = frozenset({"on", "at", "with", "over", "during", "around", "for"})
_UNTIL = frozenset({"before", "until", "till", "til"})
_AFTER = frozenset({"after", "following", "since"})
_TELLS = frozenset({"she", "he", "they", "it", "the", "her", "his", "their", "every", "each", *ORDINALS})
_DURING = frozenset({"during", "while", "when"})
_ONLY_BEFORE_A_NAME = frozenset({"as", "from", "on", "at"})
"""Of "twice as sad" and "on top" none names what happens."""
_BEFORE_WORD = frozenset({"the", "her", "his", "their", "very", "words", "word", "syllable", "line"})
_NAMES = frozenset({"word", "words", "syllable"})
_MOST_WORDS = 60
_AROUND = 0.12
"""Seconds before and behind a word: what comes with it is there as it is said, and goes again."""
_INTO = 0.15
"""Seconds from where a word begins to the moment that is on it, at most."""
_LEAST = 0.5
"""Seconds in which an act on a word is seen."""


def words_of_a_line(tokens: Sequence[Token], index: int, clock: Clock) -> TimePhrase | None:
    """on (the word) "go"; as she says "go"; until "go"; None where no line of the take has the words."""
    lead = tokens[index].lower
    begin = _said(tokens, index) if lead in {"as", "when", "while", "whenever", *_UNTIL, *_AFTER} else None
    named, number = False, 0
    if begin is None:
        if lead not in _LEADS | _UNTIL | _AFTER | {"from"}:
            return None
        begin = index + 1
        while begin < len(tokens) and tokens[begin].lower in _BEFORE_WORD | ORDINALS.keys():
            named = named or tokens[begin].lower in _NAMES
            number = ORDINALS.get(tokens[begin].lower, number)
            begin += 1
    quotation = _quotation(tokens, begin, bare=named)
    spoken = moment_of_words(quotation[0], clock, number=number) if quotation else None
    if quotation is None or spoken is None:
        return None
    start, end = spoken
    if lead in _UNTIL:
        return TimePhrase(TimeKind.SPAN, index, quotation[1], None, start, start)
    if lead in _AFTER:
        return TimePhrase(TimeKind.SPAN, index, quotation[1], end, None, end)
    if lead == "from":
        return TimePhrase(TimeKind.SPAN, index, _onward(tokens, quotation[1]), start, None, start)
    lacking = max(_LEAST - (end - start), 2 * _AROUND) / 2
    first = max(start - lacking, 0.0)
    moment = start + min(_INTO, (end - start) / 2)
    return TimePhrase(TimeKind.EVENT, index, quotation[1], first, end + lacking, moment)


def _said(tokens: Sequence[Token], index: int) -> int | None:
    """The token behind "as she says"."""
    for at in range(index + 1, min(index + 4, len(tokens))):
        if tokens[at].text in QUOTES | SINGLE_QUOTES:
            return None
        if is_say_word(tokens[at]):
            return at + 1
    return None


def _quotation(tokens: Sequence[Token], begin: int, *, bare: bool) -> tuple[str, int] | None:
    """What is said, and the token behind the mark that closes it. bare: a word without marks is it too."""
    if begin >= len(tokens):
        return None
    marks = next((kind for kind in (QUOTES, SINGLE_QUOTES) if tokens[begin].text in kind), None)
    if marks is None:
        return (tokens[begin].text, begin + 1) if bare and tokens[begin].is_word else None
    for end in range(begin + 1, min(begin + 2 + _MOST_WORDS, len(tokens))):
        if tokens[end].text in marks:
            return " ".join(token.text for token in tokens[begin + 1 : end] if token.is_word), end + 1
    return None


def about_a_happening(tokens: Sequence[Token], index: int, clock: Clock) -> TimePhrase | None:
    """before the line; until she nods; during the second nod; after the wink."""
    lead = tokens[index].lower
    follows = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if lead not in _UNTIL | _AFTER | _DURING and (lead not in _ONLY_BEFORE_A_NAME or follows not in _TELLS):
        return None
    named = named_at(tokens, index + 1, clock)
    if named is None or not named.found:
        return None
    if lead in _UNTIL | _AFTER:
        return _beside(lead, index, named)
    span = _whole(named)
    if span is None:
        return None
    start, end = span
    if lead == "from":
        return TimePhrase(TimeKind.SPAN, index, _onward(tokens, named.last), start, None, start)
    return TimePhrase(TimeKind.EVENT, index, named.last, start, end, (start + end) / 2)


def _onward(tokens: Sequence[Token], at: int) -> int:
    """Past the "on" of "from the nod on"."""
    return at + 1 if at < len(tokens) and tokens[at].lower in ("on", "onward", "onwards") else at


def _beside(lead: str, index: int, named: Named) -> TimePhrase | None:
    """Until the first, after the last, where none of several is numbered."""
    if named.number is not None and named.one is None:
        return None
    if lead in _UNTIL:
        start = (named.one or named.found[0]).start
        return TimePhrase(TimeKind.SPAN, index, named.last, None, start, start)
    end = (named.one or named.found[-1]).end
    return TimePhrase(TimeKind.SPAN, index, named.last, end, None, end)


def _whole(named: Named) -> tuple[float, float] | None:
    """From where the only or the numbered one begins to its end; of several without a number if they touch."""
    if named.one is not None:
        return named.one.start, named.one.end
    spans = merged(named.found) if named.number is None else []
    return spans[0] if len(spans) == 1 else None
