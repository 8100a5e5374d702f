"""How a long clip is cut for several processes."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

WARM_UP: Final = 12
"""Frames that a piece reads before its own ones. The region that a face is looked for in settles within them to the one
that an unbroken run has."""
SHORTEST_CUT: Final = 300
"""A clip of fewer frames is done before other processes have started."""
_MOST_FRAMES: Final = 1500
_LEAST_FRAMES: Final = 150


@dataclass(frozen=True)
class Piece:
    """Frames `first` to before `end` of those that were asked for, read from `start` on, where the warm-up begins."""

    start: int
    first: int
    end: int


def cut(frames: int, workers: int) -> tuple[Piece, ...]:
    """Pieces of about the same length, a whole number of them for each worker where they are short enough."""
    rounds = math.ceil(frames / (workers * _MOST_FRAMES))
    count = max(1, min(workers * rounds, frames // _LEAST_FRAMES))
    edges = [round(frames * number / count) for number in range(count + 1)]
    return tuple(Piece(max(0, first - WARM_UP), first, end) for first, end in pairwise(edges))
