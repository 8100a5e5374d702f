"""The likely category of an expression: the first rule that fits, the most particular ones first."""

from collections.abc import Callable
from typing import Final

from ..channels import SHAPES
from ..pose import Face

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

_SHAPES_BUT_LOOKS: Final = tuple(name for name in SHAPES if not name.startswith("eyeLook"))


def both_sides(face: Face, stem: str) -> float:
    """The mean of a shape's two sides."""
    return (face[f"{stem}Left"] + face[f"{stem}Right"]) / 2


def stronger_side(face: Face, stem: str) -> float:
    """The value of the side that does more."""
    return max(face[f"{stem}Left"], face[f"{stem}Right"])


def weaker_side(face: Face, stem: str) -> float:
    """The value of the side that does less."""
    return min(face[f"{stem}Left"], face[f"{stem}Right"])


def _tongue(face: Face) -> bool:
    return face["tongueOut"] >= PRESENT


def _wink(face: Face) -> bool:
    return stronger_side(face, "eyeBlink") >= CLOSED_LID and weaker_side(face, "eyeBlink") <= PRESENT


def _closed_eyes(face: Face) -> bool:
    return weaker_side(face, "eyeBlink") >= CLOSED_LID


def _smile(face: Face) -> bool:
    return both_sides(face, "mouthSmile") >= PRESENT


def _smirk(face: Face) -> bool:
    stronger, weaker = stronger_side(face, "mouthSmile"), weaker_side(face, "mouthSmile")
    return stronger >= PRESENT and stronger - weaker >= 0.2 and weaker <= 0.6 * stronger


def smiles_with_shut_eyes(face: Face) -> bool:
    """Whether the corners of the mouth are up over shut eyes; face models read as much on who cries."""
    return both_sides(face, "mouthSmile") >= STRONG and both_sides(face, "eyeBlink") >= CLOSED_LID


def lips_are_shut(face: Face) -> bool:
    """Whether no shape opens the lips."""
    # A smile that shows teeth lifts the upper lip or drops the lower one, often with the jaw shut.
    lips = max(both_sides(face, "mouthUpperUp"), both_sides(face, "mouthLowerDown"))
    return not _jaw(face, 0.15) and lips < PRESENT


def _jaw(face: Face, least: float) -> bool:
    return face["jawOpen"] - face["mouthClose"] >= least


def _raised_brows(face: Face) -> bool:
    return face["browInnerUp"] >= PRESENT and both_sides(face, "browOuterUp") >= PRESENT


def _lowered_brows(face: Face) -> bool:
    return both_sides(face, "browDown") >= PRESENT


def _wide_eyes(face: Face) -> bool:
    return both_sides(face, "eyeWide") >= PRESENT


def _wrinkled_nose(face: Face) -> bool:
    return stronger_side(face, "noseSneer") >= PRESENT


def _raised_lip(face: Face) -> bool:
    return stronger_side(face, "mouthUpperUp") >= PRESENT


def _drooping_mouth(face: Face) -> bool:
    return both_sides(face, "mouthFrown") >= PRESENT


def _disgust(face: Face) -> bool:
    # Disgust shuts the mouth from below (chin up, corners down); a snarl bares the teeth.
    pushed_up = max(face["mouthShrugLower"], face["mouthShrugUpper"], both_sides(face, "mouthFrown"))
    return (_wrinkled_nose(face) or _raised_lip(face)) and pushed_up >= PRESENT


def _snarl(face: Face) -> bool:
    return _lowered_brows(face) and (_wrinkled_nose(face) or _raised_lip(face))


def _fearful(face: Face) -> bool:
    tense = max(both_sides(face, "mouthStretch"), both_sides(face, "browDown"))
    return face["browInnerUp"] >= PRESENT and _wide_eyes(face) and tense >= PRESENT


def _tight_lips(face: Face) -> bool:
    return max(both_sides(face, "mouthPress"), face["mouthRollLower"], face["mouthRollUpper"]) >= PRESENT


def _pout(face: Face) -> bool:
    sulking = max(face["mouthPucker"], both_sides(face, "mouthFrown"))
    return face["mouthShrugLower"] >= PRESENT and sulking >= NEARLY_AT_REST


_RULES: Final[tuple[tuple[str, Callable[[Face], bool]], ...]] = (
    ("smiling, tongue out", lambda face: _tongue(face) and _smile(face)),
    ("tongue out", _tongue),
    ("smiling wink", lambda face: _wink(face) and stronger_side(face, "mouthSmile") >= PRESENT),
    ("wink", _wink),
    ("one-sided smirk", _smirk),
    ("laughing smile", lambda face: _smile(face) and _jaw(face, STRONG)),
    ("open smile", lambda face: _smile(face) and not lips_are_shut(face)),
    ("closed smile", _smile),
    ("fearful stare", _fearful),
    ("disgusted grimace", _disgust),
    ("snarl", _snarl),
    ("wrinkled nose", _wrinkled_nose),
    ("open-mouthed surprise", lambda face: _raised_brows(face) and _jaw(face, PRESENT)),
    ("raised-brow surprise", lambda face: _raised_brows(face) and _wide_eyes(face)),
    ("tight-lipped scowl", lambda face: _lowered_brows(face) and _tight_lips(face)),
    ("sad frown", lambda face: _drooping_mouth(face) and face["browInnerUp"] >= PRESENT),
    ("pout", _pout),
    ("downturned mouth", _drooping_mouth),
    ("lowered brows", lambda face: both_sides(face, "browDown") >= STRONG),
    ("puffed cheeks", lambda face: face["cheekPuff"] >= STRONG),
    ("puckered lips", lambda face: face["mouthPucker"] >= STRONG),
    ("rounded lips", lambda face: face["mouthFunnel"] >= PRESENT),
    ("stretched mouth", lambda face: both_sides(face, "mouthStretch") >= PRESENT),
    ("open mouth", lambda face: _jaw(face, PRESENT)),
    ("pressed lips", _tight_lips),
    ("raised brows", _raised_brows),
    ("one raised brow", lambda face: stronger_side(face, "browOuterUp") - weaker_side(face, "browOuterUp") >= PRESENT),
    ("closed eyes", _closed_eyes),
    ("half-closed eyes", lambda face: weaker_side(face, "eyeBlink") >= HALF_CLOSED_LID),
    ("wide eyes", _wide_eyes),
    ("narrowed eyes", lambda face: both_sides(face, "eyeSquint") >= STRONG),
    ("slight smile", lambda face: both_sides(face, "mouthSmile") >= NEARLY_AT_REST),
)


_OF_PARTED_LIPS: Final = {"closed smile": "smile, lips parted", "pressed lips": PARTED_LIPS}
"""What an expression is called where the lips are seen to be apart, though no shape opens them."""


def expression_of(face: Face, *, lips_parted: bool | None = None) -> str:
    """The category of the expression; where the eyes look and how the head is held do not count.

    lips_parted: whether a gap is seen between the lips, where somebody looked.
    """
    for name, fits in _RULES:
        if fits(face):
            return _OF_PARTED_LIPS.get(name, name) if lips_parted else name
    if lips_parted:
        return PARTED_LIPS
    strongest = max(face[name] for name in _SHAPES_BUT_LOOKS)
    if strongest < AT_REST:
        return "neutral"
    return "nearly neutral" if strongest < NEARLY_AT_REST else "no distinct expression"
