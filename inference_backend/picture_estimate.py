"""From the bytes of a picture file to its faces: the one road, for the server and the command line."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np

from blender_addon.core.errors import MienError, NoFaceError
from blender_addon.core.wire import HeadFrame, ImageEstimate

from .engines import Faces, ImageEngine, RgbPicture, estimate_each

ReadFaces = Callable[[RgbPicture], Faces]

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
    return _told(picture, read_faces(picture), engine_name, read_faces)


def estimate_pictures(
    files: Iterable[Callable[[], bytes]], engine: ImageEngine, *, max_faces: int, head_frame: HeadFrame
) -> Iterator[ImageEstimate | MienError]:
    """The same for many files, each read when it is its turn; what is wrong with one keeps no other from its faces."""
    read_faces = partial(engine.estimate, max_faces=max_faces, head_frame=head_frame)
    pictures: deque[RgbPicture | MienError] = deque()

    def decoded() -> Iterator[RgbPicture]:
        for file in files:
            pictures.append(_decoded_or_fault(file))
            if not isinstance(pictures[-1], MienError):
                yield pictures[-1]

    for faces in estimate_each(engine, decoded(), max_faces=max_faces, head_frame=head_frame):
        while isinstance(picture := pictures.popleft(), MienError):
            yield picture
        try:
            yield faces if isinstance(faces, MienError) else _told(picture, faces, engine.name, read_faces)
        except MienError as fault:
            yield fault
    yield from (fault for fault in pictures if isinstance(fault, MienError))


def _decoded_or_fault(file: Callable[[], bytes]) -> RgbPicture | MienError:
    from .pictures import decode_picture

    try:
        return decode_picture(file())
    except MienError as fault:
        return fault


def _told(picture: RgbPicture, faces: Faces, engine_name: str, read_faces: ReadFaces) -> ImageEstimate:
    height, width, _ = picture.shape
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
