"""From landmarks to the 52 shapes of ARKit."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import INDEX, SHAPES

from .interpreter import Model
from .landmarks import FaceLandmarks

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
        self._model = Model(content, threads=threads)

    def coefficients(self, face: FaceLandmarks) -> NDArray[np.float64]:
        """The 52 shapes in the order of `SHAPES`, 0..1."""
        (outputs,) = self._model(face.points[np.newaxis, _READ_LANDMARKS, :2])
        shapes = np.zeros(len(SHAPES))
        shapes[_CHANNELS_OF_OUTPUTS] = outputs[1:]
        shapes[INDEX["tongueOut"]] = _ramp(face.tongue, *_TONGUE_SCORE) * _ramp(_mouth_openness(shapes), *_TONGUE_MOUTH)
        return np.clip(shapes, 0.0, 1.0)


def _mouth_openness(shapes: NDArray[np.float64]) -> float:
    lower_lip = (shapes[INDEX["mouthLowerDownLeft"]] + shapes[INDEX["mouthLowerDownRight"]]) / 2
    return float(max(shapes[INDEX["jawOpen"]], lower_lip))


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, smooth between."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return share * share * (3 - 2 * share)
