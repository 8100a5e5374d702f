"""A plain crew-neck shirt that ends the bust."""

from typing import Final

import numpy as np

from .person import Person
from .skin import neckline, upper_body_quads
from .source import Floats, Ints
from .surface import NO_CORNER, Part, compact, cut, edges_of, smooth, vertex_normals

MATERIALS: Final = ("Shirt", "Collar")
THICKNESS: Final = 0.004  # metres between skin and cloth
COLLAR_RADIUS: Final = 0.0055
BUST_HALF_WIDTH: Final = 0.205
BUST_DEPTH_BELOW_NECK: Final = 0.19


def make_shirt(person: Person) -> Part:
    """Cloth over the shoulders, from the collar down to the smooth cut that ends the bust."""
    quads, used = compact(person.mesh.quads[upper_body_quads(person)])
    skin = person.vertices[used]
    cloth = smooth(skin, quads, passes=3)
    cloth += THICKNESS * vertex_normals(cloth, quads)
    keep = np.minimum(-neckline(person, cloth), _bust_field(person, cloth))
    faces, stencil, _ = cut(quads, keep)
    vertices = stencil.apply(cloth)
    collar, collar_faces = _collar(person, vertices, faces)
    neck = person.neck_weight[used] + person.head_weight[used]
    weight = stencil.apply(smooth(neck, quads, passes=6)) * 0.25
    all_faces = np.full((len(faces) + len(collar_faces), max(faces.shape[1], 4)), NO_CORNER)
    all_faces[: len(faces), : faces.shape[1]] = faces
    all_faces[len(faces) :, :4] = collar_faces + len(vertices)
    return Part(
        vertices=np.concatenate([vertices, collar]),
        faces=all_faces,
        weights={"neck": np.concatenate([weight, np.zeros(len(collar))])},
        materials=MATERIALS,
        face_materials=np.repeat([0, 1], [len(faces), len(collar_faces)]),
    )


def _bust_field(person: Person, points: Floats) -> Floats:
    """Positive inside the rounded outline, seen from the front, that the bust is cut to."""
    neck = person.centre_of("joint-neck")
    across = np.abs(points[:, 0]) / BUST_HALF_WIDTH
    down = np.clip((neck[2] - points[:, 2]) / BUST_DEPTH_BELOW_NECK, 0, None)
    found: Floats = 1 - (across**4 + down**4) ** 0.25
    return found


def _collar(person: Person, vertices: Floats, faces: Ints) -> tuple[Floats, Ints]:
    """A ribbed band: a flattened tube along the shirt's neck opening."""
    loop = _opening(person, vertices, faces)
    sections = 96
    closed = np.concatenate([loop, loop[:1]])
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.arange(sections) / sections * travelled[-1]
    path = np.stack([np.interp(even, travelled, closed[:, axis]) for axis in range(3)], axis=1)
    for _ in range(4):
        path = 0.5 * path + 0.25 * (np.roll(path, 1, axis=0) + np.roll(path, -1, axis=0))
    tangent = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outward = path - path.mean(axis=0)
    outward -= (outward * tangent).sum(axis=1, keepdims=True) * tangent
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    upward = np.cross(tangent, outward)
    upward *= np.sign(upward[:, 2:3])
    turns = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    rings = [
        path + COLLAR_RADIUS * (np.cos(turn) * 0.55 * outward + np.sin(turn) * 1.35 * (upward * 0.75 - outward * 0.5))
        for turn in turns
    ]
    points = np.stack(rings, axis=1).reshape(-1, 3)
    section, turn = np.meshgrid(np.arange(sections), np.arange(10), indexing="ij")
    after, beside = (section + 1) % sections, (turn + 1) % 10
    quads = np.stack([section * 10 + turn, section * 10 + beside, after * 10 + beside, after * 10 + turn], axis=2)
    return points, quads.reshape(-1, 4)


def _opening(person: Person, vertices: Floats, faces: Ints) -> Floats:
    """The boundary loop at the neck, in order."""
    directed = {(int(first), int(second)) for first, second in edges_of(faces)}
    following = {first: second for first, second in directed if (second, first) not in directed}
    at_neck = neckline(person, vertices) > -1e-4
    start = min(vertex for vertex in following if at_neck[vertex])
    loop = [start]
    while following[loop[-1]] != start:
        loop.append(following[loop[-1]])
    return vertices[loop]
