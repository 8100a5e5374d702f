"""What a phrase of time in an order comes to."""

from dataclasses import dataclass
from enum import Enum


class TimeKind(Enum):
    """What a phrase of time names."""

    SPAN = "span"
    POINT = "point"
    LENGTH = "length"
    """for two seconds"""
    WHOLE = "whole"
    DURING = "during"
    """while she smiles"""
    SPEAKING = "speaking"
    SILENT = "silent"
    """while she is not talking"""
    EVENT = "event"
    """on the word "go", during the nod: a span that has a moment of its own"""


@dataclass(frozen=True)
class TimePhrase:
    """first, last: the tokens of the phrase, one past the last. start, end: seconds; of a length only `end`.

    edge: the moment itself, of "at the end" and "before she nods". channels: those of "while she smiles". together:
    those of "while she laughs", which all have to act. told: either in words, behind "while".
    """

    kind: TimeKind
    first: int
    last: int
    start: float | None = None
    end: float | None = None
    edge: float | None = None
    channels: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    told: str = ""
