"""What happens in a take and when: the acts and lines that its script tells, and blinks."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from .channels import ANGLES
from .performance import Keyframe, Performance, Role
from .shaping.edits.blinks import blinks_in
from .take import Take
from .track import FaceTrack
from .wire import Happening, HappeningKind

_SHOWS, _TURNS = 0.12, 0.04
"""Of a shape, and in radians: less does not tell when an act begins and ends."""
_LEAD = 1.0
"""Seconds before an act is at its fullest in which it sets off; a key before that belongs to what was there."""
_SETS_OFF = 0.3
"""Seconds that it takes where no key tells."""
_TIMES = re.compile(r", (\d+) times\b")
_QUOTED = re.compile('["“«](.+?)["”»]?$', re.DOTALL)
_TAKE_BREATH = 0.3
"""Seconds between the marker of a line and its first mouth shape, at most."""


def happenings_of(take: Take) -> tuple[Happening, ...]:
    """The acts and lines of a script's take in order of time, as they are seen; empty for any other take."""
    if not isinstance(take.raw, Performance):
        return ()
    found = [*_acts(take.raw, take.words), *_lines(take.raw, take.words)]
    return tuple(sorted((_seen(one, take) for one in found), key=lambda one: (one.start, one.end)))


def blinks_of(motion: FaceTrack, speed: float) -> tuple[Happening, ...]:
    """The blinks of both eyes. motion: at plain speed."""
    times = motion.times / speed
    found = blinks_in(motion.times, motion.values.astype(np.float64))
    return tuple(
        Happening(HappeningKind.BLINK, "blink", "a blink", float(times[one.first]), float(times[one.last]))
        for one in found
    )


def _seen(one: Happening, take: Take) -> Happening:
    start, end = (float(second) for second in take.seconds_after([one.start, one.end]))
    return Happening(one.kind, one.words, one.does, start, end)


def _acts(performance: Performance, script: str) -> Iterator[Happening]:
    spoken = {keyframe.source for keyframe in performance.keyframes if keyframe.role is Role.SPEECH}
    for beat in performance.beats:
        if beat.source is None or beat.source in spoken:
            continue
        own = {name: value for name, value in beat.channels.items() if abs(value) >= _least(name)}
        if not own:
            continue
        start, end = _start(performance, beat, own), _end(performance, beat, own)
        count = int(match[1]) if (match := _TIMES.search(beat.description)) else 1
        edges = np.linspace(start, end, count + 1)
        for first, last in pairwise(edges.tolist()):
            yield Happening(HappeningKind.ACT, script[slice(*beat.source)], beat.description, first, last)


def _least(name: str) -> float:
    return _TURNS if name in ANGLES else _SHOWS


def _start(performance: Performance, beat: Keyframe, own: dict[str, float]) -> float:
    """Where the first of its channels sets off."""
    last: dict[str, float] = {}
    for keyframe in performance.keyframes:
        if keyframe.time >= beat.time:
            break
        last |= {name: keyframe.time + keyframe.hold for name in keyframe.channels if name in own}
    near = [time for time in last.values() if beat.time - time <= _LEAD]
    return min(near, default=max(beat.time - _SETS_OFF, 0.0))


def _end(performance: Performance, beat: Keyframe, own: dict[str, float]) -> float:
    """Where it comes to rest by itself, as a nod does; of a look that stays, where all of it has been let go."""
    later = [key for key in performance.keyframes if key.time > beat.time]
    mine = {name: [key for key in later if name in key.channels and key.source == beat.source] for name in own}
    by_itself = [keys[-1].time for name, keys in mine.items() if keys and _is_gone(keys[-1], name, own[name])]
    if by_itself:
        return max(by_itself)
    return max(_let_go(later, name, value, performance.duration) for name, value in own.items())


def _let_go(later: Sequence[Keyframe], name: str, value: float, otherwise: float) -> float:
    return next((key.time for key in later if name in key.channels and _is_gone(key, name, value)), otherwise)


def _is_gone(keyframe: Keyframe, name: str, value: float) -> bool:
    return abs(keyframe.channels[name]) < 0.5 * abs(value)


def _lines(performance: Performance, script: str) -> Iterator[Happening]:
    spoken: dict[tuple[int, int], list[float]] = {}
    for keyframe in performance.keyframes:
        if keyframe.role is Role.SPEECH and keyframe.source is not None:
            spoken.setdefault(keyframe.source, []).append(keyframe.time)
    for source, times in spoken.items():
        begins = [beat.time for beat in performance.beats if beat.source == source and beat.time <= times[0]]
        start = min((time for time in begins if times[0] - time <= _TAKE_BREATH), default=times[0])
        text = script[slice(*source)]
        quoted = _QUOTED.search(text)
        words = quoted[1] if quoted else text
        yield Happening(HappeningKind.LINE, words, f"says {text}", start, max(times[-1], start))
