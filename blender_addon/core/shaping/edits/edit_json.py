"""Edits as JSON: on the wire, in a .blend and in a take file."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final

from ...channels import INDEX
from ...narrowing import as_list, as_mapping, as_number, as_text, as_truth
from . import kinds
from .kinds import Edit, PoseChange, Side, Span, WordEdit

_KINDS: Final[Mapping[str, type[Edit]]] = {
    "scale": kinds.Scale,
    "add": kinds.Add,
    "slide": kinds.Slide,
    "lean": kinds.Lean,
    "limit": kinds.Limit,
    "freeze": kinds.Freeze,
    "pause": kinds.Pause,
    "retime": kinds.Retime,
    "delay": kinds.Delay,
    "blinks": kinds.Blinks,
    "closings": kinds.Closings,
    "gesture": kinds.Gesture,
    "smooth": kinds.Smooth,
    "mirror": kinds.Mirror,
    "even": kinds.Even,
    "loop": kinds.Loop,
    "reverse": kinds.Reverse,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """One edit: its kind, and the fields that it has."""
    given = {item.name: _plain(getattr(edit, item.name)) for item in fields(edit)}
    return {"kind": _NAMES[type(edit)]} | {name: value for name, value in given.items() if value not in (None, {}, "")}


def edit_from_json(data: object) -> Edit:
    """Read what `edit_to_json` wrote; raise KeyError, TypeError or ValueError for anything else."""
    given = dict(as_mapping(data))
    name = as_text(given.pop("kind"))
    if name not in _KINDS:
        raise ValueError(f"{name!r} is no kind of edit")
    edit = _KINDS[name](**{field: _READERS[field](value) for field, value in given.items()})
    if isinstance(edit, kinds.Retime) and not edit.factor:
        raise ValueError("at a speed of 0 nothing plays")
    return edit


def word_edit_to_json(edit: WordEdit) -> dict[str, Any]:
    """An order in words with what it came to."""
    return {"words": edit.words, "edits": [edit_to_json(one) for one in edit.edits], "did": list(edit.did)}


def word_edit_from_json(data: object) -> WordEdit:
    """Read what `word_edit_to_json` wrote; raise as `edit_from_json`."""
    given = as_mapping(data)
    return WordEdit(
        words=as_text(given["words"]),
        edits=tuple(edit_from_json(one) for one in as_list(given["edits"])),
        did=tuple(as_text(line) for line in as_list(given.get("did", []))),
    )


def _plain(value: object) -> object:
    if isinstance(value, Span):
        ends = {"start": value.start, "end": value.end}
        found: dict[str, object] = {name: end for name, end in ends.items() if end is not None}
        if value.during:
            found["during"] = list(value.during)
        if value.together:
            found["together"] = list(value.together)
        return found | ({"speaking": True} if value.speaking else {})
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return dict(value) if isinstance(value, Mapping) else value


def _as_channels(value: object) -> tuple[str, ...]:
    return tuple(_as_channel(name) for name in as_list(value))


def _as_channel(value: object) -> str:
    name = as_text(value)
    if name not in INDEX:
        raise ValueError(f"{name!r} is not a channel")
    return name


def _as_pose(value: object) -> PoseChange:
    return {_as_channel(name): as_number(number) for name, number in as_mapping(value).items()}


def _as_span(value: object) -> Span:
    given = as_mapping(value)
    return Span(
        start=as_number(given["start"]) if "start" in given else None,
        end=as_number(given["end"]) if "end" in given else None,
        during=_as_channels(given.get("during", [])),
        together=_as_channels(given.get("together", [])),
        speaking=as_truth(given.get("speaking", False)),
    )


def _as_step(value: object) -> tuple[float, PoseChange]:
    seconds, pose = as_list(value)
    return as_number(seconds), _as_pose(pose)


def _above_zero(value: object) -> float:
    number = as_number(value)
    if number < 0:
        raise ValueError(f"{number:g} is below 0")
    return number


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "channels": _as_channels,
    "factor": _above_zero,
    "span": _as_span,
    "seed": _as_pose,
    "pose": _as_pose,
    "away": _as_channels,
    "what": as_text,
    "share": as_number,
    "low": as_number,
    "high": as_number,
    "seconds": as_number,
    "at": as_number,
    "steps": lambda value: tuple(_as_step(step) for step in as_list(value)),
    "strength": as_number,
    "model": Side,
    "side": Side,
    "onto": Side,
    "event": kinds.Closing,
    "pace": _above_zero,
    "stay": as_number,
    "one_sided": _as_channels,
    "blend": _above_zero,
    "from_strongest": as_truth,
}
