"""From landmarks to the 52 shapes of ARKit."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import INDEX, SHAPES

from .interpreter import Model
from .landmarks import FaceLandmarks
from .rewritten_model import without_unread_tokens

# The landmarks that the model reads, and the shapes that it gives, in its own order
# (`face_landmarker/face_blendshapes_graph.cc`). Its first output, "_neutral", means nothing.
_READ_LANDMARKS: Final = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
    251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
    317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
    384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477,
])  # fmt: skip
# The model gives the shapes alphabetically, all but the tongue, which it cannot see in the landmarks.
MODEL_SHAPES: Final = tuple(sorted(set(SHAPES) - {"tongueOut"}))
_CHANNELS_OF_OUTPUTS: Final = np.array([INDEX[name] for name in MODEL_SHAPES])

# The tongue's score says whether it is out rather than how far: 0.96 on a photo with the tongue out,
# 0.0008 at the median elsewhere (measured). Below the first number it is noise, above the second certain.
_TONGUE_SCORE: Final = (0.4, 0.9)
# A hand before a shut mouth scores up to 0.82. Below the first openness there is no room for a tongue.
_TONGUE_MOUTH: Final = (0.03, 0.12)


class BlendshapeModel:
    """The MLP-Mixer that reads 146 of the 478 landmarks."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        self._model = Model(without_unread_tokens(content), threads=threads)

    def coefficients(self, face: FaceLandmarks) -> NDArray[np.float64]:
        """The 52 shapes in the order of `SHAPES`, 0..1."""
        coefficients: NDArray[np.float64] = self.coefficients_of([face])[0]
        return coefficients

    def coefficients_of(self, faces: Sequence[FaceLandmarks]) -> NDArray[np.float64]:
        """The same of several faces, shape (N, 52); all but the model itself is done for all of them at once."""
        points = np.stack([face.points for face in faces])[:, _READ_LANDMARKS, :2]
        shapes = np.zeros((len(faces), len(SHAPES)))
        # One by one: the model is bound by its arithmetic, and takes as long for a face among 32 (measured).
        shapes[:, _CHANNELS_OF_OUTPUTS] = [self._model(points[[place]])[0][1:] for place in range(len(faces))]
        tongue = np.array([face.tongue for face in faces])
        shapes[:, INDEX["tongueOut"]] = _ramp(tongue, *_TONGUE_SCORE) * _ramp(_mouth_openness(shapes), *_TONGUE_MOUTH)
        return np.clip(shapes, 0.0, 1.0)


def _mouth_openness(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    lower_lip = (shapes[:, INDEX["mouthLowerDownLeft"]] + shapes[:, INDEX["mouthLowerDownRight"]]) / 2
    openness: NDArray[np.float64] = np.maximum(shapes[:, INDEX["jawOpen"]], lower_lip)
    return openness


def _ramp(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """0 up to `low`, 1 from `high` on, smooth between."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    smooth: NDArray[np.float64] = share * share * (3 - 2 * share)
    return smooth
