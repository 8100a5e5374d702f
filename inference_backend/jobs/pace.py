"""How fast an engine goes through its work, and how long it will still take."""

from collections import deque
from time import monotonic

from blender_addon.core.clips import ClipInfo, TrackRequest
from blender_addon.core.wire import Progress

_WINDOW_SECONDS = 5.0
_TELLING_SECONDS = 0.25


class Pace:
    """Counts what is done; the rate is that of the last few seconds, since clips are not equally hard all through."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._seen = deque([(monotonic(), 0)])
        self._told = monotonic()

    def add(self, count: int) -> None:
        """So many more are done."""
        now = monotonic()
        self._done += count
        self._seen.append((now, self._done))
        while len(self._seen) > 2 and self._seen[1][0] < now - _WINDOW_SECONDS:
            self._seen.popleft()

    def is_due(self) -> bool:
        """Whether it was not told for a while."""
        return monotonic() - self._told >= _TELLING_SECONDS

    def progress(self) -> Progress:
        """What can be told now."""
        self._told = monotonic()
        return self._at(self._total)

    def finished(self) -> Progress:
        """What is told last: all is done, however much was expected."""
        return self._at(self._done)

    def _at(self, expected: int | None) -> Progress:
        (begin, before), (end, after) = self._seen[0], self._seen[-1]
        rate = (after - before) / (end - begin) if end > begin else None
        total = None if expected is None else max(expected, self._done)
        left = (total - self._done) / rate if total is not None and rate else None
        return Progress(self._done, total, rate, left)


def expected_frames(clip: ClipInfo, request: TrackRequest) -> int | None:
    """About how many frames the asked part has, as far as the container tells; the end of the work tells exactly."""
    duration = clip.duration
    if duration is None and clip.frames is not None and clip.fps > 0:
        duration = clip.frames / clip.fps
    if duration is None:
        return None
    end = duration if request.end is None else min(request.end, duration)
    return max(1, round(max(0.0, end - request.start) * clip.fps / request.stride))
