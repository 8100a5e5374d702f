"""From the bytes of a picture file to its faces: the one road, for the server and the command line."""

from collections.abc import Callable

from blender_addon.core.errors import NoFaceError
from blender_addon.core.wire import FaceEstimate, ImageEstimate

from .engines import RgbPicture


def estimate_picture(
    data: bytes, engine_name: str, read_faces: Callable[[RgbPicture], tuple[FaceEstimate, ...]]
) -> ImageEstimate:
    """Decode a picture file and read its faces; raise InputError for no picture and NoFaceError for no face."""
    from .pictures import decode_picture  # loads Pillow, which the server can start without

    picture = decode_picture(data)
    height, width, _ = picture.shape
    faces = read_faces(picture)
    if not faces:
        raise NoFaceError(
            "No face was found in the picture.", "Use one in which the face is larger, in focus and not covered."
        )
    return ImageEstimate(engine_name, width, height, faces)
