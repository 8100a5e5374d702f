"""JSONL of the released systems: one record a line, with the model's reply under `response`.

    {"response": "...", "messages": [{"role": "system", ...}, {"role": "user", ...}], "images": [{"path": ...}]}

The converters of both releases take the reply from `response`, else from the last message of the assistant
(`jsonl2csv.py` of github.com/wjc12345123/KeyframeFace and github.com/kangzejian1896/SemanticFace), and put one pose at
each second. `time`, in seconds, is ours; the converters pass it over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..channels import CHANNELS
from ..narrowing import as_list, as_mapping, as_number, as_text
from .file_text import MOST, FormatError, json_lines, json_of
from .model_reply import Range, ReplyError, read_numbers
from .pose_convention import RELEASED_NAMES, PoseConvention

SECONDS_APART: Final = 1.0
"""From one record to the next where the file has no times."""

_ANY_NUMBER: Final[Mapping[str, Range]] = dict.fromkeys(RELEASED_NAMES, (-MOST, MOST))


@dataclass(frozen=True)
class Record:
    """One line. reply: what the model wrote. request: what it was asked last. picture: the path it was shown."""

    line: int
    reply: str
    request: str
    picture: str
    time: float | None


def read_records(text: str) -> tuple[list[Record], list[str]]:
    """The records that have a reply, and a sentence for each line that has none; raise FormatError where none has."""
    if not text.strip():
        raise FormatError("it is empty")
    records, notes = [], []
    for line, content in json_lines(text):
        try:
            record = _record(line, content)
        except (FormatError, KeyError, TypeError, ValueError) as fault:
            notes.append(f"Line {line} was left out: {fault}.")
            continue
        if record.reply.strip():
            records.append(record)
        else:
            notes.append(f"Line {line} was left out: it is a request without a reply.")
    if not records:
        raise FormatError(_one_reason(notes), "Export the replies of the model, not its requests.")
    return records, notes


def _one_reason(notes: Sequence[str]) -> str:
    reason = notes[0].partition(": ")[2].rstrip(".")
    return f"none of its lines can be used ({reason})"


def _record(line: int, content: str) -> Record:
    fields = as_mapping(json_of(content))
    messages = [as_mapping(message) for message in as_list(fields.get("messages", []))]
    reply = as_text(fields.get("response") or "") or _last(messages, "assistant")
    time = fields.get("time")
    picture = _picture(as_list(fields.get("images") or []))
    return Record(line, reply, _last(messages, "user"), picture, None if time is None else as_number(time))


def _last(messages: Sequence[Mapping[str, Any]], role: str) -> str:
    said = [as_text(message.get("content") or "") for message in messages if message.get("role") == role]
    return said[-1] if said else ""


def _picture(images: Sequence[object]) -> str:
    """The first picture, named by a path or by an object with one."""
    if not images:
        return ""
    first = images[0]
    return as_text(first.get("path") or "") if isinstance(first, Mapping) else as_text(first)


def times_of(records: Sequence[Record]) -> list[float]:
    """The records' own times where all have one and they rise, else one pose a second."""
    times = [record.time for record in records if record.time is not None]
    rises = all(later > earlier for earlier, later in pairwise(times)) and min(times, default=0.0) >= 0
    return times if len(times) == len(records) and rises else [SECONDS_APART * n for n in range(len(records))]


def channels_from(values: Mapping[str, Any], convention: PoseConvention) -> dict[str, float]:
    """The values of a reply by channel, in the project's units; a name that is missing stays so.

    Raise ReplyError for an unknown name and for what is no number. Numbers are taken as they are, in 0..1 or not.
    """
    released = read_numbers(values, _ANY_NUMBER, complete=False)
    if not released:
        raise ReplyError("it names no channel")
    factors = convention.factors
    return {
        channel: float(released[name] * factors[index]) + 0.0
        for index, (channel, name) in enumerate(zip(CHANNELS, RELEASED_NAMES, strict=True))
        if name in released
    }


def released_values(values: Sequence[float], convention: PoseConvention) -> dict[str, float]:
    """61 values of the project as a reply names and counts them."""
    numbers = (np.asarray(values, dtype=np.float64) / convention.factors + 0.0).tolist()
    return dict(zip(RELEASED_NAMES, numbers, strict=True))
