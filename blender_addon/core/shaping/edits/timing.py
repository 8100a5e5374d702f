"""Edits of when the face does what it does. Each gives a track and where moments of the old one are in it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...channels import CHANNEL_COUNT, INDEX
from ...track import FaceTrack
from ..loop import close_loop
from . import kinds
from .weights import NOT_OF_A_LOOK, blurred, weights

Array = NDArray[np.float64]

Retimed = tuple[FaceTrack, Array]
"""The track, and the new moment of each of its former ones."""

_SILENT: Final = kinds.Span(apart=(kinds.Span(speaking=True),))
_FINE: Final = 0.01
"""Seconds between the moments at which a change of speed is summed up."""


def paused(track: FaceTrack, edit: kinds.Pause) -> Retimed:
    """Time stands still; see `Pause`."""
    at = strongest_moment(track, edit.channels) if edit.at is None else edit.at
    at = float(np.clip(at, track.times[0], track.times[-1]))
    step = float(np.median(np.diff(track.times))) if len(track.times) > 1 else 0.04
    if at > track.times[-1] - step:
        at = float(track.times[-1])  # a performance may end between two of its samples
    later = track.times > at + 1e-9
    moved = np.where(later, track.times + edit.seconds, track.times)
    # The held pose stands at every moment in between, so that nothing swings there and confidence stays.
    between = at + np.arange(step, edit.seconds - 0.25 * step, step)
    here = _at(track, at)
    count = int((~later).sum())
    times = np.concatenate([moved[:count], between, [at + edit.seconds], moved[count:]])
    values = np.concatenate([track.values[:count], np.tile(here, (len(between) + 1, 1)), track.values[count:]])
    seen = float(track.confidence[max(count - 1, 0)])
    confidence = np.concatenate([track.confidence[:count], np.full(len(between) + 1, seen), track.confidence[count:]])
    rising = np.concatenate([[True], np.diff(times) > 1e-9])
    return FaceTrack(times[rising], values[rising], confidence[rising]), moved


def strongest_moment(track: FaceTrack, channels: tuple[str, ...]) -> float:
    """When some channels, or else the expression, are at their strongest; short twitches do not count.

    An expression is held with a mouth that does not speak, if there is any such moment.
    """
    names = channels or tuple(name for name in INDEX if not name.startswith(NOT_OF_A_LOOK))
    strength = np.abs(track.values[:, [INDEX[name] for name in names]]).sum(axis=1, keepdims=True).astype(np.float64)
    calm = blurred(track.times, strength, 0.1)[:, 0]
    if not channels:
        silent = weights(track.times, track.values.astype(np.float64), _SILENT)
        calm = np.where(silent > 0.5, calm, -1.0) if (silent > 0.5).any() else calm
    return float(track.times[int(calm.argmax())])


def _at(track: FaceTrack, moment: float) -> Array:
    return np.array([np.interp(moment, track.times, track.values[:, column]) for column in range(CHANNEL_COUNT)])


def retimed(track: FaceTrack, edit: kinds.Retime) -> Retimed:
    """Faster or slower; the speed changes smoothly at both ends of the span."""
    first, last = track.times[0], track.times[-1]
    count = max(int((last - first) / _FINE), 2)
    fine = np.linspace(first, last, count)
    nearest = np.clip(np.searchsorted(track.times, fine), 0, len(track.times) - 1)
    speed = 1.0 + (edit.factor - 1.0) * weights(fine, track.values[nearest].astype(np.float64), edit.span)
    pace = 1.0 / speed
    spent = np.concatenate([[0.0], np.cumsum(0.5 * (pace[1:] + pace[:-1]) * np.diff(fine))])
    moved = first + np.interp(track.times, fine, spent)
    return FaceTrack(moved, track.values, track.confidence), moved


def delayed(track: FaceTrack, edit: kinds.Delay) -> Retimed:
    """Some channels later; where all are, the whole take is."""
    if len(edit.channels) == CHANNEL_COUNT:
        moved = track.times + edit.seconds
        return FaceTrack(moved, track.values, track.confidence), moved
    values = track.values.copy()
    for name in edit.channels:
        values[:, INDEX[name]] = np.interp(track.times - edit.seconds, track.times, track.values[:, INDEX[name]])
    return FaceTrack(track.times, values, track.confidence), track.times


def looped(track: FaceTrack, edit: kinds.Loop) -> Retimed:
    """The end runs back into the beginning."""
    return close_loop(track, edit.blend), track.times


def reversed_in_time(track: FaceTrack) -> Retimed:
    """Backwards."""
    moved = track.times[0] + track.times[-1] - track.times
    return FaceTrack(moved[::-1], track.values[::-1], track.confidence[::-1]), moved
