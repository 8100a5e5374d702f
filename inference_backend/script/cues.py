"""The marks of a page that are no acts: cues and what stands behind them, camera directions, fields of a tag."""

import re
from collections.abc import Iterator

_CUE = re.compile(r"\s*(?P<name>[A-Z][A-Z0-9 .'-]{1,30}?)\s*(?:\([^()\n]*\)\s*)*$")
_PLACE_OF_VOICE = r"V\.?\s?O|O\.?\s?[SC]|CONT'?D|cont'd|PRE-?LAP|FILTERED|ON (?:PHONE|SCREEN|TV)"
_ASIDE = re.compile(rf"\((?!\s*(?:{_PLACE_OF_VOICE})\b)([^()\n]*)\)")
_SHOT = r"(?:(?:EXTREME|MEDIUM) )?(?:CLOSE(?:[ -]?UP)?|WIDE|ANGLE|INSERT|FOCUS)(?: SHOT)?(?: ON\b|\s*:)"
_MOVE = r"(?:PULL|DOLLY|TRACK|PAN|ZOOM|PUSH|CRANE|RACK) (?:BACK|OUT|IN|UP|DOWN|TO|ACROSS|FOCUS)\b(?!\s+[A-Z]{2})"
_ONTO = r"(?: (?:[Tt]o [Rr]eveal|TO REVEAL|ON|[Oo]n|TO|[Tt]o)\b(?: that\b)?)?"
CAMERA = re.compile(rf"\b(?:{_SHOT}|{_MOVE}{_ONTO}|WE SEE\b(?: that\b)?|(?:CUT|FADE) (?:TO|IN|OUT)\s*:)\s*:?")
"""What the camera does: "CLOSE ON:", "PULL BACK to reveal"."""
FIELD = re.compile(r"\b[A-Za-z_]{3,}\s?=\s?(?=[A-Za-z])")
"""The name of a field: "state=" in "state=alert"."""

_PLACE_MARK = r"(?:(?i:INT|EXT)\.?\s?/\s?(?i:INT|EXT)\b\.?|(?i:INT|EXT)\.|I/E\b\.?|(?:INT|EXT)(?=\s[A-Z]))"
_TIME_OF_DAY = (
    r"(?i:(?:(?:EARLY|LATE|PRE-?|MID-?)\s?)?(?:DAY|NIGHT|MORNING|AFTERNOON|EVENING|DUSK|DAWN|SUNSET|SUNRISE|NOON"
    r"|MIDNIGHT|CONTINUOUS|SAME(?: TIME)?|(?:MOMENTS? |MINUTES? |HOURS? |DAYS? )?LATER))\b(?:\s?\([^)\n]*\))?"
)
_DASH = r"\s?(?:--|[-–—])\s?"
_PLACES = (
    rf"[A-Z\d .,/'&()#–—-]{{1,60}}?(?:{_DASH}{_TIME_OF_DAY})+",
    rf"[^.,\n–—-]{{1,40}}(?:{_DASH}{_TIME_OF_DAY})+",
    rf"[A-Z\d ,/'&()#–—-]{{2,60}}(?=\.|{_DASH}|\s[A-Z][a-z])",
    r"[a-z\d ]{2,40}(?=\.)",
)
SLUG = re.compile(
    rf"(?:^|(?<=[.!?]\s))[ \t]*(?:\d+[A-Z]?\.?\s+)?{_PLACE_MARK}\s+(?:{'|'.join(_PLACES)})(?:\.|{_DASH}|:)?",
    re.MULTILINE,
)
"""Where and when a scene plays: "INT. KITCHEN - NIGHT", "Ext. park."; what follows it on its line is action."""


def cue_name(line: str) -> str:
    """Who speaks what follows, where the line is written as a cue: "MARA", "MARA (tense)"; else empty."""
    cue = _CUE.match(line)
    return cue["name"] if cue else ""


def without_slugs(text: str) -> str:
    """The text with blanks where it only says where a scene plays; every other character keeps its place."""
    return SLUG.sub(lambda slug: re.sub(r"\S", " ", slug.group()), text)


def cue_asides(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First and one-past-last character of what the brackets of a cue tell; not where the voice comes from."""
    return (aside.span(1) for aside in _ASIDE.finditer(text, start, end))
