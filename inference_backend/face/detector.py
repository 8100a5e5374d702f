"""Where the faces are: BlazeFace, its anchors, and weighted non-maximum suppression.

BlazeFace (arXiv 1907.05047) looks at a letterboxed picture of 128 x 128 pixels. Its settings are
those of MediaPipe's `face_detector/face_detector_graph.cc`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..engines import RgbPicture
from .interpreter import FloatTensor, Model
from .regions import Region, sample_upright

INPUT_SIDE: Final = 128
MIN_SCORE: Final = 0.5
SAME_FACE_OVERLAP: Final = 0.5
"""Two boxes whose intersection over union is above this are one face (`face_detector_graph_options.proto`)."""

# Clipped before the sigmoid, as `face_detector_graph.cc` does (score_clipping_thresh).
_LARGEST_LOGIT: Final = 100
_KEY_POINTS: Final = 6


@dataclass(frozen=True, eq=False)
class Detection:
    """One face. box: left, top, right, bottom in pixels; key_points: pixels, shape (6, 2), the eyes first."""

    score: float
    box: NDArray[np.float64]
    key_points: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Square pixels."""
        left, top, right, bottom = self.box
        return float((right - left) * (bottom - top))

    def region(self) -> Region:
        """What the landmark model is to look at: the box turned along the eyes, with some surroundings."""
        left, top, right, bottom = (float(edge) for edge in self.box)
        across = self.key_points[1] - self.key_points[0]
        rotation = math.atan2(float(across[1]), float(across[0]))
        return Region((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, rotation).expanded()


class FaceDetector:
    """Finds faces that are larger than about a tenth of what it is shown."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        self._model = Model(content, threads=threads)
        self._anchors = _anchor_centers()

    def detect(self, picture: RgbPicture, view: Region | None = None) -> list[Detection]:
        """The faces in an upright square `view` of the picture (the whole of it by default), best first."""
        square = view or whole_picture(picture)
        crop = sample_upright(picture, square, INPUT_SIDE)
        raw_boxes, logits = self._model(crop[np.newaxis] * np.float32(1 / 127.5) - np.float32(1.0))
        candidates = _decode(raw_boxes[0], logits[0, :, 0], self._anchors)
        return [_place(candidate, square) for candidate in merge_overlapping(candidates)]


def whole_picture(picture: RgbPicture) -> Region:
    """The smallest square around the whole picture, which letterboxes it."""
    height, width = picture.shape[:2]
    side = max(height, width)
    return Region(width / 2, height / 2, side, side, 0.0)


def _anchor_centers() -> FloatTensor:
    """Centres of the 896 anchors in units of the input: 16 x 16 cells with 2 each, 8 x 8 cells with 6 each."""
    layers = []
    for cells, anchors_per_cell in ((16, 2), (8, 6)):
        middles = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / cells
        y, x = np.meshgrid(middles, middles, indexing="ij")
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), anchors_per_cell, axis=0))
    return np.concatenate(layers)


def _decode(raw_boxes: FloatTensor, logits: FloatTensor, anchors: FloatTensor) -> list[Detection]:
    """Faces above the score limit, in units of the detector's input (0 to 1)."""
    scores = 1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT).astype(np.float64)))
    kept = np.flatnonzero(scores >= MIN_SCORE)
    values = raw_boxes[kept].astype(np.float64) / INPUT_SIDE
    detections = []
    for score, value, anchor in zip(scores[kept], values, anchors[kept], strict=True):
        center, half_size = anchor + value[:2], value[2:4] / 2
        box = np.concatenate([center - half_size, center + half_size])
        detections.append(Detection(float(score), box, anchor + value[4:].reshape(_KEY_POINTS, 2)))
    return detections


def merge_overlapping(detections: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression: each face is the average of its boxes, weighted by score, best first.

    Steadier than keeping the best box alone (`calculators/util/non_max_suppression_calculator.cc`).
    """
    waiting = sorted(detections, key=lambda detection: detection.score, reverse=True)
    faces = []
    while waiting:
        best = waiting[0]
        overlaps = [overlap(best.box, other.box) > SAME_FACE_OVERLAP for other in waiting]
        same = [other for other, overlapping in zip(waiting, overlaps, strict=True) if overlapping]
        waiting = [other for other, overlapping in zip(waiting[1:], overlaps[1:], strict=True) if not overlapping]
        weights = [other.score for other in same]
        box = np.average([other.box for other in same], axis=0, weights=weights)
        key_points = np.average([other.key_points for other in same], axis=0, weights=weights)
        faces.append(Detection(best.score, box, key_points))
    return faces


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    union = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2])) - shared
    return shared / union if union > 0 else 0.0


def _place(detection: Detection, view: Region) -> Detection:
    """From the detector's input to the pixels of the picture."""
    corner = np.array([view.center_x - view.width / 2, view.center_y - view.height / 2])
    size = np.array([view.width, view.height])
    box = (detection.box.reshape(2, 2) * size + corner).reshape(4)
    return Detection(detection.score, box, detection.key_points * size + corner)
