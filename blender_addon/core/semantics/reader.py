"""Reads a pose and says it in words. The same pose always gives the same words."""

from collections.abc import Collection, Mapping, Sequence

from ..pose import Pose
from .description import Description, Region
from .doubts import doubts_about
from .emotion import emotion_of
from .expression import expression_of
from .observation import Observation, observe
from .phrases import write_phrases
from .symmetry import symmetry_of


def describe(pose: Pose, *, weak: Collection[str] = (), numbers: bool = False) -> Description:
    """Say in words what a pose shows.

    weak: channels that the engine which made the pose cannot see well.
    numbers: say the amounts in numbers too ("strongly up (70%)"). The words alone read back to
        within 0.2 of a coefficient, words with numbers to within 0.1.
    """
    observations = observe(pose)
    return Description(
        expression=expression_of(pose),
        movements=_by_region(observations, numbers=numbers),
        emotion=emotion_of(pose, weak=weak),
        symmetry=symmetry_of(observations),
        uncertain=doubts_about(pose, weak=weak),
    )


def _by_region(observations: Sequence[Observation], *, numbers: bool) -> Mapping[Region, str]:
    movements = {}
    for region in Region:
        here = [observation for observation in observations if observation.movement.region is region]
        if here:
            movements[region] = write_phrases(here, numbers=numbers)
    return movements
