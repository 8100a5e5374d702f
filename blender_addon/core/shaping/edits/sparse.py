"""Edits of a performance: what they change is sampled, edited and reduced again; all other keys stay as they are."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...channels import CHANNEL_COUNT, CHANNELS, INDEX, SHAPES
from ...curves import Curve, Curves, Interpolation
from ...framing import on_frames
from ...performance import Performance
from ...track import FaceTrack
from ..bezier import evaluate
from ..inset import with_part
from ..reduction import reduce_keys
from ..regions import REGION_OF
from ..retiming import on_frames as track_on_frames
from ..settings import Shaping
from ..sparse import shape_performance
from .applying import edited, edits_of

Array = NDArray[np.float64]

_STILL = 2e-3
"""A smaller difference between two neighbouring keys at an end is no movement."""
_SAME = 1e-4
"""A smaller difference is none."""


def plain_curves(performance: Performance, shaping: Shaping, frames_per_second: float) -> Curves:
    """The keys without any edits."""
    shaped = shape_performance(performance, shaping)
    return (on_frames(shaped, frames_per_second) if shaping.whole_frames else shaped).to_curves()


def performance_curves(performance: Performance, shaping: Shaping, frames_per_second: float) -> Curves:
    """The keys, in seconds; with edits, keys of changed channels stay where they were and others come as needed."""
    curves = plain_curves(performance, shaping, frames_per_second)
    if not shaping.edits:
        return curves
    before = sampled(curves, performance.duration / shaping.speed, frames_per_second)
    key_times = [curve.times for _, curve in curves]
    moments = np.unique(np.concatenate(key_times)) if key_times else np.empty(0)
    after, moved = _edited_at_speed(before, moments, shaping)
    after = track_on_frames(after, frames_per_second)
    places = dict(zip(moments.tolist(), moved.tolist(), strict=True))
    found: dict[str, Curve] = {}
    for index, name in enumerate(CHANNELS):
        own = curves.by_channel.get(name)
        if _is_same(before, after, index):
            found |= {name: own} if own is not None else {}
        elif REGION_OF[name] in shaping.regions:
            wanted = [places[time] for time in own.times.tolist()] if own is not None else []
            found[name] = _rekeyed(before, after, index, own, wanted, shaping)
    return Curves(found)


def performance_track(performance: Performance, shaping: Shaping, frames_per_second: float) -> FaceTrack:
    """The edited performance at each frame of the scene, at plain speed."""
    plain = replace(shaping, speed=1.0)
    curves = plain_curves(performance, plain, frames_per_second)
    return edited(sampled(curves, performance.duration, frames_per_second), edits_of(shaping.edits))[0]


def moments_after(performance: Performance, shaping: Shaping, moments: Array) -> Array:
    """Where seconds of a performance are at plain speed when its edits are made."""
    if not shaping.edits:
        return moments
    curves = plain_curves(performance, replace(shaping, speed=1.0), _FINE_RATE)
    return edited(sampled(curves, performance.duration, _FINE_RATE), edits_of(shaping.edits), moments)[1]


_FINE_RATE = 30.0
"""Samples a second that tell where the edits put a moment."""


def sampled(curves: Curves, duration: float, frames_per_second: float) -> FaceTrack:
    """Curves at each frame from 0 to the last one that is begun."""
    count = int(np.ceil(duration * frames_per_second - 1e-6)) + 1
    times = np.arange(count) / frames_per_second
    values = np.zeros((count, CHANNEL_COUNT))
    for name, curve in curves:
        values[:, INDEX[name]] = evaluate(curve, times)
    return FaceTrack(times, values, np.ones(count))


def _edited_at_speed(track: FaceTrack, moments: Array, shaping: Shaping) -> tuple[FaceTrack, Array]:
    """Edits count at plain speed, the track is at that of the shaping."""
    plain = FaceTrack(track.times * shaping.speed, track.values, track.confidence)
    found, moved = edited(plain, edits_of(shaping.edits), moments * shaping.speed)
    return FaceTrack(found.times / shaping.speed, found.values, found.confidence), moved / shaping.speed


def _is_same(before: FaceTrack, after: FaceTrack, index: int) -> bool:
    if len(before.times) != len(after.times) or abs(before.times[0] - after.times[0]) > 1e-6:
        return not before.values[:, index].any() and not after.values[:, index].any()
    return bool(np.abs(before.values[:, index] - after.values[:, index]).max(initial=0.0) < _SAME)


def _rekeyed(
    before: FaceTrack, after: FaceTrack, index: int, own: Curve | None, wanted: list[float], shaping: Shaping
) -> Curve:
    """New keys where the edits change a channel; elsewhere its curve is left exactly as it was."""
    stretch = _changed(before, after, index)
    part = FaceTrack(after.times[stretch], after.values[stretch], after.confidence[stretch])
    found, pinned = _keyed(part, index, wanted, shaping)
    if own is None or stretch == slice(None):
        return _without_still_ends(found, pinned)
    if len(found.times) == 1:
        found = _straight(part.times[[0, -1]], part.values[[0, -1], index].astype(np.float64))
    error = shaping.error if index < len(SHAPES) else shaping.angle_error
    return _without_still_ends(with_part(own, found, error), own.times)


def _changed(before: FaceTrack, after: FaceTrack, index: int) -> slice:
    """From the last moment before the edits change a channel to the first one after; all where moments move too."""
    if len(before.times) != len(after.times) or np.abs(before.times - after.times).max(initial=0.0) > 1e-6:
        return slice(None)
    differs = np.flatnonzero(np.abs(before.values[:, index] - after.values[:, index]) > 0)
    return slice(max(int(differs[0]) - 1, 0), min(int(differs[-1]) + 2, len(before.times)))


def _straight(times: Array, values: Array) -> Curve:
    """From one key to another, for what hardly moves in between."""
    third = np.column_stack([np.full(2, np.ptp(times) / 3), np.full(2, np.diff(values)[0] / 3)])
    keys = np.column_stack([times, values])
    return Curve(times, values, Interpolation.BEZIER, np.stack([keys - third, keys + third], axis=1))


def _keyed(track: FaceTrack, index: int, wanted: list[float], shaping: Shaping) -> tuple[Curve, Array]:
    """The curve, and the moments of the keys that it has to have."""
    error = shaping.error if index < len(SHAPES) else shaping.angle_error
    inside = [moment for moment in wanted if track.times[0] <= moment <= track.times[-1]]
    pinned = np.unique([int(np.abs(track.times - moment).argmin()) for moment in inside]).astype(np.intp)
    samples = track.values[:, [index]].astype(np.float64)
    return reduce_keys(track.times, samples, error, pinned=pinned)[0], track.times[pinned]


def _without_still_ends(curve: Curve, wanted: Array) -> Curve:
    """Without the keys at both ends that say only that nothing moves there."""
    first, last = 0, len(curve.times)
    while last - first > 1 and _is_idle(curve, first, first + 1, wanted):
        first += 1
    while last - first > 1 and _is_idle(curve, last - 1, last - 2, wanted):
        last -= 1
    handles = None if curve.handles is None else curve.handles[first:last]
    return Curve(curve.times[first:last], curve.values[first:last], curve.interpolation, handles)


def _is_idle(curve: Curve, place: int, neighbour: int, wanted: Array) -> bool:
    still = abs(curve.values[place] - curve.values[neighbour]) < _STILL
    return still and not np.isclose(wanted, curve.times[place]).any()
