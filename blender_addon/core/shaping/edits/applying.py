"""Makes edits on a track, one after the other."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...track import FaceTrack
from . import kinds, timing, values
from .blinks import with_blinks
from .closings import with_closings
from .kinds import Edit, Span, WordEdit

Array = NDArray[np.float64]

_NO_MOMENTS: Array = np.empty(0)


def edited(track: FaceTrack, edits: Iterable[Edit], moments: Array = _NO_MOMENTS) -> tuple[FaceTrack, Array]:
    """The track with the edits made, and where some of its moments (seconds) are afterwards."""
    for edit in edits:
        if not len(track.times) or (len(track.times) == 1 and isinstance(edit, kinds.IN_TIME)):
            continue
        before = track.times
        track, moved = _made(track, edit)
        if isinstance(edit, kinds.Pause) and len(before) and moved[-1] == before[-1]:
            step = before[-1] - before[-2]
            moments = np.where(moments > before[-1] - step, moments + edit.seconds, moments)
        else:
            moments = _moved(moments, before, moved)
    return track, moments


def edits_of(words: Iterable[WordEdit]) -> tuple[Edit, ...]:
    """The edits of all orders, in order."""
    return tuple(edit for one in words for edit in one.edits)


def later_by(edits: Iterable[Edit], seconds: float) -> tuple[Edit, ...]:
    """The same edits for a track whose clock is ahead by so much."""
    return tuple(_later(edit, seconds) for edit in edits)


def _made(track: FaceTrack, edit: Edit) -> timing.Retimed:
    match edit:
        case kinds.Pause():
            return timing.paused(track, edit)
        case kinds.Retime():
            return timing.retimed(track, edit)
        case kinds.Delay():
            return timing.delayed(track, edit)
        case kinds.Loop():
            return timing.looped(track, edit)
        case kinds.Reverse():
            return timing.reversed_in_time(track)
        case _:
            before = track.values.astype(np.float64)
            after = values.possible(before, _CHANGES[type(edit)](track.times, before, edit))
            return FaceTrack(track.times, after, track.confidence), track.times


_CHANGES: Final[Mapping[type[Edit], Callable[[Array, Array, Any], Array]]] = {
    kinds.Scale: values.scaled,
    kinds.Add: values.added,
    kinds.Slide: values.slid,
    kinds.Lean: values.leant,
    kinds.Limit: values.limited,
    kinds.Freeze: values.frozen,
    kinds.Blinks: with_blinks,
    kinds.Closings: with_closings,
    kinds.Gesture: values.gestured,
    kinds.Smooth: values.smoothed,
    kinds.Mirror: values.mirrored,
    kinds.Even: values.evened,
}
"""What makes the edits that leave the moments where they are, from times and values."""


def _moved(moments: Array, before: Array, after: Array) -> Array:
    if not len(moments) or before is after:
        return moments
    order = np.argsort(before)
    inside = np.interp(moments, before[order], after[order])
    beyond = np.where(moments > before[-1], moments - before[-1], np.minimum(moments - before[0], 0.0))
    return np.asarray(inside + beyond)


def _later(edit: Edit, seconds: float) -> Edit:
    match edit:
        case kinds.Gesture():
            return replace(edit, at=edit.at + seconds)
        case kinds.Pause():
            return edit if edit.at is None else replace(edit, at=edit.at + seconds)
        case kinds.Delay() | kinds.Loop() | kinds.Reverse():
            return edit
        case _:
            return replace(edit, span=_later_span(edit.span, seconds))


def _later_span(span: Span, seconds: float) -> Span:
    return replace(
        span,
        start=None if span.start is None else span.start + seconds,
        end=None if span.end is None else span.end + seconds,
        apart=tuple(_later_span(spared, seconds) for spared in span.apart),
    )
