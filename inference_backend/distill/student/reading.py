"""What a student says of pictures: each is looked at as it is and in a mirror, and from nearer and farther."""

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
_ZOOMS: Final = (0.94, 1.0, 1.06)
"""The mean of some looks errs less than any one; no more than the changes that it was taught with."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Readings:
    """values: (N, C), in the channels' own units. squares: of the faces (N, 4).

    unease: how unlike the character each picture looks (N,), about 1 for those that show it.
    """

    values: Floats
    squares: Floats
    unease: Floats


class StudentReader:
    """A student with the units of its outputs. mirror: whether it was taught in the mirror too, and looks into it."""

    def __init__(
        self, student: Student, channels: tuple[str, ...], means: Tensor, spreads: Tensor, *, mirror: bool
    ) -> None:
        self._student = student
        self._columns = torch.tensor([INDEX[name] for name in channels])
        self._means, self._spreads = means, spreads
        self._mirror = mirror
        self._is_roll = torch.tensor([float(name == "headRoll") for name in channels])
        self._is_angle = torch.tensor([name in ANGLES for name in channels])

    def read(self, pictures: Tensor) -> Readings:
        """pictures: uint8 (N, 3, P, P), as `lessons.fit` makes them."""
        self._student.eval()
        with torch.inference_mode():
            parts = [self._read(some.float() / 255) for some in pictures.split(_BATCH)]
        values, squares, unease = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
        return Readings(values, squares, unease)

    def _read(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        squares, looks, unease = self._look(pictures)
        if self._mirror:
            there, turned, uneasy = self._look(pictures.flip(-1))
            there = torch.cat([STORED_PX - there[:, :1], there[:, 1:3], -there[:, 3:]], dim=1)
            squares, looks = (squares + there) / 2, torch.cat([looks, self._mirrored(turned)])
            unease = (unease + uneasy) / 2
        values = looks.mean(dim=0)
        return torch.where(self._is_angle, values, values.clamp(0, 1)), squares, unease

    def _look(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The squares (N, 4), what is read in them, once for each zoom (Z, N, C), and how strange they look (N,)."""
        interpreter, squares = self._student.interpreter, self._student.find(pictures, whole_squares(pictures))
        sightings = [self._student.see(pictures, squares, zoom=zoom) for zoom in _ZOOMS]
        told = torch.stack([interpreter(sighting) for sighting in sightings])
        unease = torch.stack([interpreter.strangeness(sighting.looks) for sighting in sightings]).mean(dim=0)
        return squares, told * self._spreads + self._means + squares[:, 3:] * self._is_roll, unease

    def _mirrored(self, looks: Tensor) -> Tensor:
        full = torch.zeros(*looks.shape[:2], len(CHANNELS))
        full[..., self._columns] = looks
        return mirror_values(full)[..., self._columns]
