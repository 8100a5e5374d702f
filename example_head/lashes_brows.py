"""Eyelashes and eyebrows: strands rooted in the skin that follow it in every shape."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .lids import lid_margin
from .person import Person
from .skin import upper_body_quads
from .source import Floats, Ints
from .strands import bezier, ribbons, tubes, unit
from .surface import Part, compact, project_from_front, stacked, subdivide, triangles_of, vertex_normals

SEED: Final = 7
SEEN: Final = 1e-4  # metres; smaller movements of a root are left out of a shape
BROW_STRANDS: Final = 330
BROW_POINTS, LASH_POINTS = 4, 6
# The brow's middle line and half height, from nose to temple, in millimetres from the eye's centre:
# outwards, up, half height.
BROW_LINE: Final = (
    (-16.5, 14.0, 1.4), (-11, 14.9, 2.5), (-4, 16.2, 2.9), (4, 17.5, 2.6), (12, 18.3, 2.1), (19, 17.3, 1.5),
    (26, 14.2, 0.6),
)  # fmt: skip
LASHES: Final = {"upper": (68, 0.0085), "lower": (44, 0.0045)}  # number, length in metres
BROW_TINT: Final = np.array([0.045, 0.026, 0.017])
LASH_TINT: Final = np.array([0.008, 0.006, 0.005])


@dataclass(frozen=True)
class FineFace:
    """The front of the face as it will be drawn: two Catmull-Clark steps finer than its cage."""

    vertices: Floats
    quads: Ints
    shapes: dict[str, Floats]


def refine_face(person: Person) -> FineFace:
    """Subdivides the eye and brow region with its shapes."""
    quads = person.mesh.quads[upper_body_quads(person)]
    middle = person.vertices[quads].mean(axis=1)
    eye = person.eyes["Left"].centre
    keep = (middle[:, 1] < eye[1] + 0.03) & (np.abs(middle[:, 2] - eye[2] - 0.012) < 0.045)
    quads, used = compact(quads[keep])
    vertices = person.vertices[used]
    shapes = {name: offsets[used] for name, offsets in person.shapes.items() if np.abs(offsets[used]).max() > SEEN}
    for _ in range(2):
        quads, stencil = subdivide(quads, len(vertices))
        vertices = stencil.apply(vertices)
        shapes = {name: stencil.apply(offsets) for name, offsets in shapes.items()}
    return FineFace(vertices, quads, shapes)


def brow_line(person: Person, side: str) -> Floats:
    """The brow's middle line [N, 3] as x, z and half height, in metres."""
    eye = person.eyes[side].centre
    outward = 1.0 if side == "Left" else -1.0
    line = np.array(BROW_LINE) / 1000
    return np.column_stack([eye[0] + outward * line[:, 0], eye[2] + line[:, 1], line[:, 2]])


def make_brows(person: Person, face: FineFace) -> Part:
    """Both eyebrows in one mesh."""
    random = np.random.default_rng(SEED)
    triangles = triangles_of(face.quads)
    normals = vertex_normals(face.vertices, face.quads)
    meshes, shapes = [], []
    for side in ("Left", "Right"):
        line = brow_line(person, side)
        along = np.sort(random.uniform(0, 1, BROW_STRANDS)) ** 0.9
        aside = np.clip(random.normal(scale=0.5, size=BROW_STRANDS), -1, 1)
        at = along * (len(line) - 1)
        x, z, half = (np.interp(at, np.arange(len(line)), line[:, column]) for column in range(3))
        hits = project_from_front(np.column_stack([x, z + aside * half]), face.vertices, triangles)
        roots, normal = hits.at(face.vertices), unit(hits.at(normals))
        direction = _brow_direction(along, aside, side, random)
        direction = unit(direction - (direction * normal).sum(axis=1, keepdims=True) * normal)
        length = np.interp(along, [0, 0.15, 0.6, 1], [0.0055, 0.0085, 0.008, 0.0055]) * random.uniform(
            0.75, 1.1, BROW_STRANDS
        )
        tip = roots + direction * length[:, None] + normal * 0.0006
        control = roots + direction * length[:, None] * 0.5 + normal * 0.0013
        paths = bezier(roots + normal * 0.0001, control, tip, BROW_POINTS)
        widths = random.uniform(0.00016, 0.00028, (BROW_STRANDS, 1)) * np.array([[0.8, 1.0, 0.8, 0.12]])
        points, quads = ribbons(paths, np.broadcast_to(normal[:, None], paths.shape), widths)
        meshes.append((points, quads))
        shapes.append(
            {name: np.repeat(hits.at(offsets), BROW_POINTS * 2, axis=0) for name, offsets in face.shapes.items()}
        )
    placed, faces = stacked(meshes)
    return Part(
        vertices=placed,
        faces=faces,
        shapes=_joined(shapes, len(placed)),
        colours=np.broadcast_to(BROW_TINT, placed.shape),
        materials=("Lashes",),
    )


def _brow_direction(along: Floats, aside: Floats, side: str, random: np.random.Generator) -> Floats:
    """Hairs stand up at the nose end and lie down outwards; the two edges lean towards the middle line."""
    degrees = np.interp(along, [0, 0.12, 0.35, 0.7, 1], [68, 50, 28, 8, -22]) - 16 * aside
    angle = np.radians(degrees + random.normal(scale=7, size=len(along)))
    outward = 1.0 if side == "Left" else -1.0
    return np.column_stack([outward * np.cos(angle), np.zeros(len(along)), np.sin(angle)])


def make_lashes(person: Person) -> Part:
    """Upper and lower lashes of both eyes in one mesh."""
    random = np.random.default_rng(SEED)
    meshes, shapes = [], []
    for side in ("Left", "Right"):
        for lid, (count, length) in LASHES.items():
            roots, moves = _lash_roots(person, side, lid, count, random)
            paths = _lash_paths(person, side, lid, roots, length, random)
            facing = np.broadcast_to(unit(roots - person.eyes[side].centre)[:, None], paths.shape)
            thick = 0.00034 if lid == "upper" else 0.00022
            points, quads = tubes(paths, facing, np.full((count, 1), thick) * np.linspace(1, 0.12, LASH_POINTS)[None])
            meshes.append((points, quads))
            shapes.append(_lash_shapes(person.eyes[side].centre, roots, moves, points.reshape(count, -1, 3)))
    placed, faces = stacked(meshes)
    return Part(
        vertices=placed,
        faces=faces,
        shapes=_joined(shapes, len(placed)),
        colours=np.broadcast_to(LASH_TINT, placed.shape),
        materials=("Lashes",),
    )


def _lash_roots(
    person: Person, side: str, lid: str, count: int, random: np.random.Generator
) -> tuple[Floats, dict[str, Floats]]:
    """Roots along a lid's edge and how each shape moves them."""
    upper, lower = lid_margin(person, side)
    edge = upper if lid == "upper" else lower
    places = person.vertices[edge]
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    at = (np.linspace(0.2, 0.97, count) + random.normal(scale=0.004, size=count)) * travelled[-1]

    def along(values: Floats) -> Floats:
        return np.stack([np.interp(at, travelled, values[:, axis]) for axis in range(3)], axis=1)

    outward = unit(along(places) - person.eyes[side].centre) * 0.0002
    moves = {
        name: along(offsets[edge]) for name, offsets in person.shapes.items() if np.abs(offsets[edge]).max() > SEEN
    }
    return along(places) + outward, moves


def _lash_paths(
    person: Person, side: str, lid: str, roots: Floats, length: float, random: np.random.Generator
) -> Floats:
    """Curved forwards and away from the opening, fanned towards the outer corner."""
    eye = person.eyes[side]
    outward = 1.0 if side == "Left" else -1.0
    share = (roots[:, 0] - eye.centre[0]) * outward / 0.016
    up = 1.0 if lid == "upper" else -1.0
    fan = outward * (0.15 + 0.55 * share) + random.normal(scale=0.09, size=len(roots))
    ahead = unit(roots - eye.centre)
    reach = (
        length
        * random.uniform(0.8, 1.08, (len(roots), 1))
        * np.interp(share, [-1, 0, 0.8, 1.1], [0.55, 0.9, 1.1, 0.95])[:, None]
    )
    sideways = np.column_stack([fan, np.zeros(len(roots)), np.zeros(len(roots))])
    upward = np.array([0, 0, up])
    control = roots + reach * unit(ahead + 0.3 * sideways - 0.1 * upward) * 0.6
    tip = roots + reach * unit(0.75 * ahead + 0.8 * sideways + 0.75 * upward)
    return bezier(roots, control, tip, LASH_POINTS)


def _lash_shapes(centre: Floats, roots: Floats, moves: dict[str, Floats], points: Floats) -> dict[str, Floats]:
    """Each lash moves with its root and turns about the eye's centre as its root does."""
    shapes = {}
    before = roots - centre
    for name, move in moves.items():
        after = before + move
        turned = _turned(unit(before), unit(after), points - roots[:, None])
        shapes[name] = (turned + (centre + after)[:, None] - points).reshape(-1, 3)
    return shapes


def _turned(start: Floats, end: Floats, vectors: Floats) -> Floats:
    """Vectors [N, P, 3] turned by the smallest rotation from start to end [N, 3] (Rodrigues)."""
    axis = np.cross(start, end)[:, None]
    cosine = (start * end).sum(axis=1)[:, None, None]
    across = np.cross(axis, vectors)
    found: Floats = vectors + across + np.cross(axis, across) / (1 + cosine)
    return found


def _joined(shapes: list[dict[str, Floats]], count: int) -> dict[str, Floats]:
    """The shapes of several pieces as those of one mesh; a piece without a shape stays still in it."""
    sizes = [len(next(iter(piece.values()))) for piece in shapes]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    joined: dict[str, Floats] = {}
    for start, piece in zip(starts, shapes, strict=False):
        for name, offsets in piece.items():
            joined.setdefault(name, np.zeros((count, 3)))[start : start + len(offsets)] = offsets
    return joined
