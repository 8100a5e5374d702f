"""Which keys of performances nobody has changed since they were written: those may give way without a copy."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .actions import fcurves_of
from .character import Character
from .key_table import key_bytes, told_keys
from .key_targets import CurveId, Interval
from .stored_performance import performances_of

Untouched = dict[str, set[CurveId]]
"""By the id of a take, the F-curves on which its keys are as they were written."""


def untouched_keys(character: Character) -> Untouched:
    """Those of every performance on a head, each within its own frames."""
    fcurves = _all_fcurves(character)
    return {record.take_id: _untouched(record, fcurves) for record in performances_of(character.anchor)}


def remember_keys(character: Character, untouched: Mapping[str, Iterable[CurveId]]) -> None:
    """Keep with these performances what their keys are now, on the F-curves that nobody else has changed."""
    fcurves = _all_fcurves(character)
    for record in performances_of(character.anchor):
        if record.take_id in untouched:
            bounds = (record.frame_start, record.frame_end)
            own = (curve_id for curve_id in untouched[record.take_id] if curve_id in fcurves)
            record.written = json.dumps({_name(curve_id): _digest(fcurves[curve_id], bounds) for curve_id in own})


def owners_of(character: Character) -> tuple[Any, ...]:
    """The datablocks whose Actions a character's F-curves are in."""
    shapes = (target.mesh.data.shape_keys for target in character.shapes)
    turned = (target.thing for target in character.turns.values())
    return tuple(dict.fromkeys([*shapes, *turned]))


def _untouched(record: Any, fcurves: Mapping[CurveId, Any]) -> set[CurveId]:
    written: dict[str, str] = json.loads(record.written or "{}")
    bounds = (record.frame_start, record.frame_end)
    return {
        curve_id
        for curve_id, fcurve in fcurves.items()
        if (known := written.get(_name(curve_id))) and known == _digest(fcurve, bounds)
    }


def _all_fcurves(character: Character) -> dict[CurveId, Any]:
    return {(o, f.data_path, f.array_index): f for o in owners_of(character) for f in fcurves_of(o)}


def _name(curve_id: CurveId) -> str:
    owner, path, index = curve_id
    return f"{owner.name} {path} {index}"


def _digest(fcurve: Any, bounds: Interval) -> str:
    return hashlib.sha256(key_bytes(told_keys(fcurve), bounds)).hexdigest()[:16]
