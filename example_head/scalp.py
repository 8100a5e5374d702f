"""The scalp as seen from the middle of the skull: where hair grows and how far out the skull is."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .person import Person
from .source import Floats

# The hairline: elevation above the skull's middle (degrees) at each turn away from straight ahead
# (degrees): forehead, temples, in front of the ear, over it, behind it, nape.
HAIRLINE: Final = (
    (0, 27), (20, 28), (36, 29), (48, 22), (58, 8), (66, -10), (74, -22), (80, -18), (88, -8), (104, -8),
    (114, -18), (124, -34), (140, -48), (180, -54),
)  # fmt: skip
HARMONIC_DEGREE: Final = 6


@dataclass(frozen=True)
class Scalp:
    """A smooth star-shaped skull without ears."""

    middle: Floats  # [3]
    coefficients: Floats  # of the radius, in polynomials of the direction

    def radius(self, directions: Floats) -> Floats:
        """Distance from the middle to the skin along unit directions [..., 3]."""
        return _polynomials(directions) @ self.coefficients

    def directions(self, points: Floats) -> Floats:
        """Unit directions from the middle."""
        away = points - self.middle
        found: Floats = away / np.linalg.norm(away, axis=-1, keepdims=True)
        return found

    def surface(self, directions: Floats, lift: Floats) -> Floats:
        """Points `lift` metres above the skin."""
        return self.middle + directions * (self.radius(directions) + lift)[..., None]


def degrees_above_hairline(directions: Floats) -> Floats:
    """Positive where hair grows, for unit directions from the skull's middle."""
    turn, elevation = turn_and_elevation(directions)
    at, height = np.array(HAIRLINE, dtype=float).T
    fine = np.arange(0, 181.0)
    curve = np.interp(fine, at, height)
    for _ in range(8):
        curve = np.convolve(np.pad(curve, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    found: Floats = elevation - np.interp(turn, fine, curve)
    return found


def turn_and_elevation(directions: Floats) -> tuple[Floats, Floats]:
    """Degrees away from straight ahead (0 to 180) and degrees above the horizon."""
    turn = np.degrees(np.arctan2(np.abs(directions[..., 0]), -directions[..., 1]))
    return turn, np.degrees(np.arcsin(np.clip(directions[..., 2], -1, 1)))


def fit_scalp(person: Person) -> Scalp:
    """Fits the smooth skull to the head's skin, leaving the ears out."""
    skin = np.unique(person.mesh.quads[person.mesh.groups["body"]])
    eyes = (person.eyes["Left"].centre + person.eyes["Right"].centre) / 2
    points = person.vertices[skin]
    above = points[points[:, 2] > eyes[2] + 0.035]
    middle = np.array([0.0, (above[:, 1].min() + above[:, 1].max()) / 2, eyes[2] + 0.025])
    direction = (points - middle) / np.linalg.norm(points - middle, axis=1, keepdims=True)
    turn, elevation = turn_and_elevation(direction)
    # Skull only: no face, no neck, nothing inside the head.
    keep = (elevation > np.interp(turn, [0, 60, 100, 180], [0, -25, -35, -52])) & (points[:, 2] > eyes[2] - 0.09)
    radius = np.linalg.norm(points - middle, axis=1)
    keep &= radius > 0.06
    coefficients = np.zeros(0)
    for _ in range(6):  # drop the ears, which stand out of any smooth skull, and fit again
        system = _polynomials(direction[keep])
        smoothing = 1e-3 * np.eye(system.shape[1])
        coefficients = np.linalg.solve(system.T @ system + smoothing, system.T @ radius[keep])
        keep &= np.abs(radius - _polynomials(direction) @ coefficients) < 0.006
    return Scalp(middle, coefficients)


def _polynomials(directions: Floats) -> Floats:
    """All monomials up to the degree that a function on the sphere needs, even in x."""
    x, y, z = directions[..., 0] ** 2, directions[..., 1], directions[..., 2]
    terms = [
        x**i * y**j * z**k
        for i in range(HARMONIC_DEGREE // 2 + 1)
        for j in range(HARMONIC_DEGREE + 1)
        for k in (0, 1)
        if 2 * i + j + k <= HARMONIC_DEGREE
    ]
    return np.stack(terms, axis=-1)
