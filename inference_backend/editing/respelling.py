"""Slips of the pen in an order: "make the smil smaller"."""

import itertools
from collections.abc import Iterator
from functools import cache

from ..script.entries import vocabulary
from ..script.lexicon_files import table
from ..script.nearest import SHORTEST_RESPELLED, one_slip, spelled_forms
from ..script.pronouncing import is_english
from ..script.words import Token, bases_of, tokens_of

_MOST_READINGS = 24
"""Of one clause, with every slip mended in one way or another."""
_TIMES = "frame second until from between after before start beginning middle half while when"


def respellings(text: str) -> Iterator[str]:
    """The text with every word that is none replaced by one that orders use, the likeliest first.

    Nothing where each word is one, or where one is near to none.
    """
    wrong = [token for token in tokens_of(text) if _is_no_word(token)]
    choices = [_meant_by(token.lower) for token in wrong]
    if not wrong or not all(choices):
        return
    for chosen in itertools.islice(itertools.product(*choices), _MOST_READINGS):
        mended = text
        for token, right in reversed(list(zip(wrong, chosen, strict=True))):
            mended = mended[: token.start] + right + mended[token.end :]
        yield mended


def _is_no_word(token: Token) -> bool:
    word = token.lower
    if not token.is_word or token.form.name == "NUMBER" or len(word) < SHORTEST_RESPELLED or not word.isascii():
        return False
    return word not in _forms() and not is_english(word) and vocabulary().isdisjoint(bases_of(word))


def _meant_by(word: str) -> tuple[str, ...]:
    near = (form for form in _forms() if one_slip(word, form))
    return tuple(sorted(near, key=lambda form: (sorted(form) != sorted(word), form[0] != word[0], form)))


@cache
def _forms() -> frozenset[str]:
    """Every word that an order is made of, as orders write it."""
    found = set(_TIMES.split()) | set(_words_in(table("editing")))
    return spelled_forms(found | vocabulary()) | found


def _words_in(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield from (word.lstrip("=") for word in data.replace("|", " ").split() if word.lstrip("=").isalpha())
    elif isinstance(data, dict):
        for name, inner in data.items():
            yield from _words_in(inner if name not in ("what", "channels") else "")
