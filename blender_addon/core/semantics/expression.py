"""The likely category of an expression: the first rule that fits, the most particular ones first."""

from collections.abc import Callable
from typing import Final

import numpy as np

from ..channels import SHAPES
from ..pose import Pose

PRESENT: Final = 0.3
"""From here on a shape is part of the expression, and not speech, tremble or the shape of this face."""
STRONG: Final = 0.45
"""Shapes that speech and resting faces often fill need this much before they name the expression."""
CLOSED_LID: Final = 0.6
"""A lid closed this far covers the pupil."""
HALF_CLOSED_LID: Final = 0.4
AT_REST: Final = 0.1
NEARLY_AT_REST: Final = 0.2
"""What trackers read on resting faces stays below this."""

PARTED_LIPS: Final = "parted lips"

_LOOKS = tuple(index for index, name in enumerate(SHAPES) if not name.startswith("eyeLook"))


def both_sides(pose: Pose, stem: str) -> float:
    """The mean of a shape's two sides."""
    return (pose[f"{stem}Left"] + pose[f"{stem}Right"]) / 2


def stronger_side(pose: Pose, stem: str) -> float:
    """The value of the side that does more."""
    return max(pose[f"{stem}Left"], pose[f"{stem}Right"])


def weaker_side(pose: Pose, stem: str) -> float:
    """The value of the side that does less."""
    return min(pose[f"{stem}Left"], pose[f"{stem}Right"])


def _tongue(pose: Pose) -> bool:
    return pose["tongueOut"] >= PRESENT


def _wink(pose: Pose) -> bool:
    return stronger_side(pose, "eyeBlink") >= CLOSED_LID and weaker_side(pose, "eyeBlink") <= PRESENT


def _closed_eyes(pose: Pose) -> bool:
    return weaker_side(pose, "eyeBlink") >= CLOSED_LID


def _smile(pose: Pose) -> bool:
    return both_sides(pose, "mouthSmile") >= PRESENT


def _smirk(pose: Pose) -> bool:
    stronger, weaker = stronger_side(pose, "mouthSmile"), weaker_side(pose, "mouthSmile")
    return stronger >= PRESENT and stronger - weaker >= 0.2 and weaker <= 0.6 * stronger


def lips_are_shut(pose: Pose) -> bool:
    """Whether no shape opens the lips."""
    # A smile that shows teeth lifts the upper lip or drops the lower one, often with the jaw shut.
    lips = max(both_sides(pose, "mouthUpperUp"), both_sides(pose, "mouthLowerDown"))
    return not _jaw(pose, 0.15) and lips < PRESENT


def _jaw(pose: Pose, least: float) -> bool:
    return pose["jawOpen"] - pose["mouthClose"] >= least


def _raised_brows(pose: Pose) -> bool:
    return pose["browInnerUp"] >= PRESENT and both_sides(pose, "browOuterUp") >= PRESENT


def _lowered_brows(pose: Pose) -> bool:
    return both_sides(pose, "browDown") >= PRESENT


def _wide_eyes(pose: Pose) -> bool:
    return both_sides(pose, "eyeWide") >= PRESENT


def _wrinkled_nose(pose: Pose) -> bool:
    return stronger_side(pose, "noseSneer") >= PRESENT


def _raised_lip(pose: Pose) -> bool:
    return stronger_side(pose, "mouthUpperUp") >= PRESENT


def _drooping_mouth(pose: Pose) -> bool:
    return both_sides(pose, "mouthFrown") >= PRESENT


def _disgust(pose: Pose) -> bool:
    # Disgust shuts the mouth from below (chin up, corners down); a snarl bares the teeth.
    pushed_up = max(pose["mouthShrugLower"], pose["mouthShrugUpper"], both_sides(pose, "mouthFrown"))
    return (_wrinkled_nose(pose) or _raised_lip(pose)) and pushed_up >= PRESENT


def _snarl(pose: Pose) -> bool:
    return _lowered_brows(pose) and (_wrinkled_nose(pose) or _raised_lip(pose))


def _fearful(pose: Pose) -> bool:
    tense = max(both_sides(pose, "mouthStretch"), both_sides(pose, "browDown"))
    return pose["browInnerUp"] >= PRESENT and _wide_eyes(pose) and tense >= PRESENT


def _tight_lips(pose: Pose) -> bool:
    return max(both_sides(pose, "mouthPress"), pose["mouthRollLower"], pose["mouthRollUpper"]) >= PRESENT


def _pout(pose: Pose) -> bool:
    sulking = max(pose["mouthPucker"], both_sides(pose, "mouthFrown"))
    return pose["mouthShrugLower"] >= PRESENT and sulking >= NEARLY_AT_REST


_RULES: Final[tuple[tuple[str, Callable[[Pose], bool]], ...]] = (
    ("smiling, tongue out", lambda pose: _tongue(pose) and _smile(pose)),
    ("tongue out", _tongue),
    ("smiling wink", lambda pose: _wink(pose) and stronger_side(pose, "mouthSmile") >= PRESENT),
    ("wink", _wink),
    ("one-sided smirk", _smirk),
    ("laughing smile", lambda pose: _smile(pose) and _jaw(pose, STRONG)),
    ("open smile", lambda pose: _smile(pose) and not lips_are_shut(pose)),
    ("closed smile", _smile),
    ("fearful stare", _fearful),
    ("disgusted grimace", _disgust),
    ("snarl", _snarl),
    ("wrinkled nose", _wrinkled_nose),
    ("open-mouthed surprise", lambda pose: _raised_brows(pose) and _jaw(pose, PRESENT)),
    ("raised-brow surprise", lambda pose: _raised_brows(pose) and _wide_eyes(pose)),
    ("tight-lipped scowl", lambda pose: _lowered_brows(pose) and _tight_lips(pose)),
    ("sad frown", lambda pose: _drooping_mouth(pose) and pose["browInnerUp"] >= PRESENT),
    ("pout", _pout),
    ("downturned mouth", _drooping_mouth),
    ("lowered brows", lambda pose: both_sides(pose, "browDown") >= STRONG),
    ("puffed cheeks", lambda pose: pose["cheekPuff"] >= STRONG),
    ("puckered lips", lambda pose: pose["mouthPucker"] >= STRONG),
    ("rounded lips", lambda pose: pose["mouthFunnel"] >= PRESENT),
    ("stretched mouth", lambda pose: both_sides(pose, "mouthStretch") >= PRESENT),
    ("open mouth", lambda pose: _jaw(pose, PRESENT)),
    ("pressed lips", _tight_lips),
    ("raised brows", _raised_brows),
    ("one raised brow", lambda pose: stronger_side(pose, "browOuterUp") - weaker_side(pose, "browOuterUp") >= PRESENT),
    ("closed eyes", _closed_eyes),
    ("half-closed eyes", lambda pose: weaker_side(pose, "eyeBlink") >= HALF_CLOSED_LID),
    ("wide eyes", _wide_eyes),
    ("narrowed eyes", lambda pose: both_sides(pose, "eyeSquint") >= STRONG),
    ("slight smile", lambda pose: both_sides(pose, "mouthSmile") >= NEARLY_AT_REST),
)


_OF_PARTED_LIPS: Final = {"closed smile": "smile, lips parted", "pressed lips": PARTED_LIPS}
"""What an expression is called where the lips are seen to be apart, though no shape opens them."""


def expression_of(pose: Pose, *, lips_parted: bool | None = None) -> str:
    """The category of the expression; where the eyes look and how the head is held do not count.

    lips_parted: whether a gap is seen between the lips, where somebody looked.
    """
    for name, fits in _RULES:
        if fits(pose):
            return _OF_PARTED_LIPS.get(name, name) if lips_parted else name
    if lips_parted:
        return PARTED_LIPS
    strongest = float(np.max(pose.values[list(_LOOKS)]))
    if strongest < AT_REST:
        return "neutral"
    return "nearly neutral" if strongest < NEARLY_AT_REST else "no distinct expression"
