"""What is known of the face model's readings besides the 61 numbers, for the words about them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from blender_addon.core.semantics.sight import Sight

from .landmarks import FaceLandmarks
from .weak_channels import UNSEEN_CHANNELS, WEAK_CHANNELS

_RESTING_STEMS: Final = {
    "browDown": 0.30, "browOuterUp": 0.20,
    "eyeBlink": 0.25, "eyeSquint": 0.70,
    "eyeLookDown": 0.35, "eyeLookIn": 0.35, "eyeLookOut": 0.35, "eyeLookUp": 0.35,
    "mouthPress": 0.35,
}  # fmt: skip
_RESTING_SHAPES: Final = {"mouthRollLower": 0.30, "mouthRollUpper": 0.30, "mouthShrugLower": 0.30}
RESTING_LEVELS: Final[Mapping[str, float]] = _RESTING_SHAPES | {
    f"{stem}{side}": level for stem, level in _RESTING_STEMS.items() for side in ("Left", "Right")
}
"""What the model reads at most on most calm faces: from the 90th percentile of 90 calm frames and the medians of 10
people in them (no smile, mouth shut, eyes open, brows not up), rounded. eyeSquint was 0.05 to 0.84 there,
0.5 at the middle; shapes that are not named stayed near 0."""

_INNER_LIPS: Final = ((82, 87), (13, 14), (312, 317))
_LIDS: Final = (((386, 374), (385, 380), (387, 373)), ((159, 145), (158, 153), (160, 144)))
"""Upper and lower lid at three places, of the left and of the right eye."""
_EYE_CORNERS: Final = ((263, 362), (33, 133))
_OUTER_CORNERS: Final = (33, 263)
PARTED_GAP: Final = 0.04
"""Mean gap of the lips against the distance of the eyes' outer corners: at most 0.025 on shut mouths, at least
0.064 on open ones, whether or not a shape opened them (181 photos and video frames)."""
LIDS_ALIKE: Final = 0.12
"""Difference of the eyes' openness, height by width, that still is none: open eyes have 0.2 to 0.4, shut ones
0.01 to 0.07, and two eyes in step differ by up to 0.09 on a turned head (the same frames)."""

_SIGHT: Final = Sight(unseen=UNSEEN_CHANNELS, weak=WEAK_CHANNELS, resting=RESTING_LEVELS, eyeballs_lead=True)


def sight_of(face: FaceLandmarks) -> Sight:
    """The model's strengths and weaknesses, and what its landmarks show of lips and lids in this picture."""
    left, right = (_openness(face, lids, corners) for lids, corners in zip(_LIDS, _EYE_CORNERS, strict=True))
    gap = _mean_distance(face, _INNER_LIPS) / _mean_distance(face, (_OUTER_CORNERS,))
    return replace(_SIGHT, lips_parted=gap >= PARTED_GAP, lids_alike=abs(left - right) < LIDS_ALIKE)


def _openness(face: FaceLandmarks, lids: tuple[tuple[int, int], ...], corners: tuple[int, int]) -> float:
    return _mean_distance(face, lids) / _mean_distance(face, (corners,))


def _mean_distance(face: FaceLandmarks, pairs: tuple[tuple[int, int], ...]) -> float:
    """Of the points of each pair, in pixels; never 0."""
    ends = face.points[np.array(pairs), :2].astype(np.float64)
    return float(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1).mean()) + 1e-6
