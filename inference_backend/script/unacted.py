"""What a clause tells that is not acted: what somebody asked, what another showed, what only might be."""

from collections.abc import Sequence

from .clauses import Clause, Link
from .lexicon_files import word_set
from .word_kinds import is_grammar
from .words import Form, Token


def is_told_of_others(clause: Clause) -> bool:
    """What another shows or says, or what is not so now: "off her look", "when asked if he ate", "usually so merry"."""
    words = clause.words
    if not words:
        return False
    if words[0].lower in _HABITS:
        return True
    seen = word_set("seen")
    if words[0].lower == "off" and len(words) <= 4 and not seen.isdisjoint(words[-1].bases):
        return words[1].lower in ("his", "her", "their", "the", "that") or words[1].lower.endswith("'s")
    asked = words[0].lower in ("asked", "told", "questioned", "addressed")
    return clause.link is Link.WHEN and asked


def without_supposition(words: list[Token]) -> list[Token]:
    """The words as far as they tell what happens: not what somebody wonders, asks or looks to see "if" or "whether"."""
    for position, word in enumerate(words[1:], start=1):
        if word.lower == "whether" or (word.lower == "if" and not _SUPPOSED.isdisjoint(words[position - 1].bases)):
            return words[:position]
    return words


_HABITS = frozenset({"usually", "normally", "typically", "ordinarily", "rarely", "seldom"})
_SUPPOSED = frozenset({"ask", "wonder", "see", "know", "check", "sure", "decide", "unsure", "guess", "tell"})


def is_nothing(clause: Clause) -> bool:
    """ "then nothing": what was under way comes to nothing."""
    said = [word.lower for word in clause.words]
    return clause.link is Link.THEN and said[:1] == ["nothing"] and set(said) <= {"nothing", "at", "all"}


def is_of_body(words: Sequence[Token]) -> bool:
    """ "shoulders up to her ears", "scratches his nose": a part that is none of the face does it."""
    first = next((word for word in words if not is_grammar(word) and word.form is not Form.NUMBER), None)
    handled = any(not word_set("by_hand").isdisjoint(word.bases) for word in words)
    return handled or (first is not None and not word_set("body").isdisjoint(first.bases))
