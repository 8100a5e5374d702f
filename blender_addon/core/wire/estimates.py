"""What an engine read from one picture, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..channels import CHANNELS
from ..narrowing import as_integer, as_list, as_mapping, as_number, as_numbers, as_text
from ..pose import Pose
from ..semantics.description import Description
from ..semantics.own_words import OwnWords
from .reading import reading

DEFAULT_FACES: Final = 8
"""How many faces of a picture are read where the caller names no number."""
MOST_FACES: Final = 64
"""How many a caller may ask for."""


@dataclass(frozen=True)
class FaceEstimate:
    """One face in a picture.

    box: x, y, width, height in pixels of the upright picture, from its top left corner.
    confidence: 0..1.
    description: what the numbers say. own_words: what the model wrote beside them, where the engine is one that writes.
    """

    box: tuple[float, float, float, float]
    confidence: float
    pose: Pose
    description: Description
    own_words: OwnWords | None = None


@dataclass(frozen=True)
class ImageEstimate:
    """What an engine read from one picture; the faces come largest first."""

    engine: str
    width: int
    height: int
    faces: tuple[FaceEstimate, ...]


def image_estimate_to_json(estimate: ImageEstimate) -> dict[str, Any]:
    """The reply to a picture; coordinates with a decimal, channels with five."""
    return {
        "engine": estimate.engine,
        "width": estimate.width,
        "height": estimate.height,
        "faces": [_face_to_json(face) for face in estimate.faces],
    }


def _face_to_json(face: FaceEstimate) -> dict[str, Any]:
    own_words = {} if face.own_words is None else {"own_words": face.own_words.to_json()}
    return {
        "box": [round(edge, 1) for edge in face.box],
        "confidence": round(face.confidence, 4),
        "channels": face.pose.as_mapping(),
        "description": face.description.to_json(),
        **own_words,
    }


def image_estimate_from_json(data: object) -> ImageEstimate:
    """Read what `image_estimate_to_json` wrote; raise InputError for anything else."""
    with reading("The estimate"):
        fields = as_mapping(data)
        return ImageEstimate(
            engine=as_text(fields["engine"]),
            width=as_integer(fields["width"]),
            height=as_integer(fields["height"]),
            faces=tuple(_face_from_json(as_mapping(face)) for face in as_list(fields["faces"])),
        )


def _face_from_json(fields: Mapping[str, Any]) -> FaceEstimate:
    channels = as_numbers(fields["channels"])
    missing = [name for name in CHANNELS if name not in channels]
    if missing:
        raise ValueError(f"channels are missing: {', '.join(missing)}")
    own_words = fields.get("own_words")
    x, y, width, height = (as_number(edge) for edge in as_list(fields["box"]))
    return FaceEstimate(
        box=(x, y, width, height),
        confidence=as_number(fields["confidence"]),
        pose=Pose.from_mapping(channels),
        description=Description.from_json(as_mapping(fields["description"])),
        own_words=None if own_words is None else OwnWords.from_json(as_mapping(own_words)),
    )
