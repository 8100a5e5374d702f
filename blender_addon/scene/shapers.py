"""What the shaping of the last few takes has made, kept from one change of their settings to the next."""

from typing import Any
from zlib import crc32

from ..core.shaping import Shaper
from ..core.take import Take
from ..core.track import FaceTrack


class _Shapers:
    """The last few takes that were shaped, with what their shaping has made on the way."""

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._kept: dict[tuple[Any, ...], Shaper] = {}

    def of(self, record: Any, take: Take, frames_per_second: float, *, made: Shaper | None) -> Shaper | None:
        if not isinstance(take.raw, FaceTrack):
            return None
        key = (record.take_id, crc32(record.raw), take.span, take.frame_start % 1, frames_per_second)
        shaper = made or self._kept.pop(key, None) or Shaper(take.placed_track(frames_per_second))
        self._kept[key] = shaper
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return shaper


_shapers = _Shapers()


def shaper_of(record: Any, take: Take, frames_per_second: float, *, made: Shaper | None = None) -> Shaper | None:
    """The shaper for a take, with what it has made so far; None for one that is no track.

    made: the one to keep for it from now on.
    """
    return _shapers.of(record, take, frames_per_second, made=made)
