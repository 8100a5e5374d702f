"""The three models and the canonical face together: a region of a picture in, a pose out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.pose import Pose
from blender_addon.core.wire import HeadFrame

from ..engines import RgbPicture
from .blendshapes import BlendshapeModel
from .canonical_face import CanonicalFace
from .detector import FaceDetector
from .gaze import eye_angles
from .head_pose import HeadPose, View, fit_head_pose
from .landmarks import FaceLandmarks, LandmarkModel
from .level import Gaze
from .model_file import load_bundle
from .regions import Region

MIN_PRESENCE: Final = 0.5
"""Below this there is no face (MediaPipe's default `min_face_presence_confidence`)."""


@dataclass(frozen=True, eq=False)
class FaceModels:
    """Loaded once, for pictures and for videos alike. Not thread-safe."""

    detector: FaceDetector
    landmarks: LandmarkModel
    blendshapes: BlendshapeModel
    canonical: CanonicalFace

    @classmethod
    def load(cls, path: Path, *, threads: int) -> "FaceModels":
        """Read the task file; raise EngineError where it is not there or not the right one.

        threads: of the detector and the landmark model; the blendshapes take a millisecond, beside other work of ours.
        """
        bundle = load_bundle(path)
        return cls(
            FaceDetector(bundle.detector, threads=threads),
            LandmarkModel(bundle.landmarks, threads=threads),
            BlendshapeModel(bundle.blendshapes, threads=1),
            CanonicalFace.from_metadata(bundle.geometry),
        )

    def locate(self, picture: RgbPicture, region: Region) -> FaceLandmarks | None:
        """The landmarks of the face in the region; None where there is none."""
        face = self.landmarks.locate(picture, region)
        return face if face.presence >= MIN_PRESENCE else None

    def pose(
        self, face: FaceLandmarks, picture_size: tuple[int, int], head_frame: HeadFrame = HeadFrame.CAMERA
    ) -> Pose:
        """All 61 channels of one face. picture_size: width and height."""
        return Pose(self.poses([face], picture_size, head_frame)[0])

    def poses(
        self,
        faces: Sequence[FaceLandmarks],
        picture_size: tuple[int, int],
        head_frame: HeadFrame = HeadFrame.CAMERA,
    ) -> NDArray[np.float64]:
        """The channels of faces in pictures of one size, shape (N, 61): together, the angles take little time."""
        shapes = self.blendshapes.coefficients_of(faces)
        points = np.stack([face.points for face in faces])
        is_viewers = head_frame is HeadFrame.VIEWER
        view = View.from_afar(points, self.canonical) if is_viewers else View.of_picture(picture_size)
        gaze = self.gaze(fit_head_pose(points, view, self.canonical), points, view)
        return with_angles(shapes, gaze.levelled() if is_viewers else gaze)

    def gaze(self, head: HeadPose, points: NDArray[np.float32], view: View) -> Gaze:
        """Where heads that were fitted to `points`, shape (..., 478, 3), and their eyes look."""
        return Gaze(head.angles, *eye_angles(points, view, head, self.canonical))


def with_angles(shapes: NDArray[np.float64], gaze: Gaze) -> NDArray[np.float64]:
    """All channels of faces, shape (..., 61), from their shapes, (..., 52), and their looks."""
    parts = (gaze.head, gaze.left_eye, gaze.right_eye)
    angles = [angle for part in parts for angle in (part.yaw, part.pitch, part.roll)]
    return np.concatenate([shapes, np.stack(angles, axis=-1)], axis=-1)
