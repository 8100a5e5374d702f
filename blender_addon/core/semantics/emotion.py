"""The emotion that an expression may show, worded no more firmly than the evidence.

The combinations of action units are those of FACS (Lucey et al. 2010, table of the CK+ emotions).
A face shows an expression; what the person feels, nobody can read from it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ..pose import Face
from .expression import smiles_with_shut_eyes
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


_Strengths = dict[int, float]
"""0..1, by action unit."""


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

    @property
    def units(self) -> frozenset[int]:
        """All that matter to it."""
        return frozenset().union(*self.core, self.support, self.against, self.besides)


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


_UNITS: Final = frozenset(unit for emotion in EMOTIONS for unit in emotion.units)
_SIGNS: Final = tuple(
    (unit, movement.directions[0].channel, movement.directions[-1].channel)
    for movement in VOCABULARY
    for unit in movement.action_units
    if unit in _UNITS
)
"""Each unit with the left and the right channel of a movement that shows it; a channel without sides stands twice."""
_CHANNELS_OF: Final = {
    unit: {name for sign, *channels in _SIGNS if sign == unit for name in channels} for unit in _UNITS
}


def emotion_of(face: Face, *, unseen: Collection[str] = ()) -> str:
    """One phrase: how likely, and which emotion. `unseen` are channels that the engine never gives."""
    strengths = _strengths(face)
    evidence = {emotion.name: _evidence(emotion, strengths, unseen) for emotion in EMOTIONS}
    evidence["contempt"] = _contempt(face)
    name = max(evidence, key=lambda name: evidence[name])
    is_doubtful = name == "joy" and smiles_with_shut_eyes(face)
    if evidence[name] >= LIKELY and not is_doubtful:
        return f"likely {name}"
    if evidence[name] >= POSSIBLE:
        return f"possibly {name}"
    return f"a hint of {name}" if evidence[name] >= HINT else "no clear emotion"


def _evidence(emotion: Emotion, strengths: _Strengths, unseen: Collection[str]) -> float:
    """0..1: as strong as the core signs, less where support is missing or other signs speak against it."""
    core = [max([strengths[unit] for unit in group]) for group in emotion.core]
    if min(core) < _PRESENT:
        return 0.0
    if emotion.besides and max([strengths[unit] for unit in emotion.besides]) < _PRESENT:
        return 0.0
    support = [strengths[unit] if _is_visible(unit, unseen) else _UNSEEN_SUPPORT for unit in emotion.support]
    against = max([strengths[unit] for unit in emotion.against], default=0.0)
    certainty = _CORE_WEIGHT + (1 - _CORE_WEIGHT) * sum(support) / len(support)
    return sum(core) / len(core) * certainty * (1 - against)


def _contempt(face: Face) -> float:
    """One corner of the mouth up and in (12 and 14), and the other not."""
    smile = abs(face["mouthSmileLeft"] - face["mouthSmileRight"])
    dimple = abs(face["mouthDimpleLeft"] - face["mouthDimpleRight"])
    return max(smile, dimple) * (_CORE_WEIGHT + (1 - _CORE_WEIGHT) * min(smile, dimple))


def _strengths(face: Face) -> _Strengths:
    """Of each action unit the mean over the sides, the strongest of several movements of the same unit."""
    strengths = dict.fromkeys(_UNITS, 0.0)
    for unit, left, right in _SIGNS:
        strength = (face[left] + face[right]) / 2
        if strength > strengths[unit]:
            strengths[unit] = min(strength, 1.0)
    return strengths


def _is_visible(action_unit: int, unseen: Collection[str]) -> bool:
    return any(channel not in unseen for channel in _CHANNELS_OF[action_unit])
