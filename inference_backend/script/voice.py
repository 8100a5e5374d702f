"""How loudly and how fast a line is said, by the words around it."""

from collections.abc import Sequence
from functools import cache

from .lexicon_files import table
from .phrases import speed_factors
from .words import Token


def voice_of(words: Sequence[Token]) -> tuple[float, float]:
    """(loudness, slowness) of a quotation; 1 is plain talk."""
    loud = [factor for word in words for base in word.bases if (factor := _factors("loudness").get(base))]
    return (max(loud, key=lambda factor: (abs(factor - 1.0), factor), default=1.0), _slowness(words))


def _slowness(words: Sequence[Token]) -> float:
    own = [factor for word in words for base in word.bases if (factor := _factors("slowness").get(base))]
    if own:
        return max(own, key=lambda factor: (abs(factor - 1.0), factor))
    general = [speed_factors()[word.lower] for word in words if word.lower in speed_factors()]
    return 1.0 if not general else 1.5 if max(general) > 1 else 0.8


@cache
def _factors(kind: str) -> dict[str, float]:
    rows = table("speaking")[kind].items()
    return {word: float(factor) for factor, words in rows for word in words.split()}
