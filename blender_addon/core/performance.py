"""A performance: described keyframes, each setting only the channels that move there.

Engines write it from a script; an animator reads its words and re-times it. It is sparse: a channel
has a value where a keyframe names it, moves from one of its keys to the next, and rests before its
first and after its last key. A channel that is never named is left alone.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .channels import CHANNEL_COUNT, CHANNELS, INDEX
from .curves import Curve, Curves

DEFAULT_EASE = 0.35
"""Handle length as a share of the gap to the neighbouring key; a third is a plain cubic ease."""


class Role(Enum):
    """Why a keyframe is there. Only a BEAT earns a marker on the timeline."""

    BEAT = "beat"
    """A described moment of the script, at its fullest, or where a spoken line begins."""
    PASSING = "passing"
    """Where a movement sets off, or a part of it arrives ahead of or behind the rest."""
    SPEECH = "speech"
    """A mouth shape of spoken words."""
    LIFE = "life"
    """A blink or a shift of the gaze that the script did not ask for."""


@dataclass(frozen=True)
class Keyframe:
    """One moment of a performance.

    time: seconds from the start.
    channels: the channels set here, by name: 0..1, angles in radians.
    description: what the face does, in words.
    ease_in, ease_out: 0..1, how softly the channels arrive here and leave; 0 is a straight line.
    hold: seconds for which the channels stay before they may move on.
    source: first and one-past-last character of the words in the script that caused it.
    """

    time: float
    channels: Mapping[str, float]
    description: str = ""
    ease_in: float = DEFAULT_EASE
    ease_out: float = DEFAULT_EASE
    hold: float = 0.0
    source: tuple[int, int] | None = None
    role: Role = Role.BEAT

    def __post_init__(self) -> None:
        if not self.channels.keys() <= INDEX.keys():
            unknown = [name for name in self.channels if name not in INDEX]
            raise ValueError(f"not a channel: {', '.join(unknown)}")
        numbers = (self.time, self.hold, self.ease_in, self.ease_out, *self.channels.values())
        if not all(map(isfinite, numbers)):
            raise ValueError("a keyframe holds finite numbers only")
        if self.time < 0 or self.hold < 0:
            raise ValueError("the time and the hold of a keyframe are not negative")
        if not (0 <= self.ease_in <= 1 and 0 <= self.ease_out <= 1):
            raise ValueError("the easing of a keyframe lies between 0 and 1")


@dataclass(frozen=True)
class Performance:
    """Keyframes in order of time.

    duration: seconds; at least the time of the last keyframe and its hold.
    not_understood: the clauses of the script that no keyframe answers, in the script's own words.
    notes: what else the writer of the script should know, a sentence each.
    """

    keyframes: tuple[Keyframe, ...]
    duration: float
    not_understood: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        times = [keyframe.time for keyframe in self.keyframes]
        if any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError("the times of a performance rise from keyframe to keyframe")
        if not np.isfinite(self.duration) or self.duration < max((k.time + k.hold for k in self.keyframes), default=0):
            raise ValueError("a performance lasts at least until its last keyframe has been held")

    @property
    def beats(self) -> tuple[Keyframe, ...]:
        """The described moments, in order: what becomes timeline markers."""
        return tuple(keyframe for keyframe in self.keyframes if keyframe.role is Role.BEAT)

    def key_count(self) -> int:
        """How many keys all channels have together; a hold is a second key."""
        return sum(len(keys) for keys in self._keys(0.0).values())

    def to_curves(self, *, start: float = 0.0) -> Curves:
        """Keys with handles; the performance begins `start` seconds into the scene."""
        keys = self._keys(start)
        return Curves({name: _eased_curve(keys[name]) for name in CHANNELS if name in keys})

    def sampled(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The straight-line values of all channels at `times`, shape (T, 61); 0 where nothing is keyed."""
        table = np.zeros((len(times), CHANNEL_COUNT))
        for name, keys in self._keys(0.0).items():
            table[:, INDEX[name]] = np.interp(times, [key.time for key in keys], [key.value for key in keys])
        return table

    def _keys(self, start: float) -> dict[str, list["_Key"]]:
        """The keys of each channel in order; a hold lasts at most until the channel's next keyframe."""
        found: dict[str, list[_Key]] = {}
        for keyframe in self.keyframes:
            for name, value in keyframe.channels.items():
                keys = found.setdefault(name, [])
                while keys and keys[-1].time > start + keyframe.time - _INSTANT:
                    keys.pop()
                key = _Key(start + keyframe.time, value, keyframe.ease_in, keyframe.ease_out)
                keys.append(key)
                if keyframe.hold:
                    keys.append(key._replace(time=key.time + keyframe.hold))
        return found


_INSTANT = 1e-6
"""Seconds; keys nearer than this are one."""


class _Key(NamedTuple):
    time: float
    value: float
    ease_in: float
    ease_out: float


def _eased_curve(keys: list[_Key]) -> Curve:
    """Bezier keys whose handles follow a slope that never overshoots.

    At a turning point or a plateau the slope is 0, so that the face comes to rest; on the way through
    it is the harmonic mean of the slopes on both sides, which keeps a cubic monotone (F. N. Fritsch
    and J. Butland, SIAM J. Sci. Stat. Comput. 5, 1984). A handle ends within the values of its two
    keys, so that no easing can leave the range of a channel.
    """
    times = np.array([key.time for key in keys])
    values = np.array([key.value for key in keys])
    gaps = np.diff(times)
    slopes = _monotone_slopes(gaps, np.diff(values))
    handles = np.empty((len(keys), 2, 2))
    for index, key in enumerate(keys):
        before = gaps[index - 1] if index else (gaps[index] if len(gaps) else 1.0)
        after = gaps[index] if index < len(gaps) else before
        for side, reach in enumerate((-before * key.ease_in, after * key.ease_out)):
            neighbour = values[min(max(index + (-1, 1)[side], 0), len(keys) - 1)]
            low, high = sorted((key.value, neighbour))
            handles[index, side] = key.time + reach, np.clip(key.value + slopes[index] * reach, low, high)
    return Curve(times, values, handles=handles)


def _monotone_slopes(gaps: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    slopes = np.zeros(len(gaps) + 1)
    if len(gaps) < 2:
        return slopes
    secants = steps / gaps
    left, right = secants[:-1], secants[1:]
    same_way = left * right > 0
    slopes[1:-1][same_way] = 2 * left[same_way] * right[same_way] / (left[same_way] + right[same_way])
    return slopes


def without_still_channels(keyframes: tuple[Keyframe, ...], *, tolerance: float = 0.004) -> tuple[Keyframe, ...]:
    """The keyframes without channels that never leave 0, and without keyframes that set nothing."""
    moving = {name for keyframe in keyframes for name, value in keyframe.channels.items() if abs(value) > tolerance}
    return tuple(_of_channels(keyframe, moving) for keyframe in keyframes if not moving.isdisjoint(keyframe.channels))


def _of_channels(keyframe: Keyframe, wanted: Set[str]) -> Keyframe:
    if keyframe.channels.keys() <= wanted:
        return keyframe
    return replace(keyframe, channels={name: value for name, value in keyframe.channels.items() if name in wanted})
