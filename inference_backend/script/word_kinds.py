"""What kind of word it is: grammar, manner, a part of the face, a way to move."""

from collections.abc import Sequence

from . import manner as manners
from .entries import vocabulary
from .lexicon_files import part_classes, table
from .phrases import degree_factors, speed_factors, word_set
from .words import Form, Token


def has_content(words: Sequence[Token]) -> bool:
    """Whether there is any word beyond grammar and manner."""
    return any(not is_grammar(word) and not is_manner(word) for word in words)


_GRAMMAR = frozenset(str(table("words")["grammar"]["stop"]).split())


def is_grammar(word: Token) -> bool:
    """A word that holds the sentence together: it never makes a clause unread."""
    return (
        word.lower in _GRAMMAR
        or word.lower.endswith(("n't", "'s", "'re", "'ll", "'ve", "'d"))
        or word.lower in manners.NEGATIONS
    )


def is_manner(word: Token) -> bool:
    """How much, how fast, how often, how long."""
    lower = word.lower
    return (
        lower in degree_factors()
        or (lower != "lower" and lower.removesuffix("er") in degree_factors())
        or lower in speed_factors()
        or lower in word_set("brief", "words")
        or lower in table("modifiers")["count"]
        or lower in ("times", "intensity", "%", "percent", "degrees", "instead")
        or "#utmost" in word.keys
        or word.form is Form.NUMBER
    )


def is_way(word: Token) -> bool:
    """A direction, or which of two ways a part moves: what tells one act of a part from another."""
    return any(key in word.keys for key in ("@left", "@right", "@up", "@down", "@wide", "@back", "@open", "@close"))


def is_change(word: Token) -> bool:
    """It says that something goes or stops."""
    return any(not word_set("change", kind).isdisjoint(word.bases) for kind in ("fade", "cease"))


def is_unknown(word: Token) -> bool:
    """No entry asks for it."""
    return vocabulary().isdisjoint(word.bases)


def is_part(word: Token) -> bool:
    """A part of the face, or the side of one."""
    return not PARTS.isdisjoint(word.keys) or "#side" in word.keys or "lowerpart" in word.keys


def is_place(word: Token) -> bool:
    """Where one may look: a door that opens opens no eyes."""
    return not _PLACES.isdisjoint(word.keys)


_PLACES = frozenset({"@elsewhere", "@below", "@above"})
PARTS = part_classes("any")
