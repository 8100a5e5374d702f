"""MediaPipe itself, asked the same questions. A test dependency only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from inference_backend.engines import RgbPicture


@dataclass(frozen=True, eq=False)
class OracleFace:
    """points: pixels, shape (478, 2); shapes: by ARKit name; rotation: 3 x 3 of the transformation matrix."""

    points: NDArray[np.float64]
    shapes: dict[str, float]
    rotation: NDArray[np.float64]


class Oracle:
    def __init__(self, landmarker: vision.FaceLandmarker) -> None:
        self._landmarker = landmarker

    def faces(self, picture: RgbPicture) -> list[OracleFace]:
        height, width = picture.shape[:2]
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        result = self._landmarker.detect(image)
        parts = zip(result.face_landmarks, result.face_blendshapes, result.facial_transformation_matrixes, strict=True)
        return [
            OracleFace(
                points=np.array([[point.x * width, point.y * height] for point in landmarks]),
                shapes={category.category_name: category.score for category in categories},
                rotation=np.array(matrix, dtype=np.float64)[:3, :3],
            )
            for landmarks, categories, matrix in parts
        ]


@contextmanager
def open_oracle(model: Path, *, max_faces: int) -> Iterator[Oracle]:
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        num_faces=max_faces,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        yield Oracle(landmarker)
