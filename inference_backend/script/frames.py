"""Frame numbers in a script: times, once a frame rate is known."""

from collections.abc import Sequence
from dataclasses import replace

from blender_addon.core.framing import FrameCount

from .clauses import Clause
from .lexicon_files import table
from .phrases import Time

RATE_WANTED = 'A frame is a time only at a known rate: say "at 2 seconds", or begin with "24 fps".'


class FrameClock:
    """Turns frames into seconds, as the scene counts them or at the rate that the script gives."""

    def __init__(self, scene: FrameCount | None = None) -> None:
        self._count = scene

    def settle(self, clauses: Sequence[Clause]) -> list[str]:
        """Make times of the frames in the clauses; returns those that cannot be placed."""
        phrases = [phrase for clause in clauses for phrase in clause.times]
        for phrase in phrases:
            if phrase.kind is Time.RATE:
                self._count = FrameCount(phrase.seconds, self._count.first if self._count else 0.0)
        lost = []
        for clause in clauses:
            for phrase in [phrase for phrase in clause.times if phrase.kind is Time.FRAME]:
                clause.times.remove(phrase)
                if self._count:
                    until = None if phrase.until is None else self._count.seconds(phrase.until)
                    at = self._count.seconds(phrase.seconds)
                    kind = Time.TILL if phrase.ends else Time.AT
                    clause.times.append(replace(phrase, kind=kind, seconds=at, until=until))
                elif phrase.until is not None:
                    length = (phrase.until - phrase.seconds) * float(table("modifiers")["unit"]["frame"])
                    clause.times.append(replace(phrase, kind=Time.HOLD, seconds=length, until=None))
                    lost.append(f"from frame {phrase.seconds:g} to frame {phrase.until:g}")
                else:
                    lost.append(f"{'until' if phrase.ends else 'at'} frame {phrase.seconds:g}")
        return lost
