"""Mien's own take file: a take as JSON, with nothing lost. `docs/take-file.md` describes it for other programs.

What is read is the very take that was written: numbers stand in the fewest digits that give the same number back.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ..channels import CHANNEL_COUNT, CHANNELS, INDEX
from ..narrowing import as_list, as_mapping, as_number, as_text
from ..performance import DEFAULT_EASE, Keyframe, Performance, Role
from ..shaping import Shaping
from ..take import RawResult, Take, TakeKind
from ..track import FaceTrack
from ..wire import performance_from_json
from .envelope import read_envelope
from .file_text import numbers_in, shortest
from .model_reply import listed

SUFFIX: Final = ".mien"
VERSION: Final = 1

_FORMAT: Final = "mien take"
_BACKUP: Final = "Open a backup of it, or export it again."


def is_take_file(text: str) -> bool:
    """Whether its first field says so; where that is damaged it is no take file."""
    return text.lstrip().startswith("{") and f'"{_FORMAT}"' in text[:400]


def write_take_file(take: Take) -> str:
    """The text of a take file; each frame of a track has a line of its own."""
    start, end = take.span
    fields: dict[str, Any] = {
        "format": _FORMAT,
        "version": VERSION,
        "name": take.name,
        "kind": take.kind.value,
        "engine": take.engine,
        "source": take.source,
        "words": take.words,
        "made_at": take.made_at,
        "span": [start, end],
        "resume_at": take.resume_at,
        "frame_start": take.frame_start,
        "shaping": take.shaping.to_json(),
    }
    lines = [f"{json.dumps(name)}: {_json(value)}" for name, value in fields.items()]
    return "{\n" + ",\n".join([*lines, _raw(take.raw)]) + "\n}\n"


def read_take_file(text: str) -> Take:
    """Read what `write_take_file` wrote; raise FormatError where it is damaged or of a newer version."""
    return read_envelope(text, "take", VERSION, _BACKUP, _take)


def _take(data: Mapping[str, Any]) -> Take:
    start, end = as_list(data.get("span", [0.0, None]))
    resume_at = data.get("resume_at")
    return Take(
        name=as_text(data["name"]),
        kind=TakeKind(as_text(data["kind"])),
        raw=_raw_from(data),
        engine=as_text(data.get("engine", "")),
        source=as_text(data.get("source", "")),
        words=as_text(data.get("words", "")),
        span=(as_number(start), None if end is None else as_number(end)),
        resume_at=None if resume_at is None else as_number(resume_at),
        made_at=as_text(data.get("made_at", "")),
        shaping=Shaping.from_json(data.get("shaping", {})),
        frame_start=as_number(data.get("frame_start", 1.0)),
    )


def _raw(raw: RawResult) -> str:
    if isinstance(raw, Performance):
        return f'"performance": {_performance(raw)}'
    frames = ",\n".join(f"[{','.join(row)}]" for row in shortest(raw.values))
    (confidence,) = map(",".join, shortest(raw.confidence[np.newaxis]))
    times = ",".join(map(repr, raw.times.tolist()))
    return (
        f'"track": {{\n"channels": {json.dumps(CHANNELS)},\n"times": [{times}],\n'
        f'"confidence": [{confidence}],\n"values": [\n{frames}\n]}}'
    )


def _raw_from(data: Mapping[str, Any]) -> RawResult:
    if ("track" in data) == ("performance" in data):
        raise ValueError("it holds no raw result, or two")
    if "performance" in data:
        return performance_from_json(data["performance"])
    fields = as_mapping(data["track"])
    names = [as_text(name) for name in as_list(fields["channels"])]
    unknown = [name for name in names if name not in INDEX]
    if unknown or len(set(names)) < len(names):
        raise ValueError(f"its channels are not those of a face ({listed(unknown or names)})")
    numbers = numbers_in(as_list(fields["values"]), len(names))
    values = np.zeros((len(numbers), CHANNEL_COUNT))
    values[:, [INDEX[name] for name in names]] = numbers
    times = [as_number(time) for time in as_list(fields["times"])]
    return FaceTrack(times, values, [as_number(number) for number in as_list(fields["confidence"])])


def _performance(performance: Performance) -> str:
    keyframes = ",\n".join(_json(_keyframe(keyframe)) for keyframe in performance.keyframes)
    rest = {"not_understood": performance.not_understood, "notes": performance.notes}
    return f'{{\n"duration": {float(performance.duration)!r},\n{_json(rest)[1:-1]},\n"keyframes": [\n{keyframes}\n]}}'


def _keyframe(keyframe: Keyframe) -> dict[str, Any]:
    """As on the wire, but with every digit; what is as it mostly is, is left out."""
    fields: dict[str, Any] = {
        "time": float(keyframe.time),
        "description": keyframe.description,
        "channels": {name: float(value) for name, value in keyframe.channels.items()},
    }
    rest = {
        "ease_in": (float(keyframe.ease_in), DEFAULT_EASE),
        "ease_out": (float(keyframe.ease_out), DEFAULT_EASE),
        "hold": (float(keyframe.hold), 0.0),
        "source": (None if keyframe.source is None else list(keyframe.source), None),
        "role": (keyframe.role.value, Role.BEAT.value),
    }
    return fields | {name: value for name, (value, usual) in rest.items() if value != usual}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
