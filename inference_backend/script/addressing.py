"""Who a sentence is about, and whether it tells what happens at all."""

from collections.abc import Iterable, Sequence

from .words import Form, Token

TWO_PEOPLE = "The script speaks of more than one person; all of it is acted on this one head."
_SUBJECTS = ("he", "she")


def is_condition(tokens: Sequence[Token]) -> bool:
    """ "If she smiles, he will cry": nothing of it happens yet."""
    words = [token.lower for token in tokens if token.form is not Form.MARK]
    speaks = any(token.form is Form.QUOTE for token in tokens)
    return words[:1] in (["if"], ["unless"]) and words[1:2] != ["possible"] and not speaks


def subjects_in(words: Iterable[Token]) -> set[str]:
    """ "he" and "she", where the clause names one of them as who acts."""
    return {word.lower for word in list(words)[:2] if word.lower in _SUBJECTS}
