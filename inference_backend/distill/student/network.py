"""The student: a finder and a reader, both plain convolutions with residual blocks.

Squares are (centre x, centre y, side, lean), in pixels of the picture and radians: how far the square, like the head in
it, is turned clockwise. So a reader sees every face upright. All pictures here are float32 of shape (N, 3, H, W),
0 to 1.
"""

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

FINDER_PX: Final = 48
READER_PX: Final = 96
MARGIN: Final = 1.2
"""The reader sees so much more than the face itself, so that a finder that errs a little cuts nothing off."""


class Residual(nn.Module):
    """Two convolutions whose result is added to what goes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(_convolution(width, width), nn.ReLU(), _convolution(width, width))

    def forward(self, signal: Tensor) -> Tensor:
        """Shape in is shape out."""
        return functional.relu(signal + self.steps(signal))


class Trunk(nn.Module):
    """From a square picture to numbers. Where in the picture something is stays known up to the last layer.

    widths: of the layers, each of which halves the sides. deep: of how many of the last ones a residual block follows;
        on larger sides it would cost most of the time.
    """

    def __init__(self, side: int, widths: tuple[int, ...], outputs: int, *, deep: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for depth, (before, width) in enumerate(pairwise((3, *widths))):
            layers += [_convolution(before, width, stride=2), nn.ReLU()]
            layers += [Residual(width)] if depth >= len(widths) - deep else []
        cells = (side >> len(widths)) ** 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 48, 1), nn.ReLU(), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(48 * cells, 256), nn.ReLU(), nn.Linear(256, outputs))

    def forward(self, pictures: Tensor) -> Tensor:
        """The numbers of each picture."""
        # With its channels last, a convolution takes a tenth less time on a processor.
        signal = (pictures * 2 - 1).contiguous(memory_format=torch.channels_last)
        return self.head(self.layers(signal))


class Student(nn.Module):
    """Both parts. The reader's outputs are in units of each channel's spread about its mean."""

    def __init__(self, channel_count: int) -> None:
        super().__init__()
        self.finder = Trunk(FINDER_PX, (12, 24, 32), 4, deep=0)
        self.reader = Trunk(READER_PX, (24, 48, 96, 128), channel_count, deep=2)

    def find(self, pictures: Tensor, whole: Tensor) -> Tensor:
        """The squares of the faces, shape (N, 4). whole: the upright squares that are looked at."""
        return inside(self.finder(cut(pictures, whole, FINDER_PX)), whole)

    def read(self, pictures: Tensor, squares: Tensor, *, zoom: float = 1.0) -> Tensor:
        """The channels of the faces in these squares, shape (N, C); the head's roll from the square's lean.

        zoom: how much more than that it looks at.
        """
        seen = with_margin(squares) * torch.tensor([1.0, 1.0, zoom, 1.0])
        return self.reader(cut(pictures, seen, READER_PX))


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


def with_margin(squares: Tensor) -> Tensor:
    """What the reader sees of each face."""
    return squares * torch.tensor([1.0, 1.0, MARGIN, 1.0])
