"""The student: a finder, a reader that sees points on the face, and an interpreter that tells what they mean.

Squares are (centre x, centre y, side, lean), in pixels of the picture and radians: how far the square, like the head in
it, is turned clockwise. So a reader sees every face upright. All pictures here are float32 of shape (N, 3, H, W),
0 to 1. Points are in shares of the square they are seen in, (0, 0) its upper left and (1, 1) its lower right.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

FINDER_PX: Final = 48
MARGIN: Final = 1.2
"""The reader sees so much more than the face itself, so that a finder that errs a little cuts nothing off."""
CELL_PX: Final = 4
"""The reader tells where a point is in a grid of cells that are so wide, and more finely between them."""
READER_PX: Final = (64, 112)
"""The least and the most that it looks at; it needs no more than the pictures have."""
_WIDTHS: Final = (32, 64, 96)
"""Of the layers whose cells are 4, 8 and 16 pixels wide."""
_POINT_GAIN: Final = 50.0
"""Makes points that move by a fiftieth of the square signals of 1; a reader errs by a third of that."""
_TURN_GAIN: Final = 10.0
_LOOK_WIDTH: Final = 12
"""Numbers that tell how the face looks at each point: what only shading shows, such as a puffed cheek."""


_EVEN: Final = 9
"""Points to a side of the grid that is looked at where nobody knows points of the face."""
_FORGOTTEN: Final = 0.2
"""Share of the looks that a lesson leaves out, so that none is learnt by heart."""


class Residual(nn.Module):
    """Two convolutions whose result is added to what goes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(_convolution(width, width), nn.ReLU(), _convolution(width, width))

    def forward(self, signal: Tensor) -> Tensor:
        """Shape in is shape out."""
        return functional.relu(signal + self.steps(signal))


class Finder(nn.Module):
    """From a square picture to where in it the face is, as `relative` tells it."""

    def __init__(self) -> None:
        super().__init__()
        widths = (12, 24, 32)
        layers: list[nn.Module] = []
        for before, width in pairwise((3, *widths)):
            layers += [_convolution(before, width, stride=2), nn.ReLU()]
        cells = (FINDER_PX >> len(widths)) ** 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 48, 1), nn.ReLU(), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(48 * cells, 256), nn.ReLU(), nn.Linear(256, 4))

    def forward(self, pictures: Tensor) -> Tensor:
        """The four numbers of each picture."""
        return self.head(self.layers(_centred(pictures)))


@dataclass(frozen=True, eq=False)
class Sighting:
    """What the reader saw of each face: where its points are (N, K, 2), how the face looks there (N, K, L), and
    the logarithm of how likely each point is in each cell of the grid (N, K, cells).
    """

    points: Tensor
    looks: Tensor
    maps: Tensor


class Reader(nn.Module):
    """Sees points of a face. Coarser and coarser grids tell it what it sees, and the finest one where that is.

    point_count: 0 where nobody knows any; then it looks at points of an even grid, whatever is there.
    """

    def __init__(self, side: int, point_count: int) -> None:
        super().__init__()
        fine, middle, coarse = _WIDTHS
        self.cells = side // CELL_PX
        self.fine = nn.Sequential(
            nn.PixelUnshuffle(CELL_PX), _convolution(3 * CELL_PX**2, fine), nn.ReLU(), Residual(fine)
        )
        self.middle = nn.Sequential(_convolution(fine, middle, stride=2), nn.ReLU(), Residual(middle))
        self.coarse = nn.Sequential(
            _convolution(middle, coarse, stride=2), nn.ReLU(), Residual(coarse), Residual(coarse)
        )
        self.from_coarse, self.from_middle = nn.Conv2d(coarse, middle, 1), nn.Conv2d(middle, fine, 1)
        self.joined_middle = nn.Sequential(_convolution(middle, middle), nn.ReLU())
        self.joined_fine = nn.Sequential(_convolution(fine, fine), nn.ReLU())
        self.maps = nn.Conv2d(fine, point_count, 1) if point_count else None
        self.looks = nn.Conv2d(fine, _LOOK_WIDTH, 1)

    def forward(self, faces: Tensor) -> Sighting:
        """faces: squares of the side that it was made for."""
        fine = self.fine(_centred(faces))
        middle = self.middle(fine)
        coarse = self.from_coarse(self.coarse(middle))
        middle = self.joined_middle(middle + functional.interpolate(coarse, size=middle.shape[-2:]))
        fine = self.joined_fine(fine + functional.interpolate(self.from_middle(middle), size=fine.shape[-2:]))
        if self.maps is None:
            points, maps = even_points(len(faces)), faces.new_zeros(len(faces), 0, 0)
        else:
            maps = self.maps(fine).flatten(2).log_softmax(dim=-1)
            points = self._means(maps.exp())
        looks = functional.grid_sample(self.looks(fine), (2 * points - 1).detach()[:, :, None], align_corners=False)
        return Sighting(points, looks.squeeze(-1).transpose(1, 2), maps)

    def _means(self, maps: Tensor) -> Tensor:
        middles = (torch.arange(self.cells) + 0.5) / self.cells
        grid = maps.unflatten(-1, (self.cells, self.cells))
        return torch.stack([grid.sum(dim=-2) @ middles, grid.sum(dim=-1) @ middles], dim=-1)


class Interpreter(nn.Module):
    """From points, and how the face looks there, to channels, in units of each one's spread about its mean.

    What the points alone tell can be taught on faces that were never rendered. They are laid on each other first, so
    that where in the square a face is, and how large, need not be learnt to mean nothing.
    usual: the mean and the spread of how the character looks at each point. template, stiffness: see `aligned_to`.
    """

    usual: Tensor
    template: Tensor
    stiffness: Tensor

    def __init__(self, point_count: int, channel_count: int) -> None:
        super().__init__()
        point_count = point_count or _EVEN**2
        self.register_buffer("usual", torch.zeros(2, point_count, _LOOK_WIDTH))
        self.register_buffer("template", even_points(1)[0] if point_count == _EVEN**2 else torch.zeros(point_count, 2))
        self.register_buffer("stiffness", torch.ones(point_count))
        told = 2 * point_count + 2
        self.straight = nn.Linear(told, channel_count)
        self.by_points = nn.Sequential(
            nn.Linear(told, 384), nn.ReLU(), nn.Linear(384, 256), nn.ReLU(), nn.Linear(256, channel_count)
        )
        self.by_looks = nn.Sequential(
            nn.Dropout(_FORGOTTEN),
            nn.Linear(_LOOK_WIDTH * point_count, 128),
            nn.ReLU(),
            nn.Linear(128, channel_count),
        )
        nn.init.zeros_(self.by_looks[-1].weight)

    def of_points(self, points: Tensor) -> Tensor:
        """What points of shape (N, K, 2) tell."""
        aligned, turned = aligned_to(self.template, self.stiffness, points)
        signal = torch.cat([_POINT_GAIN * (aligned - self.template).flatten(1), _TURN_GAIN * turned], dim=1)
        return self.straight(signal) + self.by_points(signal)

    def note_points(self, points: Tensor) -> None:
        """Remember where the points of the character's face are on average (N, K, 2), and which of them stay there."""
        self.template = points.mean(dim=0)
        for _ in range(2):  # which ones stay is seen better once the faces lie on each other
            aligned, _turned = aligned_to(self.template, self.stiffness, points)
            self.template = aligned.mean(dim=0)
            self.stiffness = 1 / ((aligned - self.template).square().mean(dim=(0, 2)) + 1e-5)
            self.stiffness = self.stiffness / self.stiffness.sum()

    def note_usual(self, looks: Tensor) -> None:
        """Remember how the character looks (N, K, L)."""
        self.usual = torch.stack([looks.mean(dim=0), looks.std(dim=0).clamp(min=1e-3)])

    def strangeness(self, looks: Tensor) -> Tensor:
        """How unlike the character each face (N, K, L) looks, shape (N,): about 1 for itself."""
        mean, spread = self.usual
        return ((looks - mean) / spread).square().mean(dim=(1, 2)).sqrt()

    def forward(self, sighting: Sighting) -> Tensor:
        """What all that was seen tells."""
        return self.of_points(sighting.points) + self.by_looks(sighting.looks.flatten(1))


class Student(nn.Module):
    """The three together. side: of the squares that the reader sees, in pixels."""

    def __init__(self, side: int, point_count: int, channel_count: int) -> None:
        super().__init__()
        self.side = side
        self.finder = Finder()
        self.reader = Reader(side, point_count)
        self.interpreter = Interpreter(point_count, channel_count)

    def find(self, pictures: Tensor, whole: Tensor) -> Tensor:
        """The squares of the faces, shape (N, 4). whole: the upright squares that are looked at."""
        return inside(self.finder(cut(pictures, whole, FINDER_PX)), whole)

    def see(self, pictures: Tensor, squares: Tensor, *, zoom: float = 1.0) -> Sighting:
        """What the reader sees of the faces in these squares. zoom: how much more than that it looks at."""
        seen = with_margin(squares) * torch.tensor([1.0, 1.0, zoom, 1.0])
        sighting: Sighting = self.reader(cut(pictures, seen, self.side))
        return sighting


def aligned_to(template: Tensor, stiffness: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Faces (N, K, 2) turned, scaled and shifted so that they lie on a template (K, 2); and by how much each was turned
    (radians) and the logarithm of its size, (N, 2).

    stiffness: how much each point counts, (K,); those that the face moves most should count least.
    """
    share = (stiffness / stiffness.sum())[:, None]
    middle, aim = (points * share).sum(dim=1, keepdim=True), (template * share).sum(dim=0)
    own, wanted = points - middle, template - aim
    along = (share * own * wanted).sum(dim=(1, 2))
    aside = (share[:, 0] * (own[..., 1] * wanted[:, 0] - own[..., 0] * wanted[:, 1])).sum(dim=1)
    size = (share * wanted.square()).sum().clamp(min=1e-6)
    length = (along.square() + aside.square()).clamp(min=1e-8).sqrt()
    cosine, sine = (along / length)[:, None], (aside / length)[:, None]
    upright = torch.stack(
        [cosine * own[..., 0] + sine * own[..., 1], cosine * own[..., 1] - sine * own[..., 0]], dim=-1
    )
    scale = length / size
    turned = torch.stack([torch.atan2(aside, along), scale.clamp(min=1e-3).log()], dim=1)
    return upright / scale.clamp(min=1e-2)[:, None, None] + aim, turned


def even_points(count: int) -> Tensor:
    """The points of an even grid, once for each face, shape (N, K, 2)."""
    middles = (torch.arange(_EVEN) + 0.5) / _EVEN
    return torch.cartesian_prod(middles, middles).flip(-1).expand(count, -1, -1)


def reader_side(squares: Tensor) -> int:
    """How much the reader should see of faces that are as large as these, in pixels; whole cells of every grid."""
    least, most = READER_PX
    wanted = float(with_margin(squares)[:, 2].median())
    return min(max(round(wanted / (4 * CELL_PX)) * 4 * CELL_PX, least), most)


def _centred(pictures: Tensor) -> Tensor:
    # With its channels last, a convolution takes a tenth less time on a processor.
    return (pictures * 2 - 1).contiguous(memory_format=torch.channels_last)


def _convolution(before: int, after: int, *, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after))


def cut(pictures: Tensor, squares: Tensor, side: int, *, mirrored: Tensor | None = None) -> Tensor:
    """Cut a square out of each picture and scale it to `side` pixels; what is outside repeats the edge.

    mirrored: shape (N,), -1 where the cut is turned round and 1 elsewhere.
    """
    height, width = pictures.shape[-2:]
    count = len(pictures)
    across = torch.ones(count) if mirrored is None else mirrored
    angle = squares[:, 3]
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = across * angle.cos() * squares[:, 2] / width
    turn[:, 0, 1] = -angle.sin() * squares[:, 2] / width
    turn[:, 0, 2] = 2 * squares[:, 0] / width - 1
    turn[:, 1, 0] = across * angle.sin() * squares[:, 2] / height
    turn[:, 1, 1] = angle.cos() * squares[:, 2] / height
    turn[:, 1, 2] = 2 * squares[:, 1] / height - 1
    grid = functional.affine_grid(turn, [count, 3, side, side], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def relative(squares: Tensor, whole: Tensor) -> Tensor:
    """Squares as the finder tells them: centre in shares of the whole from its middle, log of the share, lean."""
    middle = (squares[:, :2] - whole[:, :2]) / whole[:, 2:3]
    return torch.cat([middle, torch.log(squares[:, 2:3] / whole[:, 2:3]), squares[:, 3:]], dim=1)


def inside(told: Tensor, whole: Tensor) -> Tensor:
    """The way back of `relative`."""
    side = whole[:, 2:3] * torch.exp(told[:, 2:3].clamp(-3, 1))
    return torch.cat([whole[:, :2] + told[:, :2] * whole[:, 2:3], side, told[:, 3:]], dim=1)


def points_inside(points: Tensor, squares: Tensor) -> Tensor:
    """Points (N, K, 2) in pixels of the picture as shares of the squares that they are seen in."""
    away = points - squares[:, None, :2]
    cosine, sine = squares[:, 3].cos()[:, None], squares[:, 3].sin()[:, None]
    across = cosine * away[..., 0] + sine * away[..., 1]
    down = cosine * away[..., 1] - sine * away[..., 0]
    return torch.stack([across, down], dim=-1) / squares[:, 2, None, None] + 0.5


def with_margin(squares: Tensor) -> Tensor:
    """What the reader sees of each face."""
    return squares * torch.tensor([1.0, 1.0, MARGIN, 1.0])
