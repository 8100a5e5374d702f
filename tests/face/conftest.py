"""The engine under test, loaded once for the whole folder."""

import pytest

from blender_addon.core.wire import FaceEstimate
from inference_backend.engines import RgbPicture
from inference_backend.face.engine import FaceModelEngine
from inference_backend.face.models import FaceModels
from tests.carriers import face_model_file
from tests.photos import real_photos


@pytest.fixture(scope="session")
def engine() -> FaceModelEngine:
    return FaceModelEngine(path=face_model_file())


@pytest.fixture(scope="session")
def models() -> FaceModels:
    return FaceModels.load(face_model_file(), threads=1)


@pytest.fixture(scope="session")
def largest_faces(engine: FaceModelEngine) -> list[tuple[RgbPicture, FaceEstimate]]:
    """The largest face of every real photo that has one."""
    pictures = [photo.picture for photo in real_photos()]
    return [(picture, face) for picture in pictures for face in engine.estimate(picture, max_faces=1)]
