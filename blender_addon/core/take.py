"""A take: one raw result with where it came from, how it is shaped, and where it stands in the scene.

Every road ends here: a photo is a track of one frame, a clip a dense track, a script a performance. The raw
result is never changed; `Take.curves` makes the keys from it, as often as the shaping changes.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from math import floor
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .curves import Curve, Curves
from .performance import Performance
from .shaping import Shaping
from .shaping.edits.applying import edited, edits_of, later_by
from .shaping.edits.kinds import WordEdit
from .shaping.edits.sparse import moments_after, performance_curves, performance_track
from .shaping.pipeline import expressed, steadied
from .shaping.shaper import Shaper
from .track import FaceTrack

RawResult = FaceTrack | Performance


class TakeKind(Enum):
    """What a take was made from."""

    IMAGE = "image"
    SCRIPT = "script"
    VIDEO = "video"
    FILE = "file"
    """A recording of another program, or a take whose source is not known."""


@dataclass(frozen=True)
class Take:
    """One raw result and everything that makes curves of it.

    source: the file, image or text that it was made from. words: the script, or what the engine said of the face.
    span: from when to when of the source was asked for, in seconds of its own clock; None for its end.
    resume_at: seconds of the source at which an interrupted take goes on; None where it is whole.
    made_at: ISO 8601, in UTC.
    frame_start: the frame of the scene, whole or not, at which second `span[0]` of the source stands.
    """

    name: str
    kind: TakeKind
    raw: RawResult
    engine: str = ""
    source: str = ""
    words: str = ""
    span: tuple[float, float | None] = (0.0, None)
    resume_at: float | None = None
    made_at: str = ""
    shaping: Shaping = field(default_factory=Shaping)
    frame_start: float = 1.0

    @property
    def duration(self) -> float:
        """Seconds from `span[0]` to the last moment of the raw result, before the speed is changed."""
        if isinstance(self.raw, Performance):
            return self.raw.duration
        return float(self.raw.times[-1] - self.span[0]) if len(self.raw.times) else 0.0

    def curves(self, frames_per_second: float, *, shaper: Shaper | None = None, is_draft: bool = False) -> Curves:
        """The keys, in seconds from `frame_start` on; none where no face was seen.

        frames_per_second: of the scene, fractional as in 30000 / 1001. Seconds of the source stay seconds.
        shaper: one that was made for this take's `placed_track`, which keeps what has not changed.
        is_draft: see `Shaper.curves`.
        """
        if isinstance(self.raw, Performance):
            return performance_curves(self.raw, self.shaping, frames_per_second)
        if shaper is None:
            shaper = Shaper(self.placed_track(frames_per_second))
        aside = self._aside(frames_per_second)
        curves = shaper.curves(self._placed_shaping(frames_per_second), frames_per_second, is_draft=is_draft)
        return curves if not aside else Curves({name: _moved(curve, -aside) for name, curve in curves})

    def placed_track(self, frames_per_second: float) -> FaceTrack:
        """The raw track in seconds from the whole frame at or before `frame_start`, which is how shaping counts."""
        if isinstance(self.raw, Performance):
            raise TypeError("a performance is no track")
        offset = self._aside(frames_per_second) - self.span[0]
        if offset == 0.0:
            return self.raw
        return FaceTrack(self.raw.times + offset, self.raw.values, self.raw.confidence)

    def motion(self, frames_per_second: float) -> FaceTrack:
        """What is seen, before key reduction: in seconds from `frame_start` on, at plain speed, with the edits."""
        if isinstance(self.raw, Performance):
            return performance_track(self.raw, self.shaping, frames_per_second)
        shaping = self._placed_shaping(frames_per_second)
        steady = steadied(self.placed_track(frames_per_second), shaping)
        if not (steady.confidence > 0).any():
            return steady
        found, _ = edited(expressed(steady, shaping), edits_of(shaping.edits))
        return FaceTrack(found.times - self._aside(frames_per_second), found.values, found.confidence)

    def seconds_after(self, moments: ArrayLike) -> NDArray[np.float64]:
        """Seconds from `frame_start` on at which moments of a performance are seen, with its edits and its speed."""
        if not isinstance(self.raw, Performance):
            raise TypeError("the moments of a track are those of its frames")
        own = np.asarray(moments, dtype=np.float64)
        return moments_after(self.raw, self.shaping, own) / self.shaping.speed

    def moment_at(self, seconds: float) -> float:
        """The moment of a performance that is seen so many seconds after `frame_start`; `seconds_after` backwards."""
        moments = np.arange(0.0, self.duration + 1.0, 1 / 120)
        return float(np.interp(seconds, self.seconds_after(moments), moments))

    @property
    def shown_duration(self) -> float:
        """Seconds from `frame_start` to the end of what is seen, with edits and speed."""
        if not self.shaping.edits:
            return self.duration / self.shaping.speed
        if isinstance(self.raw, Performance):
            return float(self.seconds_after([0.0, self.raw.duration]).max())
        track, _ = edited(self.raw, later_by(edits_of(self.shaping.edits), self.span[0]))
        return (float(track.times[-1]) - self.span[0]) / self.shaping.speed if len(track.times) else 0.0

    def _placed_shaping(self, frames_per_second: float) -> Shaping:
        """The shaping for `placed_track`: what counts seconds counts them as that does."""
        aside = self._aside(frames_per_second)
        edits = self.shaping.edits
        if aside:
            edits = tuple(WordEdit(one.words, later_by(one.edits, aside), one.did) for one in edits)
        return replace(self.shaping, neutral_time=self.shaping.neutral_time - self.span[0] + aside, edits=edits)

    def continued(self, more: FaceTrack, *, resume_at: float | None) -> Self:
        """The take with what arrived later; frames at or before the last one it has are left out."""
        if isinstance(self.raw, Performance):
            raise TypeError("a performance is no track")
        return replace(self, raw=joined(self.raw, more), resume_at=resume_at)

    def _aside(self, frames_per_second: float) -> float:
        """Seconds from a whole frame of the scene to `frame_start`."""
        return (self.frame_start - floor(self.frame_start)) / frames_per_second


def joined(first: FaceTrack, more: FaceTrack) -> FaceTrack:
    """Two tracks of one source, one after the other; of what both hold, the first counts."""
    last = first.times[-1] if len(first.times) else -np.inf
    new = more.times > last
    return FaceTrack(
        np.concatenate([first.times, more.times[new]]),
        np.concatenate([first.values, more.values[new]]),
        np.concatenate([first.confidence, more.confidence[new]]),
    )


def made_now() -> str:
    """This moment, as takes keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def free_name(wanted: str, taken: Collection[str]) -> str:
    """A name that no other take has, in Blender's way: "Smile", "Smile.001"."""
    name, number = wanted, 0
    while name in taken:
        number += 1
        name = f"{wanted}.{number:03d}"
    return name


def _moved(curve: Curve, seconds: float) -> Curve:
    handles = None if curve.handles is None else curve.handles + np.array([seconds, 0.0])
    return Curve(curve.times + seconds, curve.values, curve.interpolation, handles)
