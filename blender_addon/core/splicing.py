"""Parts of one performance in the place of parts of another: a single beat anew, or all from a moment on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .anatomy import mended
from .channels import CHANNELS, INDEX
from .errors import InputError
from .performance import Keyframe, Performance, Role

Interval = tuple[float, float]

_HAND_OVER = 0.3
"""Seconds in which a channel goes from what one performance holds to what the other does."""
_STILL = 0.012
"""A smaller change of a channel is none to the eye."""


@dataclass(frozen=True)
class Splice:
    """Two performances joined.

    old: what it was before. played: from when to when, in seconds, it is played anew.
    """

    old: Performance
    performance: Performance
    played: Interval

    @property
    def changed(self) -> dict[str, Interval]:
        """For each channel that differs or was played anew, from its first to its last such key."""
        before, after = _keys(self.old), _keys(self.performance)
        changed: dict[str, Interval] = {}
        for name in CHANNELS:
            keys = before.get(name, {}), after.get(name, {})
            times = [t for t in keys[0].keys() | keys[1].keys() if keys[0].get(t) != keys[1].get(t)]
            times += [t for own in keys for t in own if self.played[0] <= t < self.played[1]]
            if times:
                changed[name] = min(times), max(times)
        return changed


def beat_spans(performance: Performance) -> tuple[Interval, ...]:
    """From when to when each beat plays: from where its movement sets off to where the next one's does."""
    starts: list[float] = []
    for index, beat in enumerate(performance.beats):
        before = performance.beats[index - 1] if index else None
        earliest = before.time if before else 0.0
        own = [k.time for k in performance.keyframes if _prepares(k, beat) and k.time > earliest]
        rest = earliest + before.hold if before else 0.0
        start = min(own, default=beat.time if beat.source and before is None else rest)
        starts.append(max(min(start, beat.time), starts[-1] if starts else 0.0))
    ends = [*starts[1:], performance.duration]
    return tuple(zip(starts, ends, strict=True)) if starts else ()


def _prepares(keyframe: Keyframe, beat: Keyframe) -> bool:
    return beat.source is not None and keyframe.source == beat.source and keyframe.time <= beat.time


def replace_beat(old: Performance, new: Performance, index: int) -> Splice:
    """The old performance with one of its beats as the new one plays it, in the old one's time.

    What the beat leaves held differently is held so until the channel next moves. Raises InputError where
    the new performance has no such beat.
    """
    counterpart = _counterpart(old, new, index)
    (start, end), (from_start, from_end) = beat_spans(old)[index], beat_spans(new)[counterpart]
    pace = (end - start) / (from_end - from_start) if from_end > from_start else 0.0
    inside = [
        replace(k, time=start + (k.time - from_start) * pace, hold=k.hold * pace)
        for k in new.keyframes
        if from_start <= k.time < from_end
    ]
    before = [k for k in old.keyframes if k.time < start]
    after = [k for k in old.keyframes if k.time >= end]
    told = _held_on(after, _values(old, end), _values(new, from_end), _set_by(inside))
    return _joined(old, [*before, *inside, *told], old.duration, (start, end))


def continue_from(old: Performance, new: Performance, time: float) -> Splice:
    """The old performance up to its first beat that sets off at `time` or later, the new one from there on.

    Raises InputError where nothing of the old performance begins so late.
    """
    spans = beat_spans(old)
    index = next((number for number, (start, _) in enumerate(spans) if start >= time), None)
    if index is None:
        raise InputError("No beat begins after this moment.", "Move the playhead back, before the beats to play anew.")
    if index == 0:
        return _joined(old, new.keyframes, new.duration, (0.0, old.duration))
    start, from_start = spans[index][0], _start_in(new, old, index)
    shift = start - from_start
    later = [replace(k, time=k.time + shift) for k in new.keyframes if k.time >= from_start]
    before = [_cut(k, start) for k in old.keyframes if k.time < start]
    handing = _handing_over(_values(old, start), new, start, from_start)
    keyframes = _merged([*before, *handing, *later])
    duration = max(new.duration + shift, *(k.time + k.hold for k in keyframes))
    joined = _joined(old, keyframes, duration, (start, max(old.duration, duration)))
    return replace(joined, performance=replace(joined.performance, not_understood=new.not_understood, notes=new.notes))


def until(performance: Performance, time: float) -> Performance:
    """What is played before a moment."""
    keyframes = tuple(_cut(k, time) for k in performance.keyframes if k.time < time)
    return replace(performance, keyframes=keyframes, duration=min(performance.duration, max(time, 0.0)))


def _cut(keyframe: Keyframe, time: float) -> Keyframe:
    return replace(keyframe, hold=min(keyframe.hold, max(time - keyframe.time, 0.0)))


def _counterpart(old: Performance, new: Performance, index: int) -> int:
    """The beat of the new performance that plays the same words."""
    words = old.beats[index].source
    same = [number for number, beat in enumerate(new.beats) if words is not None and beat.source == words]
    if same:
        earlier = sum(beat.source == words for beat in old.beats[:index])
        return same[min(earlier, len(same) - 1)]
    if len(new.beats) == len(old.beats):
        return index
    raise InputError(
        "The new variation has no beat for these words.", "Perform the script again from the beat on instead."
    )


def _start_in(new: Performance, old: Performance, index: int) -> float:
    """When the new performance begins what the old one's beat plays."""
    try:
        return beat_spans(new)[_counterpart(old, new, index)][0]
    except InputError:  # the words after the playhead were rewritten: what now follows as many beats is meant
        spans = beat_spans(new)
        return spans[index][0] if index < len(spans) else new.duration


def _values(performance: Performance, time: float) -> dict[str, float]:
    """What the channels that the performance sets show at a moment, on the straight line between keys."""
    row = performance.sampled(np.array([time]))[0]
    set_by = _set_by(performance.keyframes)
    return {name: float(row[INDEX[name]]) for name in CHANNELS if name in set_by}


def _set_by(keyframes: Iterable[Keyframe]) -> set[str]:
    return {name for keyframe in keyframes for name in keyframe.channels}


def _held_on(
    keyframes: Iterable[Keyframe], old: Mapping[str, float], new: Mapping[str, float], replayed: set[str]
) -> list[Keyframe]:
    """Later keyframes, with the new value wherever a channel still stands where the old beat left it."""
    waiting = {name for name in old.keys() | new.keys() if abs(old.get(name, 0.0) - new.get(name, 0.0)) > _STILL}
    waiting &= replayed | old.keys()
    told: list[Keyframe] = []
    for keyframe in keyframes:
        channels = dict(keyframe.channels)
        for name in waiting & channels.keys():
            if abs(channels[name] - old.get(name, 0.0)) <= _STILL:
                channels[name] = new.get(name, 0.0)
            else:
                waiting.discard(name)
        told.append(replace(keyframe, channels=channels))
    return told


def _handing_over(held: Mapping[str, float], new: Performance, start: float, from_start: float) -> list[Keyframe]:
    """Two keyframes that take every channel from what is held to what the new performance shows shortly after."""
    wanted = _values(new, from_start)
    differing = [n for n in CHANNELS if abs(held.get(n, 0.0) - wanted.get(n, 0.0)) > _STILL]
    if not differing:
        return []
    soon = _values(new, from_start + _HAND_OVER)
    first = {name: held.get(name, 0.0) for name in differing}
    then = {name: soon.get(name, 0.0) for name in differing}
    words = "on the way from what was there"
    return [
        Keyframe(start, first, words, role=Role.PASSING),
        Keyframe(start + _HAND_OVER, then, words, role=Role.PASSING),
    ]


def _merged(keyframes: Iterable[Keyframe]) -> tuple[Keyframe, ...]:
    """In order of time; of keyframes at one time, the channels together and the words of the beat."""
    by_time: dict[float, Keyframe] = {}
    for keyframe in keyframes:
        moment = round(keyframe.time, 4)
        known = by_time.get(moment)
        if known is None:
            by_time[moment] = keyframe
            continue
        teller = keyframe if known.role is not Role.BEAT else known
        by_time[moment] = replace(teller, time=known.time, channels={**keyframe.channels, **known.channels})
    return tuple(by_time[moment] for moment in sorted(by_time))


def _joined(old: Performance, keyframes: Iterable[Keyframe], duration: float, played: Interval) -> Splice:
    merged = _merged(keyframes)
    duration = max(duration, *(k.time + k.hold for k in merged)) if merged else duration
    performance = mended(replace(old, keyframes=merged, duration=duration))
    return Splice(old, performance, played)


def _keys(performance: Performance) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = {}
    for keyframe in performance.keyframes:
        for name, value in keyframe.channels.items():
            found.setdefault(name, {})[round(keyframe.time, 4)] = round(value, 5)
            if keyframe.hold:
                found[name][round(keyframe.time + keyframe.hold, 4)] = round(value, 5)
    return found
