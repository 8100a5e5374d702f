"""A face over time, as a model saw it: one value per channel per frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .channels import CHANNEL_COUNT, INDEX
from .pose import Pose


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """The dense raw result of an engine.

    times: seconds, float64 of shape (T,), strictly rising.
    values: float32 of shape (T, 61), channels in the order of `CHANNELS`.
    confidence: 0..1, float32 of shape (T,); 0 where no face was seen.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float32]
    confidence: NDArray[np.float32]

    def __init__(self, times: ArrayLike, values: ArrayLike, confidence: ArrayLike) -> None:
        """Copy the arrays; raise ValueError where shapes disagree, time does not rise or a number is not finite."""
        time_array = np.array(times, dtype=np.float64)
        value_array = np.array(values, dtype=np.float32)
        confidence_array = np.array(confidence, dtype=np.float32)
        count = len(time_array)
        shapes = (time_array.shape, value_array.shape, confidence_array.shape)
        if shapes != ((count,), (count, CHANNEL_COUNT), (count,)):
            raise ValueError(
                f"{count} times need values of shape ({count}, {CHANNEL_COUNT}) and {count} confidences, "
                f"not {value_array.shape} and {confidence_array.shape}"
            )
        if (np.diff(time_array) <= 0).any():
            raise ValueError("the times of a track rise from frame to frame")
        for array in (time_array, value_array, confidence_array):
            if not np.isfinite(array).all():
                raise ValueError("a track holds finite numbers only")
            array.flags.writeable = False
        object.__setattr__(self, "times", time_array)
        object.__setattr__(self, "values", value_array)
        object.__setattr__(self, "confidence", confidence_array)

    @classmethod
    def from_pose(cls, pose: Pose, *, confidence: float = 1.0) -> "FaceTrack":
        """A photo's result: one frame at time 0."""
        return cls([0.0], pose.values[np.newaxis], [confidence])

    @classmethod
    def joined(cls, *parts: "FaceTrack") -> "FaceTrack":
        """Parts in order as one track; frames of a part that are not later than all before it are left out."""
        fresh, last = [cls([], np.empty((0, CHANNEL_COUNT)), [])], -np.inf
        for part in parts:
            first = int(np.searchsorted(part.times, last, side="right"))
            if first < len(part.times):
                fresh.append(cls(part.times[first:], part.values[first:], part.confidence[first:]))
                last = part.times[-1]
        return cls(
            np.concatenate([part.times for part in fresh]),
            np.concatenate([part.values for part in fresh]),
            np.concatenate([part.confidence for part in fresh]),
        )

    def channel(self, name: str) -> NDArray[np.float32]:
        """The values of one channel over time, shape (T,)."""
        return self.values[:, INDEX[name]]
