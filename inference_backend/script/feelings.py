"""Words that name a feeling and mean another thing, and feelings that are denied."""

from collections.abc import Sequence

from .lexicon_files import word_set
from .matching import Match
from .words import Form, Token

MILD = 0.55
"""Strength of the displeasure that shows where a good feeling is denied."""
POSITIVE = word_set("positive")
"""Entries of feelings whose denial says of a person that something displeases him."""

_AFTER_LOST = frozenset(
    {"in", "and", "or", "but", "for", "at", "without", "there", "here", "now", "too", "again", "as", "look", "gaze"}
)


def without_losses(words: Sequence[Token], matches: Sequence[Match]) -> list[Match]:
    """ "looks lost" is a feeling; "lost the watch", "lost everything" say what somebody has no longer."""
    return [match for match in matches if not any(_is_loss(words, position) for position in match.positions)]


def _is_loss(words: Sequence[Token], position: int) -> bool:
    if words[position].lower != "lost" or position + 1 >= len(words):
        return False
    following = words[position + 1]
    adverb = following.form is Form.LY or not _AFTER_LOST.isdisjoint(following.bases)
    return not adverb and "@face" not in following.keys and "@eye" not in following.keys


def is_denied_of_person(words: Sequence[Token]) -> bool:
    """ "he is not happy", "she doesn't look amused": somebody is, or looks, otherwise."""
    being = any(not _BEING.isdisjoint(word.bases) or word.lower.endswith("n't") for word in words)
    denied = any(word.lower in ("not", "never", "hardly") or word.lower.endswith("n't") for word in words)
    return denied and (being or words[0].lower == "not")


_BEING = frozenset({"is", "are", "was", "were", "be", "look", "seem", "feel", "appear", "sound", "get"})
