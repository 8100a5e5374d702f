"""The bytes of a file as text or JSON, and the numbers in it; whatever else they are is refused with a reason."""

import codecs
import contextlib
import json
import math
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST_BYTES: Final = 1 << 29
"""An hour at 60 frames a second is 150 MB as a Live Link Face CSV."""

_LONGEST_STEM: Final = 200
"""Characters of a file's name that its unfinished copy shares, so that the longest name has room for the rest."""

MOST: Final = 1e6
"""No coefficient and no angle in any unit is larger; what is, is damage."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class FormatError(ValueError):
    """A file is not what it should be. The message says why, as the end of a sentence; `hint` what to do next."""

    def __init__(self, reason: str, hint: str = "Check where it comes from, and export it again.") -> None:
        super().__init__(reason)
        self.hint = hint


def text_of(data: bytes) -> str:
    """UTF-8 or UTF-16, with or without a mark at its beginning; line ends become plain ones."""
    try:
        text = data.decode(_encoding_of(data))
    except UnicodeDecodeError:
        raise FormatError("it is text in neither UTF-8 nor UTF-16", "Save it as UTF-8.") from None
    if "\0" in text:
        raise FormatError("it is not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_of(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:64]  # the first characters of every format here are plain ones, whose other byte is 0 in UTF-16
    if len(start) >= 4 and not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    if len(start) >= 4 and not any(start[::2]) and all(start[1::2]):
        return "utf-16-be"
    return "utf-8"


def write_whole(file: Path, text: str) -> None:
    """Write beside and rename: a full disk or a killed process leaves what was there before, never half a file.

    Raises OSError where it cannot be written.
    """
    place = Path(os.path.realpath(file))  # a link goes on pointing where it did
    # A name of its own, since another run may be writing to the same place.
    unfinished = place.with_name(f"{place.name[:_LONGEST_STEM]}.{secrets.token_hex(4)}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(place)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def json_of(text: str) -> object:
    """One JSON value; raise FormatError for anything else, NaN and a name that stands twice among it."""
    try:
        value: object = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except json.JSONDecodeError as fault:
        if not text.lstrip().startswith(("{", "[")):
            raise FormatError("it holds no JSON") from None
        if not text.rstrip().endswith(("}", "]")):
            raise FormatError("its JSON is cut off before its end") from None
        raise FormatError(f"its JSON is broken at line {fault.lineno}") from None
    except RecursionError:
        raise FormatError("its JSON is nested too deeply") from None
    except FormatError:
        raise
    except ValueError:  # a whole number of thousands of digits
        raise FormatError("it holds a number that is too long") from None
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise FormatError("its JSON has a name twice in one object")
    return data


def _no_number(constant: str) -> float:
    raise FormatError(f"{constant} in it is not a number that a face can have")


def json_lines(text: str) -> list[tuple[int, str]]:
    """The lines of a JSONL file that are not empty, each with its number."""
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def number_in(cell: str) -> float:
    """The number in a cell, with a point or a decimal comma; NaN where it is left empty or says that it is none."""
    plain = cell.strip()
    if not plain or plain.lower() in {"nan", "-nan", "null", "none", "n/a", "#n/a"}:
        return math.nan
    try:
        number = float(plain)
    except ValueError:
        if "." in plain or plain.count(",") != 1:
            raise
        number = float(plain.replace(",", "."))
    if not abs(number) <= MOST:
        raise ValueError(plain)
    return number


def numbers_in(rows: Sequence[object], width: int) -> NDArray[np.float64]:
    """A table of JSON numbers, shape (rows, width); raise FormatError for a ragged one, or for anything else in it."""
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise FormatError(f"row {number} of its numbers is not a list of {width}")
        if not set(map(type, row)) <= {int, float}:  # true is no number
            raise FormatError(f"row {number} holds something that is no number")
    try:
        table = np.array(rows, dtype=np.float64).reshape(len(rows), width)
    except OverflowError:
        raise FormatError("it holds a number that is too large") from None
    if not (np.abs(table) <= MOST).all():
        raise FormatError("it holds a number that is too large")
    return table


def shortest(values: NDArray[np.floating[Any]]) -> list[list[str]]:
    """Each number of a table in the fewest digits that give the very same number back; -0 as 0."""
    texts: list[list[str]] = (values + values.dtype.type(0)).astype(str).tolist()
    return texts


def counted(count: int, thing: str) -> str:
    """ "1 row", "3 rows"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
