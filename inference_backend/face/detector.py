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
_PIXEL_SCALE, _ONE = np.float32(1 / 127.5), np.float32(1)

_Numbers = NDArray[np.float64]


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

        def fill(tensor: FloatTensor) -> None:
            np.multiply(crop, _PIXEL_SCALE, out=tensor[0])
            np.subtract(tensor, _ONE, out=tensor)

        raw_boxes, logits = self._model.filled(fill)
        faces = _merged(*_decode(raw_boxes[0], logits[0, :, 0], self._anchors))
        return [_place(face, square) for face in faces]


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


def _decode(raw_boxes: FloatTensor, logits: FloatTensor, anchors: FloatTensor) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Scores, boxes and key points of what is above the score limit, in units of the detector's input (0 to 1)."""
    kept = np.flatnonzero(logits >= _MIN_LOGIT)
    scores = 1 / (1 + np.exp(-np.minimum(logits[kept], _LARGEST_LOGIT).astype(np.float64)))
    values = raw_boxes[kept].astype(np.float64) / INPUT_SIDE
    centers, half_sizes = anchors[kept] + values[:, :2], values[:, 2:4] / 2
    boxes = np.concatenate([centers - half_sizes, centers + half_sizes], axis=1)
    key_points = anchors[kept, np.newaxis] + values[:, 4:].reshape(-1, _KEY_POINTS, 2)
    return scores, boxes, key_points


def merge_overlapping(detections: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression: each face is the average of its boxes, weighted by score, best first.

    Steadier than keeping the best box alone (`calculators/util/non_max_suppression_calculator.cc`).
    """
    if not detections:
        return []
    return _merged(
        np.array([detection.score for detection in detections]),
        np.array([detection.box for detection in detections]),
        np.array([detection.key_points for detection in detections]),
    )


def _merged(scores: _Numbers, boxes: _Numbers, key_points: _Numbers) -> list[Detection]:
    """`merge_overlapping` of detections that lie in arrays, which takes a fifth of the time."""
    waiting = np.argsort(-scores, kind="stable")
    faces = []
    while waiting.size:
        joins = overlaps(boxes[waiting[0]], boxes[waiting]) > SAME_FACE_OVERLAP
        joins[0] = True
        same, waiting = waiting[joins], waiting[~joins]
        weights = scores[same] / scores[same].sum()
        points = np.tensordot(weights, key_points[same], axes=1)
        faces.append(Detection(float(scores[same[0]]), weights @ boxes[same], points))
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
