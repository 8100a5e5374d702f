"""What the background and the emotion of a scene add: colour where the script leaves the face open."""

from collections.abc import Iterable, Set

from .antagonists import antagonists
from .entries import REGION_OF, Region
from .events import Event, Polarity
from .keys import Key, Keys

EMOTION_SHARE = 0.6
BACKGROUND_SHARE = 0.4
"""How much of a feeling shows that is only the mood of the scene."""
SETTLED = 0.8
"""Seconds in which the mood comes up."""

_OPEN_TO_MOOD = frozenset({Region.BROW, Region.LID, Region.NOSE, Region.CHEEK, Region.MOUTH, Region.JAW, Region.HEAD})


def colour(keys: Keys, moods: Iterable[tuple[Event, float]], forbidden: Set[str]) -> None:
    """Add the moods, each at its share, in the regions that the script does not touch."""
    touched = {REGION_OF[name] for name in (*keys.by_channel, *forbidden)}
    wanted: dict[str, float] = {}
    for event, share in moods:
        if event.polarity is not Polarity.DO:
            continue
        pose = event.pose or event.leaves
        for name, value in pose.items():
            if abs(value * share) > abs(wanted.get(name, 0.0)):
                wanted[name] = value * share
    for name, value in sorted(wanted.items()):
        if REGION_OF[name] not in _OPEN_TO_MOOD or REGION_OF[name] in touched or abs(value) < 0.03:
            continue
        if any(other in keys.by_channel or abs(wanted.get(other, 0.0)) > abs(value) for other in antagonists(name)):
            continue
        keys.by_channel[name] = [Key(0.0, 0.0, -2), Key(SETTLED, value, -2)]
