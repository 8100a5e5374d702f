"""The face mesh: head, neck and upper chest, cut where the shirt hides the edge."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .person import LIP_CONTACT_RING, Person
from .source import Floats, Ints
from .surface import NO_CORNER, Part, compact, cut, smooth

MATERIALS: Final = ("Skin", "Lips", "Mouth")
# The neckline, seen from above, is an ellipse around the neck; in metres.
NECKLINE_HALF_WIDTH: Final = 0.088
NECKLINE_HALF_DEPTH: Final = 0.078
NECKLINE_FORWARD: Final = -0.012
HIDDEN_HEM: Final = 0.02  # the skin goes on this far below the neckline
BODY_BELOW_TOP: Final = 0.5  # only the top half metre of the body matters


def neckline(person: Person, points: Floats) -> Floats:
    """Signed distance inside the neckline, in metres; everything from the jaw upwards is inside."""
    neck = person.centre_of("joint-neck")
    aside = points[:, 0] / NECKLINE_HALF_WIDTH
    ahead = (points[:, 1] - neck[1] - NECKLINE_FORWARD) / NECKLINE_HALF_DEPTH
    behind = np.clip(points[:, 1] - neck[1], 0, None)
    height = points[:, 2] - neck[2]
    around = (1 - np.hypot(aside, ahead)) * NECKLINE_HALF_WIDTH + np.clip(height - 0.02 - behind, 0, None) * 4
    # Behind, the ellipse would run down the back: there the neckline is a height, rising backwards.
    found: Floats = np.minimum(around, height + 0.05 - 1.1 * behind)
    return found


def upper_body_quads(person: Person) -> Ints:
    """The body's quads in the top half metre, indices as in the base mesh."""
    quads = person.mesh.groups["body"]
    top = person.vertices[np.unique(person.mesh.quads[quads]), 2].max()
    middle = person.vertices[person.mesh.quads[quads]].mean(axis=1)
    found: Ints = quads[(middle[:, 2] > top - BODY_BELOW_TOP) & (np.abs(middle[:, 0]) < 0.3)]
    return found


@dataclass(frozen=True)
class UvFrame:
    """The part of the base mesh's texture square that the skin uses, stretched to fill a square."""

    low: Floats
    high: Floats

    def to_square(self, uvs: Floats) -> Floats:
        """Base-mesh texture coordinates [..., 2] in the stretched square."""
        return (uvs - self.low) / (self.high - self.low) * 0.98 + 0.01


def uv_frame(person: Person) -> UvFrame:
    """The frame around the head and neck's texture coordinates."""
    quads = upper_body_quads(person)
    inside = (neckline(person, person.vertices)[person.mesh.quads[quads]] + HIDDEN_HEM > 0).any(axis=1)
    used = person.mesh.uvs[person.mesh.uv_quads[quads[inside]]].reshape(-1, 2)
    return UvFrame(used.min(axis=0), used.max(axis=0))


def make_skin(person: Person) -> Part:
    """Cuts the skin out of the body and carries shapes, weights and texture coordinates along."""
    chosen = upper_body_quads(person)
    quads = person.mesh.quads[chosen]
    faces, stencil, sources = cut(quads, neckline(person, person.vertices) + HIDDEN_HEM)
    head, neck = _smooth_weights(person, quads)
    shapes = {name: stencil.apply(offsets) for name, offsets in person.shapes.items()}
    return Part(
        vertices=stencil.apply(person.vertices),
        faces=faces,
        shapes=shapes,
        weights={"head": stencil.apply(head), "neck": stencil.apply(neck)},
        uvs=_uvs(person, chosen[sources], faces, stencil.parents, stencil.weights),
        materials=MATERIALS,
        face_materials=_face_materials(person, quads[sources]),
    )


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
        place = {
            int(vertex): mesh.uvs[uv] for vertex, uv in zip(mesh.quads[source], mesh.uv_quads[source], strict=True)
        }
        for corner, vertex in enumerate(faces[row]):
            if vertex != NO_CORNER:
                first, second = parents[vertex]
                uvs[row, corner] = weights[vertex, 0] * place[int(first)] + weights[vertex, 1] * place[int(second)]
    return np.where((faces == NO_CORNER)[..., None], 0.0, uv_frame(person).to_square(uvs))
