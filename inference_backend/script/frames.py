"""Frame numbers in a script: times, once a frame rate is known."""

from collections.abc import Sequence
from dataclasses import replace

from .clauses import Clause
from .phrases import Time

RATE_WANTED = 'A frame is a time only at a known rate: say "at 2 seconds", or begin with "24 fps".'


class FrameClock:
    """Turns frames into seconds at the rate that the script gives."""

    def __init__(self) -> None:
        self._rate: float | None = None

    def settle(self, clauses: Sequence[Clause]) -> list[str]:
        """Make times of the frames in the clauses; returns those that cannot be placed."""
        phrases = [phrase for clause in clauses for phrase in clause.times]
        self._rate = next((phrase.seconds for phrase in phrases if phrase.kind is Time.RATE), self._rate)
        lost = []
        for clause in clauses:
            for phrase in [phrase for phrase in clause.times if phrase.kind is Time.FRAME]:
                clause.times.remove(phrase)
                if self._rate:
                    clause.times.append(replace(phrase, kind=Time.AT, seconds=phrase.seconds / self._rate))
                else:
                    lost.append(f"at frame {phrase.seconds:g}")
        return lost
