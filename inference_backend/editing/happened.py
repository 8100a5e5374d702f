"""What an order says of things that happen in the take: "before she nods", "the second blink", "on the word go"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from blender_addon.core.wire import Happening, HappeningKind

from ..script.events import Speech
from ..script.speech import seconds_before_word, utterance_of
from ..script.spoken import Word, spoken
from ..script.words import Token, quote_token, tokens_of
from .clock import Clock
from .targets import take_act
from .words import Words, grammar

ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "1st": 0, "2nd": 1, "3rd": 2}
ORDINALS |= {"last": -1, "final": -1}
_NOUNS_BETWEEN = frozenset(["the", "her", "his", "their", "she", "he", "they", "a", "an", "this", "that", "is", "has"])
_PARTS = frozenset(["head", "eye", "eyes", "brow", "brows", "eyebrow", "eyebrows", "mouth", "lip", "lips", "face"])
_SAYS_NOTHING = _PARTS | {
    "look",
    "left",
    "right",
    "side",
    "time",
    "twice",
    "once",
    "slowly",
    "down",
    "up",
    "away",
    "way",
}
_BEHIND = frozenset(["look", "face", "expression", "movement", "again", "gesture"])
_LINES = frozenset(["line", "sentence", "dialogue", "dialog"])


@dataclass(frozen=True)
class Named:
    """What a phrase names: the happenings that it may be, in order, and the token behind it.

    number: which of them it says; None where it says none.
    """

    found: tuple[Happening, ...]
    last: int
    number: int | None = None

    @property
    def one(self) -> Happening | None:
        """The only one, or the one that is numbered; None where there are several or fewer than that."""
        if self.number is None:
            return self.found[0] if len(self.found) == 1 else None
        return self.found[self.number] if -len(self.found) <= self.number < len(self.found) else None


def named_at(tokens: Sequence[Token], index: int, clock: Clock) -> Named | None:
    """What "the second nod", "she shakes her head" and "the line" name, from a token on."""
    number: int | None = None
    while index < len(tokens) and tokens[index].lower in _NOUNS_BETWEEN | ORDINALS.keys():
        number = ORDINALS.get(tokens[index].lower, number)
        index += 1
    if index < len(tokens) and tokens[index].lower in _LINES:
        lines = tuple(one for one in clock.happenings if one.kind is HappeningKind.LINE)
        return Named(lines, index + 1, number) if lines else None
    at = index
    while at < min(index + 2, len(tokens) - 1) and tokens[at].lower in _PARTS:
        at += 1
    found = matching(tokens[at : at + 1], clock)
    if not found and at < len(tokens) and tokens[at].lower in _SAYS_NOTHING:  # "look down"
        found = matching(tokens[at : at + 2], clock)
    if not found:
        return None
    return Named(found, _behind(tokens, at + 1, found), number)


def merged(found: Sequence[Happening]) -> list[tuple[float, float]]:
    """The times of all of them, those that touch as one."""
    spans: list[tuple[float, float]] = []
    for one in found:
        if spans and one.start <= spans[-1][1] + 1e-6:
            spans[-1] = spans[-1][0], max(one.end, spans[-1][1])
        else:
            spans.append((one.start, one.end))
    return spans


def _behind(tokens: Sequence[Token], at: int, found: Sequence[Happening]) -> int:
    """Past what belongs to the name: "shakes her head", "the sad look"."""
    told = {base for one in found for base in _bases(one.words, all_words=True)}
    end = at
    while at < len(tokens) and (tokens[at].lower in _NOUNS_BETWEEN or tokens[at].is_word):
        if tokens[at].lower in _BEHIND or (tokens[at].lower in _PARTS and told & tokens[at].bases):
            end = at + 1
        elif tokens[at].lower not in _NOUNS_BETWEEN:
            break
        at += 1
    return end


def matching(tokens: Sequence[Token], clock: Clock) -> tuple[Happening, ...]:
    """The acts and blinks that some words name, in order: by a word of the script, or by what the face does."""
    if not tokens:
        return ()
    own = {base for token in tokens if token.lower not in grammar() for base in token.bases} - _SAYS_NOTHING
    if "blink" in own:  # those of the motion are those of the script too
        return tuple(one for one in clock.happenings if one.kind is HappeningKind.BLINK)
    acts = [one for one in clock.happenings if one.kind is HappeningKind.ACT]
    if told := tuple(one for one in acts if own & _bases(one.words)):
        return told
    act = take_act(Words(tokens))
    return tuple(one for one in acts if one.does.startswith(act.entry.does)) if act is not None else ()


@lru_cache(maxsize=256)
def _bases(words: str, *, all_words: bool = False) -> frozenset[str]:
    tokens = [token for token in tokens_of(words) if token.is_word and (all_words or token.lower not in grammar())]
    found = frozenset(base for token in tokens for base in token.bases)
    return found if all_words else found - _SAYS_NOTHING


def moment_of_words(said: str, clock: Clock, *, number: int = 0) -> tuple[float, float] | None:
    """From when to when words of a line are said; None where no line has them."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", said)
    if not words:
        return None
    wanted = re.compile(r"(?<![\w'])" + r"[^\w']+".join(map(re.escape, words)) + r"(?![\w'])", re.IGNORECASE)
    places = [
        (line, match)
        for line in clock.happenings
        if line.kind is HappeningKind.LINE
        for match in wanted.finditer(line.words)
    ]
    if not -len(places) <= number < len(places):
        return None
    line, match = places[number]
    before = _count(line.words[: match.start()])
    return _second_of(line, before), _second_of(line, before + _count(match.group()))


def _second_of(line: Happening, number: int) -> float:
    """Where a word of a line begins, or the line ends, by the pace that its sounds have among each other."""
    speech = Speech(quote_token(line.words, 0, len(line.words)))
    whole = utterance_of(speech).duration
    if number >= _count(line.words) or whole <= 0:
        return line.end
    return line.start + (line.end - line.start) * seconds_before_word(speech, number) / whole


def _count(text: str) -> int:
    return sum(isinstance(piece, Word) for piece in spoken(text))
