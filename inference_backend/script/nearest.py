"""Words that no entry names: the nearest spelling, then the nearest meaning, or nothing at all."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from .entries import Entry, vocabulary
from .matching import matches_using
from .pronouncing import is_english
from .words import Token, bases_of, form_of, keys_of

SHORTEST_RESPELLED = 4
"""Letters."""
SURE_BY_ITSELF = 5
"""Letters; in shorter words one slip makes another word, unless a part or a way beside it says which is meant."""

MeaningSearch = Callable[[str], Entry | None]


class Nearest:
    """Finds what a clause is nearest to. `by_meaning` is absent where the sentence model is not installed."""

    def __init__(self, by_meaning: MeaningSearch | None = None) -> None:
        self._by_meaning = by_meaning

    def respelled(self, words: Sequence[Token]) -> tuple[list[Token], list[tuple[str, str]]]:
        """The words with slips of the pen mended, and which ones: "smlies" -> "smiles".

        Only words that are in no dictionary are touched. Of two words as near, the one that fits what else
        the clause says is meant, then the one with the same first letter: "rases his eyebrows" raises them.
        """
        mended, corrections = list(words), list[tuple[str, str]]()
        for position, word in enumerate(words):
            if not word.is_word or word.form.name == "NUMBER":
                continue
            readings = [_read_as(right, word) for right in _nearest_forms(word.lower)]
            fitting = [_fit([*mended[:position], reading, *mended[position + 1 :]], position) for reading in readings]
            least = 1 if len(word.lower) < SURE_BY_ITSELF else -1
            best = max(range(len(readings)), key=lambda number: (fitting[number], -number), default=None)
            if best is not None and fitting[best] > least:
                mended[position] = readings[best]
                corrections.append((word.text, readings[best].text))
        return mended, corrections

    def entry_for(self, clause: str) -> Entry | None:
        """The entry that means nearly the same; None below the threshold, or without the sentence model."""
        return None if self._by_meaning is None else self._by_meaning(clause)


def _read_as(right: str, word: Token) -> Token:
    bases = bases_of(right)
    return Token(right, word.start, word.end, form_of(right), bases, keys_of(bases))


def _fit(words: Sequence[Token], position: int) -> int:
    """How many words of the clause name an act together with this one, itself included."""
    return max((len(match.positions) for match in matches_using(words, [position])), default=0)


@lru_cache(maxsize=2048)
def _nearest_forms(word: str) -> tuple[str, ...]:
    """What may be meant by a word that is none; the likeliest first."""
    if len(word) < SHORTEST_RESPELLED or not word.isascii() or not vocabulary().isdisjoint(bases_of(word)):
        return ()
    if is_english(word):
        return ()
    return tuple(sorted((form for form in _forms() if one_slip(word, form)), key=lambda f: (f[0] != word[0], f)))


@lru_cache(maxsize=1)
def _forms() -> frozenset[str]:
    """The vocabulary in the forms in which scripts write it."""
    return spelled_forms(vocabulary())


def spelled_forms(bases: Iterable[str]) -> frozenset[str]:
    """Words in the forms in which English writes them."""
    found: set[str] = set()
    for base in bases:
        if base.isalpha():
            stem = base[:-1] if base.endswith("e") else base
            plural = f"{base}es" if base.endswith(("s", "x", "sh", "ch")) else f"{base}s"
            found |= {base, plural, f"{stem}ed", f"{stem}ing", f"{base}ly"}
    return frozenset(found)


def one_slip(wrong: str, right: str) -> bool:
    """One letter left out, added, changed, or two neighbours exchanged (Damerau 1964)."""
    if abs(len(wrong) - len(right)) > 1 or wrong == right:
        return False
    start = 0
    while start < min(len(wrong), len(right)) and wrong[start] == right[start]:
        start += 1
    a, b = wrong[start:], right[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and len(b) > 1 and a[2:] == b[2:])
