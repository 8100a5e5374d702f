"""What is known of the face model's readings besides the 61 numbers, for the words about them."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import fmean
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
"""What the model reads on calm faces too. Chosen, not fitted, after 90 frames of 10 people with the mouth shut, the
eyes open, the brows not up and no smile; 81 frames are of two of them, and not all 10 are truly calm. There eyeSquint
had a median of 0.05 to 0.84 by person (most near 0.5), browDown up to 0.6, eyeBlink up to 0.27, the lip shapes up to
0.42 in 90 of 100 frames. Where people differ so much the level is a compromise; a real scowl must pass it as well."""

_INNER_LIPS: Final = ((82, 87), (13, 14), (312, 317))
_LIDS: Final = (((386, 374), (385, 380), (387, 373)), ((159, 145), (158, 153), (160, 144)))
"""Upper and lower lid at three places, of the left and of the right eye."""
_EYE_CORNERS: Final = ((263, 362), (33, 133))
_OUTER_CORNERS: Final = (33, 263)
_PAIRS: Final = np.array([*_INNER_LIPS, *_LIDS[0], *_LIDS[1], *_EYE_CORNERS, _OUTER_CORNERS])
"""All of these, to be measured at once."""

PARTED_GAP: Final = 0.045
"""Mean gap of the lips against the distance of the eyes' outer corners. Of 181 photos and video frames shut mouths had
at most 0.025, plainly parted ones at least 0.054; three between, near 0.04, could be called either."""
LIDS_ALIKE: Final = 0.12
"""Difference of the eyes' openness, height by width, that is still taken for none. In the same frames, none of which
shows a wink, it was at most 0.09, and 0.12 on one head turned by 34 degrees; open eyes have 0.2 to 0.4."""

_SIGHT: Final = Sight(unseen=UNSEEN_CHANNELS, weak=WEAK_CHANNELS, resting=RESTING_LEVELS, eyeballs_lead=True)


def sight_of(face: FaceLandmarks) -> Sight:
    """The model's strengths and weaknesses, and what its landmarks show of lips and lids in this picture."""
    ends = face.points[_PAIRS, :2].astype(np.float64)
    lengths = (np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) + 1e-6).tolist()  # never 0
    lips, lids, corners, face_width = lengths[:3], (lengths[3:6], lengths[6:9]), lengths[9:11], lengths[11]
    left, right = (fmean(heights) / width for heights, width in zip(lids, corners, strict=True))
    lips_parted = fmean(lips) / face_width >= PARTED_GAP
    return replace(_SIGHT, lips_parted=lips_parted, lids_alike=abs(left - right) < LIDS_ALIKE)
