"""Which channels cannot act against each other."""

from collections.abc import Mapping
from typing import Final

from blender_addon.core.anatomy import OPPOSED


def _both_ways() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for first, second in OPPOSED:
        found[first] = (*found.get(first, ()), second)
        found[second] = (*found.get(second, ()), first)
    return found


_OPPOSED_TO: Final = _both_ways()
_OTHER_MOVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "browDownLeft": ("browOuterUpLeft", "browInnerUp"),
    "browDownRight": ("browOuterUpRight", "browInnerUp"),
    "browOuterUpLeft": ("browDownLeft",),
    "browOuterUpRight": ("browDownRight",),
    "jawOpen": ("mouthPressLeft", "mouthPressRight"),
    "mouthPucker": ("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"),
    "mouthFunnel": ("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"),
}
"""An expression may have both at once (fear lifts and lowers the brows, a simper purses a smile), so that this is no
rule of anatomy; but an act of the one ends the other."""


def opposed_to(name: str) -> tuple[str, ...]:
    """What no face shows together with the channel."""
    return _OPPOSED_TO.get(name, ())


def antagonists(name: str) -> tuple[str, ...]:
    """What must relax for a channel to act."""
    return (*_OPPOSED_TO.get(name, ()), *_OTHER_MOVERS.get(name, ()))
