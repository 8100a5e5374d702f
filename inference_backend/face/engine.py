"""The built-in engine for pictures: MediaPipe's face models, run directly."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blender_addon.core.errors import EngineError
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from ..engines import Cancelled, RgbPicture, never
from .model_file import PATH_SETTING, model_path

if TYPE_CHECKING:
    from .reader import FaceReader

NAME: Final = "face"
THREADS_SETTING: Final = "MIEN_FACE_THREADS"
DEFAULT_THREADS: Final = min(2, os.cpu_count() or 1)
"""Threads of the detector and the landmark model. A second one saves a quarter to a third of their time where a second
core is free, and nearly doubles it where other programs keep every core busy (19 ms for 10; two virtual cores)."""
MOST_THREADS: Final = 64
"""Far more than help; the interpreter ends the process where it can't make as many as it is told."""
_DETAIL: Final = "Reads the faces in a picture: 52 shapes, the head's and the eyes' angles."


class FaceModelEngine:
    """Reads faces in a picture (`inference_backend.engines.ImageEngine`)."""

    name = NAME
    is_quick = True

    def __init__(self, *, path: Path | None = None, threads: int | None = None) -> None:
        """path: the task file, by default where `model_path` says; threads: of the detector and the landmark model."""
        self._path = path or model_path()
        self._threads = threads
        self._reader: FaceReader | None = None

    def status(self) -> EngineStatus:
        """Whether the model file is there; its content is checked when it is loaded."""
        if self._reader is not None:
            return EngineStatus(NAME, ("image",), "loaded", _DETAIL)
        if self._path.is_file():
            return EngineStatus(NAME, ("image",), "ready", _DETAIL)
        missing = f"{self._path} does not exist. Run the set-up, or point {PATH_SETTING} at the file."
        return EngineStatus(NAME, ("image",), "not installed", missing)

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame = HeadFrame.CAMERA,
        cancelled: Cancelled = never,  # noqa: ARG002 - over before anybody could ask
    ) -> tuple[FaceEstimate, ...]:
        """Read at most `max_faces` faces, largest first."""
        return self._loaded().read(picture, wanted=max_faces, head_frame=head_frame)

    def unload(self) -> None:
        """Give the models' memory back."""
        self._reader = None

    def _loaded(self) -> "FaceReader":
        if self._reader is None:
            try:
                from .models import FaceModels
                from .reader import FaceReader
            except ImportError as fault:
                raise EngineError(
                    f"The face engine cannot run here: {fault}.", "Run the set-up of the backend again."
                ) from fault
            self._reader = FaceReader(FaceModels.load(self._path, threads=self._threads or _threads_setting()))
        return self._reader


def _threads_setting() -> int:
    setting = os.environ.get(THREADS_SETTING, str(DEFAULT_THREADS))
    if not (setting.isdecimal() and len(setting) <= len(str(MOST_THREADS)) and 1 <= int(setting) <= MOST_THREADS):
        raise EngineError(
            f"{THREADS_SETTING} is '{setting}', not a number of threads from 1 to {MOST_THREADS}.",
            "Set it to 1 or 2, or remove it.",
        )
    return int(setting)
