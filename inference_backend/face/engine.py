"""The built-in engine for pictures: MediaPipe's face models, run directly."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from blender_addon.core.errors import EngineError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.telling import worth_telling
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from ..engines import Cancelled, RgbPicture, never
from .model_file import PATH_SETTING, model_path

if TYPE_CHECKING:
    from .landmarks import FaceLandmarks
    from .models import FaceModels

NAME: Final = "face"
THREADS_SETTING: Final = "MIEN_FACE_THREADS"
DEFAULT_THREADS: Final = 1
"""Threads of each model. A second one saves a third in a tight loop, but nothing at the median of requests that come
singly: waking it takes what it saves (measured on two virtual cores)."""
MOST_THREADS: Final = 64
"""Far more than help; the interpreter ends the process where it can't make as many as it is told."""
_DETAIL: Final = "Reads the faces in a picture: 52 shapes, the head's and the eyes' angles."


class FaceModelEngine:
    """Reads faces in a picture (`inference_backend.engines.ImageEngine`)."""

    name = NAME
    is_quick = True

    def __init__(self, *, path: Path | None = None, threads: int | None = None) -> None:
        """path: the task file, by default where `model_path` says; threads: of each model."""
        self._path = path or model_path()
        self._threads = threads
        self._models: FaceModels | None = None

    def status(self) -> EngineStatus:
        """Whether the model file is there; its content is checked when it is loaded."""
        if self._models is not None:
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
        models = self._loaded()
        from .search import find_faces  # after the models: it needs the same packages

        size = picture.shape[1], picture.shape[0]
        faces = find_faces(models, picture, wanted=max_faces)
        return tuple(
            FaceEstimate(
                box=_box(face, size),
                confidence=face.presence,
                pose=(pose := models.pose(face, size, head_frame, still=True)),
                description=_description(models, picture, face, pose, head_frame),
            )
            for face in faces
        )

    def unload(self) -> None:
        """Give the models' memory back."""
        self._models = None

    def _loaded(self) -> "FaceModels":
        if self._models is None:
            try:
                from .models import FaceModels
            except ImportError as fault:
                raise EngineError(
                    f"The face engine cannot run here: {fault}.", "Run the set-up of the backend again."
                ) from fault
            self._models = FaceModels.load(self._path, threads=self._threads or _threads_setting())
        return self._models


def _threads_setting() -> int:
    setting = os.environ.get(THREADS_SETTING, str(DEFAULT_THREADS))
    if not (setting.isdecimal() and len(setting) <= len(str(MOST_THREADS)) and 1 <= int(setting) <= MOST_THREADS):
        raise EngineError(
            f"{THREADS_SETTING} is '{setting}', not a number of threads from 1 to {MOST_THREADS}.",
            "Set it to 1 or 2, or remove it.",
        )
    return int(setting)


def _box(face: "FaceLandmarks", picture_size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = np.clip(face.box, 0, [*picture_size, *picture_size])
    return float(left), float(top), float(right - left), float(bottom - top)


def _description(
    models: "FaceModels", picture: RgbPicture, face: "FaceLandmarks", pose: Pose, head_frame: HeadFrame
) -> Description:
    """The pose in words; a side is told only if the mirrored picture shows it on the other one."""
    from .doubts import doubts_about_face, doubts_about_tilt  # with the models: these need the same packages
    from .mirroring import may_be_uneven, sides_of
    from .sight import sight_of

    sight = sight_of(face)
    if may_be_uneven(worth_telling(pose, sight)):
        sight = replace(sight, sides=sides_of(models, picture, face))
    description = describe(pose, sight=sight)
    if head_frame is HeadFrame.VIEWER:
        description = replace(description, uncertain=(*doubts_about_tilt(pose), *description.uncertain))
    doubts = doubts_about_face(face, models.canonical)
    if not doubts:
        return description
    emotion = description.emotion.replace("likely", "possibly")
    return replace(description, emotion=emotion, uncertain=(*doubts, *description.uncertain))
