"""Reads a pose and says it in words. The same pose always gives the same words."""

from collections.abc import Mapping, Sequence

from ..pose import Pose
from .description import NOT_OF_THE_FACE, Description, Region
from .doubts import doubts_about
from .emotion import emotion_of
from .expression import expression_of
from .observation import Observation, observe
from .phrases import write_phrases
from .sight import PERFECT_SIGHT, Sight
from .symmetry import symmetry_of
from .telling import worth_telling


def describe(
    pose: Pose, *, sight: Sight = PERFECT_SIGHT, numbers: bool = False, told: Pose | None = None
) -> Description:
    """Say in words what a pose shows.

    sight: of the engine that read the pose in a picture; what it cannot be trusted with is left out or doubted.
    numbers: say the amounts in numbers too ("strongly up (70%)"). The words alone read back to
        within 0.2 of a coefficient, words with numbers to within 0.1; what `sight` leaves out reads back as 0.
    told: `worth_telling(pose, sight)`, where the caller has it already.
    """
    face = (told or worth_telling(pose, sight)).by_channel()
    observations = observe(face)
    return Description(
        expression=expression_of(face, lips_parted=sight.lips_parted),
        movements=_by_region(observations, numbers=numbers),
        emotion=emotion_of(face, unseen=sight.unseen),
        symmetry=symmetry_of(observations),
        uncertain=doubts_about(pose, sight),
    )


def _by_region(observations: Sequence[Observation], *, numbers: bool) -> Mapping[Region, str]:
    """The parts of the face first, the one that does most at the top; then the gaze and the head."""
    by_region: dict[Region, list[Observation]] = {}
    for observation in observations:
        by_region.setdefault(observation.movement.region, []).append(observation)
    moving = sorted((region for region in Region if region in by_region), key=lambda region: _rank(by_region[region]))
    return {region: write_phrases(by_region[region], numbers=numbers) for region in moving}


def _rank(observations: Sequence[Observation]) -> tuple[bool, float]:
    return observations[0].movement.region in NOT_OF_THE_FACE, -max(
        observation.strength for observation in observations
    )
