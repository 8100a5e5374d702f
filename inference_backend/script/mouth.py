"""The keys of a speaking mouth, channel by channel: when each sets out, arrives and lets go, and as few as show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

Line = list[tuple[float, float]]
"""(seconds, value) of one channel."""

RISE: Final = {"jawOpen": 0.16, "mouthFunnel": 0.14, "mouthPucker": 0.14}
USUAL_RISE: Final = 0.09
"""Seconds within which a shape is reached; until then it stays what it was. Lip rounding is the slowest of them."""
TOLERANCE: Final = {"jawOpen": 0.055, "tongueOut": 0.055}
USUAL_TOLERANCE: Final = 0.1
"""A key is left out where the straight line through its neighbours is this near; the jaw shows the syllables."""
LEAST_GAP: Final = 0.02


@dataclass
class Mouth:
    """Collects keys; `now` holds what each channel was last told. A low voice moves less and is kept as closely."""

    loudness: float = 1.0
    lines: dict[str, Line] = field(default_factory=dict)
    now: dict[str, float] = field(default_factory=dict)

    def to(self, time: float, pose: Mapping[str, float]) -> None:
        """Be at `pose` at `time`."""
        for name, value in pose.items():
            line = self.lines.setdefault(name, [])
            last, before = line[-1] if line else (0.0, 0.0)
            setting_out = time - RISE.get(name, USUAL_RISE)
            if value != before and setting_out > last + LEAST_GAP:
                line.append((setting_out, before))
                last = setting_out
            if value or before:
                line.append((max(time, last + LEAST_GAP), value))
            self.now[name] = value

    def rest(self, time: float) -> None:
        """Be closed and relaxed at `time`."""
        self.to(time, dict.fromkeys(self.shown(), 0.0))

    def shown(self) -> list[str]:
        """The channels that are not at rest."""
        return sorted(name for name, value in self.now.items() if value)

    def keys(self) -> dict[str, Line]:
        """The lines, thinned; a channel that never moved is left out."""
        return {
            name: thin for name in sorted(self.lines) if (thin := _thinned(self.lines[name], self._tolerance(name)))
        }

    def _tolerance(self, name: str) -> float:
        return TOLERANCE.get(name, USUAL_TOLERANCE) * min(1.0, self.loudness)


def _thinned(line: Line, tolerance: float) -> Line:
    """Fewer keys that stay within the tolerance (Ramer 1972, Douglas and Peucker 1973)."""
    if len(line) < 3:
        return line
    kept = sorted({0, len(line) - 1, *_needed(line, tolerance)})
    thin = [line[index] for index in kept]
    inner = zip(thin, thin[1:], thin[2:], strict=False)
    # A key in the middle of a stretch without change says nothing.
    return [thin[0], *(b for a, b, c in inner if not a[1] == b[1] == c[1]), thin[-1]]


def _needed(line: Line, tolerance: float) -> Iterable[int]:
    spans = [(0, len(line) - 1)]
    while spans:
        start, end = spans.pop()
        (t0, v0), (t1, v1) = line[start], line[end]
        slope, worst, where = (v1 - v0) / (t1 - t0), tolerance, -1
        for index in range(start + 1, end):
            time, value = line[index]
            off = abs(value - v0 - slope * (time - t0))
            if off > worst:
                worst, where = off, index
        if where >= 0:
            yield where
            spans += [(first, last) for first, last in ((start, where), (where, end)) if last - first > 1]
