"""What F-curves were at a moment, so that they can be put back bit for bit."""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.errors import InputError
from .actions import ensure_fcurve, remove_fcurve
from .key_table import KeyTable, all_keys, is_within, merge_keys, set_all_keys, within

Place = tuple[str, int]
"""The data path and the index of an F-curve within its datablock."""

_TRAITS = ("extrapolation", "mute", "lock", "hide", "select", "color_mode", "auto_smoothing")
_LENGTH = struct.Struct("<I")
_PACKING = 1
_NOWHERE = (np.inf, -np.inf)


@dataclass(frozen=True, eq=False)
class CurveState:
    """One F-curve: its keys, None where there was none; its other settings and the name of its group."""

    keys: KeyTable | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""

    @classmethod
    def of(cls, fcurve: Any) -> "CurveState":
        """fcurve: None where there is none."""
        if fcurve is None:
            return cls()
        traits = {name: getattr(fcurve, name) for name in _TRAITS} | {"color": tuple(fcurve.color)}
        return cls(all_keys(fcurve), traits, fcurve.group.name if fcurve.group else "")

    def put_back(self, owner: Any, place: Place, fcurve: Any) -> None:
        """Make the F-curve of a datablock what it was; `fcurve` is what stands there now, None where there is none.

        A curve that is already as it was is not touched.
        """
        if self.keys is None:
            if fcurve is not None:
                remove_fcurve(owner, fcurve)
        elif not is_same(CurveState.of(fcurve), self):
            restored = fcurve or ensure_fcurve(owner, *place, self.group)
            for name, value in self.traits.items():  # before the keys: some of them place handles anew
                setattr(restored, name, value)
            set_all_keys(restored, self.keys)

    def put_back_within(self, owner: Any, place: Place, fcurve: Any, frames: tuple[float, float]) -> None:
        """Make one part of the curve what it was; keys elsewhere stay as they are now."""
        if fcurve is None:
            self.put_back(owner, place, fcurve)
            return
        table = all_keys(fcurve) if self.keys is None else self.keys
        merge_keys(fcurve, within(table, frames if self.keys is not None else _NOWHERE), frames)
        if not len(fcurve.keyframe_points):
            remove_fcurve(owner, fcurve)

    def under(self, now: "CurveState", frames: tuple[float, float]) -> "CurveState":
        """What `put_back_within` would leave of the curve that is now."""
        if now.keys is None:
            return self
        elsewhere = ~is_within(now.keys["co"][:, 0], frames)
        keys = {name: column[elsewhere] for name, column in now.keys.items()}
        if self.keys is not None:
            mine = within(self.keys, frames)
            order = np.argsort(np.concatenate([keys["co"][:, 0], mine["co"][:, 0]]), kind="stable")
            keys = {name: np.concatenate([column, mine[name]])[order] for name, column in keys.items()}
        return CurveState(keys if len(keys["co"]) else None, now.traits, now.group)


def is_same(one: CurveState, other: CurveState) -> bool:
    """Whether two states are alike in every bit of every key, and in all settings."""
    if one.keys is None or other.keys is None:
        return one.keys is other.keys
    alike = all(np.array_equal(column, other.keys[name]) for name, column in one.keys.items())
    return alike and one.traits == other.traits and one.group == other.group


def pack_states(states: Iterable[CurveState]) -> bytes:
    """As few bytes; columns that hold one number only take one."""
    told, columns = [], []
    for state in states:
        table = state.keys
        kept = {name: column[:1] if _is_one(column) else column for name, column in (table or {}).items()}
        count = None if table is None else len(table["co"])
        layout = [(name, column.dtype.str, column.shape) for name, column in kept.items()]
        told.append((count, dict(state.traits), state.group, layout))
        columns += [np.ascontiguousarray(column).tobytes() for column in kept.values()]
    head = json.dumps(told).encode()
    return zlib.compress(b"".join([_LENGTH.pack(len(head)), head, *columns]), _PACKING)


def unpack_states(packed: bytes) -> list[CurveState]:
    """Read what `pack_states` wrote; raise InputError where it is damaged."""
    try:
        plain = zlib.decompress(packed)
        (length,) = _LENGTH.unpack_from(plain)
        place, states = _LENGTH.size + length, []
        for count, traits, group, layout in json.loads(plain[_LENGTH.size : place]):
            table: KeyTable = {}
            for name, kind, shape in layout:
                column = np.frombuffer(plain, kind, int(np.prod(shape)), place).reshape(shape)
                place += column.nbytes
                table[name] = np.repeat(column, count, axis=0) if len(column) == 1 != count else column
            settings = {name: tuple(value) if isinstance(value, list) else value for name, value in traits.items()}
            states.append(CurveState(None if count is None else table, settings, group))
    except (zlib.error, struct.error, ValueError, TypeError) as fault:
        raise InputError(
            "What stood here before the take was written cannot be read any more.", "Use Undo, or a backup of the file."
        ) from fault
    return states


def _is_one(column: Any) -> bool:
    return bool(len(column) and (column == column[0]).all())
