"""The built-in engine for pictures: MediaPipe's face models, run directly."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from blender_addon.core.errors import EngineError
from blender_addon.core.pose import Pose
from blender_addon.core.wire import EngineStatus, FaceEstimate

from ..engines import RgbPicture
from .blendshapes import WEAK_CHANNELS, BlendshapeModel
from .canonical_face import CanonicalFace
from .detector import FaceDetector, overlap
from .gaze import eye_angles
from .head_pose import fit_head_pose
from .landmarks import FaceLandmarks, LandmarkModel
from .model_file import load_bundle, model_path
from .regions import Region
from .search import find_faces

NAME: Final = "face"
THREADS_SETTING: Final = "MIEN_FACE_THREADS"
# More than two threads make models of this size slower; one leaves the machine to Blender.
DEFAULT_THREADS: Final = 1
# MediaPipe's own limit for "this is a face" (min_face_presence_confidence).
MIN_PRESENCE: Final = 0.5
# Two landmark boxes that overlap by more are one face, found twice.
_SAME_FACE_OVERLAP: Final = 0.4


@dataclass(frozen=True, eq=False)
class FaceModels:
    """The three models and the canonical face, loaded once, for pictures and for videos alike."""

    detector: FaceDetector
    landmarks: LandmarkModel
    blendshapes: BlendshapeModel
    canonical: CanonicalFace

    @classmethod
    def load(cls, path: Path, *, threads: int) -> "FaceModels":
        """Read the task file; raise EngineError where it is not there or not the right one."""
        bundle = load_bundle(path)
        return cls(
            FaceDetector(bundle.detector, threads=threads),
            LandmarkModel(bundle.landmarks, threads=threads),
            BlendshapeModel(bundle.blendshapes, threads=threads),
            CanonicalFace.from_metadata(bundle.geometry),
        )

    def locate(self, picture: RgbPicture, region: Region) -> FaceLandmarks | None:
        """The landmarks of the face in the region; None where there is none."""
        face = self.landmarks.locate(picture, region)
        return face if face.presence >= MIN_PRESENCE else None

    def pose(self, face: FaceLandmarks, picture_size: tuple[int, int]) -> Pose:
        """All 61 channels of one face. picture_size: width and height."""
        head = fit_head_pose(face.points, picture_size, self.canonical)
        eyes = eye_angles(face.points, picture_size, head, self.canonical)
        angles = [angle for part in (head.angles, *eyes) for angle in (part.yaw, part.pitch, part.roll)]
        return Pose(np.concatenate([self.blendshapes.coefficients(face), angles]))


class FaceModelEngine:
    """Reads faces in a picture (`inference_backend.engines.ImageEngine`)."""

    name = NAME

    def __init__(self, *, path: Path | None = None, threads: int | None = None) -> None:
        """path: the task file, by default where `model_path` says; threads: of each model."""
        self._path = path or model_path()
        self._threads = threads or int(os.environ.get(THREADS_SETTING, DEFAULT_THREADS))
        self._models: FaceModels | None = None

    def status(self) -> EngineStatus:
        """Whether the model file is there; its content is checked when it is loaded."""
        if self._models is not None:
            state, detail = "loaded", _DETAIL
        elif self._path.is_file():
            state, detail = "ready", _DETAIL
        else:
            state, detail = "not installed", f"{self._path} does not exist. Run the set-up to install it."
        return EngineStatus(NAME, ("image",), state, detail)

    def estimate(self, picture: RgbPicture, *, max_faces: int) -> tuple[FaceEstimate, ...]:
        """Read at most `max_faces` faces, largest first."""
        models = self._loaded()
        size = picture.shape[1], picture.shape[0]
        found: list[FaceLandmarks] = []
        for candidate in find_faces(models.detector, picture, wanted=max_faces):
            face = models.locate(picture, candidate.region())
            if face is not None and not any(_is_same(face, other) for other in found):
                found.append(face)
            if len(found) == max_faces:
                break
        return tuple(_estimate(face, models.pose(face, size), size) for face in found)

    def unload(self) -> None:
        """Give the models' memory back."""
        self._models = None

    def _loaded(self) -> FaceModels:
        if self._models is None:
            try:
                self._models = FaceModels.load(self._path, threads=self._threads)
            except ImportError as fault:
                raise EngineError(
                    f"The face engine cannot run here: {fault}.", "Run the set-up of the backend again."
                ) from fault
        return self._models


_DETAIL: Final = "Reads faces in a picture: 52 shapes, head and eyes."


def _estimate(face: FaceLandmarks, pose: Pose, picture_size: tuple[int, int]) -> FaceEstimate:
    from blender_addon.core.semantics.reader import describe

    left, top, right, bottom = np.clip(face.box(), 0, [*picture_size, *picture_size])
    return FaceEstimate(
        box=(float(left), float(top), float(right - left), float(bottom - top)),
        confidence=face.presence,
        pose=pose,
        description=describe(pose, weak=WEAK_CHANNELS),
    )


def _is_same(first: FaceLandmarks, second: FaceLandmarks) -> bool:
    return overlap(np.array(first.box()), np.array(second.box())) > _SAME_FACE_OVERLAP
