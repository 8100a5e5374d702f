"""How much, how fast, how often and whether: the words around a match."""

from collections.abc import Sequence
from dataclasses import dataclass

from .entries import REGION_OF, Region
from .lexicon_files import table
from .lexicon_files import word_set as listed
from .matching import Match
from .phrases import degree_factors, speed_factors, word_set
from .words import Form, Token

UTMOST = 1.6
ATTEMPT = 0.55
"""Strength of what is only tried: "tries to smile"."""
HEIGHTENED = 0.75
"""A weak degree that is itself heightened, against the same alone: "very slightly"."""


@dataclass(frozen=True)
class Manner:
    """The strength and course that a clause asks of one of its matches."""

    strength: float = 1.0
    speed: float = 1.0
    brief: bool = False
    count: int = 1
    attempted: bool = False
    """It is only tried: "manages a smile"."""
    number: float | None = None
    """A share of the full movement, where the script gives one: "smiles at 40 %"."""
    degrees: float | None = None
    """An angle in degrees."""


_ATTEMPTS = listed("attempt")


def manner_of(match: Match, matches: Sequence[Match], words: Sequence[Token]) -> Manner:
    """The manner of one match; a word of degree belongs to the match that stands nearest."""
    free = _free_positions(matches, words)
    own = [p for p in free if not matches or _nearest(matches, p) is match or _reaches(matches, p, match)]
    strength = strength_of([words[position] for position in own])
    if match.entry.name in word_set("quiet", "acts") and any(words[p].lower in word_set("quiet", "words") for p in own):
        strength = min(strength, float(table("modifiers")["quiet"]["factor"]))
    number, degrees = _numbers(words, own)
    return Manner(
        strength=strength,
        speed=_speed(words),
        brief=any(words[p].lower in word_set("brief", "words") for p in free) or _is_brief_look(match, words),
        count=count_in(words, free)
        if not _is_kept_up(match, words)
        else int(table("modifiers")["count"]["repeatedly"]),
        attempted=any(not _ATTEMPTS.isdisjoint(words[p].bases) for p in own),
        number=number,
        degrees=degrees,
    )


_BRIEF_LOOKS = word_set("brief", "looks")


def _is_brief_look(match: Match, words: Sequence[Token]) -> bool:
    """ "glances at his watch": what turns the eyes, and with them lids and head, comes back."""
    looks = {REGION_OF[name] for name in match.entry.pose} <= {Region.GAZE, Region.LID, Region.HEAD}
    return looks and any(not _BRIEF_LOOKS.isdisjoint(words[p].bases) for p in match.positions)


def _free_positions(matches: Sequence[Match], words: Sequence[Token]) -> list[int]:
    taken = {p for match in matches for p in match.positions}
    return [p for p in range(len(words)) if p not in taken]


def _nearest(matches: Sequence[Match], position: int) -> Match:
    """An adverb or adjective goes with the words next to it; of two as near, with the following one."""
    return min(
        matches, key=lambda match: (min(abs(p - position) for p in match.positions), match.last < position, match.first)
    )


def _reaches(matches: Sequence[Match], position: int, match: Match) -> bool:
    """ "a subtle, melancholic smile": what goes before the adjective goes for the noun too."""
    adjective = _nearest(matches, position)
    is_noun = match.entry.whole and not match.entry.emotion
    return is_noun and adjective.entry.emotion and position < adjective.first and adjective.last == match.first - 1


def strength_of(words: Sequence[Token]) -> float:
    """The factor that words of degree give; 1 where there is none."""
    factors = []
    for position, word in enumerate(words):
        if any(following.lower in speed_factors() for following in words[position + 1 : position + 2]):
            continue  # "very slowly" is slow, and not strong
        if "#utmost" in word.keys:
            factors.append(UTMOST)
        elif word.form is not Form.NUMBER and (factor := degree_of(word)) is not None:
            heightened = factor < 1.0 and position and (degree_of(words[position - 1]) or 0.0) > 1.0
            factors.append(factor * HEIGHTENED if heightened else factor)
        elif not _ATTEMPTS.isdisjoint(word.bases):
            factors.append(ATTEMPT)
    if not factors:
        return 1.0
    weakest, strongest = min(factors), max(factors)
    # "very slightly" is slighter than slight, and not strong: what weakens wins over what strengthens.
    return weakest if weakest < 1.0 else strongest


def degree_of(word: Token) -> float | None:
    """The factor of a word of degree, in any of its forms: "broad", "broadly", "broader"; None for other words."""
    factors = degree_factors()
    if word.lower in factors:
        return factors[word.lower]
    return next((factors[base] for base in sorted(word.bases) if base in factors), None)


def _speed(words: Sequence[Token]) -> float:
    factors = [speed_factors()[word.lower] for word in words if word.lower in speed_factors()]
    return min(factors, key=lambda factor: (factor > 1, factor), default=1.0)


def _numbers(words: Sequence[Token], positions: Sequence[int]) -> tuple[float | None, float | None]:
    """(a share from 0 to 1, an angle in degrees) that the clause gives."""
    for position in positions:
        word = words[position]
        if word.form is not Form.NUMBER:
            continue
        value = float(word.text.replace(",", "."))
        following = words[position + 1].lower if position + 1 < len(words) else ""
        if following in ("%", "percent"):
            return value / 100, None
        if following in ("degrees", "degree", "°"):
            return None, value
        if value <= 1 and "." in word.text:
            return value, None
    return None, None


def _is_kept_up(match: Match, words: Sequence[Token]) -> bool:
    """ "keeps nodding": a gesture that goes on is made again and again."""
    if not match.positions:  # "then more deeply": nothing of the clause names the act
        return False
    keeps = any(not word.bases.isdisjoint({"keep", "continue"}) for word in words[: match.first])
    return keeps and bool(match.entry.steps) and words[match.first].form is Form.ING


_COUNTED_NOUNS = frozenset({"times", "time", "nods", "blinks", "shakes", "winks", "sniffs"})
_SUBJECTS = frozenset({"he", "she", "they", "it", "who"})
_COUNTS_ALONE = frozenset({"once", "twice", "thrice", "repeatedly", "continuously", "incessantly", "constantly"})


def count_in(words: Sequence[Token], free: Sequence[int]) -> int:
    """twice, three times, a couple of times, repeatedly, again and again; 1 where nothing is said."""
    text = " ".join(word.lower for word in words)
    if any(phrase in text for phrase in ("and again", "over and over")):
        return int(table("modifiers")["count"]["repeatedly"])
    return next((count for position in free if (count := _count_at(words, position))), 1)


def _count_at(words: Sequence[Token], position: int) -> int:
    """The count that one word gives; 0 where it gives none."""
    counts = table("modifiers")["count"]
    word = words[position].lower
    after = [token.lower for token in words[position + 1 : position + 4]]
    told = next((index for index, token in enumerate(after) if token in _SUBJECTS), len(after))
    counted = not _COUNTED_NOUNS.isdisjoint(after[:told])  # "at 50 she blinks" counts no blinks
    if word.isdigit():
        return max(1, min(int(word), 40)) if counted else 0
    return int(counts.get(word, 0)) if counted or word in _COUNTS_ALONE else 0


NEGATIONS = word_set("negation", "words")


def negation_before(words: Sequence[Token], position: int) -> Token | None:
    """The word that negates what stands at `position`, if any."""
    for index in range(position - 1, -1, -1):
        word = words[index]
        if word.lower in NEGATIONS or word.lower.endswith("n't"):
            return None if _is_no_negation(words, index) else word
    return None


def _is_no_negation(words: Sequence[Token], index: int) -> bool:
    """ "can't help smiling", "cannot but smile", "not only", "nothing but", "no doubt", "no sooner"."""
    after = [word.lower for word in words[index + 1 : index + 3]]
    if not after:
        return False
    if after[0] in ("help", "only", "but", "doubt", "sooner", "way", "just", "stop", "resist", "contain"):
        return True
    return after[:2] in (["hold", "back"], ["keep", "from"])


def changes(words: Sequence[Token], kind: str) -> list[int]:
    """Positions of the words that make something grow, fade or cease (modifiers.toml, [change])."""
    wanted = word_set("change", kind)
    return [
        position
        for position, word in enumerate(words)
        if not wanted.isdisjoint(word.bases) and ("let" not in word.bases or _is_let_go(words[position + 1 :]))
    ]


def _is_let_go(after: Sequence[Token]) -> bool:
    """ "lets go of the smile", "lets the smile go"; "lets her jaw drop" and "lets out a laugh" end nothing."""
    at = next((p for p, word in enumerate(after) if word.lower == "go"), None)
    return at is not None and (at + 1 == len(after) or after[at + 1].lower == "of")
