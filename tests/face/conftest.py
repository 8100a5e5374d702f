"""The engine under test, loaded once for the whole folder."""

import pytest

from inference_backend.face.engine import FaceModelEngine
from inference_backend.face.models import FaceModels
from tests.carriers import face_model_file


@pytest.fixture(scope="session")
def engine() -> FaceModelEngine:
    return FaceModelEngine(path=face_model_file())


@pytest.fixture(scope="session")
def models() -> FaceModels:
    return FaceModels.load(face_model_file(), threads=1)
