"""Polygon surfaces as arrays, and the few operations that cutting a head out of a body needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .source import Floats, Ints

NO_CORNER: Final = -1  # fills the unused corners of faces with fewer than the widest face's corners


@dataclass(frozen=True)
class Stencil:
    """New vertices as weighted sums of old ones, so that every per-vertex quantity can follow."""

    parents: Ints  # [N, K] old vertex indices
    weights: Floats  # [N, K], rows summing to 1

    def apply(self, values: Floats) -> Floats:
        """Per-old-vertex values [V, ...] carried to the new vertices [N, ...]."""
        found: Floats = np.einsum("nk,nk...->n...", self.weights, values[self.parents])
        return found


@dataclass(frozen=True)
class Part:
    """One mesh of the head, in metres, with everything that Blender needs to build it."""

    vertices: Floats  # [V, 3]
    faces: Ints  # [F, K], padded with NO_CORNER
    shapes: dict[str, Floats] = field(default_factory=dict)  # ARKit name -> offsets [V, 3]
    weights: dict[str, Floats] = field(default_factory=dict)  # bone -> weight [V]
    uvs: Floats | None = None  # [F, K, 2]
    materials: tuple[str, ...] = ()
    face_materials: Ints | None = None  # [F] into materials
    colours: Floats | None = None  # [V, 3] linear RGB


def edges_of(faces: Ints) -> Ints:
    """All directed edges [E, 2], face by face."""
    pairs = []
    for face in faces:
        corners = face[face != NO_CORNER]
        pairs.append(np.stack([corners, np.roll(corners, -1)], axis=1))
    return np.concatenate(pairs)


def neighbours(faces: Ints, vertex_count: int) -> list[list[int]]:
    """For each vertex the vertices it shares an edge with, ascending."""
    found: list[set[int]] = [set() for _ in range(vertex_count)]
    for first, second in edges_of(faces).tolist():
        found[first].add(second)
        found[second].add(first)
    return [sorted(group) for group in found]


def levels_from(start: int, adjacency: Sequence[Sequence[int]], deepest: int) -> Ints:
    """Edge distance from a start vertex [V]; `deepest + 1` where it is farther than `deepest`."""
    levels = np.full(len(adjacency), deepest + 1)
    levels[start] = 0
    frontier = [start]
    for level in range(1, deepest + 1):
        reached = {near for vertex in frontier for near in adjacency[vertex] if levels[near] > level}
        frontier = sorted(reached)
        levels[frontier] = level
    return levels


def vertex_normals(vertices: Floats, quads: Ints) -> Floats:
    """Area-weighted unit normals [V, 3] of a quad mesh."""
    corners = vertices[quads]
    face_normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(normals, quads[:, corner], face_normals)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    found: Floats = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return found


def smooth(values: Floats, faces: Ints, passes: int, fixed: Ints | None = None) -> Floats:
    """Averages per-vertex values with their neighbours' mean, `passes` times."""
    edges = np.unique(np.sort(edges_of(faces), axis=1), axis=0)
    counts = np.bincount(edges.ravel(), minlength=len(values)).reshape(-1, *[1] * (values.ndim - 1))
    for _ in range(passes):
        sums = np.zeros_like(values)
        np.add.at(sums, edges[:, 0], values[edges[:, 1]])
        np.add.at(sums, edges[:, 1], values[edges[:, 0]])
        blended = np.where(counts > 0, 0.5 * values + 0.5 * sums / np.maximum(counts, 1), values)
        if fixed is not None:
            blended[fixed] = values[fixed]
        values = blended
    return values


def edge_loop(quads: Ints, start: int, towards: Floats) -> Ints:
    """The closed loop of edges through a vertex, which goes straight on across each regular vertex of a quad mesh.

    towards: positions [V, 3]; the loop leaves `start` along the edge that leads furthest to +x.
    Raises ValueError where it meets a boundary or a vertex that has not four quads.
    """
    around: dict[int, list[tuple[int, ...]]] = {}
    for quad in quads.tolist():
        for vertex in quad:
            around.setdefault(vertex, []).append(tuple(quad))
    loop = [start, max(_joined_to(around[start], start), key=lambda vertex: float(towards[vertex, 0]))]
    while loop[-1] != start:
        before, here = loop[-2:]
        beside = {vertex for quad in around[here] if before in quad for vertex in quad}
        ahead = _joined_to(around[here], here) - beside
        if len(around[here]) != 4 or len(ahead) != 1:
            raise ValueError(f"the loop of edges through vertex {start} ends at vertex {here}")
        loop.append(ahead.pop())
    return np.array(loop[:-1])


def _joined_to(quads: list[tuple[int, ...]], vertex: int) -> set[int]:
    places = [(quad, quad.index(vertex)) for quad in quads]
    return {quad[(place + step) % 4] for quad, place in places for step in (-1, 1)}


def subdivide(quads: Ints, vertex_count: int) -> tuple[Ints, Stencil]:
    """One Catmull-Clark step of a quad mesh (Catmull & Clark 1978), as new quads and a stencil.

    Boundary vertices and edges follow the cubic B-spline rule; vertices of no quad stay in place.
    """
    edges, edge_of_corner = _unique_edges(quads)
    edge_count, quad_count = len(edges), len(quads)
    faces_on_edge = np.bincount(edge_of_corner.ravel(), minlength=edge_count)
    rows = _SparseRows(vertex_count + edge_count + quad_count)
    face_rows = vertex_count + edge_count + np.arange(quad_count)
    for corner in range(4):
        rows.add(face_rows, quads[:, corner], 0.25)
    _add_edge_rows(rows, quads, edges, edge_of_corner, faces_on_edge, vertex_count)
    _add_vertex_rows(rows, quads, edges, faces_on_edge, vertex_count)
    around = np.roll(edge_of_corner, 1, axis=1)
    fine = [
        np.stack([quads[:, c], vertex_count + edge_of_corner[:, c], face_rows, vertex_count + around[:, c]], axis=1)
        for c in range(4)
    ]
    return np.stack(fine, axis=1).reshape(-1, 4), rows.stencil()


def _unique_edges(quads: Ints) -> tuple[Ints, Ints]:
    directed = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2)
    edges, inverse = np.unique(np.sort(directed, axis=1), axis=0, return_inverse=True)
    return edges, inverse.reshape(-1, 4)


class _SparseRows:
    """Collects (row, parent, weight) triples and packs them into a Stencil."""

    def __init__(self, row_count: int) -> None:
        self._row_count = row_count
        self._triples: list[tuple[Ints, Ints, Floats]] = []

    def add(self, rows: Ints, parents: Ints, weights: Floats | float) -> None:
        self._triples.append((rows, parents, np.broadcast_to(np.asarray(weights, dtype=float), rows.shape)))

    def stencil(self) -> Stencil:
        rows, parents, weights = (np.concatenate(column) for column in zip(*self._triples, strict=True))
        width = int(parents.max()) + 1
        keys, inverse = np.unique(rows * width + parents, return_inverse=True)
        summed = np.bincount(inverse.ravel(), weights=weights)
        row, parent = keys // width, keys % width
        start = np.searchsorted(row, np.arange(self._row_count))
        slot = np.arange(len(row)) - start[row]
        packed_parents = np.zeros((self._row_count, int(slot.max()) + 1), dtype=np.int64)
        packed_weights = np.zeros(packed_parents.shape)
        packed_parents[row, slot] = parent
        packed_weights[row, slot] = summed
        return Stencil(packed_parents, packed_weights)


def _add_edge_rows(
    rows: _SparseRows, quads: Ints, edges: Ints, edge_of_corner: Ints, faces_on_edge: Ints, vertex_count: int
) -> None:
    inner = faces_on_edge == 2
    edge_rows = vertex_count + np.arange(len(edges))
    for end in range(2):
        rows.add(edge_rows, edges[:, end], np.where(inner, 0.25, 0.5))
    for corner in range(4):
        on_inner = inner[edge_of_corner[:, corner]]
        for parent in range(4):
            rows.add(vertex_count + edge_of_corner[on_inner, corner], quads[on_inner, parent], 0.25 * 0.25)


def _add_vertex_rows(rows: _SparseRows, quads: Ints, edges: Ints, faces_on_edge: Ints, vertex_count: int) -> None:
    valence = np.bincount(quads.ravel(), minlength=vertex_count).astype(float)
    rim_edges = edges[faces_on_edge == 1]
    on_rim = np.zeros(vertex_count, dtype=bool)
    on_rim[rim_edges.ravel()] = True
    everyone = np.arange(vertex_count)
    inside = ~on_rim & (valence > 0)
    rows.add(everyone[~inside & ~on_rim], everyone[~inside & ~on_rim], 1.0)
    rows.add(everyone[on_rim], everyone[on_rim], 0.75)
    for end in range(2):
        rows.add(rim_edges[:, end], rim_edges[:, 1 - end], 0.125)
    # Inside: (Q + 2R + (n-3)S) / n, Q the mean of face points, R the mean of edge midpoints.
    safe = np.maximum(valence, 1)
    rows.add(everyone[inside], everyone[inside], ((safe - 3) / safe + 1 / safe)[inside])
    for end in range(2):
        owner = edges[:, end]
        keep = inside[owner]
        rows.add(owner[keep], edges[keep, 1 - end], 1 / safe[owner[keep]] ** 2)
    for corner in range(4):
        owner = quads[:, corner]
        keep = inside[owner]
        for parent in range(4):
            rows.add(owner[keep], quads[keep, parent], 0.25 / safe[owner[keep]] ** 2)


def cut(quads: Ints, keep: Floats) -> tuple[Ints, Stencil, Ints]:
    """Cuts a quad mesh exactly along keep = 0 and drops the negative side.

    Returns padded faces over the new vertices, the stencil that makes those from the old ones, and
    the source quad of each new face.
    """
    positive = keep > 0
    parents: list[tuple[int, int]] = []
    shares: list[float] = []
    made: dict[tuple[int, int], int] = {}

    def vertex(first: int, second: int) -> int:
        key = (min(first, second), max(first, second))
        if key not in made:
            made[key] = len(parents)
            parents.append(key)
            low, high = keep[key[0]], keep[key[1]]
            shares.append(0.0 if first == second else low / (low - high))
        return made[key]

    faces, sources = [], []
    for source in np.flatnonzero(positive[quads].any(axis=1)):
        corners = quads[source].tolist()
        polygon = []
        for first, second in zip(corners, corners[1:] + corners[:1], strict=True):
            if positive[first]:
                polygon.append(vertex(first, first))
            if positive[first] != positive[second]:
                polygon.append(vertex(first, second))
        faces.append(polygon)
        sources.append(source)
    share = np.array(shares)
    stencil = Stencil(np.array(parents), np.stack([1 - share, share], axis=1))
    return pad_faces(faces), stencil, np.array(sources)


def pad_faces(faces: Sequence[Sequence[int]]) -> Ints:
    """Faces of mixed sizes as one array, short ones filled with NO_CORNER."""
    padded = np.full((len(faces), max(map(len, faces))), NO_CORNER, dtype=np.int64)
    for row, face in enumerate(faces):
        padded[row, : len(face)] = face
    return padded


def stacked(meshes: Sequence[tuple[Floats, Ints]]) -> tuple[Floats, Ints]:
    """Several meshes (vertices, faces) as one."""
    starts = np.cumsum([0] + [len(vertices) for vertices, _ in meshes])
    faces = [quads + start for (_, quads), start in zip(meshes, starts, strict=False)]
    return np.concatenate([vertices for vertices, _ in meshes]), np.concatenate(faces)


def compact(quads: Ints) -> tuple[Ints, Ints]:
    """The quads renumbered over just the vertices they use, and those vertices' old indices."""
    used, renumbered = np.unique(quads, return_inverse=True)
    return renumbered.reshape(quads.shape), used


def triangles_of(quads: Ints) -> Ints:
    """Two triangles a quad."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


@dataclass(frozen=True)
class Hits:
    """Points on a triangle mesh: the triangle's corners and barycentric weights."""

    corners: Ints  # [N, 3]
    weights: Floats  # [N, 3]

    def at(self, values: Floats) -> Floats:
        """Per-vertex values interpolated at the hits."""
        found: Floats = np.einsum("nk,nk...->n...", self.weights, values[self.corners])
        return found


def project_from_front(points_xz: Floats, vertices: Floats, triangles: Ints) -> Hits:
    """Where rays along +y (from in front of the face) first meet the mesh, for points [N, 2] in x, z."""
    corners = vertices[triangles][:, :, [0, 2]]
    depth = vertices[triangles][:, :, 1]
    origin, side, up = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = side[:, 0] * up[:, 1] - side[:, 1] * up[:, 0]
    solid = np.abs(area) > 1e-12
    triangles = triangles[solid]
    origin, side, up, area, depth = (array[solid] for array in (origin, side, up, area, depth))
    chosen, weights = [], []
    for point in points_xz:
        offset = point - origin
        second = (offset[:, 0] * up[:, 1] - offset[:, 1] * up[:, 0]) / area
        third = (side[:, 0] * offset[:, 1] - side[:, 1] * offset[:, 0]) / area
        share = np.stack([1 - second - third, second, third], axis=1)
        inside = (share >= -1e-9).all(axis=1)
        if not inside.any():
            raise ValueError(f"nothing in front of {point}")
        y = np.where(inside, (share * depth).sum(axis=1), np.inf)
        best = int(y.argmin())
        chosen.append(triangles[best])
        weights.append(share[best])
    return Hits(np.array(chosen), np.array(weights))
