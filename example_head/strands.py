"""Hair-like strands as thin tapered meshes: flat ribbons for hair and brows, three-sided tubes for lashes."""

import numpy as np

from .source import Floats, Ints


def ribbons(paths: Floats, facing: Floats, widths: Floats) -> tuple[Floats, Ints]:
    """Flat strands along paths [N, P, 3], turned to face `facing` [N, P, 3]; widths [N, P] in metres.

    Returns vertices [N * P * 2, 3], strand by strand, and quads.
    """
    across = np.cross(np.gradient(paths, axis=1), facing)
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-12)
    half = across * widths[..., None] / 2
    vertices = np.stack([paths - half, paths + half], axis=2)  # [N, P, 2, 3]
    return vertices.reshape(-1, 3), _strip_quads(*paths.shape[:2], around=2, closed=False)


def tubes(paths: Floats, facing: Floats, widths: Floats) -> tuple[Floats, Ints]:
    """Three-sided strands along paths [N, P, 3]; the arguments are those of `ribbons`."""
    along = np.gradient(paths, axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=2, keepdims=True), 1e-12)
    across = np.cross(along, facing)
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-12)
    upward = np.cross(across, along)
    corners = [
        paths + (np.cos(turn) * across + np.sin(turn) * upward) * widths[..., None] / 2
        for turn in (np.pi / 2, np.pi * 7 / 6, np.pi * 11 / 6)
    ]
    return np.stack(corners, axis=2).reshape(-1, 3), _strip_quads(*paths.shape[:2], around=3, closed=True)


def _strip_quads(strands: int, points: int, *, around: int, closed: bool) -> Ints:
    sides = around if closed else around - 1
    strand, point, side = np.meshgrid(np.arange(strands), np.arange(points - 1), np.arange(sides), indexing="ij")
    first = (strand * points + point) * around
    beside = (side + 1) % around
    corners = [first + side, first + beside, first + around + beside, first + around + side]
    return np.stack(corners, axis=-1).reshape(-1, 4)


def bezier(start: Floats, control: Floats, end: Floats, points: int) -> Floats:
    """Quadratic curves [N, P, 3] through N triples of points."""
    t = np.linspace(0, 1, points)[None, :, None]
    return (1 - t) ** 2 * start[:, None] + 2 * t * (1 - t) * control[:, None] + t**2 * end[:, None]


def unit(vectors: Floats) -> Floats:
    """The vectors scaled to length 1 along the last axis."""
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return found
