"""The face mesh: head, neck and upper chest, cut where the shirt hides the edge."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .person import LIP_CONTACT_RING, Person
from .source import Floats, Ints
from .surface import NO_CORNER, Part, compact, cut, smooth

MATERIALS: Final = ("Skin", "Lips", "Mouth")
# How far below the base of the neck the neckline runs, in metres, in front and behind.
NECKLINE_DROP: Final = 0.022
NECKLINE_SLOPE: Final = 0.42  # the neckline lies lower in front
HIDDEN_HEM: Final = 0.02  # the skin goes on this far below the neckline
BODY_BELOW_TOP: Final = 0.5  # only the top half metre of the body matters


def neckline(person: Person, points: Floats) -> Floats:
    """Signed height above the neckline's tilted plane, in metres."""
    neck = person.centre_of("joint-neck")
    height = (points[:, 2] - neck[2]) + NECKLINE_DROP
    return height + NECKLINE_SLOPE * (neck[1] - points[:, 1]) + 0.9 * points[:, 0] ** 2


def upper_body_quads(person: Person) -> Ints:
    """The body's quads in the top half metre, indices as in the base mesh."""
    quads = person.mesh.groups["body"]
    top = person.vertices[np.unique(person.mesh.quads[quads]), 2].max()
    middle = person.vertices[person.mesh.quads[quads]].mean(axis=1)
    return quads[(middle[:, 2] > top - BODY_BELOW_TOP) & (np.abs(middle[:, 0]) < 0.3)]


@dataclass(frozen=True)
class Cutout:
    """The face mesh before painting, with the base-mesh quantities carried over."""

    part: Part
    cage_quads: Ints  # the uncut quads, in base-mesh indices, that the face was cut from


def make_skin(person: Person) -> Cutout:
    """Cuts the skin out of the body and carries shapes, weights and texture coordinates along."""
    chosen = upper_body_quads(person)
    quads = person.mesh.quads[chosen]
    faces, stencil, sources = cut(quads, neckline(person, person.vertices) + HIDDEN_HEM)
    head, neck = _smooth_weights(person, quads)
    shapes = {name: stencil.apply(offsets) for name, offsets in person.shapes.items()}
    part = Part(
        vertices=stencil.apply(person.vertices),
        faces=faces,
        shapes=shapes,
        weights={"head": stencil.apply(head), "neck": stencil.apply(neck)},
        uvs=_uvs(person, chosen[sources], faces, stencil.parents, stencil.weights),
        materials=MATERIALS,
        face_materials=_face_materials(person, quads[sources]),
    )
    return Cutout(part, quads)


def _smooth_weights(person: Person, quads: Ints) -> tuple[Floats, Floats]:
    local, used = compact(quads)
    both = np.stack([person.head_weight[used], person.neck_weight[used]], axis=1)
    blended = np.zeros((len(person.vertices), 2))
    blended[used] = smooth(both, local, passes=6)
    return blended[:, 0], blended[:, 1]


def _face_materials(person: Person, quads: Ints) -> Ints:
    levels = person.lip_levels[quads]
    inside = levels.max(axis=1) <= LIP_CONTACT_RING - 1
    lips = ~inside & (levels.max(axis=1) <= LIP_CONTACT_RING + 6)
    return np.where(inside, 2, np.where(lips, 1, 0))


def _uvs(person: Person, sources: Ints, faces: Ints, parents: Ints, weights: Floats) -> Floats:
    """Texture coordinates of every corner, stretched so that the skin fills the unit square."""
    mesh = person.mesh
    uvs = np.zeros((*faces.shape, 2))
    for row, source in enumerate(sources):
        place = {int(vertex): mesh.uvs[uv] for vertex, uv in zip(mesh.quads[source], mesh.uv_quads[source], strict=True)}
        for corner, vertex in enumerate(faces[row]):
            if vertex != NO_CORNER:
                first, second = parents[vertex]
                uvs[row, corner] = weights[vertex, 0] * place[int(first)] + weights[vertex, 1] * place[int(second)]
    real = uvs[faces != NO_CORNER]
    low, high = real.min(axis=0), real.max(axis=0)
    return (uvs - low) / (high - low) * 0.98 + 0.01
