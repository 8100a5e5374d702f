"""The canonical face: the mesh and the weights that head poses are fitted to, out of the task file.

The metadata is a protocol buffer (`face_geometry/proto/geometry_pipeline_metadata.proto`). The few
fields that are needed are read here, so that no protobuf package is.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Field numbers of GeometryPipelineMetadata, Mesh3d and WeightedLandmarkRef.
_CANONICAL_MESH, _LANDMARK_WEIGHT = 1, 2
_VERTEX_BUFFER: Final = 3
_LANDMARK_ID, _WEIGHT = 1, 2
# A vertex is x, y, z, u, v.
_VERTEX_SIZE: Final = 5
_VARINT, _LENGTH_DELIMITED, _FLOAT = 0, 2, 5


@dataclass(frozen=True, eq=False)
class CanonicalFace:
    """An average face in centimetres: x to its own left, y up, z forward, out of the face.

    vertices: float64 of shape (468, 3), one for each landmark but the irises.
    basis: the landmarks that move with the head and little with the expression; their weights sum to 1.
    """

    vertices: NDArray[np.float64]
    basis: NDArray[np.intp]
    weights: NDArray[np.float64]

    @cached_property
    def basis_vertices(self) -> NDArray[np.float64]:
        """Where the basis is on this face, shape (N, 3)."""
        return self.vertices[self.basis]

    @cached_property
    def middle(self) -> NDArray[np.float64]:
        """The weighted mean of the basis, shape (3,)."""
        mean: NDArray[np.float64] = self.weights @ self.basis_vertices
        return mean

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """The basis about its middle, each vertex times its weight, shape (N, 3)."""
        return (self.basis_vertices - self.middle) * self.weights[:, np.newaxis]

    @cached_property
    def size(self) -> float:
        """The weighted mean of the squares of the basis' distances from its middle."""
        return float((self.spread * self.basis_vertices).sum())

    @cached_property
    def diagonal(self) -> float:
        """From corner to corner of the face as seen from the front, in centimetres."""
        return math.hypot(*np.ptp(self.vertices[:, :2], axis=0))

    @classmethod
    def from_metadata(cls, metadata: bytes) -> "CanonicalFace":
        """Read the mesh and the weights of the task file's geometry metadata."""
        vertices: list[float] = []
        weight_of: dict[int, float] = {}
        for number, value in _fields(metadata):
            if number == _CANONICAL_MESH:
                vertices = [coordinate for field, coordinate in _fields(value) if field == _VERTEX_BUFFER]
            elif number == _LANDMARK_WEIGHT:
                reference = dict(_fields(value))
                weight_of[reference[_LANDMARK_ID]] = reference[_WEIGHT]
        weights = np.array(list(weight_of.values()))
        return cls(
            vertices=np.array(vertices).reshape(-1, _VERTEX_SIZE)[:, :3],
            basis=np.array(list(weight_of)),
            weights=weights / weights.sum(),
        )


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers and values of a protocol buffer message; a nested message comes as its bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, position = _varint(message, position)
            yield number, value
        elif wire_type == _FLOAT:
            yield number, struct.unpack_from("<f", message, position)[0]
            position += 4
        elif wire_type == _LENGTH_DELIMITED:
            length, position = _varint(message, position)
            yield number, message[position : position + length]
            position += length
        else:
            raise ValueError(f"wire type {wire_type} does not occur in this metadata")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, seven bits a byte, least significant first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
