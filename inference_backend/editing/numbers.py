"""Numbers in orders: as words, with their units of time, and below 0."""

from collections.abc import Sequence

from ..script.words import Form, Token

NUMBERS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "hundred": 100.0,
    "half": 0.5,
    "another": 1.0,
    "couple": 2.0,
    "few": 3.0,
}
FRAMES = frozenset(["frame", "frames", "fr", "f", "frm"])
SECONDS = {"second": 1.0, "seconds": 1.0, "sec": 1.0, "secs": 1.0, "s": 1.0, "ms": 0.001, "millisecond": 0.001}
SECONDS |= {"milliseconds": 0.001, "minute": 60.0, "minutes": 60.0, "moment": 0.5, "beat": 0.5, "beats": 0.5}
_MINUS = frozenset({"-", "−"})
_DASHES = _MINUS | {"–", "—"}


def is_minus(tokens: Sequence[Token], index: int) -> bool:
    """Whether a token is the sign of the number behind it: "frame -10", but not "frames 10-20", "frames 10 -20"."""
    token = tokens[index]
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text not in _MINUS or behind is None or behind.form is not Form.NUMBER or behind.start != token.end:
        return False
    before = tokens[index - 1] if index else None
    if before is None or before.text in _DASHES:
        return True
    is_unit = before.lower in FRAMES or before.lower in SECONDS
    if before.form is Form.NUMBER or (is_unit and index > 1 and tokens[index - 2].form is Form.NUMBER):
        return False  # "from 10 f -20 f": a range
    return before.end < token.start
