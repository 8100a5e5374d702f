"""Hair: parted, drawn back over the ears and gathered in a low bun, strand by strand."""

from typing import Final

import numpy as np

from .person import Person
from .scalp import Scalp, degrees_above_hairline, fit_scalp, turn_and_elevation
from .source import Floats
from .strands import bezier, ribbons, unit
from .surface import Part, stacked

SEED: Final = 20
STRANDS: Final = 4300
FINE_STRANDS: Final = 900  # short thin ones that soften the hairline
BUN_STRANDS: Final = 420
POINTS: Final = 10
PARTING_X: Final = 0.014  # metres to the subject's left of the middle
BUN_ELEVATION: Final = np.radians(-12)
BUN_RADIUS: Final = 0.034
DARK: Final = np.array([0.030, 0.0155, 0.009])  # linear RGB of the darkest and the lightest strands
LIGHT: Final = np.array([0.105, 0.056, 0.030])


def make_hair(person: Person) -> Part:
    """All strands in one mesh; it moves with the head and not with the face."""
    scalp = fit_scalp(person)
    random = np.random.default_rng(SEED)
    groups = [_drawn_back(scalp, random), _hairline_fuzz(scalp, random), _bun(scalp, random)]
    vertices, faces = stacked([ribbons(*group) for group in groups])
    shades = [random.beta(2, 3, size=(len(paths), 1)) for paths, _, _ in groups]
    tones = [np.repeat(DARK + (LIGHT - DARK) * shade, POINTS * 2, axis=0) for shade in shades]
    return Part(vertices=vertices, faces=faces, colours=np.concatenate(tones), materials=("Hair",))


def _roots(random: np.random.Generator, count: int, low: float, high: float) -> Floats:
    """Directions spread over the scalp between two distances (degrees) above the hairline."""
    found = np.zeros((0, 3))
    while len(found) < count:
        tries = unit(random.normal(size=(count * 4, 3)))
        above = degrees_above_hairline(tries) + random.normal(scale=0.8, size=len(tries))
        found = np.concatenate([found, tries[(above > low) & (above < high)]])
    return found[:count]


def _parting_roots(random: np.random.Generator, count: int) -> Floats:
    """Directions close to the parting, on both sides of it, from the forehead to the crown."""
    elevation = np.radians(random.uniform(27, 100, count))
    aside = random.choice([-1.0, 1.0], count) * (0.0012 + np.abs(random.normal(scale=0.004, size=count)))
    x = (PARTING_X + aside) / 0.1
    return unit(np.column_stack([x, -np.cos(elevation), np.sin(elevation)]))


def _bun_direction() -> Floats:
    return np.array([0.0, np.cos(BUN_ELEVATION), np.sin(BUN_ELEVATION)])


def _sweep(scalp: Scalp, roots: Floats, points: int) -> Floats:
    """Directions along each strand [N, P, 3] from its root round the head to the bun."""
    places = scalp.surface(roots, np.zeros(len(roots)))
    side = np.where(places[:, 0] > PARTING_X, 1.0, -1.0)
    turn, elevation = turn_and_elevation(roots)
    # A strand first falls to its side, the front ones most, and then runs back above the ear.
    toward = np.radians(np.clip(70 + 0.45 * turn, 0, 160))
    height = np.radians(np.clip(10 + 0.42 * elevation, -25, 60))
    control = np.stack(
        [side * np.sin(toward) * np.cos(height), -np.cos(toward) * np.cos(height), np.sin(height)], axis=1
    )
    behind = np.clip((turn - 120) / 50, 0, 1)[:, None]
    control = unit(control * (1 - behind) + unit(roots + _bun_direction()) * behind)
    return unit(bezier(roots, control, np.broadcast_to(_bun_direction(), roots.shape), points))


def _drawn_back(scalp: Scalp, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    front = _roots(random, STRANDS * 2 // 5, 0.0, 14.0)
    parting = _parting_roots(random, STRANDS // 6)
    rest = _roots(random, STRANDS - len(front) - len(parting), 0.0, 180.0)
    roots = np.concatenate([front, parting, rest])
    directions = _sweep(scalp, roots, POINTS)
    t = np.linspace(0, 1, POINTS)[None, :]
    _, elevation = turn_and_elevation(directions)
    depth = random.uniform(0.15, 1.0, size=(len(roots), 1))
    volume = 0.006 + 0.006 * np.clip(elevation / 60, 0, 1)
    lift = 0.0005 + depth * volume * np.clip(t / 0.25, 0, 1) * (1 + 0.08 * np.sin(9 * t + 6 * depth))
    lift = lift + random.normal(scale=0.0004, size=(len(roots), 1))
    paths = scalp.surface(directions, np.maximum(lift, 0.0003))
    widths = random.uniform(0.0005, 0.0011, size=(len(roots), 1)) * np.interp(t, [0, 0.12, 0.85, 1], [0.35, 1, 1, 0.6])
    return paths, _rolled(directions, paths, random), widths


def _hairline_fuzz(scalp: Scalp, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    roots = _roots(random, FINE_STRANDS, -2.2, 1.5)
    turn, _ = turn_and_elevation(roots)
    roots = roots[(turn < 74) | (turn > 112)]
    share = random.uniform(0.12, 0.3, size=(len(roots), 1, 1))
    whole = _sweep(scalp, roots, 40)
    steps = np.linspace(0, 1, POINTS)[None, :] * share[:, :, 0] * 39
    low = np.floor(steps).astype(int)
    rows = np.arange(len(roots))[:, None]
    directions = unit(
        whole[rows, low] * (1 - steps % 1)[..., None] + whole[rows, np.minimum(low + 1, 39)] * (steps % 1)[..., None]
    )
    t = np.linspace(0, 1, POINTS)[None, :]
    lift = 0.0004 + random.uniform(0.0005, 0.0045, size=(len(roots), 1)) * t
    paths = scalp.surface(directions, lift)
    widths = random.uniform(0.00012, 0.00028, size=(len(roots), 1)) * np.interp(t, [0, 0.5, 1], [0.9, 1, 0.15])
    return paths, _rolled(directions, paths, random), widths


def _bun(scalp: Scalp, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Strands wound round the axis that points out of the back of the head."""
    axis = _bun_direction()
    middle = scalp.surface(axis, np.array(0.012))
    right = np.array([1.0, 0.0, 0.0])
    above = np.cross(axis, right)
    start = random.uniform(0, 2 * np.pi, size=(BUN_STRANDS, 1))
    t = np.linspace(0, 1, POINTS)[None, :]
    spin = start + t * random.uniform(1.2, 2.4, size=(BUN_STRANDS, 1))
    latitude = random.uniform(-0.5, 1.45, size=(BUN_STRANDS, 1)) + 0.22 * np.sin(t * 3 + start)
    size = BUN_RADIUS * random.uniform(0.86, 1.0, size=(BUN_STRANDS, 1))
    outward = (
        np.cos(latitude)[..., None] * (np.cos(spin)[..., None] * right + np.sin(spin)[..., None] * above)
        + 0.72 * np.sin(latitude)[..., None] * axis
    )
    paths = middle + size[..., None] * outward
    widths = random.uniform(0.001, 0.002, size=(BUN_STRANDS, 1)) * np.interp(t, [0, 0.1, 0.9, 1], [0.4, 1, 1, 0.4])
    return paths, _rolled(unit(outward), paths, random), widths


def _rolled(facing: Floats, paths: Floats, random: np.random.Generator) -> Floats:
    """Strands do not all lie flat: each is turned a little about its own length."""
    across = unit(np.cross(np.gradient(paths, axis=1), facing))
    return unit(facing + across * random.normal(scale=0.35, size=(len(paths), 1, 1)))
