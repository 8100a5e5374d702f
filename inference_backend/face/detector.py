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
from .regions import Region
from .sampling import sample_upright

INPUT_SIDE: Final = 128
MIN_SCORE: Final = 0.5
SAME_FACE_OVERLAP: Final = 0.5
"""Two boxes whose intersection over union is above this are one face (`face_detector_graph_options.proto`)."""

# Clipped before the sigmoid, as `face_detector_graph.cc` does (score_clipping_thresh).
_LARGEST_LOGIT: Final = 100
_MIN_LOGIT: Final = math.log(MIN_SCORE / (1 - MIN_SCORE))
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
        crop = sample_upright(picture, square, INPUT_SIDE) * np.float32(1 / 127.5)
        crop -= np.float32(1.0)
        raw_boxes, logits = self._model(crop[np.newaxis])
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
    kept = np.flatnonzero(logits >= _MIN_LOGIT)
    scores = 1 / (1 + np.exp(-np.minimum(logits[kept], _LARGEST_LOGIT).astype(np.float64)))
    values = raw_boxes[kept].astype(np.float64) / INPUT_SIDE
    centers, half_sizes = anchors[kept] + values[:, :2], values[:, 2:4] / 2
    boxes = np.concatenate([centers - half_sizes, centers + half_sizes], axis=1)
    key_points = anchors[kept, np.newaxis] + values[:, 4:].reshape(-1, _KEY_POINTS, 2)
    return [Detection(float(score), box, points) for score, box, points in zip(scores, boxes, key_points, strict=True)]


def merge_overlapping(detections: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression: each face is the average of its boxes, weighted by score, best first.

    Steadier than keeping the best box alone (`calculators/util/non_max_suppression_calculator.cc`).
    """
    waiting = sorted(detections, key=lambda detection: detection.score, reverse=True)
    faces = []
    while waiting:
        overlapping = overlaps(waiting[0].box, np.array([other.box for other in waiting])) > SAME_FACE_OVERLAP
        overlapping[0] = True
        same = [other for other, joins in zip(waiting, overlapping, strict=True) if joins]
        waiting = [other for other, joins in zip(waiting, overlapping, strict=True) if not joins]
        weights = np.array([other.score for other in same])
        weights /= weights.sum()
        box = weights @ np.array([other.box for other in same])
        key_points = np.tensordot(weights, np.array([other.key_points for other in same]), axes=1)
        faces.append(Detection(same[0].score, box, key_points))
    return faces


def overlaps(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of a box (left, top, right, bottom) with each of `others`, shape (N, 4)."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.maximum(sides, 0).prod(axis=1)
    union: NDArray[np.float64] = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    share: NDArray[np.float64] = np.divide(shared, union, out=np.zeros(len(others)), where=union > 0)
    return share


def _place(detection: Detection, view: Region) -> Detection:
    """From the detector's input to the pixels of the picture."""
    corner = np.array([view.center_x - view.width / 2, view.center_y - view.height / 2])
    size = np.array([view.width, view.height])
    box = (detection.box.reshape(2, 2) * size + corner).reshape(4)
    return Detection(detection.score, box, detection.key_points * size + corner)
