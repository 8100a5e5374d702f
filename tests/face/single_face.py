"""Asks an engine for the one face of a picture."""

from blender_addon.core.wire import FaceEstimate
from inference_backend.engines import RgbPicture
from inference_backend.face.engine import FaceModelEngine


def only_face(engine: FaceModelEngine, picture: RgbPicture) -> FaceEstimate:
    (face,) = engine.estimate(picture, max_faces=1)
    return face
