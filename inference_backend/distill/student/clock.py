"""The time that a course may take, from its first picture read to its last step."""

import time


class Clock:
    """Runs from when it is made. minutes: the most that the course may take; infinite without a limit."""

    def __init__(self, minutes: float) -> None:
        self._began = time.monotonic()
        self._seconds = minutes * 60

    @property
    def share(self) -> float:
        """Of the time that is over, 0 to more than 1."""
        return (time.monotonic() - self._began) / self._seconds


class Phase:
    """A part of the course: it ends after its steps, or when the clock is at `end`, but not before a few steps.

    end: share of the clock. fewest: steps that are taken in any case, so that something is learnt.
    """

    def __init__(self, clock: Clock, steps: int, *, end: float, fewest: int) -> None:
        self._clock, self._steps, self._end = clock, steps, end
        self._fewest = min(fewest, steps)
        self._begin = clock.share
        self._taken = 0

    @property
    def done(self) -> float:
        """The share of the phase that is over, by its steps or by the clock, 0 to 1."""
        left = self._end - self._begin
        by_clock = min(1.0, (self._clock.share - self._begin) / left) if left > 0 else 1.0
        return max(self._taken / self._steps if self._steps else 1.0, by_clock)

    @property
    def is_over(self) -> bool:
        """Whether no further step is due."""
        return self._taken >= self._fewest and self.done >= 1

    def count(self) -> None:
        """A step has been taken."""
        self._taken += 1
