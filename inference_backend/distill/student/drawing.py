"""Faces that were never rendered: where a character's points would be, in poses without number.

A student that has to learn from pictures alone what each of fifty shapes does to a face would need far more of them.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor

from blender_addon.core.channels import ANGLES, CHANNELS, INDEX
from blender_addon.core.errors import InputError
from blender_addon.core.face_points import FACE_POINTS_NAME, FacePoints
from blender_addon.core.rotation import Facing, head_rotation

from ..plausible import PlausibleFaces

POSES: Final = 10_000
_DRILLS: Final = 0.35
_DISTANCES: Final = tuple(1.0 * 1.15**step for step in range(18))
"""From which a face may have been filmed, in its extents: up to 11. A 35 mm lens has to come as near as 1.02."""
_MOBILE: Final = 0.02
"""Of the largest movement: what moves more is the face, at whose middle a camera is aimed."""
_OWN_AXES: Final = Facing(forward=(0, 0, 1), up=(0, 1, 0))
_HEAD: Final = tuple(name for name in ANGLES if name.startswith("head"))


@dataclass(frozen=True, eq=False)
class Views:
    """How each of some pictures shows its character: the head's turn (N, 3, 3), the distance (N,), and what brings
    the projected points to where they are in the picture, as a turned scale and a shift (N, 4).
    """

    turns: Tensor
    distances: Tensor
    fits: Tensor

    def at(self, places: Tensor) -> Self:
        """Some of them."""
        return type(self)(self.turns[places], self.distances[places], self.fits[places])


class FaceDrawer:
    """Draws faces as they would be seen in the views of some pictures.

    face: the character's points. values: the truth of the pictures (N, 61). points: where these are in them (N, K, 2).
    Raises InputError where the face has no movements.
    """

    def __init__(self, face: FacePoints, values: Tensor, points: Tensor, *, seed: int, poses: int = POSES) -> None:
        self._rest, self._moves = torch.from_numpy(face.rest), torch.from_numpy(face.moves)
        farthest = self._moves.norm(dim=-1).amax(dim=0)
        if not farthest.max() > 0:
            raise InputError(f"Nothing in {FACE_POINTS_NAME} moves the face.", "Render the training set again.")
        self._mobile = farthest > _MOBILE * farthest.max()
        self._columns = torch.tensor([INDEX[name] for name in face.channels])
        self._head = torch.tensor([INDEX[name] for name in _HEAD])
        self._random = torch.Generator().manual_seed(seed)
        self._values = values
        self.views, self.misses = self._views_of(values, points)
        drawn = PlausibleFaces(seed, drills=_DRILLS)
        shown = torch.zeros(len(CHANNELS))
        shown[self._columns] = 1
        own = torch.from_numpy(np.stack([drawn.draw().values for _ in range(poses)])) if poses else values[:0]
        self._poses = torch.cat([own * shown, values * shown])

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Points (N, K, 2) in pixels and values (N, 61) of so many random faces, and the place of the view of each."""
        poses = torch.randint(len(self._poses), (count,), generator=self._random)
        views = torch.randint(len(self._values), (count,), generator=self._random)
        values = self._poses[poses].clone()
        values[:, self._head] = self._values[views][:, self._head]
        return self.seen(values, self.views.at(views)), values, views

    def seen(self, values: Tensor, views: Views) -> Tensor:
        """Where the points of such faces would be in such views, in pixels (N, K, 2)."""
        return _placed(self._projected(values, views.turns, views.distances), views.fits)

    def _views_of(self, values: Tensor, points: Tensor) -> tuple[Views, Tensor]:
        """The views of pictures, by least squares, and by how many pixels they miss the points on average (N,)."""
        yaw, pitch, roll = values[:, self._head].double().numpy().T
        turns = torch.from_numpy(head_rotation(yaw, pitch, roll, _OWN_AXES)).float()
        found: list[tuple[Tensor, Tensor, Tensor]] = []
        for distance in _DISTANCES:
            distances = torch.full((len(values),), distance)
            flat = self._projected(values, turns, distances)
            fits = _fitted(flat, points)
            found.append((distances, fits, (_placed(flat, fits) - points).norm(dim=-1).mean(dim=-1)))
        distances, fits, misses = (torch.stack(column) for column in zip(*found, strict=True))
        best, each = misses.argmin(dim=0), torch.arange(len(values))
        return Views(turns, distances[best, each], fits[best, each]), misses[best, each]

    def _projected(self, values: Tensor, turns: Tensor, distances: Tensor) -> Tensor:
        """As a camera before the middle of the face sees them: to its right and downwards, shape (N, K, 2)."""
        moved = self._rest + torch.einsum("nc,ckd->nkd", values[:, self._columns], self._moves)
        resting = torch.einsum("nij,kj->nki", turns, self._rest[self._mobile])
        middle = (resting.amin(dim=1, keepdim=True) + resting.amax(dim=1, keepdim=True)) / 2
        left, up, forward = (torch.einsum("nij,nkj->nki", turns, moved) - middle).unbind(dim=-1)
        nearness = 1 / (distances[:, None] - forward)
        return torch.stack([left * nearness, -up * nearness], dim=-1)


def _fitted(flat: Tensor, points: Tensor) -> Tensor:
    """The turned scale and the shift that bring each face nearest to its points (Umeyama 1991, in the plane)."""
    middle, aim = flat.mean(dim=1, keepdim=True), points.mean(dim=1, keepdim=True)
    own, theirs = flat - middle, points - aim
    size = own.square().sum(dim=(1, 2))
    along = (own * theirs).sum(dim=(1, 2)) / size
    aside = (own[..., 0] * theirs[..., 1] - own[..., 1] * theirs[..., 0]).sum(dim=1) / size
    bare = torch.stack([along, aside, torch.zeros_like(along), torch.zeros_like(along)], dim=1)
    return torch.cat([bare[:, :2], (aim - _placed(middle, bare))[:, 0]], dim=1)


def _placed(flat: Tensor, fits: Tensor) -> Tensor:
    along, aside = fits[:, None, 0], fits[:, None, 1]
    across, down = flat.unbind(dim=-1)
    return torch.stack([along * across - aside * down, aside * across + along * down], dim=-1) + fits[:, None, 2:]
