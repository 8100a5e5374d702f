"""One clause of an order while readings try it."""

from dataclasses import dataclass, replace

from blender_addon.core.shaping.edits.kinds import Span

from .clauses import When
from .clock import Clock
from .words import Phrase, Words, phrases

_NEARLY = 0.5
"""Seconds outside of the take at which its first or last moment is still what is meant."""
_AROUND = 0.4
"""Seconds to both sides of a moment at which something is to be changed."""


@dataclass(frozen=True)
class Order:
    """words: of the clause. when: the time that was said. clock: what frames are."""

    words: Words
    when: When
    clock: Clock

    @property
    def span(self) -> Span:
        """Where a change acts: as was said, within the limits of the request."""
        said = self.when.span or Span()
        if self.when.span is None and self.when.point is not None:
            said = Span(max(self.when.point - _AROUND, 0.0), self.when.point + _AROUND)
        apart = (Span(speaking=True),) if self.when.silent else ()
        limited = self._limited(said)
        return replace(
            limited,
            speaking=self.when.speaking,
            during=self.when.during,
            together=self.when.together,
            apart=apart,
            told=self.when.told,
        )

    @property
    def has_span(self) -> bool:
        """Whether the words or the request name a part of the take."""
        return self.span.start is not None or self.span.end is not None

    @property
    def moment(self) -> float | None:
        """The one moment that was named; the end of the take where that was."""
        return self.when.point

    def moment_for(self, seconds: float) -> float:
        """When something that lasts so long begins, if it has to be put somewhere.

        A moment outside of the take stays there, so that nothing changes and the answer says why.
        """
        edge, told = self.when.edge, self.when.span
        if edge is not None and told is not None and self.when.point is None:  # "before she nods", "after the line"
            if told.start is None and told.end == edge:
                return max(edge - seconds, 0.0)
            if told.start == edge and edge < self.clock.end:
                return edge
        if self.when.point is not None:
            nearest = max(min(self.when.point, self.clock.end), 0.0)
            return nearest if abs(self.when.point - nearest) <= _NEARLY else self.when.point
        span = self.span
        if span.start is not None and span.end is None:
            return max(span.start, self.clock.end - seconds) if self.when.span else span.start
        if span.start is not None or span.end is not None:
            first, last = span.start or 0.0, self.clock.end if span.end is None else span.end
            return max(first, (first + last - seconds) / 2)
        here = self.clock.at_frame(self.clock.request.playhead)
        return here if 0.0 <= here <= self.clock.end else 0.0

    def _limited(self, span: Span) -> Span:
        limits = [None if frame is None else self.clock.at_frame(frame) for frame in self.clock.request.limits]
        start = max((moment for moment in (span.start, limits[0]) if moment is not None), default=None)
        end = min((moment for moment in (span.end, limits[1]) if moment is not None), default=None)
        return Span(start, end)

    def take(self, *path: str) -> bool:
        """Take a phrase of a list in editing.toml."""
        return self.words.take(phrases(*path))

    def take_all(self, *path: str) -> bool:
        """Take all of its phrases."""
        return self.words.take_all(phrases(*path))

    def choose(self, *paths: tuple[str, ...]) -> str:
        """Take the longest phrase of several lists; the name of its list, empty where none has one."""
        best: tuple[tuple[int, ...], str] = ((), "")
        for path in paths:
            places = self.words.find(phrases(*path))
            if len(places) > len(best[0]):
                best = places, path[-1]
        self.words.taken.update(best[0])
        return best[1]

    def take_words(self, text: str) -> bool:
        """Take every one of some plain words."""
        wanted: list[Phrase] = [(word,) for word in text.split()]
        return self.words.take_all(wanted)
