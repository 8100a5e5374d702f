"""How much: "by 20 %", "half", "twice as", "a bit", "a lot"."""

import math
from dataclasses import dataclass
from functools import cache

from ..script.lexicon_files import table
from ..script.words import Form
from .words import Phrase, Words, phrases

_FACTORS: tuple[tuple[str, float], ...] = (
    ("half as much again", 1.5), ("half again", 1.5), ("in half", 0.5), ("by half", 0.5), ("half of", 0.5),
    ("half as", 0.5), ("half", 0.5), ("halve", 0.5), ("a third of", 1 / 3), ("one third", 1 / 3), ("third of", 1 / 3),
    ("two thirds", 2 / 3), ("a quarter of", 0.25), ("quarter of", 0.25), ("three quarters", 0.75), ("twice as", 2.0),
    ("two times", 2.0), ("twice", 2.0), ("double", 2.0), ("doubled", 2.0), ("triple", 3.0), ("three times", 3.0),
    ("four times", 4.0), ("thrice", 3.0), ("quadruple", 4.0),
)  # fmt: skip
_AS = (("as", "much"), ("as", "strong"), ("as", "big"), ("as", "many"), ("as", "wide"), ("as", "intense"), ("as",))
_TIMES = frozenset({"x", "times", "×"})
_PERCENT = frozenset({"%", "percent", "pct"})


@dataclass(frozen=True)
class Amount:
    """factor: of what is there, where the words name one. share: by which to change it, where they name that."""

    factor: float | None = None
    share: float | None = None
    is_percent: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a factor or per cent, and not a word of degree."""
        return self.factor is not None or self.is_percent

    def changed(self, way: int) -> float:
        """The factor for more (+1) or less (-1); infinite for "0 times more", which `possible` refuses."""
        if self.factor is not None:
            if way < 0 and self.factor > 1:
                return 1.0 / self.factor
            return inverse(self.factor) if way > 0 and self.factor < 1 else self.factor
        return max(0.0, 1.0 + way * self.of_share())

    def of_share(self, plain: float | None = None) -> float:
        """The share; the plain one where none is named."""
        usual = float(table("editing")["plain"]["share"]) if plain is None else plain
        return usual if self.share is None else self.share

    @property
    def is_said(self) -> bool:
        """Whether the words name any."""
        return self.factor is not None or self.share is not None


def inverse(factor: float) -> float:
    """The other way round; infinite for what is not above 0."""
    return 1.0 / factor if factor > 0 else math.inf


def take_amount(words: Words) -> Amount:
    """The amount that the words name; an empty one where they name none."""
    return _percent(words) or _bare(words) or _times(words) or _factor(words) or _degree(words) or Amount()


def _percent(words: Words) -> Amount | None:
    for place, token in enumerate(words.tokens):
        following = words.tokens[place + 1 : place + 3]
        if token.form is not Form.NUMBER or not following or place in words.taken:
            continue
        spelled = len(following) == 2 and [t.lower for t in following] == ["per", "cent"]
        if following[0].lower not in _PERCENT and following[0].text != "%" and not spelled:
            continue
        words.taken |= {place, place + 1, *([place + 2] if spelled else [])}
        share = float(token.text.replace(",", ".")) / 100
        before = words.tokens[place - 1].lower if place else ""
        after = words.tokens[place + (3 if spelled else 2)].lower if place + 2 + spelled < len(words.tokens) else ""
        return Amount(factor=share) if before in ("to", "at") or after == "of" else Amount(share=share, is_percent=True)
    return None


_DEGREES = frozenset({"degree", "degrees", "deg", "°"})


def take_degrees(words: Words) -> float | None:
    """ "10 degrees", as radians."""
    for place, token in enumerate(words.tokens[:-1]):
        if token.form is Form.NUMBER and words.tokens[place + 1].text.lower() in _DEGREES and place not in words.taken:
            words.taken |= {place, place + 1}
            return math.radians(float(token.text.replace(",", ".")))
    return None


_PARTS = (
    (("by", "a", "third"), 1 / 3),
    (("by", "one", "third"), 1 / 3),
    (("by", "a", "quarter"), 0.25),
    (("by", "a", "fifth"), 0.2),
)
_BEFORE_FACTORS = frozenset({"x", "×", "times", "by", "to"})


def _bare(words: Words) -> Amount | None:
    """ "by a third", "x 1.5", "scale it by 0.5"."""
    for phrase, share in _PARTS:
        if words.take([phrase]):
            return Amount(share=share, is_percent=True)
    for place, token in enumerate(words.tokens):
        last = place == len(words.tokens) - 1
        if token.form is Form.NUMBER and place and last and words.tokens[place - 1].lower in _BEFORE_FACTORS:
            number = float(token.text.replace(",", "."))
            if words.tokens[place - 1].lower in ("by", "to") and not ("." in token.text and number <= 10):
                continue
            words.taken |= {place, place - 1}
            words.take([("scale",), ("multiply",), ("scaled",)])
            return Amount(factor=number)
    return None


def _times(words: Words) -> Amount | None:
    for place, token in enumerate(words.tokens[:-1]):
        if token.form is Form.NUMBER and words.tokens[place + 1].lower in _TIMES and place not in words.taken:
            words.taken |= {place, place + 1}
            words.take(_AS)
            return Amount(factor=float(token.text.replace(",", ".")))
    return None


def _factor(words: Words) -> Amount | None:
    for text, factor in _FACTORS:
        if words.take([tuple(text.split())]):
            words.take(_AS)
            return Amount(factor=factor)
    return None


def _degree(words: Words) -> Amount | None:
    found = None
    for phrase, share in _degrees():
        if words.take([phrase]) and found is None:
            found = Amount(share=share)
    return found


@cache
def _degrees() -> tuple[tuple[Phrase, float], ...]:
    """All phrases of degree, longest first."""
    every = [
        (phrase, float(raw["share"]))
        for name, raw in table("editing")["degree"].items()
        for phrase in phrases("degree", name, "words")
    ]
    return tuple(sorted(every, key=lambda one: -len(one[0])))
