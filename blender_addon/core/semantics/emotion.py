"""The emotion that an expression may show, worded no more firmly than the evidence.

The combinations of action units are those of FACS (Lucey et al. 2010, table of the CK+ emotions).
A face shows an expression; what the person feels, nobody can read from it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..channels import CHANNELS, INDEX
from ..pose import Pose
from .expression import stronger_side, weaker_side
from .vocabulary import VOCABULARY

LIKELY: Final = 0.4
POSSIBLE: Final = 0.25
HINT: Final = 0.15
"""Below a hint, what is there can be speech or tremble."""

_PRESENT: Final = 0.2
"""A core sign weaker than this is not there: trackers read nearly as much on resting faces."""
_CORE_WEIGHT: Final = 0.6
"""What the core signs count for where no other sign supports them."""
_UNSEEN_SUPPORT: Final = 0.5
"""What a sign counts for that the engine cannot see: neither there nor missing."""


@dataclass(frozen=True)
class Emotion:
    """The action units of an emotion.

    core: all of these must be there; of a group, any one.
    support: these make it more certain.
    against: these speak for something else.
    besides: at least one of these must be there too, where there are any; how strong it is does not count.
    """

    name: str
    core: tuple[tuple[int, ...], ...]
    support: tuple[int, ...]
    against: tuple[int, ...] = ()
    besides: tuple[int, ...] = ()


EMOTIONS: Final = (
    Emotion("joy", core=((12,),), support=(6,), against=(9, 15)),
    Emotion("sadness", core=((1,), (15,)), support=(4, 17), against=(5, 12)),
    # Raised brows alone are a question, a greeting or the way somebody's brows are drawn.
    Emotion("surprise", core=((1,), (2,)), support=(5, 26), against=(4, 9, 20), besides=(5, 26)),
    Emotion("fear", core=((1,), (4, 20)), support=(2, 5, 20), against=(12, 15)),
    # Lowered brows alone are thought, sunlight or the shape of a face. Face models give tight lips as rolled in (28).
    Emotion("anger", core=((4,),), support=(5, 7, 24), against=(1, 12), besides=(5, 7, 9, 24, 28)),
    Emotion("disgust", core=((9, 10),), support=(4, 17), against=(12,)),
)


def emotion_of(pose: Pose, *, unseen: Collection[str] = ()) -> str:
    """One phrase: how likely, and which emotion. `unseen` are channels that the engine never gives."""
    values: list[float] = pose.values.tolist()
    evidence = {emotion.name: _evidence(emotion, values, unseen) for emotion in EMOTIONS}
    evidence["contempt"] = _contempt(pose)
    name = max(evidence, key=lambda name: evidence[name])
    if evidence[name] >= LIKELY:
        return f"likely {name}"
    if evidence[name] >= POSSIBLE:
        return f"possibly {name}"
    return f"a hint of {name}" if evidence[name] >= HINT else "no clear emotion"


def _evidence(emotion: Emotion, values: list[float], unseen: Collection[str]) -> float:
    """0..1: as strong as the core signs, less where support is missing or other signs speak against it."""
    core = [max(_strength(values, unit) for unit in group) for group in emotion.core]
    besides = max((_strength(values, unit) for unit in emotion.besides), default=1.0)
    if min(*core, besides) < _PRESENT:
        return 0.0
    support = [_strength(values, unit) if _is_visible(unit, unseen) else _UNSEEN_SUPPORT for unit in emotion.support]
    against = max((_strength(values, unit) for unit in emotion.against), default=0.0)
    certainty = _CORE_WEIGHT + (1 - _CORE_WEIGHT) * sum(support) / len(support)
    return sum(core) / len(core) * certainty * (1 - against)


def _contempt(pose: Pose) -> float:
    """One corner of the mouth up and in (12 and 14), and the other not."""
    smile = stronger_side(pose, "mouthSmile") - weaker_side(pose, "mouthSmile")
    dimple = stronger_side(pose, "mouthDimple") - weaker_side(pose, "mouthDimple")
    return max(smile, dimple) * (_CORE_WEIGHT + (1 - _CORE_WEIGHT) * min(smile, dimple))


def _strength(values: list[float], action_unit: int) -> float:
    """0..1: the mean over the sides, the strongest of several movements of the same unit."""
    return min(max([0.0, *(sum([values[i] for i in places]) / len(places) for places in _places(action_unit))]), 1.0)


def _is_visible(action_unit: int, unseen: Collection[str]) -> bool:
    return any(CHANNELS[place] not in unseen for places in _places(action_unit) for place in places)


@cache
def _places(action_unit: int) -> tuple[tuple[int, ...], ...]:
    """Those of the channels of each movement of the unit."""
    movements = (movement for movement in VOCABULARY if action_unit in movement.action_units)
    return tuple(tuple(INDEX[way.channel] for way in movement.directions) for movement in movements)
