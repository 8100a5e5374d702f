"""The moments of rows whose clock is coarser than they are."""

from collections.abc import Sequence
from itertools import pairwise

from .file_text import FormatError


def spread(positions: Sequence[int], *, step: int) -> tuple[list[int], int]:
    """Positions that rise: rows of one and the same stand evenly up to the next. And how many were moved.

    A recording at 60 frames a second under timecode that counts 30 has each label twice. step: where no row follows.
    Raise FormatError where time runs back.
    """
    found, moved, index = list(positions), 0, 0
    last = step
    while index < len(found):
        end = index + 1
        while end < len(found) and positions[end] == positions[index]:
            end += 1
        if end < len(found):
            last = positions[end] - positions[index]
            if last < 0:
                raise FormatError(f"time runs back at row {end + 1}", "Sort its rows by time.")
        for row in range(index + 1, end):
            found[row] = positions[index] + last * (row - index) // (end - index)
            moved += 1
        index = end
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise FormatError("too many rows have the same time")
    return found, moved
