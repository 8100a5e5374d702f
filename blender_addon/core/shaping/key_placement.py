"""Where keys go: from one key on, the next one as far away as a cubic can follow the samples."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .spans import Signals, error_of_free_handles

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_ALWAYS_FITS = 3
"""A cubic goes through any two samples between its ends."""
_FIRST_TRIAL = 8
_SAMPLES_LOOKED_AT = 24
"""Of each span: where keys go is a good guess only, which `aligned_spline` then proves or mends."""


def place_keys(signals: Signals, start: Places, stop: Places, error: Array) -> tuple[Places, Places]:
    """Split lanes into as few spans as one cubic each can follow.

    start, stop: first and last sample of each lane; both get keys. error: how far the curve may be off in
    each lane. Returns the lane of every key and its sample, lane by lane, in order of time.

    All lanes advance together, each by one trial a round: the length that fitted last, then twice as much
    or half the way back, until the longest that fits is known to an eighth.
    """
    lane = np.arange(len(start))
    search = _Search.begun(lane, start, stop, np.full(len(lane), _FIRST_TRIAL))
    lanes, keys = [lane], [start]
    while len(search.lane):
        distance = error_of_free_handles(signals, search.key, search.key + search.trial, most=_SAMPLES_LOOKED_AT)
        search = search.narrowed(distance <= error[search.lane])
        found = search.is_decided()
        lanes.append(search.lane[found])
        keys.append((search.key + search.fits)[found])
        search = search.advanced(found)
    all_lanes, all_keys = np.concatenate(lanes), np.concatenate(keys)
    order = np.lexsort((all_keys, all_lanes))
    return all_lanes[order], all_keys[order]


@dataclass(frozen=True, eq=False)
class _Search:
    """The lanes that have not come to their end, and for each what is known of its next span.

    key: the last key. fits, too_long: the longest length known to fit and the shortest known not to.
    trial: the length to try next.
    """

    lane: Places
    key: Places
    stop: Places
    fits: Places
    too_long: Places
    trial: Places

    @classmethod
    def begun(cls, lane: Places, key: Places, stop: Places, guess: Places) -> Self:
        """guess: the length to try first."""
        left = stop - key
        fits = np.minimum(_ALWAYS_FITS, left)
        return cls(lane, key, stop, fits, left + 1, np.clip(guess, fits, left))

    def narrowed(self, good: NDArray[np.bool_]) -> "_Search":
        """Take in which trials fitted."""
        fits = np.where(good, self.trial, self.fits)
        too_long = np.where(good, self.too_long, self.trial)
        left = self.stop - self.key
        trial = np.where(too_long > left, np.minimum(2 * fits, left), (fits + too_long) // 2)
        return _Search(self.lane, self.key, self.stop, fits, too_long, trial)

    def is_decided(self) -> NDArray[np.bool_]:
        """Where the length is known well enough."""
        ends = self.fits == self.stop - self.key
        return np.asarray(ends | (self.too_long - self.fits <= np.maximum(1, self.fits // 8)))

    def advanced(self, found: NDArray[np.bool_]) -> "_Search":
        """Begin the next span of the lanes that got a key; leave out those that are at their end."""
        key = np.where(found, self.key + self.fits, self.key)
        fresh = _Search.begun(self.lane, key, self.stop, self.fits)
        going = key < self.stop
        return _Search(
            self.lane[going],
            key[going],
            self.stop[going],
            *(
                np.where(found, new, old)[going]
                for new, old in (
                    (fresh.fits, self.fits),
                    (fresh.too_long, self.too_long),
                    (fresh.trial, self.trial),
                )
            ),
        )
