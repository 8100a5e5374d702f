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
from .drawing import FaceDrawer
from .network import FINDER_PX, cut, points_inside, relative, with_margin

STORED_PX: Final = 192
_LEAST_SPREAD: Final = 0.02
"""A channel that varies less is not learnt: the character does not show it, or nobody moved it."""
_MIRROR_OF_TOLD: Final = torch.tensor([-1.0, 1.0, 1.0, -1.0])
_WHOLE_JITTER: Final = (0.06, 0.06, 0.12, 0.0)
_FACE_JITTER: Final = (0.025, 0.025, 0.05, 0.05)
"""Spreads of where a lesson is looked for, about a finder's errors: shares of the side, its logarithm, radians."""
_TURNED: Final = tuple(name for name in ANGLES if name.endswith(("Yaw", "Roll")))

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lessons:
    """pictures: uint8 (N, 3, P, P), scaled to fit and padded. squares: of the faces (N, 4). values: (N, 61).

    points: where those of the set's `FacePoints` are (N, K, 2), in pixels; none (K = 0) where nobody knows.
    """

    pictures: Tensor
    squares: Tensor
    values: Tensor
    points: Tensor

    @classmethod
    def of(cls, manifest: Manifest, *, pointed: bool = True) -> Self:
        """Read every picture. pointed: with the points, where all are known."""
        pictures, squares, points = [], [], []
        for example in manifest.examples:
            picture = manifest.picture(example)
            box = example.box or (0.0, 0.0, float(picture.shape[1]), float(picture.shape[0]))
            fitted, scale, (left, top) = fit(picture)
            pictures.append(fitted)
            middle = (box[0] + box[2] / 2) * scale + left, (box[1] + box[3] / 2) * scale + top
            squares.append((*middle, max(box[2:]) * scale, example.pose["headRoll"]))
            points.append(np.array(example.landmarks).reshape(-1, 2) * scale + (left, top))
        stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
        known = len(manifest.face_points().names) if pointed and manifest.knows_points else 0
        places = torch.from_numpy(np.stack([place[:known] for place in points])).float()
        return cls(stacked, torch.tensor(squares), torch.from_numpy(manifest.values()), places)

    def learnable(self) -> tuple[str, ...]:
        """The channels that vary; raise InputError where none does."""
        spreads = self.values.std(dim=0)
        channels = tuple(name for name in CHANNELS if float(spreads[INDEX[name]]) > _LEAST_SPREAD)
        if not channels:
            raise InputError("The face is the same in all pictures.", "Render it in different poses.")
        return channels


@dataclass(frozen=True, eq=False)
class Batch:
    """What the finder and the reader are shown, and what they should say. points: in shares of each face's square."""

    wholes: Tensor
    places: Tensor
    faces: Tensor
    points: Tensor
    values: Tensor


class Teacher:
    """Shows lessons, each time a little otherwise.

    side: of the faces, in pixels. mirror: show them also the other way round, with the sides exchanged; not where
        points are known, since none need have its like on the other side.
    """

    def __init__(
        self, lessons: Lessons, channels: tuple[str, ...], side: int, *, seed: int, mirror: bool = True
    ) -> None:
        self._lessons = lessons
        self._side = side
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
        squares, values = self._lessons.squares[places], self._lessons.values[places].clone()
        count = len(places)
        flips = torch.where(self._uniform(count) < 0.5, -1.0, 1.0) if self._mirror else torch.ones(count)
        whole = _jittered(whole_squares(pictures), self._normal(count, 4), _WHOLE_JITTER)
        seen = self.jittered(with_margin(squares))
        values[:, INDEX["headRoll"]] -= seen[:, 3]
        values = torch.where(flips[:, None] < 0, mirror_values(values), values)[:, self._columns]
        told = relative(squares, whole)
        told = torch.where(flips[:, None] < 0, told * _MIRROR_OF_TOLD, told)
        return Batch(
            self._relit(cut(pictures, whole, FINDER_PX, mirrored=flips)),
            told,
            self._relit(cut(pictures, seen, self._side, mirrored=flips)),
            points_inside(self._lessons.points[places], seen),
            values,
        )

    def drawn(self, drawer: FaceDrawer, count: int) -> tuple[Tensor, Tensor]:
        """Points of faces that were never rendered, as a batch has them, and their values."""
        points, values, views = drawer.draw(count)
        seen = self.jittered(with_margin(self._lessons.squares[views]))
        values[:, INDEX["headRoll"]] -= seen[:, 3]
        return points_inside(points, seen), values[:, self._columns]

    def jittered(self, squares: Tensor) -> Tensor:
        """Squares of faces about where a finder might find them."""
        return _jittered(squares, self._normal(len(squares), 4), _FACE_JITTER)

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
    return torch.tensor([[side / 2, side / 2, side, 0.0]]).expand(len(pictures), 4)


def mirror_values(values: Tensor) -> Tensor:
    """The faces in a mirror, shape (..., 61)."""
    order = [INDEX[other_side(name)] for name in CHANNELS]
    signs = torch.tensor([-1.0 if name in _TURNED else 1.0 for name in CHANNELS])
    return values[..., order] * signs


def _jittered(squares: Tensor, noise: Tensor, spread: tuple[float, float, float, float]) -> Tensor:
    noise = noise * torch.tensor(spread)
    side = squares[:, 2:3]
    return torch.cat(
        [squares[:, :2] + noise[:, :2] * side, side * torch.exp(noise[:, 2:3]), squares[:, 3:] + noise[:, 3:]], dim=1
    )
