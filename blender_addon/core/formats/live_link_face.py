"""Live Link Face CSV: a row for each frame, as Epic's app records it and most programs for faces read it.

    Timecode,BlendshapeCount,EyeBlinkLeft,...,TongueOut,HeadYaw,...,RightEyeRoll
    12:34:56:07.123,61,0.0123,...

- `Timecode`: see `timecode`; the frames count at 60 a second unless told otherwise.
- `BlendshapeCount`: 61, or 0 in a row without a face, whose other cells are then empty.
- 52 shapes, 0..1 (the app's own lie a little outside now and then, and are kept so), and nine angles in the unit and
  with the signs of a `PoseConvention`, which nothing in the file tells.

Columns stand in any order, under names in any case. Spreadsheets' semicolons, tabs and decimal commas are read too,
and `time` in seconds in the place of the timecode. The order, names and the rows without a face are those of the
public importers of the format (such as Faceit's) and of the tables of KeyframeFace and SemanticFace.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNEL_COUNT, CHANNELS, SHAPES
from ..track import FaceTrack
from .file_text import FormatError, counted, number_in, shortest
from .imported import Imported
from .model_reply import listed
from .pose_convention import LIVE_LINK_FACE, RELEASED_NAMES, PoseConvention
from .row_times import spread
from .timecode import DEFAULT_RATE, PARTS, RATES, Timecode, formatted, rate_of, since_first

_COLUMN: Final = {name.lower(): index for index, name in enumerate(CHANNELS)}
_COUNT: Final = "blendshapecount"
_CONFIDENCE: Final = "confidence"
_DELIMITERS: Final = ";\t,"


def is_live_link_face(text: str) -> bool:
    """Whether a text begins as such a table does: a line with a moment and at least one channel, or many channels."""
    names = _header(text.lstrip("\n")[:20_000])
    known = sum(name in _COLUMN for name in names)
    return known > 5 or bool(known and {"timecode", "time"} & set(names))


def read_live_link_face(
    text: str, *, convention: PoseConvention = LIVE_LINK_FACE, rate: str | None = None, from_midnight: bool = False
) -> Imported:
    """Read a table; raise FormatError where it is none.

    rate: a name in `timecode.RATES`; None takes what the labels speak for. from_midnight: time 0 is midnight and not
    the first row. A cell that is left empty takes its value from the rows around it.
    """
    table = _read_table(text)
    values, seen, filled = _values(table)
    times, timing = _times(table, rate, from_midnight=from_midnight)
    notes = [*_notes(table), *timing]
    if filled:
        notes.append(f"{counted(filled, 'empty cell')} took a value from the rows around.")
    angles = values[:, len(SHAPES) :]
    if convention.unit == "radians" and (furthest := float(np.abs(angles).max())) > pi:
        notes.append(f"Its angles reach {furthest:.3g}, which is too much for radians: read it in degrees.")
    track = FaceTrack(times, values * convention.factors, seen)
    return Imported(track, tuple(notes), engine="Live Link Face")


def write_live_link_face(
    track: FaceTrack, *, convention: PoseConvention = LIVE_LINK_FACE, rate: str = DEFAULT_RATE, start: float = 0.0
) -> str:
    """The table of a track, in the app's order; what is read from it are the very same numbers.

    start: seconds from midnight to time 0. Times are kept to a millionth of a frame. Of the confidence only whether
    there was a face is kept. Raise FormatError for moments before midnight or too near to each other.
    """
    clock = RATES[rate]
    positions = [clock.parts(start + time) for time in track.times.tolist()]
    if positions and positions[0] < 0:
        raise FormatError("timecode cannot tell a moment before midnight", "Let the take begin at 0 or later.")
    if any(later <= earlier for earlier, later in pairwise(positions)):
        raise FormatError("two moments of the take are too near to each other for timecode", "Use a take file.")
    lines = [",".join(["Timecode", "BlendshapeCount", *RELEASED_NAMES])]
    no_face = ["0", *[""] * CHANNEL_COUNT]
    for position, cells, confidence in zip(positions, _cells(track, convention), track.confidence, strict=True):
        row = [str(CHANNEL_COUNT), *cells] if confidence > 0 else no_face
        lines.append(",".join([formatted(position, clock), *row]))
    return "\n".join(lines) + "\n"


def _cells(track: FaceTrack, convention: PoseConvention) -> list[list[str]]:
    """Float32 in its own fewest digits where only the sign changes; else what gives the same float32 back."""
    factors = convention.factors
    if set(np.abs(factors).tolist()) == {1.0}:
        return shortest(track.values * factors.astype(np.float32))
    return shortest(track.values.astype(np.float64) / factors)


@dataclass(frozen=True)
class _Table:
    """The rows of a file. lines: the number of each row's line in the file, from 1 on."""

    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    cut: bool

    def column(self, name: str) -> list[str] | None:
        """The cells of a column, by its name in lower case."""
        return [row[self.names.index(name)] for row in self.rows] if name in self.names else None


def _header(text: str) -> list[str]:
    """The names in the first line, in lower case."""
    line = next((line for line in text.split("\n") if line.strip() and not line.startswith("sep=")), "")
    try:
        names = next(csv.reader([line], delimiter=_delimiter(line)), [])
    except csv.Error:  # a cell of hundreds of thousands of characters: no header
        names = []
    return [name.strip().lower() for name in names]


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _read_table(text: str) -> _Table:
    if not text.strip():
        raise FormatError("it is empty")
    names = _header(text)
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise FormatError(f"{listed(doubled)} has more than one column", "Leave one of them.")
    if not any(name in _COLUMN for name in names):
        raise FormatError("its first line names no channel such as JawOpen")
    rows, lines = [], []
    for line, row in _raw_rows(text):
        rows.append(row)
        lines.append(line)
    if not rows:
        raise FormatError("it holds no frames")
    cut = (
        len(rows) > 1 and len(rows[-1]) < len(names) and not text.endswith("\n") and not _says_no_face(rows[-1], names)
    )
    if cut:
        del rows[-1], lines[-1]
    return _Table(names, [_fitted(row, names, line) for row, line in zip(rows, lines, strict=True)], lines, cut)


def _raw_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows after the header that are not empty, each with the number of its line."""
    begun = False
    head = next((line for line in text.split("\n") if line.strip() and not line.startswith("sep=")), "")
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(head))
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) or row[0].startswith("sep="):
                continue
            if begun:
                yield reader.line_num, row
            begun = True
    except csv.Error as fault:
        raise FormatError(f"line {reader.line_num} is damaged ({fault})") from None


def _fitted(row: list[str], names: list[str], line: int) -> list[str]:
    """A row as long as the header; empty cells at its end do not count, and a row without a face needs none."""
    extra = row[len(names) :]
    if any(cell.strip() for cell in extra):
        hint = "Where it has decimal commas, save it with semicolons between the cells."
        raise FormatError(f"line {line} has {len(row)} cells under {len(names)} names", hint)
    if len(row) < len(names) and not _says_no_face(row, names):
        raise FormatError(f"line {line} has {len(row)} cells under {len(names)} names")
    return row[: len(names)] + [""] * (len(names) - len(row))


def _says_no_face(row: Sequence[str], names: Sequence[str]) -> bool:
    place = names.index(_COUNT) if _COUNT in names else len(row)
    return place < len(row) and row[place].strip() in {"0", "0.0"}


def _values(table: _Table) -> tuple[NDArray[np.float64], NDArray[np.float32], int]:
    """All 61 values of each row in the file's units, whether it has a face, and how many cells had to be filled."""
    found = {_COLUMN[name]: place for place, name in enumerate(table.names) if name in _COLUMN}
    numbers = np.array([_row_numbers(table, index, found.values()) for index in range(len(table.rows))])
    without = np.array([_says_no_face(row, table.names) for row in table.rows]) | np.isnan(numbers).all(axis=1)
    seen = np.where(without, 0.0, _confidence(table)).astype(np.float32)
    filled = 0
    for column in numbers.T:
        known, wanted = ~np.isnan(column) & ~without, np.isnan(column) & ~without
        if wanted.any() and known.any():
            filled += int(wanted.sum())
            column[wanted] = np.interp(np.flatnonzero(wanted), np.flatnonzero(known), column[known])
    numbers[without] = 0.0
    values = np.zeros((len(table.rows), CHANNEL_COUNT))
    values[:, list(found)] = np.nan_to_num(numbers)
    return values, seen, filled


def _row_numbers(table: _Table, index: int, places: Iterable[int]) -> list[float]:
    row, numbers = table.rows[index], []
    for place in places:
        try:
            numbers.append(number_in(row[place]))
        except ValueError:
            name, line = table.names[place], table.lines[index]
            raise FormatError(f"{name} in line {line} is {row[place].strip()[:20]!r}, not a number") from None
    return numbers


def _confidence(table: _Table) -> NDArray[np.float64]:
    """1 for every row, or what a column of our own tables says."""
    cells = table.column(_CONFIDENCE)
    if cells is None:
        return np.ones(len(table.rows))
    try:
        numbers = np.array([number_in(cell) for cell in cells])
    except ValueError:
        raise FormatError("its confidence is not a number in every line") from None
    return np.asarray(np.clip(np.nan_to_num(numbers, nan=1.0), 0.0, 1.0))


def _times(table: _Table, rate: str | None, *, from_midnight: bool) -> tuple[NDArray[np.float64], list[str]]:
    """The seconds of each row, and what is to be said of them."""
    if (cells := table.column("timecode")) is not None:
        return _timecode_times(table, cells, rate, from_midnight=from_midnight)
    if (cells := table.column("time")) is not None:
        try:
            seconds = np.array([number_in(cell) for cell in cells])
        except ValueError:
            raise FormatError("its time is not a number in every line") from None
        if np.isnan(seconds).any() or (np.diff(seconds) <= 0).any():
            raise FormatError("its time does not rise from line to line")
        return seconds, []
    if len(table.rows) == 1:
        return np.zeros(1), []
    raise FormatError("it has no column Timecode")


def _timecode_times(
    table: _Table, cells: list[str], rate: str | None, *, from_midnight: bool
) -> tuple[NDArray[np.float64], list[str]]:
    codes = []
    for cell, line in zip(cells, table.lines, strict=True):
        try:
            codes.append(Timecode.parse(cell))
        except FormatError as fault:
            raise FormatError(f"in line {line} {fault}") from None
    name = rate or rate_of(codes)
    clock = RATES[name]
    positions = [code.position(clock) for code in codes]
    first = positions[0] if from_midnight else 0
    elapsed, moved = spread(since_first(positions, clock), step=PARTS)
    notes = [] if name == DEFAULT_RATE else [f"Its timecode was read at {name} frames a second."]
    if moved:
        notes.append(f"{counted(moved, 'row')} with the timecode of the one before stand evenly between.")
    return np.array([clock.seconds(first + parts) for parts in elapsed]), notes


def _notes(table: _Table) -> list[str]:
    notes = []
    missing = [name for name in RELEASED_NAMES if name.lower() not in table.names]
    others = {"timecode", "time", _COUNT, _CONFIDENCE, ""}
    unknown = [name for name in table.names if name not in _COLUMN and name not in others]
    if missing:
        notes.append(f"It has no {listed(missing)}: 0 in every frame.")
    if unknown:
        notes.append(f"Not read, because they are no channels: {listed(unknown)}.")
    if table.cut:
        notes.append("Its last line is cut off and was left out.")
    return notes
