"""Phrases of time and degree, found before a sentence is cut into clauses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from .lexicon_files import table
from .lexicon_files import word_set as listed
from .words import Form, Token


class Time(Enum):
    """What a phrase of time asks for."""

    HOLD = "hold"
    """for two seconds"""
    WAIT = "wait"
    """after a beat, two seconds later, (pause)"""
    OVER = "over"
    """over three seconds: how long the movement takes"""
    AT = "at"
    """at 2 seconds"""
    FRAME = "frame"
    """at frame 50: its seconds are still frames, until a frame rate is known"""
    TOTAL = "total"
    """total 6 seconds: the length of the whole"""
    RATE = "rate"
    """24 fps: its seconds are the frames of one"""
    TILL = "till"
    """until 2 s: it is let go then"""
    END = "end"
    """until the end: it stays as it is"""


@dataclass(frozen=True)
class TimePhrase:
    """first, last: the tokens of the phrase, one past the last. until: the end of a range that begins at `seconds`.

    within: "in three seconds", which is a wait unless what it is said of takes time. ends: "until frame 50".
    """

    kind: Time
    seconds: float
    first: int
    last: int
    until: float | None = None
    within: bool = False
    ends: bool = False


_LEAD: Mapping[str, Time] = {
    "for": Time.HOLD,
    "after": Time.WAIT,
    "in": Time.WAIT,
    "over": Time.OVER,
    "during": Time.OVER,
    "within": Time.OVER,
    "across": Time.OVER,
    "at": Time.AT,
}
_FILLER = frozenset(
    {
        "about",
        "around",
        "roughly",
        "exactly",
        "another",
        "just",
        "only",
        "the",
        "of",
        "course",
        "at",
        "least",
        "almost",
        "nearly",
        "next",
        "some",
        "good",
        "full",
        "very",
    }
)
_PAUSE_WORDS = frozenset({"pause", "beat", "silence"})


def time_phrases(tokens: Sequence[Token]) -> list[TimePhrase]:
    """Every phrase of time in a sentence, in order."""
    found: list[TimePhrase] = []
    index = 0
    while index < len(tokens):
        phrase = next((read for reading in _READINGS if (read := reading(tokens, index))), None)
        if phrase is None and found:
            phrase = _of_same_unit(tokens, index, found)
        if phrase:
            found.append(phrase)
            index = phrase.last
        else:
            index += 1
    return found


def is_length_alone(tokens: Sequence[Token]) -> bool:
    """ "For six seconds.", "Over three seconds.": how long, and not what."""
    phrases = time_phrases(tokens)
    whole = len(phrases) == 1 and phrases[0].first == 0 and not any(t.is_word for t in tokens[phrases[0].last :])
    return whole and tokens[0].lower in ("for", "over") and phrases[0].kind in (Time.HOLD, Time.OVER)


def _frame(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """at frame 50; on frame 12; by frame 100."""
    words = [token.lower for token in tokens[index : index + 3]]
    if len(words) < 3 or words[0] not in ("at", "on", "by", "from") or words[1] not in ("frame", "frames"):
        return None
    number = tokens[index + 2]
    return TimePhrase(Time.FRAME, _number(number), index, index + 3) if number.form is Form.NUMBER else None


def _rate(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """(at) 24 fps; 25 frames per second; 30 frames a second."""
    first = index + (tokens[index].lower in ("at", "in"))
    words = [token.lower for token in tokens[first + 1 : first + 4]]
    spelled_out = words in (["frames", "per", "second"], ["frames", "a", "second"])
    length = 1 if words[:1] == ["fps"] else 3 * spelled_out
    if not length or tokens[first].form is not Form.NUMBER or not _number(tokens[first]):
        return None
    return TimePhrase(Time.RATE, _number(tokens[first]), index, first + 1 + length)


def _number(token: Token) -> float:
    return float(token.text.replace(",", "."))


def _led(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """for (about) two seconds; after a long beat; holds ... 2 seconds."""
    kind = _LEAD.get(tokens[index].lower)
    holds = not _HOLDS.isdisjoint(tokens[index].bases)
    if kind is None and not holds:
        return None
    length = _length(tokens, index + 1)
    if length is None:
        return None
    seconds, last = length
    if kind is None:
        return TimePhrase(
            Time.HOLD if "pause" not in tokens[index].bases and "wait" not in tokens[index].bases else Time.WAIT,
            seconds,
            index + 1,
            last,
        )
    if kind in (Time.OVER, Time.WAIT) and last < len(tokens) and tokens[last].lower in ("later", "after"):
        last += 1
    return TimePhrase(kind, seconds, index, last, within=tokens[index].lower == "in")


_HOLDS = frozenset({"hold", "wait", "pause", "stay", "last"})


def _later(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """two seconds later; a moment after that; a beat passes."""
    length = _length(tokens, index)
    if length is None:
        return None
    seconds, last = length
    if last < len(tokens) and (
        tokens[last].lower in ("later", "after", "afterwards", "afterward") or "pass" in tokens[last].bases
    ):
        return TimePhrase(Time.WAIT, seconds, index, last + 1)
    return None


def _bare(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """(pause), a long beat, beat. -- as a remark of its own; "3 seconds" alone too."""
    word = tokens[index].lower
    alone_before = index == 0 or not tokens[index - 1].is_word
    if word in _PAUSE_WORDS and alone_before and (index + 1 == len(tokens) or not tokens[index + 1].is_word):
        return TimePhrase(Time.WAIT, 1.0, index, index + 1)
    if not alone_before:
        return None
    length = _length(tokens, index)
    if length is None or not (length[1] == len(tokens) or not tokens[length[1]].is_word):
        return None
    seconds, last = length
    return TimePhrase(
        Time.WAIT if not _PAUSE_WORDS.isdisjoint(tokens[last - 1].bases) else Time.HOLD, seconds, index, last
    )


def _total(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """Total: 6 seconds; duration 8 s; 10 seconds in total; five seconds long."""
    first = index
    while first < len(tokens) and tokens[first].lower in _TOTAL | {":", "of", "is", "time", "the"}:
        first += 1
    led = any(token.lower in _TOTAL for token in tokens[index:first])
    length = _length(tokens, first)
    if length is None:
        return None
    seconds, last = length
    after = [token.lower for token in tokens[last : last + 2]]
    closed = 2 if after == ["in", "total"] else after[:1] in (["total"], ["altogether"], ["overall"])
    return TimePhrase(Time.TOTAL, seconds, index, last + int(closed)) if led or closed else None


def _of_same_unit(tokens: Sequence[Token], index: int, before: Sequence[TimePhrase]) -> TimePhrase | None:
    """ "for two seconds, then away for one": the unit is that of the time before."""
    kind, numbers = _LEAD.get(tokens[index].lower), table("modifiers")["number"]
    if kind not in (Time.HOLD, Time.OVER) or index + 1 >= len(tokens):
        return None
    amount = tokens[index + 1]
    told = _number(amount) if amount.form is Form.NUMBER else numbers.get(amount.lower)
    following = tokens[index + 2] if index + 2 < len(tokens) else None
    closed = following is None or not following.is_word or following.lower in ("and", "then", "before", "but", "more")
    told_units = (_unit_of(token) for phrase in reversed(before) for token in tokens[phrase.first : phrase.last])
    unit = next((unit for unit in told_units if unit), 0.0)
    if told is None or amount.lower in ("a", "an", "long", "short", "brief") or not closed or not unit:
        return None
    more = following is not None and following.lower == "more"
    return TimePhrase(kind, told * unit, index, index + 2 + more)


def _unit_of(token: Token) -> float:
    """Seconds of a unit of time; 0 where the word is none."""
    units = table("modifiers")["unit"]
    return next((float(units[base]) for base in sorted(token.bases) if base in units), 0.0)


_TOTAL = listed("length")


def _range(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """from 2 s to 4 s; from 1 to 3 seconds; between frame 10 and frame 30."""
    closing = _RANGES.get(tokens[index].lower)
    if closing is None:
        return None
    first = _point(tokens, index + 1)
    if first is None or first[2] >= len(tokens) or tokens[first[2]].lower not in closing:
        return None
    last = _point(tokens, first[2] + 1)
    if last is None or not (last[1] or first[1] == _FRAMES):
        return None
    (begin, unit, _), (end, last_unit, after) = first, last
    if unit == _FRAMES and last_unit in (0.0, _FRAMES):
        kind, last_unit = Time.FRAME, 1.0
    elif _FRAMES in (unit, last_unit):
        return None
    else:
        kind = Time.AT
    begin, end = begin * (last_unit if unit in (0.0, _FRAMES) else unit), end * last_unit
    return TimePhrase(kind, begin, index, after, until=end) if end > begin else None


_RANGES = {
    "from": frozenset({"to", "until", "till", "through", "-", "–"}),
    "between": frozenset({"and", "-", "–"}),
}
_FRAMES = -1.0
"""The unit of a frame number, whose length depends on the rate."""


def _point(tokens: Sequence[Token], index: int) -> tuple[float, float, int] | None:
    """(number, seconds of its unit or 0 where it has none, one past its last token) of "2.5 s", "frame 10"."""
    if index + 1 < len(tokens) and tokens[index + 1].form is Form.NUMBER and (unit := _unit_of(tokens[index])):
        return _number(tokens[index + 1]), _FRAMES if "frame" in tokens[index].bases else unit, index + 2
    if index >= len(tokens) or tokens[index].form is not Form.NUMBER:
        return None
    unit = _unit_of(tokens[index + 1]) if index + 1 < len(tokens) else 0.0
    return _number(tokens[index]), unit, index + 1 + bool(unit)


def _takes(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """(it) takes her four seconds to; takes two seconds for him to."""
    if tokens[index].bases.isdisjoint({"take", "need"}):
        return None
    for start in range(index + 1, min(index + 4, len(tokens))):
        length = _length(tokens, start)
        if length is not None:
            break
    else:
        return None
    seconds, last = length
    if last < len(tokens) and tokens[last].lower == "for":
        last = next((p for p in range(last + 2, min(last + 6, len(tokens))) if tokens[p].lower == "to"), last)
    return TimePhrase(Time.OVER, seconds, index, last + 1) if _is_to(tokens, last) else None


def _is_to(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].lower == "to"


def _to_end(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """until the (very) end (of the shot); to the end of the scene; for the rest of the take."""
    words = [token.lower for token in tokens[index : index + 4]]
    rest = words[:1] == ["for"] and words[1:3] in (["the", "rest"], ["the", "remainder"])
    if not rest and words[:1] not in (["until"], ["till"], ["to"], ["through"]):
        return None
    named = next((p for p, word in enumerate(words) if word in ("end", "rest", "remainder")), 0)
    if not named or any(word not in ("the", "very") for word in words[1:named]):
        return None
    last = index + named + 1
    of = [token.lower for token in tokens[last : last + 3]]
    whole = of[:1] == ["of"] and bool(_WHOLES & set(of[1:]))
    if whole:
        last += 2 + (of[1] not in _WHOLES)
    closed = last >= len(tokens) or not tokens[last].is_word or tokens[last].lower in ("and", "but", "while")
    return TimePhrase(Time.END, 0.0, index, last) if whole or (closed and words[0] != "for") else None


def _till(tokens: Sequence[Token], index: int) -> TimePhrase | None:
    """until 2 s; till 2.5 seconds; until second 3; until the 4 second mark; not "until two seconds later"."""
    if tokens[index].lower not in ("until", "till"):
        return None
    first = index + 1 + (index + 1 < len(tokens) and tokens[index + 1].lower == "the")
    point = _point(tokens, first)
    if point is None or not point[1]:
        return None
    number, unit, last = point
    if unit == _FRAMES:
        return TimePhrase(Time.FRAME, number, index, last, ends=True)
    following = tokens[last].lower if last < len(tokens) else ""
    if following in ("later", "after", "have", "has", "pass", "passes", "passed"):
        return None
    return TimePhrase(Time.TILL, number * unit, index, last + (following == "mark"))


_WHOLES = frozenset({"shot", "scene", "take", "clip", "sequence", "animation", "script", "it"})
_READINGS = (_range, _frame, _rate, _total, _takes, _to_end, _till, _led, _later, _bare)


def _length(tokens: Sequence[Token], index: int) -> tuple[float, int] | None:
    """Seconds of a length of time that begins at a token, and where it ends."""
    units, numbers = table("modifiers")["unit"], table("modifiers")["number"]
    amount, seen = 1.0, False
    for position in range(index, min(index + 7, len(tokens))):
        token = tokens[position]
        unit = next((units[base] for base in sorted(token.bases) if base in units), None)
        if unit is not None and (seen or token.lower in ("silence", "pause")) and token.lower not in numbers:
            return amount * unit, _after_half(tokens, position + 1)
        if token.form is Form.NUMBER:
            amount, seen = _number(token), True
        elif token.lower in numbers:
            amount, seen = amount * numbers[token.lower], True
        elif token.lower not in _FILLER and token.text != "-":
            return None
    return None


_NOTHING = frozenset({"silence", "nothing", "stillness", "quiet"})


def _after_half(tokens: Sequence[Token], index: int) -> int:
    """ "a second and a half", "seconds or so", "seconds of silence"."""
    words = [token.lower for token in tokens[index : index + 3]]
    if words[:2] == ["or", "so"] or (words[:1] == ["of"] and words[1:2] and words[1] in _NOTHING):
        return index + 2
    return index + 3 if words == ["and", "a", "half"] else index


@lru_cache(maxsize=1)
def degree_factors() -> dict[str, float]:
    """Words of degree and their factor."""
    return {
        word: float(raw["factor"]) for raw in table("modifiers")["degree"].values() for word in raw["words"].split()
    }


@lru_cache(maxsize=1)
def speed_factors() -> dict[str, float]:
    """Words of speed and the factor on the time that a movement takes."""
    return {word: float(raw["factor"]) for raw in table("modifiers")["speed"].values() for word in raw["words"].split()}


@cache
def word_set(section: str, name: str) -> frozenset[str]:
    """A plain list of words in modifiers.toml."""
    return frozenset(str(table("modifiers")[section][name]).split())
