"""A face at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .channels import CHANNEL_COUNT, CHANNELS, INDEX


class Face(Protocol):
    """Gives the 61 numbers by channel: a `Pose`, or its `by_channel()`, of which many are read faster."""

    def __getitem__(self, channel: str, /) -> float: ...


@dataclass(frozen=True, eq=False)
class Pose:
    """61 numbers in the order of `CHANNELS`: coefficients 0..1, then angles in radians.

    `values` is a read-only float32 array of shape (61,).
    """

    values: NDArray[np.float32]

    def __init__(self, values: ArrayLike) -> None:
        """Copy 61 finite numbers; raise ValueError for another count or a number that is not finite."""
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
            array = np.array(values, dtype=np.float32)
        array += 0.0  # makes -0.0 plain 0.0: poses that are equal then have equal bytes, and equal hashes
        if array.shape != (CHANNEL_COUNT,):
            raise ValueError(f"a pose has {CHANNEL_COUNT} values, not an array of shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError("a pose holds finite numbers only")
        array.flags.writeable = False
        object.__setattr__(self, "values", array)

    @classmethod
    def neutral(cls) -> Self:
        """The resting face: every channel 0."""
        return cls(np.zeros(CHANNEL_COUNT))

    @classmethod
    def from_mapping(cls, channels: Mapping[str, float]) -> Self:
        """A pose from named channels, the others 0; raise ValueError for a name that is no channel."""
        unknown = [name for name in channels if name not in INDEX]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not one of the {CHANNEL_COUNT} channels")
        return cls([channels.get(name, 0.0) for name in CHANNELS])

    def __getitem__(self, channel: str) -> float:
        return self.values.item(INDEX[channel])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pose) and bool(np.array_equal(self.values, other.values))

    def __hash__(self) -> int:
        return hash(self.values.tobytes())

    def by_channel(self) -> dict[str, float]:
        """All 61 channels by name, in the order of `CHANNELS` and exactly as they are."""
        return dict(zip(CHANNELS, self.values.tolist(), strict=True))

    def as_mapping(self) -> dict[str, float]:
        """All 61 channels by name, rounded to 5 decimals (finer than any model or eye can tell)."""
        rounded = self.values.astype(np.float64).round(5) + 0.0  # no -0.0
        return dict(zip(CHANNELS, rounded.tolist(), strict=True))
