"""A manifest's pictures as the network takes them, changed at random from one look to the next."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from blender_addon.core.channels import ANGLES, CHANNELS, INDEX, other_side
from blender_addon.core.errors import InputError

from ..manifest import Manifest
from .network import FINDER_PX, READER_PX, cut, relative, with_margin

STORED_PX: Final = 144
_LEAST_SPREAD: Final = 0.02
"""A channel that varies less is not learnt: the character does not show it, or nobody moved it."""
_TURNED: Final = tuple(name for name in ANGLES if name.endswith(("Yaw", "Roll")))

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lessons:
    """pictures: uint8 (N, 3, P, P), scaled to fit and padded. squares: of the faces (N, 3). values: (N, 61)."""

    pictures: Tensor
    squares: Tensor
    values: Tensor

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Read every picture."""
        pictures, squares = [], []
        for example in manifest.examples:
            picture = manifest.picture(example)
            box = example.box or (0.0, 0.0, float(picture.shape[1]), float(picture.shape[0]))
            fitted, scale, (left, top) = fit(picture)
            pictures.append(fitted)
            middle = (box[0] + box[2] / 2) * scale + left, (box[1] + box[3] / 2) * scale + top
            squares.append((*middle, max(box[2:]) * scale))
        stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
        return cls(stacked, torch.tensor(squares), torch.from_numpy(manifest.values()))

    def learnable(self) -> tuple[str, ...]:
        """The channels that vary; raise InputError where none does."""
        spreads = self.values.std(dim=0)
        channels = tuple(name for name in CHANNELS if float(spreads[INDEX[name]]) > _LEAST_SPREAD)
        if not channels:
            raise InputError("The face is the same in all pictures.", "Render it in different poses.")
        return channels


@dataclass(frozen=True, eq=False)
class Batch:
    """What the finder and the reader are shown, and what they should say."""

    wholes: Tensor
    places: Tensor
    faces: Tensor
    values: Tensor


class Teacher:
    """Shows lessons, each time a little otherwise. mirror: also the other way round, with the sides exchanged."""

    def __init__(self, lessons: Lessons, channels: tuple[str, ...], *, seed: int, mirror: bool = True) -> None:
        self._lessons = lessons
        self._mirror = mirror
        self._columns = torch.tensor([INDEX[name] for name in channels])
        self._random = torch.Generator().manual_seed(seed)

    def epoch(self, batch_size: int) -> list[Tensor]:
        """The places of the lessons of each batch; in another order each time, without a small rest."""
        order = torch.randperm(len(self._lessons.pictures), generator=self._random)
        batches = list(order.split(batch_size))
        return batches[:-1] if len(batches) > 1 and len(batches[-1]) < batch_size else batches

    def batch(self, places: Tensor) -> Batch:
        """The lessons at these places."""
        pictures = self._lessons.pictures[places].float() / 255
        squares, values = self._lessons.squares[places], self._lessons.values[places]
        count = len(places)
        flips = torch.where(self._uniform(count) < 0.5, -1.0, 1.0) if self._mirror else torch.ones(count)
        values = torch.where(flips[:, None] < 0, mirror_values(values), values)[:, self._columns]
        whole = _jittered(whole_squares(pictures), self._normal(count, 3), (0.06, 0.06, 0.12))
        seen = _jittered(with_margin(squares), self._normal(count, 3), (0.03, 0.03, 0.06))
        told = relative(squares, whole)
        told = torch.cat([told[:, :1] * flips[:, None], told[:, 1:]], dim=1)
        return Batch(
            self._relit(cut(pictures, whole, FINDER_PX, mirrored=flips)),
            told,
            self._relit(cut(pictures, seen, READER_PX, mirrored=flips)),
            values,
        )

    def _relit(self, pictures: Tensor) -> Tensor:
        """Brighter or darker, tinted, flatter, and with some grain."""
        count = len(pictures)
        gain = torch.exp(0.15 * self._normal(count, 3, 1, 1) + 0.15 * self._normal(count, 1, 1, 1))
        lift = 0.06 * self._normal(count, 1, 1, 1)
        grain = 0.02 * self._normal(1, *pictures.shape[1:])
        return (pictures * gain + lift + grain).clamp(0, 1)

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self._random)

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self._random)


def fit(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float, tuple[int, int]]:
    """Scaled to fit in a square of `STORED_PX` and padded with grey; with the scale and where it begins."""
    height, width = picture.shape[:2]
    scale = STORED_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(
        Image.fromarray(picture).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    )
    left, top = (STORED_PX - size[0]) // 2, (STORED_PX - size[1]) // 2
    square = np.full((STORED_PX, STORED_PX, 3), 128, dtype=np.uint8)
    square[top : top + size[1], left : left + size[0]] = small
    return square, scale, (left, top)


def whole_squares(pictures: Tensor) -> Tensor:
    """The square of each whole picture."""
    side = float(pictures.shape[-1])
    return torch.tensor([[side / 2, side / 2, side]]).expand(len(pictures), 3)


def mirror_values(values: Tensor) -> Tensor:
    """The faces in a mirror, shape (N, 61)."""
    order = [INDEX[other_side(name)] for name in CHANNELS]
    signs = torch.tensor([-1.0 if name in _TURNED else 1.0 for name in CHANNELS])
    return values[:, order] * signs


def _jittered(squares: Tensor, noise: Tensor, spread: tuple[float, float, float]) -> Tensor:
    side = squares[:, 2:]
    middle = squares[:, :2] + noise[:, :2] * torch.tensor(spread[:2]) * side
    return torch.cat([middle, side * torch.exp(noise[:, 2:] * spread[2])], dim=1)
