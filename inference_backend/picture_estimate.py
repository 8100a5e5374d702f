"""From the bytes of a picture file to its faces: the one road, for the server and the command line."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from blender_addon.core.errors import NoFaceError
from blender_addon.core.wire import FaceEstimate, ImageEstimate

from .engines import RgbPicture

ReadFaces = Callable[[RgbPicture], tuple[FaceEstimate, ...]]

_CLOSER: Final = "Use one in which the face is larger, in focus and not covered."
_TURNS: Final = {
    2: "It is upside down: turn it by 180°.",
    3: "Turn it clockwise by 90°.",
    1: "Turn it anticlockwise by 90°.",
}
"""By the number of quarter turns, anticlockwise, that bring the face upright."""
_SURE: Final = 0.9
_LOOKED_THROUGH_PX: Final = 1024
"""The longer side of the pictures that are tried turned; a face that needs more would not be named with certainty."""


def estimate_picture(data: bytes, engine_name: str, read_faces: ReadFaces) -> ImageEstimate:
    """Decode a picture file and read its faces; raise InputError for no picture and NoFaceError for no face."""
    from .pictures import decode_picture  # loads Pillow, which the server can start without

    picture = decode_picture(data)
    height, width, _ = picture.shape
    faces = read_faces(picture)
    if not faces:
        raise NoFaceError("No face was found in the picture.", _how_to_turn(picture, read_faces) or _CLOSER)
    return ImageEstimate(engine_name, width, height, faces)


def _how_to_turn(picture: RgbPicture, read_faces: ReadFaces) -> str:
    """What to do where the picture lies on its side or stands on its head; empty where it doesn't."""
    step = math.ceil(max(picture.shape) / _LOOKED_THROUGH_PX)
    small = picture[::step, ::step]
    for turns, words in _TURNS.items():
        faces = read_faces(np.ascontiguousarray(np.rot90(small, turns)))
        if any(face.confidence >= _SURE for face in faces):
            return words
    return ""
