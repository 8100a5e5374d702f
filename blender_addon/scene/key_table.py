"""The keys of an F-curve as arrays, read and written in bulk.

`keyframe_insert` takes time that grows with the square of the number of keys (two seconds for one
channel of 10,000 frames), `foreach_set` a few milliseconds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.curves import Curve, Interpolation

KeyTable = dict[str, NDArray[Any]]
"""Attributes of keys by name, a row for each key; what is not there is as Blender sets it in a new key."""

SAME_FRAME = 0.01
"""Keys nearer than this many frames are one key; Blender's own threshold (BEZT_BINARYSEARCH_THRESH)."""

_INTERPOLATION = {Interpolation.CONSTANT: 0, Interpolation.LINEAR: 1, Interpolation.BEZIER: 2}
_FREE, _ALIGNED, _AUTO_CLAMPED = 0, 3, 4
_BEZIER = _INTERPOLATION[Interpolation.BEZIER]
_LEVEL = 1e-6
"""Sine of the angle between two handles, in frames and the property's units, that still are one line."""
_KEY_ATTRIBUTES: dict[str, tuple[type, int]] = {
    "co": (np.float32, 2),
    "handle_left": (np.float32, 2),
    "handle_right": (np.float32, 2),
    "handle_left_type": (np.int32, 1),
    "handle_right_type": (np.int32, 1),
    "interpolation": (np.int32, 1),
    "easing": (np.int32, 1),
    "type": (np.int32, 1),
    "back": (np.float32, 1),
    "amplitude": (np.float32, 1),
    "period": (np.float32, 1),
    "select_control_point": (np.bool_, 1),
    "select_left_handle": (np.bool_, 1),
    "select_right_handle": (np.bool_, 1),
}
"""Everything a key holds, as numpy type and width; the numbers of enums are Blender's (4.2 to 5.2)."""


def key_table(curve: Curve, frame_start: float, fps: float) -> KeyTable:
    """The keys of a curve as Blender holds them, in frames.

    Handles on one line through their key are aligned, as an animator would have them: turning one turns
    the other. Handles that make a corner are free.
    """
    count = len(curve.times)
    co = np.empty((count, 2))
    co[:, 0], co[:, 1] = frame_start + curve.times * fps, curve.values
    table: KeyTable = {"co": co.astype(np.float32)}
    handle_types = np.full(count, _AUTO_CLAMPED, dtype=np.int32)
    if curve.handles is not None:
        handles = curve.handles * (fps, 1.0) + (frame_start, 0.0)
        table["handle_left"] = handles[:, 0].astype(np.float32)
        table["handle_right"] = handles[:, 1].astype(np.float32)
        handle_types = np.where(_on_a_line(co, handles), _ALIGNED, _FREE).astype(np.int32)
    table["handle_left_type"] = table["handle_right_type"] = handle_types
    table["interpolation"] = np.full(count, _INTERPOLATION[curve.interpolation], dtype=np.int32)
    return table


def _on_a_line(co: NDArray[np.float64], handles: NDArray[np.float64]) -> NDArray[np.bool_]:
    arriving, leaving = co - handles[:, 0], handles[:, 1] - co
    lengths = np.hypot(*arriving.T) * np.hypot(*leaving.T)
    bent = np.abs(arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0])
    return np.asarray((lengths > 1e-9) & (bent <= _LEVEL * lengths))


def within(table: KeyTable, frames: tuple[float, float]) -> KeyTable:
    """Only the keys from one frame to another, both included."""
    inside = is_within(table["co"][:, 0], frames)
    if inside.all():
        return dict(table)
    return {name: column[inside] for name, column in table.items()}


def is_within(frames: NDArray[Any], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    """For each frame, whether it lies between two, both included."""
    return np.asarray((frames >= bounds[0] - SAME_FRAME) & (frames <= bounds[1] + SAME_FRAME))


def with_key_before(table: KeyTable, frame: float, value: float) -> KeyTable:
    """One more key in front, with automatic handles."""
    front = key_table(Curve([0.0], [value]), frame, 1.0)
    if "handle_left" in table:
        front |= {"handle_left": front["co"], "handle_right": front["co"]}
    return {name: np.concatenate([front[name], column]) for name, column in table.items()}


def merge_keys(fcurve: Any, new: KeyTable, clear: tuple[float, float] | None = None) -> None:
    """Put keys into an F-curve: those on a frame of a new one or in `clear` are replaced, all others stay as they are.

    clear: first and last frame within which no old key stays.
    """
    points = fcurve.keyframe_points
    keep = ~in_the_way(frames_of(fcurve), new, clear)
    table = new
    if keep.any():
        old = all_keys(fcurve)
        order = np.argsort(np.concatenate([old["co"][keep, 0], new["co"][:, 0]]), kind="stable")
        full = _complete(new)
        table = {
            name: np.concatenate([old[name][keep], full[name]])[order]
            for name in _KEY_ATTRIBUTES
            if name in new or old[name].any() or name.startswith("select")  # all else begins as 0
        }
    else:
        points.clear()  # so that nothing of the old keys is left in the new ones
    _set(fcurve, table)


def all_keys(fcurve: Any) -> KeyTable:
    """Every key with everything that it holds."""
    return {name: _read(fcurve.keyframe_points, name) for name in _KEY_ATTRIBUTES}


def set_all_keys(fcurve: Any, table: KeyTable) -> None:
    """Give an F-curve the keys of `all_keys` and no others, bit for bit."""
    _set(fcurve, table)
    for side in ("handle_left", "handle_right"):  # `FCurve.update` may have placed automatic ones a bit aside
        fcurve.keyframe_points.foreach_set(side, table[side].ravel())


def _set(fcurve: Any, table: KeyTable) -> None:
    points = fcurve.keyframe_points
    _resize(points, len(table["co"]))
    for name, values in table.items():
        points.foreach_set(name, np.ascontiguousarray(values).ravel())
    fcurve.update()


def in_the_way(frames: NDArray[Any], new: KeyTable, clear: tuple[float, float] | None) -> NDArray[np.bool_]:
    """For each frame of an old key, whether `merge_keys` would take it away."""
    cleared = is_within(frames, clear) if clear else np.zeros(len(frames), dtype=bool)
    return cleared | _is_near(frames, new["co"][:, 0])


def frames_of(fcurve: Any) -> NDArray[Any]:
    """The frames of all keys, rising; shape (K,)."""
    return np.asarray(_read(fcurve.keyframe_points, "co")[:, 0])


def told_keys(fcurve: Any) -> KeyTable:
    """What an animator can have changed of the keys: place, value, handles, kind."""
    told = ("co", "handle_left", "handle_right", "handle_left_type", "handle_right_type", "interpolation", "easing")
    return {name: _read(fcurve.keyframe_points, name) for name in told}


def key_bytes(told: KeyTable, frames: tuple[float, float]) -> bytes:
    """Those of the `told_keys` between two frames, as bytes; of handles only those of their own."""
    table = within(told, frames)
    automatic = table["handle_left_type"] == _AUTO_CLAMPED  # these move by themselves with their neighbours
    if automatic.any():
        for side in ("handle_left", "handle_right"):
            table[side] = np.where(automatic[:, np.newaxis], table["co"], table[side])
    return b"".join(np.ascontiguousarray(column).tobytes() for column in table.values())


def _is_near(frames: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """For each frame, whether one of the others (rising) is the same frame."""
    if not len(others):
        return np.zeros(len(frames), dtype=bool)
    place = np.searchsorted(others, frames)
    before = np.abs(frames - others[np.clip(place - 1, 0, len(others) - 1)])
    after = np.abs(frames - others[np.clip(place, 0, len(others) - 1)])
    return np.asarray(np.minimum(before, after) < SAME_FRAME)


def _read(points: Any, name: str) -> NDArray[Any]:
    kind, width = _KEY_ATTRIBUTES[name]
    flat: NDArray[Any] = np.empty(len(points) * width, dtype=kind)
    points.foreach_get(name, flat)
    return flat.reshape(-1, width) if width > 1 else flat


def _complete(table: KeyTable) -> KeyTable:
    """A table with every attribute, those that it does not set as Blender sets them in a new key."""
    count = len(table["co"])
    full: KeyTable = {
        name: np.full((count, width) if width > 1 else count, name.startswith("select"), dtype=kind)
        for name, (kind, width) in _KEY_ATTRIBUTES.items()
    }
    full["handle_left"] = full["handle_right"] = table["co"]  # `FCurve.update` places automatic handles
    full["interpolation"][:] = _BEZIER
    return full | table


def _resize(points: Any, count: int) -> None:
    if len(points) > count:  # removing key by key takes time with the square of their number
        points.clear()
    points.add(count - len(points))
