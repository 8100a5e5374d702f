"""What the reader of a description should not rely on: contradictions, and what cannot be seen."""

from collections.abc import Collection
from functools import cache
from math import degrees
from typing import Final

from ..channels import SHAPES
from ..pose import Face, Pose
from .description import Region
from .expression import CLOSED_LID, lips_are_shut, smiles_with_shut_eyes
from .observation import amount_of
from .scale import COEFFICIENT, EYE_ANGLE
from .sight import PERFECT_SIGHT, Sight
from .telling import with_even_lids
from .vocabulary import VOCABULARY, Direction, Movement

CONTRADICTION: Final = 0.3
"""Two opposite shapes that are both at least this strong cannot both be meant."""
LIP_CLOSING_TOLERANCE: Final = 0.1
"""mouthClose means something on an open jaw only, and never above it; trackers overshoot by a little."""
HIDING_YAW: Final = 30.0
"""Degrees; a face model guesses the far half of a face that is turned further than this."""
DISTURBING_PITCH: Final = 15.0
"""Degrees; at this pitch the built-in face model read 0.1 to 0.25 of brow and lid shapes on a resting face."""
OUTSIDE: Final = 0.02
"""How far a coefficient may lie outside 0 to 1 before it is worth a word."""

_OPPOSITES_OF_A_SIDE: Final = (
    ("eyeBlink", "eyeWide", "eye is closed and widened at once."),
    ("eyeBlink", "eyeSquint", "eye is shut and squinted; the lids may cross."),
    ("eyeLookUp", "eyeLookDown", "eye looks up and down at once."),
    ("eyeLookIn", "eyeLookOut", "eye looks in and out at once."),
    ("mouthSmile", "mouthFrown", "lip corner goes up and down at once."),
)
_OPPOSITES: Final = (
    ("mouthLeft", "mouthRight", "The mouth is pulled both ways at once."),
    ("jawLeft", "jawRight", "The jaw is pulled both ways at once."),
    ("mouthFunnel", "mouthRollUpper", "The lips roll in and funnel out at once."),
)
# Blink and squint go together when the eyes are screwed up; only a lid already shut makes it one too many.
_LEAST: Final = {"eyeBlink": CLOSED_LID, "eyeSquint": 0.5}

_GAZE_AND_EYEBALLS: Final = (
    ("eyeLookUpLeft", Direction("leftEyePitch", -1)),
    ("eyeLookDownLeft", Direction("leftEyePitch", 1)),
    ("eyeLookOutLeft", Direction("leftEyeYaw", -1)),
    ("eyeLookInLeft", Direction("leftEyeYaw", 1)),
    ("eyeLookUpRight", Direction("rightEyePitch", -1)),
    ("eyeLookDownRight", Direction("rightEyePitch", 1)),
    ("eyeLookOutRight", Direction("rightEyeYaw", 1)),
    ("eyeLookInRight", Direction("rightEyeYaw", -1)),
)
"""Each look of the lids, and the turn of the eyeball that goes the other way."""


def doubts_about(pose: Pose, sight: Sight = PERFECT_SIGHT) -> tuple[str, ...]:
    """A sentence for each thing in a pose that is contradictory, implausible or not well visible."""
    face = pose.by_channel()
    with_lids_as_seen = with_even_lids(face) if sight.lids_alike else face
    return (
        *_contradictions(with_lids_as_seen),
        *_impossible_mouth(face),
        *_outside_the_range(face),
        *_gaze(with_lids_as_seen),
        *_smile_of_shut_eyes(face),
        *_seen_otherwise(face, sight),
        *_hidden_by_the_head(face),
        *_weak_channels(frozenset(sight.weak)),
    )


def _contradictions(face: Face) -> list[str]:
    sentences = []
    for one, other, words in _OPPOSITES_OF_A_SIDE:
        least_one, least_other = _LEAST.get(one, CONTRADICTION), _LEAST.get(other, CONTRADICTION)
        sides = [
            side
            for side in ("Left", "Right")
            if face[f"{one}{side}"] >= least_one and face[f"{other}{side}"] >= least_other
        ]
        if sides:
            sentences.append(f"{'Each' if len(sides) == 2 else f'The {sides[0].lower()}'} {words}")
    for one, other, sentence in _OPPOSITES:
        if min(face[one], face[other]) >= CONTRADICTION:
            sentences.append(sentence)
    return sentences


def _impossible_mouth(face: Face) -> list[str]:
    sentences = []
    if face["mouthClose"] > face["jawOpen"] + LIP_CLOSING_TOLERANCE:
        sentences.append("The lips close further than the jaw is open.")
    if face["tongueOut"] >= CONTRADICTION and face["jawOpen"] - face["mouthClose"] < LIP_CLOSING_TOLERANCE:
        sentences.append("The tongue is out of a closed mouth.")
    return sentences


def _outside_the_range(face: Face) -> list[str]:
    outside = [name for name in SHAPES if not -OUTSIDE <= face[name] <= 1 + OUTSIDE]
    return [f"Outside the range 0 to 1: {', '.join(outside)}."] if outside else []


def _gaze(face: Face) -> list[str]:
    closed = [side for side in ("Left", "Right") if face[f"eyeBlink{side}"] >= CLOSED_LID]
    if len(closed) == 2:
        return ["With the eyes closed, the gaze is a guess."]
    if closed:
        return [f"With the {closed[0].lower()} eye closed, its gaze is a guess."]
    against = (
        face[look] >= CONTRADICTION and amount_of(face, turn, EYE_ANGLE) >= EYE_ANGLE.threshold
        for look, turn in _GAZE_AND_EYEBALLS
    )
    return ["Lids and eyeballs look different ways."] if any(against) else []


def _smile_of_shut_eyes(face: Face) -> list[str]:
    if smiles_with_shut_eyes(face):
        return ["With the eyes shut, what reads as a smile may as well be crying or pain."]
    return []


def _hidden_by_the_head(face: Face) -> list[str]:
    sentences = []
    yaw, pitch = degrees(face["headYaw"]), degrees(face["headPitch"])
    if abs(yaw) >= HIDING_YAW:
        # Who turns to their own left shows the right half of the face.
        sentences.append(f"The head's turn hides much of the {'left' if yaw > 0 else 'right'} side.")
    if abs(pitch) >= DISTURBING_PITCH:
        sentences.append(f"With the head so {'high' if pitch > 0 else 'low'}, brows and lids are less certain.")
    return sentences


def _seen_otherwise(face: Face, sight: Sight) -> list[str]:
    """Where the picture itself says something else than the shapes that were read in it."""
    sentences = []
    if sight.lips_parted and lips_are_shut(face):
        sentences.append("The lips look parted, though the shapes hardly open them.")
    if sight.lids_alike and abs(face["eyeBlinkLeft"] - face["eyeBlinkRight"]) >= COEFFICIENT.side_difference / 100:
        sentences.append("The two eyes look alike; that one lid is lower is uncertain.")
    return sentences


@cache
def _weak_channels(weak: frozenset[str]) -> tuple[str, ...]:
    """One sentence, by region; a region of which nothing is seen well is named alone."""
    parts = []
    for region in Region:
        here = [movement for movement in VOCABULARY if movement.region is region]
        nouns = [movement.noun for movement in here if _is_weak(movement, weak)]
        if nouns and len(nouns) == len(here):
            parts.append(region.value)
        elif nouns:
            parts.append(", ".join(nouns))
    return (f"This engine hardly sees: {'; '.join(parts)}.",) if parts else ()


def _is_weak(movement: Movement, weak: Collection[str]) -> bool:
    return any(direction.channel in weak for direction in movement.directions)
