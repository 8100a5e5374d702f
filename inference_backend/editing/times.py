"""Phrases of time in an order: "from frame 40 to 60", "until 2 s", "in the second half", "while she talks"."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ..script.entries import Sides
from ..script.words import Form, Token
from .clock import Clock
from .numbers import FRAMES, NUMBERS, SECONDS, is_minus
from .targets import take_act, take_target
from .words import Words


class TimeKind(Enum):
    """What a phrase of time names."""

    SPAN = "span"
    POINT = "point"
    LENGTH = "length"
    """for two seconds"""
    WHOLE = "whole"
    DURING = "during"
    """while she smiles"""
    SPEAKING = "speaking"


@dataclass(frozen=True)
class TimePhrase:
    """first, last: the tokens of the phrase, one past the last. start, end: seconds; of a length only `end`.

    edge: the moment itself, of "at the end". channels: those of "while she smiles". together: those of "while she
    laughs", which all have to act.
    """

    kind: TimeKind
    first: int
    last: int
    start: float | None = None
    end: float | None = None
    edge: float | None = None
    channels: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Moment:
    """seconds: None for the take's end. bare: a number without a unit, which another one may give it."""

    seconds: float
    last: int
    bare: float | None = None


_STARTS = frozenset(["start", "beginning", "outset", "top"])
_ENDS = frozenset(["end", "ending", "finish", "close"])
_MIDDLES = frozenset(["middle", "midpoint", "halfway", "center", "centre"])
_ORDINALS = {"first": 0, "opening": 0, "second": 1, "third": 2, "fourth": 3, "1st": 0, "2nd": 1}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "thirds": 3, "quarters": 4}
_TO = frozenset({"to", "and", "until", "till", "through", "thru", "-", "–", "—", "up"})
_FROM = frozenset({"from", "between", "starting", "beginning", "frames", "frame", "in", "during", "over", "within"})
_FROM |= {"across", "for", "on"}
_AFTER = frozenset(["after", "from", "past", "beyond", "since", "following", "starting"])
_UNTIL = frozenset(["until", "till", "before", "by", "to", "up", "til", "through"])
_AT = frozenset(["at", "on", "around", "near", "about", "@", "towards", "toward", "in", "by"])
_TAIL = frozenset(["on", "onward", "onwards", "forward", "forwards"])
_ARTICLES = frozenset(["the", "its", "her", "his", "this", "very", "a", "of", "that"])
_PRONOUNS = frozenset(["she", "he", "they", "it", "i", "the", "her", "his", "mouth", "is", "are", "was", "'s"])
_SPEAKS = frozenset({"speak", "speaks", "speaking", "talk", "talks", "talking"})
_SPEAKS |= {"speech", "dialogue", "dialog", "lines", "line"}
_EDGE_SHARE, _EDGE_MOST = 0.25, 1.5
""" "At the start" of a change: the first quarter, at most so many seconds."""
_ENDING_SHARE, _ENDING_MOST = 1 / 3, 2.0
""" "At the end": the last third of what moves, at most so many seconds, and what follows."""


def time_phrases(tokens: Sequence[Token], clock: Clock) -> list[TimePhrase]:
    """Every phrase of time, in order."""
    reader = _Reader(tokens, clock)
    found: list[TimePhrase] = []
    index = 0
    while index < len(tokens):
        phrase = reader.at(index)
        if phrase is None:
            index += 1
        else:
            found.append(phrase)
            index = phrase.last
    return found


class _Reader:
    def __init__(self, tokens: Sequence[Token], clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock
        self._lower = [token.lower for token in tokens]

    def at(self, index: int) -> TimePhrase | None:
        """The phrase that begins at a token."""
        readings = (
            *(self._range, self._speaking, self._during, self._part, self._edge, self._length),
            *(self._after, self._until, self._into, self._point, self._whole),
        )
        return next((phrase for read in readings if (phrase := read(index))), None)

    def _word(self, index: int) -> str:
        return self._lower[index] if 0 <= index < len(self._lower) else ""

    def _skip(self, index: int, words: frozenset[str] = _ARTICLES) -> int:
        while self._word(index) in words:
            index += 1
        return index

    def _number(self, index: int) -> float | None:
        if index >= len(self._tokens):
            return None
        token = self._tokens[index]
        if token.form is Form.NUMBER:
            return float(token.text.replace(",", "."))
        return NUMBERS.get(token.lower)

    def _moment(self, index: int) -> _Moment | None:
        """frame 40; 40; 2 seconds; 1.5 s; the end; here."""
        index = self._skip(index, frozenset({"the", "about", "around", "roughly", "very", "current", "this"}))
        word = self._word(index)
        if word in _STARTS:
            return _Moment(0.0, self._of_take(index + 1))
        if word in _ENDS:
            return _Moment(self._clock.end, self._of_take(index + 1))
        if word in _MIDDLES:
            return _Moment(self._clock.end / 2, self._of_take(index + 1))
        if word in ("here", "now", "playhead") or (word == "frame" and self._word(index - 1) in ("this", "current")):
            return _Moment(self._clock.at_frame(self._clock.request.playhead), index + 1)
        first_word = word in FRAMES or word == "#"
        at = index + 1 if first_word else index
        is_below_zero = at < len(self._tokens) and is_minus(self._tokens, at)
        at += is_below_zero
        number = self._number(at)
        if number is not None and is_below_zero:
            number = -number
        if first_word:
            number_is_digit = at < len(self._tokens) and self._tokens[at].form is Form.NUMBER
            return _Moment(self._clock.at_frame(number), at + 1) if number is not None and number_is_digit else None
        return self._measured(at, number)

    def _measured(self, index: int, number: float | None) -> _Moment | None:
        """index: of the number itself, behind its sign."""
        if number is None:
            return None
        unit = self._word(index + 1)
        if unit in SECONDS:
            seconds = self._clock.seconds(number * SECONDS[unit])
            return _Moment(seconds, index + 2) if number >= 0 else None  # no take has seconds below 0
        if self._tokens[index].form is not Form.NUMBER or unit in ("%", "percent", "x", "times", "per"):
            return None
        if unit in FRAMES:
            return _Moment(self._clock.at_frame(number), index + 2)
        return _Moment(self._clock.at_frame(number), index + 1, bare=number)

    def _of_take(self, index: int) -> int:
        """Past "of the take"."""
        if self._word(index) == "of":
            end = self._skip(index + 1)
            if self._word(end) in ("take", "clip", "shot", "performance", "animation", "scene"):
                return end + 1
        return index

    def _range(self, index: int) -> TimePhrase | None:
        begin = self._skip(index, _FROM | {"the"})
        if begin == index and self._tokens[index].form is not Form.NUMBER and not is_minus(self._tokens, index):
            return None
        first = self._moment(begin if self._word(begin - 1) not in FRAMES else begin - 1)
        if first is None or self._word(first.last) not in _TO:
            return None
        second = self._moment(self._behind_to(first.last))
        if second is None:
            return None
        if first.last == begin and begin == index:
            return None
        start = first.seconds
        if first.bare is not None and self._word(second.last - 1) in SECONDS:
            if first.bare < 0:
                return None
            start = self._clock.seconds(first.bare * SECONDS[self._word(second.last - 1)])
        low, high = sorted((start, second.seconds))
        return TimePhrase(TimeKind.SPAN, index, second.last, low, high)

    def _behind_to(self, index: int) -> int:
        while self._word(index) in _TO | {"the"} and not is_minus(self._tokens, index):
            index += 1
        return index

    def _speaking(self, index: int) -> TimePhrase | None:
        word = self._word(index)
        if word not in ("when", "while", "whenever", "during", "as", "where"):
            return None
        end = self._skip(index + 1, _PRONOUNS | {"the"})
        return TimePhrase(TimeKind.SPEAKING, index, end + 1) if self._word(end) in _SPEAKS else None

    def _during(self, index: int) -> TimePhrase | None:
        """while she smiles; when frowning."""
        if self._word(index) not in ("when", "while", "whenever"):
            return None
        begin = self._skip(index + 1, _PRONOUNS)
        words = Words(self._tokens[begin : begin + 2])
        found = take_target(words)
        if found is None or 0 not in words.taken:
            return self._acting(index, begin)
        if found.what == "the expression":
            return None
        return TimePhrase(TimeKind.DURING, index, begin + max(words.taken) + 1, channels=found.channels)

    def _acting(self, index: int, begin: int) -> TimePhrase | None:
        """when he laughs: while its strongest shapes act together, of a pair either one."""
        act = take_act(Words(self._tokens[begin : begin + 1]), emotion=False)
        if act is None or act.either_side or act.entry.sides is Sides.WAY:
            return None
        shown = act.together
        return TimePhrase(TimeKind.DURING, index, begin + 1, together=shown) if shown else None

    def _part(self, index: int) -> TimePhrase | None:
        """in the second half; for the last 2 seconds; the first 20 frames."""
        at = self._skip(
            index, frozenset(["in", "for", "during", "over", "of", "within", "across", "the", "through", "only"])
        )
        word = self._word(at)
        if word not in ("last", "final", "closing", "middle") and word not in _ORDINALS:
            return None
        if self._word(at + 1) in _PARTS and not (self._word(at + 1) == "half" and self._word(at + 2) in ("a", "an")):
            return self._fraction(index, at)
        return self._counted(index, at)

    def _fraction(self, index: int, at: int) -> TimePhrase | None:
        parts = _PARTS[self._word(at + 1)]
        word = self._word(at)
        number = parts - 1 if word in ("last", "final", "closing") else _ORDINALS.get(word, (parts - 1) / 2)
        share = self._clock.end / parts
        start = None if number == 0 else number * share
        end = None if number >= parts - 1 else (number + 1) * share
        return TimePhrase(TimeKind.SPAN, index, self._of_take(at + 2), start, end)

    def _counted(self, index: int, at: int) -> TimePhrase | None:
        if self._word(at) not in ("first", "last", "final", "opening", "closing"):
            return None
        if at == index and index and self._word(index) == "last":
            return None  # "make it last 6 seconds"
        number = self._number(at + 1)
        unit_at = at + 1 if number is None else at + 2
        if self._word(unit_at) in ("a", "an"):  # "half a second"
            unit_at += 1
        amount = self._amount(1.0 if number is None else number, self._word(unit_at))
        if amount is None or (number is None and self._word(unit_at) in FRAMES):
            return None
        last = self._of_take(unit_at + 1)
        if self._word(at) in ("first", "opening"):
            return TimePhrase(TimeKind.SPAN, index, last, None, amount)
        return TimePhrase(TimeKind.SPAN, index, last, max(self._clock.end - amount, 0.0), None)

    def _amount(self, number: float, unit: str) -> float | None:
        if unit in SECONDS:
            return self._clock.seconds(number * SECONDS[unit])
        return self._clock.frames(number) if unit in FRAMES else None

    def _edge(self, index: int) -> TimePhrase | None:
        """at the end; in the beginning; towards the end; in the middle."""
        told = self._word(index) == "the" and self._word(index - 1) in (
            "slow",
            "slower",
            "speed",
            "up",
            "down",
            "faster",
        )
        if self._word(index) not in _AT | {"right", "just"} and not told:
            return None
        at = self._skip(index, _AT | {"right", "just"} | _ARTICLES)
        word, edge = self._word(at), min(self._clock.end * _EDGE_SHARE, self._clock.seconds(_EDGE_MOST))
        if word in _ENDS:
            moving = self._clock.moving_end
            start = moving - min(moving * _ENDING_SHARE, self._clock.seconds(_ENDING_MOST))
            return TimePhrase(TimeKind.SPAN, index, self._of_take(at + 1), start, None, self._clock.end)
        if word in _STARTS or (word == "first" and self._word(at + 1) in ("", ",")):
            return TimePhrase(TimeKind.SPAN, index, self._of_take(at + 1), None, edge, 0.0)
        if word in _MIDDLES:
            third = self._clock.end / 3
            return TimePhrase(TimeKind.SPAN, index, self._of_take(at + 1), third, 2 * third, 1.5 * third)
        return None

    def _length(self, index: int) -> TimePhrase | None:
        """for two seconds; for half a second; for a moment; over 12 frames."""
        if self._word(index) != "for":
            return None
        at = self._skip(index + 1, frozenset(["about", "around", "roughly", "at", "least", "just", "full", "good"]))
        number = self._number(at)
        if number is None:
            return None
        at += 1
        if number == 1.0 and self._word(at) == "half":
            number, at = 0.5, at + 1
        at = self._skip(at, frozenset({"a", "an", "of", "more", "full", "extra", "another", "half"}))
        amount = self._amount(number, self._word(at))
        if amount is None:
            return None
        last = at + 1
        if self._lower[last : last + 3] == ["and", "a", "half"]:
            amount, last = amount + (self._amount(0.5, self._word(at)) or 0.0), last + 3
        return TimePhrase(TimeKind.LENGTH, index, last, end=amount)

    def _after(self, index: int) -> TimePhrase | None:
        if self._word(index) not in _AFTER:
            return None
        at = self._skip(index + 1, frozenset({"from", "at", "with"}))
        moment = self._moment(at)
        if moment is None:
            return None
        if self._word(moment.last) in ("later", "earlier", "sooner"):
            return None
        last = moment.last
        if self._word(last) in ("and", "until") and self._word(last + 1) in ("later", "after"):
            last += 2
        last = self._skip(last, _TAIL)
        if self._word(index) == "from" and moment.bare is not None and self._word(moment.last) in ("%",):
            return None
        return TimePhrase(TimeKind.SPAN, index, last, moment.seconds, None)

    def _until(self, index: int) -> TimePhrase | None:
        word = self._word(index)
        if word not in _UNTIL or (word == "up" and self._word(index + 1) not in ("to", "until", "till")):
            return None
        at = self._skip(index + 1, frozenset({"to", "until", "till"}))
        moment = self._moment(at)
        # "by 20 frames", "to 10 seconds" are amounts; only frames named by number, or an end, are moments there.
        if moment is None or (word in ("by", "to") and not self._names_frame(at)):
            return None
        return TimePhrase(TimeKind.SPAN, index, moment.last, None, moment.seconds)

    def _names_frame(self, at: int) -> bool:
        at = self._skip(at, frozenset({"the"}))
        return self._word(at) in FRAMES | _ENDS | _MIDDLES

    def _into(self, index: int) -> TimePhrase | None:
        """2 seconds in; halfway through."""
        if self._word(index) in _MIDDLES and self._word(index + 1) in ("through", "in"):
            return TimePhrase(TimeKind.POINT, index, self._of_take(index + 2), self._clock.end / 2)
        number = self._number(index)
        amount = None if number is None else self._amount(number, self._word(index + 1))
        if amount is None or self._word(index + 2) not in ("in", "into"):
            return None
        last = index + 3
        end = self._skip(last)
        if self._word(end) in ("take", "clip", "shot"):
            last = end + 1
        return TimePhrase(TimeKind.POINT, index, last, amount)

    def _point(self, index: int) -> TimePhrase | None:
        word = self._word(index)
        if word in ("here", "now") and self._word(index - 1) not in ("from", "until", "after"):
            return TimePhrase(TimeKind.POINT, index, index + 1, self._clock.at_frame(self._clock.request.playhead))
        if word not in _AT and word not in FRAMES:
            return None
        moment = self._moment(index if word in FRAMES else index + 1)
        if moment is None or (word in ("in", "by", "about", "on") and not self._names_frame(index + 1)):
            return None
        if word == "at" and self._word(moment.last) in ("speed", "strength", "intensity", "fps"):
            return None
        return TimePhrase(TimeKind.POINT, index, moment.last, moment.seconds)

    def _whole(self, index: int) -> TimePhrase | None:
        words = self._lower[index : index + 4]
        if words[:1] == ["throughout"] or words[:1] == ["everywhere"]:
            at = self._skip(index + 1, _ARTICLES | {"whole", "entire"})
            last = at + 1 if self._word(at) in ("take", "clip", "shot", "performance") else index + 1
            return TimePhrase(TimeKind.WHOLE, index, last)
        for phrase in (
            ["the", "whole", "time"],
            ["the", "entire", "time"],
            ["all", "the", "time"],
            ["all", "the", "way", "through"],
        ):
            if words[: len(phrase)] == phrase:
                return TimePhrase(TimeKind.WHOLE, index, index + len(phrase))
        return None
