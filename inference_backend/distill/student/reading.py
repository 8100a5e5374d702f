"""What a student says of pictures: each is looked at twice, as it is and in a mirror."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from blender_addon.core.channels import ANGLES, CHANNELS, INDEX

from .lessons import STORED_PX, mirror_values, whole_squares
from .network import Student

_BATCH: Final = 128

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Readings:
    """values: (N, C), in the channels' own units. squares: of the faces (N, 3). unease: of each picture (N,)."""

    values: Floats
    squares: Floats
    unease: Floats


class StudentReader:
    """A student with the units of its outputs."""

    def __init__(self, student: Student, channels: tuple[str, ...], means: Tensor, spreads: Tensor) -> None:
        self._student = student
        self._columns = torch.tensor([INDEX[name] for name in channels])
        self._means, self._spreads = means, spreads
        self._is_angle = torch.tensor([name in ANGLES for name in channels])

    def read(self, pictures: Tensor) -> Readings:
        """pictures: uint8 (N, 3, P, P), as `lessons.fit` makes them."""
        self._student.eval()
        with torch.inference_mode():
            parts = [self._read(some.float() / 255) for some in pictures.split(_BATCH)]
        values, squares, unease = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
        return Readings(values, squares, unease)

    def _read(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        squares, plain = self._look(pictures)
        there, turned = self._look(pictures.flip(-1))
        mirrored = self._mirrored(turned)
        there[:, 0] = STORED_PX - there[:, 0]
        unease = ((plain - mirrored) / self._spreads).square().mean(dim=1).sqrt()
        values = (plain + mirrored) / 2
        return torch.where(self._is_angle, values, values.clamp(0, 1)), (squares + there) / 2, unease

    def _look(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        squares = self._student.find(pictures, whole_squares(pictures))
        return squares, self._student.read(pictures, squares) * self._spreads + self._means

    def _mirrored(self, values: Tensor) -> Tensor:
        full = torch.zeros(len(values), len(CHANNELS))
        full[:, self._columns] = values
        return mirror_values(full)[:, self._columns]
