"""Makes a pose from the words of a description: the way back of `reader`."""

from ..errors import InputError
from ..pose import Pose
from .description import Description
from .observation import to_pose
from .phrases import read_phrases


def pose_from_description(description: Description) -> Pose:
    """The pose that the movements of a description tell of; the rest of the face is neutral.

    A word stands for the middle of its range, unless a number follows it. Raise InputError for words
    that are not in the vocabulary, contradict their number, or speak of the same channel twice.
    """
    observations = [
        observation for region, words in description.movements.items() for observation in read_phrases(region, words)
    ]
    try:
        return to_pose(observations)
    except ValueError as fault:
        raise InputError(f"The description contradicts itself: {fault}.", "Keep one of the two phrases.") from fault
