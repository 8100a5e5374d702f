"""The student: a finder and a reader, both plain convolutions with residual blocks.

Squares are (centre x, centre y, side) in pixels of the picture. All pictures here are float32 of shape (N, 3, H, W),
0 to 1.
"""

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

FINDER_PX: Final = 48
READER_PX: Final = 96
MARGIN: Final = 1.3
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

    widths: of the layers. The first one takes patches of 4 x 4 pixels, since full-sized layers would cost most of the
        time; each of the others halves the sides. deep: whether these have a residual block each.
    """

    def __init__(self, side: int, widths: tuple[int, ...], outputs: int, *, deep: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 6, stride=4, padding=1), nn.ReLU()]
        for before, width in pairwise(widths):
            layers += [_convolution(before, width, stride=2), nn.ReLU(), *([Residual(width)] if deep else [])]
        cells = (side // 4 >> len(widths) - 1) ** 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 32, 1), nn.ReLU(), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(32 * cells, 256), nn.ReLU(), nn.Linear(256, outputs))

    def forward(self, pictures: Tensor) -> Tensor:
        """The numbers of each picture."""
        return self.head(self.layers(pictures * 2 - 1))


class Student(nn.Module):
    """Both parts. The reader's outputs are in units of each channel's spread about its mean."""

    def __init__(self, channel_count: int) -> None:
        super().__init__()
        self.finder = Trunk(FINDER_PX, (16, 32), 3, deep=False)
        self.reader = Trunk(READER_PX, (32, 64, 96), channel_count, deep=True)

    def find(self, pictures: Tensor, whole: Tensor) -> Tensor:
        """The squares of the faces, shape (N, 3). whole: the squares that are looked at."""
        return inside(self.finder(cut(pictures, whole, FINDER_PX)), whole)

    def read(self, pictures: Tensor, squares: Tensor) -> Tensor:
        """The channels of the faces in these squares, shape (N, C)."""
        return self.reader(cut(pictures, with_margin(squares), READER_PX))


def _convolution(before: int, after: int, *, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after))


def cut(pictures: Tensor, squares: Tensor, side: int, *, mirrored: Tensor | None = None) -> Tensor:
    """Cut a square out of each picture and scale it to `side` pixels; what is outside repeats the edge.

    mirrored: shape (N,), -1 where the cut is turned round and 1 elsewhere.
    """
    height, width = pictures.shape[-2:]
    count = len(pictures)
    across = torch.ones(count) if mirrored is None else mirrored
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = across * squares[:, 2] / width
    turn[:, 0, 2] = 2 * squares[:, 0] / width - 1
    turn[:, 1, 1] = squares[:, 2] / height
    turn[:, 1, 2] = 2 * squares[:, 1] / height - 1
    grid = functional.affine_grid(turn, [count, 3, side, side], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def relative(squares: Tensor, whole: Tensor) -> Tensor:
    """Squares as the finder tells them: centre in shares of the whole from its middle, and the log of the share."""
    middle = (squares[:, :2] - whole[:, :2]) / whole[:, 2:]
    return torch.cat([middle, torch.log(squares[:, 2:] / whole[:, 2:])], dim=1)


def inside(told: Tensor, whole: Tensor) -> Tensor:
    """The way back of `relative`."""
    side = whole[:, 2:] * torch.exp(told[:, 2:].clamp(-3, 1))
    return torch.cat([whole[:, :2] + told[:, :2] * whole[:, 2:], side], dim=1)


def with_margin(squares: Tensor) -> Tensor:
    """What the reader sees of each face."""
    return torch.cat([squares[:, :2], squares[:, 2:] * MARGIN], dim=1)
