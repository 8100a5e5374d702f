"""Two arches of single teeth in gums, laid along the arch of MakeHuman's plain teeth helpers."""

from dataclasses import dataclass
from operator import mul
from typing import Final

import numpy as np

from .person import Person
from .source import Floats, Ints
from .surface import Part, stacked

MATERIALS: Final = ("Enamel", "Gums")
SHAPES_OF_THE_LOWER_JAW: Final = ("jawForward", "jawLeft", "jawRight", "jawOpen")
ACROSS, ALONG = 10, 7  # grid of one crown
AROUND_GUMS: Final = 20
CROWN_ROUNDNESS: Final = 0.7
GUM_ROUNDNESS: Final = 0.4  # they cover the crowns right from their edge, or the crowns' flat roots would be seen
# Where the gums end, as shares of the crowns' height: over the middle of one, and between two.
MARGIN, PAPILLA = 0.94, 0.8


@dataclass(frozen=True)
class Arch:
    """Crown sizes from the middle outwards, in millimetres (after Wheeler's Dental Anatomy, table 1-3)."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    depths: tuple[float, ...]
    points_down: bool


# How much longer the upper crowns are than the table's, from the middle outwards. A smile of the face data lifts the
# lower lip over half of them, and the corners far above the bite: so they still fill what the lips leave.
UPPER_GAINS: Final = (1.2, 1.25, 1.3, 1.45, 1.55, 1.6, 1.6)

UPPER: Final = Arch(
    (8.5, 6.6, 7.6, 7.0, 6.8, 10.0, 9.5),
    tuple(map(mul, UPPER_GAINS, (10.5, 9.2, 10.0, 8.5, 8.0, 7.5, 7.0))),
    (7, 6, 8, 9, 9, 11, 11),
    points_down=True,
)
LOWER: Final = Arch(
    (5.2, 5.7, 6.9, 7.0, 7.1, 11.0, 10.5),
    (9.0, 9.3, 10.5, 8.5, 8.0, 7.5, 7.0),
    (6, 6.3, 7.7, 7.5, 8, 10.5, 10),
    points_down=False,
)


def make_teeth(person: Person, jaw: str) -> Part:
    """The upper or lower teeth with gums; the lower ones follow the jaw."""
    arch = UPPER if jaw == "upper" else LOWER
    helper = person.vertices[person.group_vertices(f"helper-{jaw}-teeth")]
    curve = _arch_curve(helper, arch)
    crowns = [_crown(arch, tooth, side, curve, helper) for tooth in range(len(arch.widths)) for side in (1.0, -1.0)]
    gums = _gums(arch, curve, helper)
    placed, faces = stacked([*crowns, gums])
    return Part(
        vertices=placed,
        faces=faces,
        materials=MATERIALS,
        face_materials=(np.arange(len(faces)) >= len(faces) - len(gums[1])).astype(np.int64),
        shapes=_jaw_shapes(person, jaw, placed),
    )


def _arch_curve(helper: Floats, arch: Arch) -> Floats:
    """Points [N, 2] in x, y along the subject's left half of the dental arch, 0.2 mm apart."""
    half_width = np.abs(helper[:, 0]).max() - 0.004
    front = helper[:, 1].min() + (-0.0015 if arch.points_down else 0.0005)
    depth = helper[:, 1].max() - front
    x = np.linspace(0, half_width, 2000)
    y = front + depth * (1 - np.sqrt(np.clip(1 - (x / half_width) ** 2.3, 0, 1)))
    points = np.stack([x, y], axis=1)
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    even = np.arange(0, travelled[-1], 2e-4)
    return np.stack([np.interp(even, travelled, points[:, axis]) for axis in range(2)], axis=1)


def _scale(arch: Arch, curve: Floats) -> float:
    """Metres for each millimetre of the table, so that seven teeth fill the half arch."""
    return float(2e-4 * len(curve) * 0.97 / sum(arch.widths))


def _bite_height(arch: Arch, helper: Floats) -> float:
    """Height of the biting edge: the uppers overlap the lowers by some 2 mm."""
    return float(helper[:, 2].min() - 0.0025) if arch.points_down else float(helper[:, 2].max() - 0.0055)


def _crown(arch: Arch, tooth: int, side: float, curve: Floats, helper: Floats) -> tuple[Floats, Ints]:
    scale = _scale(arch, curve)
    start = sum(arch.widths[:tooth]) * scale
    width, height, depth = (values[tooth] * scale for values in (arch.widths, arch.heights, arch.depths))
    middle = int(np.clip((start + width / 2) / 2e-4, 1, len(curve) - 2))
    tangent = curve[middle + 1] - curve[middle - 1]
    tangent /= np.linalg.norm(tangent)
    inward = np.array([-tangent[1], tangent[0]])
    around = np.linspace(0, 2 * np.pi, 2 * ACROSS, endpoint=False)
    levels = np.linspace(0, 1, ALONG)  # 0 at the gum, 1 at the biting edge
    front_tooth = tooth < 3
    rings = []
    for level in levels:
        rounding = np.sqrt(np.clip(1 - np.clip((level - 0.8) / 0.2, 0, 1) ** 2 * 0.75, 0, 1))
        waist = (0.8 + 0.2 * np.sin(min(level * 1.25, 1) * np.pi / 2)) * (0.55 + 0.45 * rounding)
        thin = (1 - 0.72 * level) if front_tooth else 1 - 0.12 * level
        across = _superellipse(np.cos(around), CROWN_ROUNDNESS) * width * 0.495 * waist
        deep = _superellipse(np.sin(around), CROWN_ROUNDNESS) * depth * 0.5 * thin * rounding
        lean = depth * 0.16 * level if front_tooth else 0.0
        flat = curve[middle] + across[:, None] * tangent + (deep + depth * 0.5 * thin + lean * 0.5)[:, None] * inward
        rise = (1 - level) * height * (1 if arch.points_down else -1)
        rings.append(np.column_stack([flat[:, 0], flat[:, 1], np.full(len(flat), _bite_height(arch, helper) + rise)]))
    rings.append(np.broadcast_to(rings[-1].mean(axis=0), rings[-1].shape))
    points = np.concatenate(rings) * [side, 1, 1]
    quads = _grid_quads(len(rings), 2 * ACROSS)
    outward_up = arch.points_down == (side > 0)
    return points, quads[:, ::-1] if outward_up else quads


def _gums(arch: Arch, curve: Floats, helper: Floats) -> tuple[Floats, Ints]:
    """A rounded ridge over the crowns' roots, scalloped where the teeth meet."""
    scale = _scale(arch, curve)
    along = np.linspace(0, 1, 60)
    places = (along * (len(curve) - 2)).astype(int)
    both = [(curve[place], 1.0, place * 2e-4) for place in places]
    stations = [(point * [-1, 1], -1.0, at) for point, _, at in both[:0:-1]] + both
    direction = 1 if arch.points_down else -1
    rings = []
    points = np.array([station[0] for station in stations])
    tangents = np.gradient(points, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    for (point, _, at), tangent in zip(stations, tangents, strict=True):
        edge = _bite_height(arch, helper) + direction * scale * _gum_line(arch, at / scale)
        inward = np.array([-tangent[1], tangent[0]])
        turns = np.linspace(0, 2 * np.pi, AROUND_GUMS, endpoint=False)
        deep = 0.0055 + 0.0062 * _superellipse(np.cos(turns), GUM_ROUNDNESS)
        rise = 0.005 + 0.005 * _superellipse(np.sin(turns), GUM_ROUNDNESS)
        flat = point + deep[:, None] * inward
        rings.append(np.column_stack([flat, edge + direction * rise]))
    quads = _grid_quads(len(rings), AROUND_GUMS)
    return np.concatenate(rings), quads if arch.points_down else quads[:, ::-1]


def _gum_line(arch: Arch, along: float) -> float:
    """Millimetres from the biting edge to the gums, so many millimetres along the arch from its middle.

    Highest over the middle of each crown, lowest where two meet; there both sides agree, so that it has no steps.
    """
    ends = np.concatenate([[0.0], np.cumsum(arch.widths)])
    heights = np.array(arch.heights)
    between = np.concatenate([heights[:1], (heights[:-1] + heights[1:]) / 2, heights[-1:]])
    places = np.concatenate([ends, (ends[:-1] + ends[1:]) / 2])
    lines = np.concatenate([PAPILLA * between, MARGIN * heights])
    order = np.argsort(places)
    right = int(np.clip(np.searchsorted(places[order], along), 1, len(places) - 1))
    (start, end), (low, high) = places[order][right - 1 : right + 1], lines[order][right - 1 : right + 1]
    share = np.clip((along - start) / (end - start), 0, 1)
    return float(low + (high - low) * (1 - np.cos(np.pi * share)) / 2)


def _superellipse(value: Floats, roundness: float) -> Floats:
    """A sine or cosine, so bent that the two go round a square (0), a circle (1) or what lies between."""
    return np.sign(value) * np.abs(value) ** roundness


def _grid_quads(rows: int, columns: int) -> Ints:
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    after = (column + 1) % columns
    corners = [row * columns + column, row * columns + after, (row + 1) * columns + after, (row + 1) * columns + column]
    return np.stack(corners, axis=2).reshape(-1, 4)


def _jaw_shapes(person: Person, jaw: str, points: Floats) -> dict[str, Floats]:
    """The lower teeth move as one with the helper: the affine map that best explains its movement."""
    if jaw == "upper":
        return {}
    helper = person.group_vertices("helper-lower-teeth")
    system = np.column_stack([person.vertices[helper], np.ones(len(helper))])
    placed = np.column_stack([points, np.ones(len(points))])
    return {
        shape: placed @ np.linalg.lstsq(system, person.shapes[shape][helper], rcond=None)[0]
        for shape in SHAPES_OF_THE_LOWER_JAW
    }
