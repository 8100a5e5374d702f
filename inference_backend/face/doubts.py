"""What speaks against a reading as a whole: the face is small, turned over, or hardly a face."""

from typing import Final

import numpy as np

from blender_addon.core.pose import Pose
from blender_addon.core.semantics.scale import HEAD_ANGLE

from .canonical_face import CanonicalFace
from .head_pose import HeadPose
from .landmarks import FaceLandmarks

SURE_PRESENCE: Final = 0.9
"""Below this a face is told to be doubtful: such a one of a group photo had its eyes placed on its mouth."""
LEAST_WIDTH: Final = 60
"""Pixels. The landmark model is shown 256 for 1.5 times the face; from a third of that on it guesses."""
MOST_MISFIT: Final = 0.66
"""Centimetres by which the landmarks lie beside those of an average head, turned alike (root of the mean square). 81
photos and frames of people gave 0.22 to 0.61, one wrongly read face 0.65, masks 0.69 and 0.81, icons 0.75 and 0.87."""
LYING_ROLL: Final = 60.0
"""Degrees; no standing person leans the head so far."""

MOST_OPPOSED: Final = 3.0
"""Degrees by which head and eyes may tilt against one another and be taken for meant; see `level`."""

_UPWARDS: Final = np.array([1.0, -1.0])
"""Turns a picture's y, which grows downwards, round."""


def doubts_about_tilt(pose: Pose) -> tuple[str, ...]:
    """A sentence where a head that is told to be raised or lowered may just be built so. Of the viewer's frame."""
    head = np.degrees(pose["headPitch"])
    eyes = np.degrees(pose["leftEyePitch"] + pose["rightEyePitch"]) / 2
    if abs(head) < HEAD_ANGLE.threshold or head * eyes >= 0 or abs(eyes) < MOST_OPPOSED:
        return ()
    way = "raised" if head > 0 else "lowered"
    return (f"The head may be less {way} than it looks: the build of a face can tilt it so.",)


def doubts_about_face(face: FaceLandmarks, from_afar: HeadPose, canonical: CanonicalFace) -> tuple[str, ...]:
    """A sentence for each reason to take nothing of this reading for sure. from_afar: as fitted by that view."""
    roll, misfit = float(np.degrees(from_afar.angles.roll)), _misfit(face, from_afar, canonical)
    width = face.box[2] - face.box[0]
    sentences = []
    if face.presence < SURE_PRESENCE:
        sentences.append(
            f"The face is hard to make out ({face.presence:.0%} sure); crop the picture closer to it and compare."
        )
    if width < LEAST_WIDTH:
        sentences.append(f"The face is only {width:.0f} pixels wide; what it shows is a guess.")
    if misfit > MOST_MISFIT:
        sentences.append("What was found hardly has a face's proportions; it may be a drawing, a mask or no face.")
    if abs(roll) > LYING_ROLL:
        sentences.append(f"The face lies on its side ({abs(roll):.0f}°); turn the picture if the head is upright.")
    return tuple(sentences)


def _misfit(face: FaceLandmarks, from_afar: HeadPose, canonical: CanonicalFace) -> float:
    """Centimetres, seen from the front, over the landmarks that move with the head."""
    weights = canonical.weights[:, np.newaxis]
    expected = (canonical.basis_vertices @ from_afar.rotation.T)[:, :2]
    seen = face.points[canonical.basis, :2] * _UPWARDS
    expected, seen = expected - (weights * expected).sum(axis=0), seen - (weights * seen).sum(axis=0)
    pixels_per_centimetre = (weights * expected * seen).sum() / (weights * expected**2).sum()
    return float(np.sqrt((weights * (seen / pixels_per_centimetre - expected) ** 2).sum()))
