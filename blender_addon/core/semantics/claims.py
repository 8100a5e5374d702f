"""What a model's free words claim of a face: which movement, on which side, how much, or that it is uneven.

Only what can be checked is taken out of them: movements of the vocabulary, named in words that models use for them.
What an expression may mean is nothing that numbers could contradict, and is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from .vocabulary import VOCABULARY, Movement, Side

_UP: Final = r"(?:up(?!per)|rais|lift|elevat)"
_DOWN: Final = r"(?:down|droop|depress|lower)"

_ON: Final = r"(?:(?!\b(?:and|with)\b).)*"
"""On to a word of the same statement: behind "and" or "with" another part of the face may have its turn."""

_WORDS_FOR: Final = {
    "brow raise": rf"brows?\b(?!.*\b(?:inner|outer)){_ON}\b{_UP}|\b(?:rais|lift|elevat)\w*\s(?:eye)?brows?\b",
    "inner brow raise": rf"\binner\b.*\bbrows?\b.*\b{_UP}|\binner (?:eye)?brow elevat|\bbrows?\b.*\binner\b.*\b{_UP}",
    "outer brow raise": rf"\bouter\b.*\bbrows?\b{_ON}\b{_UP}|\b{_UP}\w*\b{_ON}\bouter (?:eye)?brows?\b",
    "brow lowering": r"brows?\b.*\b(?:lower|furrow|knit|drawn)|\b(?:furrow|lower|knit)\w* (?:eye)?brow",
    "lid closure": r"\beyes?\b.*\b(?:closed|shut|blink)|\b(?:closed|shut) eyes?\b|\blids?\b.*\b(?:closed|shut)",
    "eye widening": r"\beyes?\b.*\bwid(?:e|ely|en)|\bwid(?:e|ely|ened)\b.*\beyes?\b",
    "squint": r"\beyes?\b.*\b(?:squint|narrow)|\b(?:squint|narrow)\w*\b.*\beyes?\b",
    "cheek raise": r"\bcheeks?\b.*\b(?:rais|lift|squint|elevat)",
    "cheek puff": r"\bpuff",
    "nose wrinkle": r"\bnose\b.*\bwrinkl|\bwrinkl\w*\b.*\bnose\b|\bsneer",
    "smile": rf"\bsmil|\bsmirk|\bgrin(?:s|ning)?\b|\bcorners?\b{_ON}\b{_UP}"
    rf"|^(?!.*\b(?:eye|brow)).*\b(?:upturn|upward|rais|lift|elevat)\w*\b{_ON}\bcorners?\b",
    "corner drop": rf"(?<!lower lip )\bcorners?\b{_ON}\b(?:down|droop|depress|lowered)|\bmouth\b.*\bfrown",
    "dimple": r"\bdimpl",
    "lip stretch": r"\b(?:mouth|lips?|corners?)\b.*\bstretch|\bstretch\w*\b.*\b(?:mouth|lips?|corners?)\b",
    "upper lip raise": rf"\bupper lip\b{_ON}\b{_UP}",
    "lower lip drop": rf"\blower lip\b{_ON}\b{_DOWN}|\bdown\w*\b.*\blower lip\b",
    "lip press": r"\blips?\b.*\bpress(?:ed|ing|es)?\b|\bpress(?:ed|ing)\b.*\blips?\b",
    "lip roll": r"\blips?\b.*\broll(?:ed|ing)?\b|\broll(?:ed|ing)\b.*\blips?\b",
    "pucker": r"\bpucker",
    "lip funnel": r"\bfunnel",
    "tongue out": r"\btongue\b.*\b(?:out|protru|visible|extend)",
    "jaw drop": r"\bjaw\b.*\b(?:open|drop|lowered)|\bmouth\b.*\b(?:is|wide|slightly|partly|partially)\b.*\bopen\b",
    "jaw thrust": r"\bjaw\b.*\bforward|\bjaw\b.*\bthrust",
    "look up": r"\b(?:upward\w*)\b.*\bgaze|\bgaze\b.*\bup|\blook\w*\s(?:slightly )?up",
    "look down": r"\b(?:downward\w*)\b.*\bgaze|\bgaze\b.*\bdown|\blook\w*\s(?:slightly )?down",
}
"""Patterns of what models write, by the noun of the movement in the vocabulary."""

_WEAK: Final = re.compile(r"\b(?:faint|subtle|subtly|slight|slightly|minor|minimal|mild|mildly|barely|gentle|gently)\b")
_STRONG: Final = re.compile(
    r"\b(?:strong|strongly|high|highly|intense|intensely|very|extreme|extremely|fully|broad|broadly|wide open)\b"
)
_DENIED: Final = re.compile(r"\b(?:no|not|without|absence|absent|lack|lacks|lacking|neither|neutral|relaxed)\b")
_EVEN: Final = re.compile(r"\b(?:symmetric|symmetrical|symmetry|even|bilateral)\b")
_MORE: Final = r"(?:more|less|stronger|higher|lower|weaker|greater)"
_UNEVEN: Final = re.compile(
    r"\basymmetr\w*|\buneven\w*|\bone[- ]sided\b"
    rf"|\b{_MORE}\b[^.;]*\b(?:on|at) the (?:left|right)"
    rf"|\b(?:left|right)(?: side)? (?:is |being )?(?:slightly )?{_MORE}\b"
    r"|\bdifferences? (?:between|of) (?:the )?(?:left|two sides)\b|\bleft[-/ ]right differences?\b"
    r"|\bthan (?:on |at )?(?:the |its )?(?:left|right)\b"
)
_HEIGHT: Final = re.compile(r"\b(?:higher|lower)\b")
"""Which side is higher does not say which does more: a corner is lower where it is drawn down more."""
_SIDE: Final = re.compile(r"\b(left|right)\b")
_BOTH: Final = re.compile(r"\b(?:both|bilateral|bilaterally)\b")
_INTENSITY_REACH_WORDS: Final = 3
"""An intensity this many words in front of a movement belongs to it."""

_HEADING: Final = re.compile(r"^\W*(?:\d+\.)?\W*([A-Za-z][A-Za-z /-]{2,40}?)\W*:\W*(.*)$")
_CLAUSES: Final = re.compile(
    rf"(?<=[.;])\s+|;|,\s+(?!(?:slightly )?{_MORE}\b)(?:and |but |while |whereas |with )?|\s+(?:but|while|whereas)\s+"
)
_MEANING: Final = ("emotion", "emotional")
_SYMMETRY: Final = ("symmetry",)


class Degree(Enum):
    """How much the words claim."""

    NONE = "none"
    WEAK = "weak"
    STATED = "stated"
    STRONG = "strong"


@dataclass(frozen=True)
class Claim:
    """quote: the words. movements: of which they speak; none where they speak of the whole face.

    side: the one that they name, or BOTH. degree: of the movements; None where only the sides are compared.
    uneven: whether the sides are said to differ (`side` is then the stronger one) or to be alike; None: neither.
    """

    quote: str
    movements: tuple[Movement, ...]
    side: Side
    degree: Degree | None
    uneven: bool | None = None


def claims_in(text: str) -> list[Claim]:
    """Every claim that can be checked, in the order of the words."""
    return [claim for heading, clause in _clauses(text) for claim in _claims_of(heading, clause)]


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Each clause with the heading of its line, both as they stand; lines on what a face may mean are left out."""
    for line in text.replace("*", "").splitlines():
        found = _HEADING.match(line)
        heading, body = (found.group(1).strip().lower(), found.group(2)) if found else ("", line)
        if heading.startswith(_MEANING):
            continue
        for clause in _CLAUSES.split(body):
            if clause.strip(" .-"):
                yield heading, clause.strip(" .-")


def _claims_of(heading: str, clause: str) -> Iterator[Claim]:
    words = clause.lower()
    region = heading if heading in _REGIONS and not _names_a_region(words) else ""
    spoken = f"{region} {words}".strip()
    movements = _movements_in(spoken)
    side = _side_in(words)
    if _UNEVEN.search(words):
        denied = _DENIED.search(words) is not None
        ahead = Side.BOTH if _HEIGHT.search(words) else side
        yield Claim(clause, tuple(m for m, _ in movements), ahead, None, uneven=not denied)
        return
    if heading.startswith(_SYMMETRY) and _EVEN.search(words):
        yield Claim(clause, tuple(m for m, _ in movements), Side.BOTH, None, uneven=False)
        return
    for movement, span in movements:
        yield Claim(clause, (movement,), side if movement.has_sides else Side.BOTH, _degree(spoken, span))


_REGIONS: Final = frozenset(
    {"brow", "brows", "eyebrow", "eyebrows", "eye", "eyes", "cheek", "cheeks", "nose", "mouth", "lips", "jaw"}
)


def _names_a_region(words: str) -> bool:
    return any(word.strip("().:") in _REGIONS for word in words.split())


def _movements_in(words: str) -> list[tuple[Movement, tuple[int, int]]]:
    """The movements with the place of the words for each."""
    found = ((movement, pattern.search(words)) for movement, pattern in _patterns())
    return [(movement, match.span()) for movement, match in found if match]


@cache
def _patterns() -> tuple[tuple[Movement, re.Pattern[str]], ...]:
    by_noun = {movement.noun: movement for movement in VOCABULARY}
    return tuple((by_noun[noun], re.compile(words)) for noun, words in _WORDS_FOR.items())


def _side_in(words: str) -> Side:
    """The one side of which the words speak; in a comparison the one that comes first."""
    sides = set(_SIDE.findall(words.partition(" than ")[0]))
    return Side(sides.pop()) if len(sides) == 1 and not _BOTH.search(words) else Side.BOTH


def _degree(words: str, span: tuple[int, int]) -> Degree:
    """From the words for a movement and the few in front of them; a denial may stand anywhere before it."""
    start, end = span
    if _DENIED.search(words[:end]):
        return Degree.NONE
    near = " ".join(words[:start].split()[-_INTENSITY_REACH_WORDS:]) + " " + words[start:end]
    if _WEAK.search(near):
        return Degree.WEAK
    return Degree.STRONG if _STRONG.search(near) else Degree.STATED
