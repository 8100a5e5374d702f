"""One face as it goes through a clip: where it is, where it is heading, and what it looks like."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .landmarks import FaceLandmarks

# A colour thumbnail of so many pixels a side tells people in one clip apart; its pixels are averages over time.
LOOK_SIDE: Final = 8
_LOOK_PACE: Final = 0.1
# How far a new frame's motion moves the estimate of the speed.
_SPEED_PACE: Final = 0.4
# A face that went out of sight is not taken to go on as it did for longer than this, in seconds.
_LONGEST_PREDICTION: Final = 0.4
# How quickly a lost face may have wandered, in its own widths a second, and from when on it may be anywhere.
_WANDERING: Final = 1.5
# Weights of being elsewhere (in widths), of another size (in doublings) and of another look (0..1).
_SIZE_WEIGHT, _LOOK_WEIGHT = 1.0, 4.0
# A cost above this says that it is somebody else, however little else there is to choose from.
_MOST_COST: Final = 3.0

Look = NDArray[np.float32]


@dataclass(eq=False)
class Lane:
    """A face that is or was in sight.

    face: its last landmarks; seen: the time of those, in seconds; in_sight: whether that was the last frame.
    """

    face: FaceLandmarks
    seen: float
    look: Look
    in_sight: bool = True
    speed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))

    def found(self, face: FaceLandmarks, time: float, look: Look) -> None:
        """It was seen again."""
        elapsed = time - self.seen
        if self.in_sight and elapsed > 0:
            motion = (middle(face.box) - middle(self.face.box)) / elapsed
            self.speed = (1 - _SPEED_PACE) * self.speed + _SPEED_PACE * motion
        elif not self.in_sight:
            self.speed = np.zeros(2)
        self.look = (1 - _LOOK_PACE) * self.look + _LOOK_PACE * look
        self.face, self.seen, self.in_sight = face, time, True

    def cost(self, face: FaceLandmarks, time: float, look: Look) -> float:
        """How unlike this lane a face at `time` is; above `_MOST_COST`, infinity."""
        lost_for = time - self.seen
        expected = middle(self.face.box) + self.speed * min(lost_for, _LONGEST_PREDICTION)
        width = max(1.0, float(self.face.box[2] - self.face.box[0]))
        away = float(np.linalg.norm(middle(face.box) - expected)) / width / (1 + _WANDERING * lost_for)
        size = abs(math.log2(max(1.0, float(face.box[2] - face.box[0])) / width))
        cost = away + _SIZE_WEIGHT * size / (1 + lost_for) + _LOOK_WEIGHT * unlikeness(self.look, look)
        return cost if cost <= _MOST_COST else math.inf


def middle(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of left, top, right, bottom."""
    return (box[:2] + box[2:]) / 2


def unlikeness(one: Look, other: Look) -> float:
    """0 for the same look to 1; without regard to how bright the light is."""
    a, b = one - one.mean(), other - other.mean()
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return (1 - float((a * b).sum()) / norms) / 2 if norms > 0 else 0.5
