"""Moments in words: frames of the scene, seconds, parts of the take."""

from dataclasses import dataclass, replace
from functools import cached_property

from blender_addon.core.wire import EditRequest, Happening


@dataclass(frozen=True)
class Clock:
    """Tells seconds of the take at plain speed, which edits count in."""

    request: EditRequest

    def at_frame(self, frame: float) -> float:
        """The second that a frame of the scene shows."""
        return self.frames(frame - self.request.frame_start)

    def frames(self, count: float) -> float:
        """So many frames in seconds."""
        return count / self.request.frames_per_second * self.request.speed

    def seconds(self, seen: float) -> float:
        """Seconds as they are seen."""
        return seen * self.request.speed

    @property
    def end(self) -> float:
        """The last moment."""
        return self.request.duration * self.request.speed

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """What happens in the take, in order, at plain speed."""
        return tuple(
            replace(one, start=self.seconds(one.start), end=self.seconds(one.end)) for one in self.request.happenings
        )

    @property
    def moving_end(self) -> float:
        """The moment after which nothing moves any more."""
        until = self.request.moves_until
        return self.end if until is None else min(until * self.request.speed, self.end)
