"""Which lane holds the face that the user wants, also from one piece of a clip to the next."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.clips import TrackedFrames
from blender_addon.core.track import FaceTrack

from .detector import overlaps
from .lane_frames import LaneFrames
from .pieces import WARM_UP

# Boxes in the same frame of two pieces that overlap by less (intersection over union) are not the same face.
_SAME_FACE: Final = 0.4


class LaneChoice:
    """Picks one lane out of the frames of a clip, which come in order, piece by piece."""

    def __init__(self, face: int) -> None:
        """face: which of the faces, in the order of their coming; together come the larger first."""
        self._face = face
        self._lane: int | None = face
        self._recent: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=WARM_UP)
        self._last_box: NDArray[np.float32] | None = None
        self._agreement: list[NDArray[np.float64]] = []
        self.ever_seen = False

    def begin_piece(self) -> None:
        """What comes next was followed anew: its lanes are other ones."""
        self._lane = None if self.ever_seen else self._face
        self._agreement = []

    def warm_up(self, frames: LaneFrames) -> None:
        """See frames that have been given already, as the new piece has them, to learn which lane is which."""
        known = dict(self._recent)
        for place, index in enumerate(frames.index):
            box = known.get(int(index))
            if box is not None:
                self._agreement.append(overlaps(_corners(box), _corners(frames.boxes[place])))

    def take(self, frames: LaneFrames) -> TrackedFrames:
        """The wanted face in these frames."""
        if self._lane is None:
            self._lane = self._recognised(frames)
        count, lane = len(frames), self._lane
        if lane is None or lane >= frames.confidence.shape[1]:
            track = FaceTrack(frames.times, np.zeros((count, CHANNEL_COUNT)), np.zeros(count))
            return TrackedFrames(track, np.zeros((count, 4), np.float32))
        confidence, boxes = frames.confidence[:, lane], np.ascontiguousarray(frames.boxes[:, lane])
        for index, sure, box in zip(frames.index, confidence, boxes, strict=True):
            if sure > 0:
                self._recent.append((int(index), box))
                self._last_box, self.ever_seen = box, True
        return TrackedFrames(FaceTrack(frames.times, frames.values[:, lane], confidence), boxes)

    def _recognised(self, frames: LaneFrames) -> int | None:
        """The lane that agrees best where both pieces saw the face; else the one nearest to where it was last."""
        lanes = frames.confidence.shape[1]
        agreement = np.zeros(lanes)
        for shares in self._agreement:
            agreement[: len(shares)] += shares / len(self._agreement)
        if lanes and agreement.max() >= _SAME_FACE:
            return int(agreement.argmax())
        seen = frames.confidence.max(axis=0, initial=0) > 0
        if not seen.any() or self._last_box is None:
            return None
        distance = [
            self._distance(frames.boxes[frames.confidence[:, lane] > 0, lane][0]) if seen[lane] else np.inf
            for lane in range(lanes)
        ]
        return int(np.argmin(distance))

    def _distance(self, box: NDArray[np.float32]) -> float:
        """Between the middles of a box and of the last one that held the face."""
        last = self._last_box
        assert last is not None
        return float(np.linalg.norm((box[:2] + box[2:] / 2) - (last[:2] + last[2:] / 2)))


def _corners(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """left, top, right, bottom of boxes, shape (..., 4)."""
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1).astype(np.float64)
