"""Who a sentence is about, and whether it tells what happens at all."""

from collections.abc import Iterable, Sequence

from .lexicon_files import word_set
from .word_kinds import is_grammar, is_unknown
from .words import Form, Token

TWO_PEOPLE = (
    "The script speaks of more than one person; all of it is acted on this one head. "
    "To act one of them alone, name them under Plays."
)
_SUBJECTS = ("he", "she")


def is_condition(tokens: Sequence[Token]) -> bool:
    """ "If she smiles, he will cry": nothing of it happens yet."""
    words = [token.lower for token in tokens if token.form is not Form.MARK]
    speaks = any(token.form is Form.QUOTE for token in tokens)
    return words[:1] in (["if"], ["unless"]) and words[1:2] != ["possible"] and not speaks


def are_two_people(first: Sequence[Token], second: Sequence[Token]) -> bool:
    """ "while the mother beams, her daughter scowls": each clause names who acts, and not the same person."""
    one, other = _person_in(first), _person_in(second)
    return bool(one and other) and one != other


def _person_in(words: Sequence[Token]) -> str:
    """Who acts in a clause, by pronoun, noun or name; empty where none is named in front."""
    for position, word in enumerate(words[:3]):
        if word.lower in _SUBJECTS or word.lower in word_set("person"):
            return word.lower
        if word.lower not in BEFORE_PERSON:
            named = word.text[0].isupper() and is_unknown(word) and not is_grammar(word)
            return word.lower if named and position == 0 else ""
    return ""


BEFORE_PERSON = frozenset({"the", "a", "an", "his", "her", "their", "old", "young", "little", "other"})


def subjects_in(words: Iterable[Token]) -> set[str]:
    """ "he" and "she", where the clause names one of them as who acts."""
    return {word.lower for word in list(words)[:2] if word.lower in _SUBJECTS}
