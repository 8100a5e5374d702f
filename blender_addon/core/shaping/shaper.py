"""Shaping of one track again and again, while sliders are dragged: only what a change reaches is done anew."""

from copy import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNELS
from ..curves import Curve, Curves
from ..track import FaceTrack
from .pipeline import adjusted, not_at_rest, reducible, steadied
from .reduction import follow_samples, reduce_keys
from .settings import Shaping

Array = NDArray[np.float64]

Column = tuple[Array, float]
"""The shaped samples of a channel, and how far its curve may be from them."""

_NOTHING: tuple[object, ...] = ()


class Shaper:
    """Gives the curves of one track, as `shape` does, and keeps what it made on the way.

    - The steadied track stays while mirror, gaps and smoothing do.
    - The curve of a channel stays while its shaped samples and its error do: whoever turns up the mouth gets the
      curves of the brows as they were.
    """

    def __init__(self, track: FaceTrack) -> None:
        self.track = track
        self._steady, self._steady_for = track, _NOTHING
        self._dense, self._dense_for = track, _NOTHING
        self._times: Array = np.empty(0)
        self._samples: dict[str, Column] = {}
        self._reduced: dict[str, Curve] = {}
        self._pinned: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def fork(self) -> Self:
        """One that has made the same and goes on by itself, as on another thread; no array is ever changed in place."""
        other = copy(self)
        other._samples, other._reduced = dict(self._samples), dict(self._reduced)
        return other

    def dense(self, shaping: Shaping, frames_per_second: float) -> FaceTrack:
        """The shaped track before key reduction: what a preview shows."""
        first = self._first_of(shaping)
        if first != self._steady_for:
            self._steady, self._steady_for = steadied(self.track, shaping), first
        then = (
            *(shaping.neutral, shaping.neutral_time, shaping.gain, shaping.ranges),
            *(shaping.edits, shaping.loop_blend, shaping.speed, shaping.whole_frames, frames_per_second),
        )
        if (*first, *then) != self._dense_for:
            self._dense = adjusted(self._steady, shaping, frames_per_second=frames_per_second)
            self._dense_for = (*first, *then)
        return self._dense

    def not_at_rest(self, shaping: Shaping) -> tuple[str, ...]:
        """The parts of the face that the calmest stretch does not show at rest, so that they stay as they were read."""
        is_steady = self._first_of(shaping) == self._steady_for
        return not_at_rest(self._steady if is_steady else steadied(self.track, shaping), shaping)

    def curves(self, shaping: Shaping, frames_per_second: float, *, is_draft: bool = False) -> Curves:
        """What `shape` gives, within the same error, in less time.

        is_draft: for while a slider is being dragged. Channels that change keep the moments of their keys, which
        takes a tenth of the time; between the keys the curves may be further from the samples than the error allows.
        The next call without it reduces those channels for good.
        """
        wanted = reducible(self.dense(shaping, frames_per_second), shaping)
        if not np.array_equal(wanted.times, self._times) or not np.array_equal(wanted.pinned, self._pinned):
            self._times, self._pinned = wanted.times, wanted.pinned
            self._samples, self._reduced = {}, {}
        names = [CHANNELS[index] for index in wanted.channels]
        columns = dict(zip(names, zip(wanted.samples.T, wanted.errors, strict=True), strict=True))
        changed = [name for name in names if not self._is_known(name, columns[name])]
        drafted = self._drafted(changed, columns) if is_draft else {}
        rest = [name for name in changed if name not in drafted]
        if rest:
            samples = np.column_stack([columns[name][0] for name in rest])
            found = reduce_keys(wanted.times, samples, [columns[name][1] for name in rest], pinned=wanted.pinned)
            self._reduced |= dict(zip(rest, found, strict=True))
            self._samples |= {name: columns[name] for name in rest}
        return Curves({name: drafted[name] if name in drafted else self._reduced[name] for name in names})

    @staticmethod
    def _first_of(shaping: Shaping) -> tuple[object, ...]:
        """What the steadied track depends on."""
        return (shaping.mirrored, shaping.gaps, shaping.smoothing, shaping.smoothing_share)

    def _is_known(self, name: str, column: Column) -> bool:
        if name not in self._samples:
            return False
        samples, error = self._samples[name]
        return error == column[1] and np.array_equal(samples, column[0])

    def _drafted(self, changed: list[str], columns: dict[str, Column]) -> dict[str, Curve]:
        """The changed channels on the keys that they had; not those that moved too little to have any."""
        return {
            name: follow_samples(self._times, self._reduced[name], self._samples[name][0], columns[name][0])
            for name in changed
            if name in self._reduced and len(self._reduced[name].times) > 1
        }
