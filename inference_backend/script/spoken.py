"""What is said in a line: its words with their sounds and weight, and its pauses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from .lexicon_files import table
from .pronouncing import is_drawn_out, phonemes_of

COMMA: Final = 0.22
CLAUSE: Final = 0.3
FULL_STOP: Final = 0.42
TRAILING_OFF: Final = 0.75
CATCH: Final = 0.07
"""Seconds of silence: after , ; . and ..., and where a stammer catches."""
EMPHASIS: Final = 1.3
"""A word in capitals, against its neighbours."""
EXCLAMATION: Final = 1.15
"""A sentence that ends with one; more of them say more."""
DRAWN_OUT: Final = 2.6
"""Length of the vowel of "nooo"."""
UNSTRESSED: Final = 0.9


@dataclass(frozen=True)
class Word:
    """A word: its ARPAbet sounds; how strongly it is said (1 is plain); how long its main sound is drawn."""

    text: str
    sounds: tuple[str, ...]
    weight: float = 1.0
    drawn: float = 1.0


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float


_PIECE = re.compile(
    r"(?P<initials>(?:[^\W\d_]\.){2,}[^\W\d_]?)"
    r"|(?P<stammer>(?:(?P<onset>[^\W\d_aeiou]{1,3}|[aeiou])-+)+)(?=(?P=onset)[^\W\d_])"
    r"|(?P<number>\d+(?:[.,]\d+)*(?:st|nd|rd|th)?%?)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*['’]?)(?P<dot>\.(?![.…]))?"
    r"|(?P<symbol>[&@+=%#])"
    r"|(?P<dots>\.{2,}|…)"
    r"|(?P<dash>\s-\s|-{2,}|[–—]|-$)"
    r"|(?P<mark>[,;:.!?]+)",
    re.IGNORECASE,
)


def spoken(line: str) -> list[Word | Pause]:
    """The words and pauses of a line, in order."""
    text, shouted = _numbers_in_words(line), is_shouted(line)
    found: list[Word | Pause] = []
    sentence = 0
    for match in _PIECE.finditer(text):
        found.extend(_said(match, text, shouted=shouted))
        if re.search(r"[.!?…]$", match.group()) and isinstance(found[-1], Pause):
            factor = EXCLAMATION ** min(2, match.group().count("!"))
            found[sentence:] = [_stronger(piece, factor) for piece in found[sentence:]]
            sentence = len(found)
    return found


def _stronger(piece: Word | Pause, factor: float) -> Word | Pause:
    return replace(piece, weight=piece.weight * factor) if isinstance(piece, Word) else piece


def is_shouted(line: str) -> bool:
    """Whether all of it stands in capitals."""
    words = re.findall(r"[^\W\d_]{2,}", line)
    return bool(words) and all(word.isupper() for word in words) and (len(words) > 1 or "!" in line)


def _said(match: re.Match[str], text: str, *, shouted: bool) -> Iterator[Word | Pause]:
    kind = match.lastgroup
    if match["word"]:
        yield _word(match["word"], shouted=shouted)
        rest = text[match.end() :]
        if match["dot"] and not _is_abbreviation(match["word"].lower(), rest):
            yield Pause(TRAILING_OFF if _runs_on(rest) else FULL_STOP)
    elif match["stammer"]:
        onset = _onset_of(_rest_of_word(text[match.end() :]))
        for _ in re.findall("-+", match["stammer"]):
            yield Word(match["onset"], onset)
            yield Pause(CATCH)
    elif kind in ("initials", "number", "symbol"):
        yield Word(match.group(), phonemes_of(match.group()))
    elif kind in ("dots", "dash"):
        yield Pause(TRAILING_OFF if kind == "dots" else CLAUSE)
    else:
        yield Pause(_pause_of(match.group()))


def _pause_of(marks: str) -> float:
    if ".." in marks:
        return TRAILING_OFF
    if re.search(r"[.!?]", marks):
        return FULL_STOP
    return COMMA if marks == "," else CLAUSE


def _word(text: str, *, shouted: bool) -> Word:
    sounds, drawn = phonemes_of(text), DRAWN_OUT if is_drawn_out(text) else 1.0
    if len(text) > 1 and text.isupper() and not shouted:
        return Word(text, sounds, EMPHASIS, drawn)
    if text.lower().strip("'’") in _unstressed():
        return Word(text, tuple(re.sub("[12]$", "0", sound) for sound in sounds), UNSTRESSED, drawn)
    return Word(text, sounds, drawn=drawn)


def _is_abbreviation(word: str, rest: str) -> bool:
    """The dot of "Dr." before a name; that of "etc." before a capital also ends the sentence."""
    if word in table("speaking")["title"]:
        return bool(rest.strip())
    return word in table("speaking")["abbreviation"] and bool(re.match(r"\s+[a-z\d]|[,;:]", rest))


def _runs_on(rest: str) -> bool:
    """A small letter after a dot: the reader of scripts writes "…" as "."."""
    return bool(re.match(r"\s*[a-z]", rest))


def _rest_of_word(text: str) -> str:
    match = re.match(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    return match.group() if match else ""


def _onset_of(word: str) -> tuple[str, ...]:
    """What a stammer repeats: the consonants before the first vowel, or the vowel."""
    sounds = phonemes_of(word)
    vowel = next((index for index, sound in enumerate(sounds) if sound[-1].isdigit()), len(sounds))
    return (*sounds[:vowel], "AH0") if vowel else sounds[:1]


_MONEY = re.compile(r"([$£€])\s?(\d[\d,]*)(?:\.(\d\d)\b)?(\s(?:hundred|thousand|million|billion))?")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_YEAR = re.compile(r"(?<![\d.,:$£€])(?:1[1-9]|20[1-9])\d{2}(?=s?\b)(?![.,]\d)")


def _numbers_in_words(line: str) -> str:
    """Sums of money, times of the day and years as they are said; eSpeak says all other numbers."""
    text = _MONEY.sub(_money, line)
    text = _CLOCK.sub(lambda m: m[1] if m[2] == "00" else f"{m[1]} {_pair(m[2])}", text)
    text = _YEAR.sub(lambda m: _year(m.group()), text)
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def _money(match: re.Match[str]) -> str:
    one, many, parts = table("speaking")["money"][match[1]]
    unit = one if match[2] == "1" and not match[4] else many
    cents = f" and {int(match[3])} {parts}" if match[3] and int(match[3]) else ""
    return f"{match[2]}{match[4] or ''} {unit}{cents}"


def _year(digits: str) -> str:
    return f"{digits[:2]} hundred" if digits.endswith("00") else f"{digits[:2]} {_pair(digits[2:])}"


def _pair(digits: str) -> str:
    return f"oh {digits[1]}" if digits[0] == "0" else digits


@cache
def _unstressed() -> frozenset[str]:
    return frozenset(table("speaking")["unstressed"]["words"].split())
