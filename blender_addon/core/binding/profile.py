"""A binding as a file, to keep and to share. `docs/binding.md` describes it for other programs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ..channels import SHAPES
from ..formats.envelope import read_envelope
from ..formats.file_text import FormatError
from ..narrowing import as_list, as_mapping, as_number, as_text
from .rows import Row

SUFFIX: Final = ".mienbinding"
VERSION: Final = 1

TURNS: Final = ("head", "neck", "leftEye", "rightEye")
"""What angles turn."""
AXES: Final = ("FOUND", "X", "-X", "Y", "-Y", "Z", "-Z")
"""The directions that a user can set by hand; FOUND is what the face itself tells."""
EYES_BY: Final = ("SHAPES", "TURNS", "BOTH")

_FORMAT: Final = "mien binding"
_ANOTHER: Final = "Choose a file that Export Binding has written."


@dataclass(frozen=True)
class TurnSetting:
    """A bone, or an object where `bone` is empty, and how it turns.

    gains: factors of yaw, pitch and roll; -1 turns the other way round.
    looks_along, up: one of `AXES`.
    """

    thing: str
    bone: str = ""
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    looks_along: str = "FOUND"
    up: str = "FOUND"


@dataclass(frozen=True)
class BindingProfile:
    """All that the user can set of a binding. The objects and meshes in it are names."""

    name: str
    preset: str
    rows: tuple[Row, ...]
    turns: Mapping[str, TurnSetting] = field(default_factory=dict)
    eyes_by: str = "SHAPES"
    neck_share: float = 0.0


def write_profile(profile: BindingProfile) -> str:
    """The text of a profile; each row of the table has a line of its own."""
    fields: dict[str, Any] = {
        "format": _FORMAT,
        "version": VERSION,
        "name": profile.name,
        "preset": profile.preset,
        "eyes_by": profile.eyes_by,
        "neck_share": profile.neck_share,
        "turns": {turns: asdict(setting) for turns, setting in profile.turns.items()},
    }
    lines = [f"{json.dumps(name)}: {_json(value)}" for name, value in fields.items()]
    rows = ",\n".join(_json(_without_usual(row)) for row in profile.rows)
    return "{\n" + ",\n".join(lines) + f',\n"rows": [\n{rows}\n]\n}}\n'


def read_profile(text: str) -> BindingProfile:
    """Read what `write_profile` wrote; raise FormatError where it is damaged or of a newer version."""
    return read_envelope(text, "binding", VERSION, _ANOTHER, _profile)


def _profile(data: Mapping[str, Any]) -> BindingProfile:
    turns = {as_text(name): _turn(as_mapping(value)) for name, value in as_mapping(data.get("turns", {})).items()}
    if unknown := sorted(set(turns) - set(TURNS)):
        raise FormatError(f"{unknown[0]} is nothing that angles turn")
    return BindingProfile(
        name=as_text(data.get("name", "")),
        preset=as_text(data.get("preset", "")),
        rows=tuple(_row(as_mapping(row)) for row in as_list(data["rows"])),
        turns=turns,
        eyes_by=_one_of(EYES_BY, data.get("eyes_by", "SHAPES")),
        neck_share=min(max(as_number(data.get("neck_share", 0.0)), 0.0), 1.0),
    )


def _row(data: Mapping[str, Any]) -> Row:
    channel = _one_of(SHAPES, data["channel"])
    is_approximated = data.get("is_approximated", False)
    if not isinstance(is_approximated, bool):
        raise FormatError("is_approximated is neither true nor false")
    return Row(
        channel,
        as_text(data["mesh"]),
        as_text(data["key"]),
        as_number(data.get("gain", 1.0)),
        as_number(data.get("offset", 0.0)),
        is_approximated,
    )


def _turn(data: Mapping[str, Any]) -> TurnSetting:
    gains = [as_number(gain) for gain in as_list(data.get("gains", [1.0, 1.0, 1.0]))]
    if len(gains) != 3:
        raise FormatError("what turns has no three gains")
    axes = [_one_of(AXES, data.get(name, "FOUND")) for name in ("looks_along", "up")]
    return TurnSetting(as_text(data["thing"]), as_text(data.get("bone", "")), (gains[0], gains[1], gains[2]), *axes)


def _one_of(names: tuple[str, ...], value: object) -> str:
    name = as_text(value)
    if name not in names:
        raise FormatError(f"{name!r} in it is none of {', '.join(names[:4])} ...")
    return name


def _without_usual(row: Row) -> dict[str, Any]:
    usual = Row(row.channel, row.mesh, row.key)
    own = asdict(row)
    return {
        name: value
        for name, value in own.items()
        if name in ("channel", "mesh", "key") or value != getattr(usual, name)
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
