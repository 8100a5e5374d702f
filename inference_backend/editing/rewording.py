"""Orders that say less than they mean, said in full before they are read.

"Don't smile so much" is "smile less"; in "half the smile at first and 20 % less at the end", less is of the smile.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..script.words import Token, tokens_of
from .clauses import Clause
from .counting import COUNTS
from .targets import take_act, take_side, take_target
from .words import Words, grammar, marks

_SO = frozenset({"so", "too", "that", "as", "quite", "overly", "this"})
_ONLY_SO = frozenset({"so", "too", "quite", "overly"})


def in_full(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses with what they leave to be understood."""
    found: list[Clause] = []
    for said in clauses:
        clause = replace(said, words=_lessened(_without_only(said.words)))
        if found and (names := _names_of(found[-1])) and _leaves_out_what(clause):
            words = [token for token in clause.words if token.lower not in ("it", "that")]
            found.append(replace(clause, words=[*words, *names]))
        else:
            found.append(clause)
    return found


def _without_only(words: list[Token]) -> list[Token]:
    """ "Only on the right", "only" before a time that has been taken out: where it is, and not how many."""
    if any(token.lower in COUNTS for token in words):
        return words
    return [
        token
        for place, token in enumerate(words)
        if token.lower != "only" or not place or (place + 1 < len(words) and words[place + 1].lower not in _PLACES)
    ]


_PLACES = frozenset({"on", "in", "at", "the", "her", "his"})


def _lessened(words: list[Token]) -> list[Token]:
    """ "Don't frown so hard", "she shouldn't be too happy": less of it, and not none."""
    denied = next((place for place, token in enumerate(words) if _denies(token)), None)
    if denied is None:
        return words
    for place in range(denied + 1, len(words)):
        if words[place].lower not in _SO:
            continue
        measured = place + 1 < len(words) and words[place + 1].lower in marks("measure")
        if not measured and (words[place].lower not in _ONLY_SO or place + 1 >= len(words)):
            continue
        if words[place - 1 : place] and words[place - 1].lower == "at":
            continue
        follows = words[place + 1].lower
        if follows in marks("still"):
            return words  # "don't keep the head so still"
        is_faint = follows in marks("faint")
        less = "more" if is_faint else "slower" if follows in ("fast", "quickly", "quick") else "less"
        behind = words[place + (2 if measured or is_faint else 1) :]
        before = [token for token in words[denied + 1 : place] if token.lower not in marks("stronger")]
        return [*words[:denied], *before, *tokens_of(less, words[place].start), *behind]
    return words


def _denies(token: Token) -> bool:
    return "not" in token.bases or token.lower == "never"


def _names_of(clause: Clause) -> list[Token]:
    """The words that name what a clause is about."""
    words = Words(clause.words)
    side = take_side(words)
    sided = set(words.taken) if side else set()
    if take_target(words) is None:
        words.taken = set()
        if take_act(words) is None:
            return []
    return [token for place, token in enumerate(clause.words) if place in words.taken | sided]


def _leaves_out_what(clause: Clause) -> bool:
    """ "50 % weaker at the end", "a bit less": how much, and not of what."""
    lower = [token.lower for token in clause.words]
    meant = [word for word, token in zip(lower, clause.words, strict=True) if word not in grammar() and token.is_word]
    compared = marks("degrees_of") & set(lower)
    if not compared:
        return False
    return all(word in marks("degrees_of") | marks("amounts") or word[0].isdigit() for word in meant)
