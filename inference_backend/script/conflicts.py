"""What one face cannot do at once."""

from collections.abc import Sequence
from typing import Final

from blender_addon.core.anatomy import OPPOSED

from .events import Event, Polarity
from .fixation import moves_head

_EITHER_WAY: Final = frozenset(OPPOSED) | {(second, first) for first, second in OPPOSED}


def conflict(first: Sequence[Event], second: Sequence[Event], *, blending: bool = False) -> bool:
    """Whether a face cannot do both at once."""
    for a in first:
        for b in second:
            if a.polarity is not Polarity.DO or b.polarity is not Polarity.DO:
                if a.polarity is not b.polarity and a.channels & b.channels:
                    return True
                continue
            if _cannot_share(a, b, blending=blending):
                return True
    return False


def _cannot_share(a: Event, b: Event, *, blending: bool) -> bool:
    if a.entry.emotion or b.entry.emotion:
        return False
    if a.entry.whole and b.entry.whole and a.entry.name != b.entry.name:
        return not blending
    if blending and ((a.at_viewer and moves_head([b])) or (b.at_viewer and moves_head([a]))):
        return False  # "while looking at the camera": the eyes turn against the head
    axes = {name[-4:] for name in a.channels & b.channels if name.endswith(("Yaw", "Pitch", "Roll"))}
    if axes and not a.entry.whole and not b.entry.whole:
        return True
    for name in a.pose.keys() & b.pose.keys():
        if abs(a.pose[name] - b.pose[name]) > 0.5 and min(abs(a.pose[name]), abs(b.pose[name])) < 0.1:
            return True
    is_whole = a.entry.whole or b.entry.whole
    return not is_whole and any(a.pose.get(x, 0) > 0.3 and b.pose.get(y, 0) > 0.3 for x, y in _EITHER_WAY)
