"""What is written to F-curves: keys per channel, in seconds and channel units."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .channels import CHANNELS
from .pose import Pose


class Interpolation(Enum):
    """How a curve runs from one key to the next; the names are Blender's own."""

    CONSTANT = "CONSTANT"
    LINEAR = "LINEAR"
    BEZIER = "BEZIER"


@dataclass(frozen=True, eq=False)
class Curve:
    """The keys of one channel.

    times: seconds, float64 of shape (K,), strictly rising.
    values: float64 of shape (K,).
    handles: for Bezier keys, (time, value) of the left and right handle of each key, float64 of
        shape (K, 2, 2); None leaves them to Blender's auto-clamped handles.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    interpolation: Interpolation
    handles: NDArray[np.float64] | None

    def __init__(
        self,
        times: ArrayLike,
        values: ArrayLike,
        interpolation: Interpolation = Interpolation.BEZIER,
        handles: ArrayLike | None = None,
    ) -> None:
        """Copy the arrays; raise ValueError where shapes disagree, time does not rise or a number is not finite."""
        time_array = np.array(times, dtype=np.float64)
        value_array = np.array(values, dtype=np.float64)
        handle_array = None if handles is None else np.array(handles, dtype=np.float64)
        count = len(time_array)
        if time_array.shape != (count,) or value_array.shape != (count,):
            raise ValueError(f"{count} times need {count} values, not an array of shape {value_array.shape}")
        if handle_array is not None and handle_array.shape != (count, 2, 2):
            raise ValueError(f"{count} keys need handles of shape ({count}, 2, 2), not {handle_array.shape}")
        if (time_array[1:] <= time_array[:-1]).any():
            raise ValueError("the times of a curve rise from key to key")
        for array in (time_array, value_array, handle_array):
            if array is None:
                continue
            if not np.isfinite(array).all():
                raise ValueError("a curve holds finite numbers only")
            array.flags.writeable = False
        object.__setattr__(self, "times", time_array)
        object.__setattr__(self, "values", value_array)
        object.__setattr__(self, "interpolation", interpolation)
        object.__setattr__(self, "handles", handle_array)


@dataclass(frozen=True, eq=False)
class Curves:
    """The keys of every channel that a take sets; a channel that is absent is left alone."""

    by_channel: Mapping[str, Curve]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.by_channel) - set(CHANNELS))
        if unknown:
            raise ValueError(f"not a channel: {', '.join(unknown)}")

    @classmethod
    def from_pose(cls, pose: Pose) -> Self:
        """One key per channel at time 0."""
        return cls({name: Curve([0.0], [value]) for name, value in zip(CHANNELS, pose.values, strict=True)})

    def __iter__(self) -> Iterator[tuple[str, Curve]]:
        return iter(self.by_channel.items())

    def __getitem__(self, channel: str) -> Curve:
        return self.by_channel[channel]

    def __contains__(self, channel: object) -> bool:
        return channel in self.by_channel

    def __len__(self) -> int:
        return len(self.by_channel)
