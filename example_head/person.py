"""Who the example head is: the mixed identity, its landmarks, and the corrected ARKit shapes."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from blender_addon.core.channels import SHAPES

from .source import AnnyData, BaseMesh, Floats, Ints
from .surface import levels_from, neighbours

# A young woman of mixed origin. MakeHuman's young men are half-lidded at rest; the eye targets open
# these eyes a little further, to where a face model reads them as neither wide nor narrowed.
IDENTITY: Final[dict[str, float]] = {
    "macrodetails/caucasian-female-young": 0.5,
    "macrodetails/asian-female-young": 0.25,
    "macrodetails/african-female-young": 0.25,
    "macrodetails/universal-female-young-averagemuscle-averageweight": 1.0,
    "mouth/mouth-scale-horiz-incr": 0.4,
    "mouth/mouth-angles-up": 0.3,
    "mouth/mouth-upperlip-volume-decr": 0.25,
    **{f"eyes/{side}-eye-height{part}-incr": 0.5 for side in "lr" for part in (1, 2, 3)},
}
# Found once by looking at the base mesh: the deepest vertex of the closed bag behind each eye and
# of the mouth bag. From there the mesh is built of plain rings out to the skin.
EYE_BAG_VERTEX: Final = {"Left": 11915, "Right": 5310}
MOUTH_BAG_VERTEX: Final = 710
LID_MARGIN_RING: Final = 19
LIP_CONTACT_RING: Final = 13


@dataclass(frozen=True)
class Eye:
    """One eyeball's place."""

    centre: Floats  # [3]
    radius: float


@dataclass(frozen=True)
class Person:
    """The whole body mesh with one identity applied; indices are those of the base mesh."""

    mesh: BaseMesh
    vertices: Floats  # [V, 3]
    shapes: dict[str, Floats]  # ARKit name -> offsets [V, 3]
    eyes: dict[str, Eye]  # "Left", "Right"
    lid_levels: dict[str, Ints]  # edge distance from the eye bag's bottom [V]
    lip_levels: Ints  # edge distance from the mouth bag's bottom [V]
    head_weight: Floats  # [V]
    neck_weight: Floats  # [V]

    def group_vertices(self, group: str) -> Ints:
        """The vertices of one named group of the base mesh."""
        return np.unique(self.mesh.quads[self.mesh.groups[group]])

    def changed(self, vertices: Floats | None = None, shapes: dict[str, Floats] | None = None) -> "Person":
        """The same person with other positions or shapes."""
        return replace(
            self,
            vertices=self.vertices if vertices is None else vertices,
            shapes=self.shapes if shapes is None else shapes,
        )

    def centre_of(self, group: str) -> Floats:
        """The middle of a group, such as a joint's cube."""
        found: Floats = self.vertices[self.group_vertices(group)].mean(axis=0)
        return found


def make_person(data: AnnyData) -> Person:
    """Reads the data and mixes the identity."""
    mesh = data.base_mesh()
    count = len(mesh.vertices)
    vertices = mesh.vertices.copy()
    for target, amount in IDENTITY.items():
        vertices += amount * data.identity_target(target, count)
    adjacency = neighbours(mesh.quads[mesh.groups["body"]], count)
    bones = data.bone_weights(count)
    head_weight, neck_weight = _head_and_neck_weights(bones)
    return Person(
        mesh=mesh,
        vertices=vertices,
        shapes={shape: data.face_unit(shape, count) for shape in SHAPES},
        eyes={side: _fit_eye(mesh, vertices, side) for side in ("Left", "Right")},
        lid_levels={side: levels_from(bag, adjacency, 34) for side, bag in EYE_BAG_VERTEX.items()},
        lip_levels=levels_from(MOUTH_BAG_VERTEX, adjacency, 34),
        head_weight=head_weight,
        neck_weight=neck_weight,
    )


def _fit_eye(mesh: BaseMesh, vertices: Floats, side: str) -> Eye:
    """The least-squares sphere through MakeHuman's eye helper shell."""
    shell = vertices[np.unique(mesh.quads[mesh.groups[f"helper-{side[0].lower()}-eye"]])]
    system = np.column_stack([2 * shell, np.ones(len(shell))])
    solution = np.linalg.lstsq(system, (shell**2).sum(axis=1), rcond=None)[0]
    centre = solution[:3]
    return Eye(centre=centre, radius=float(np.sqrt(solution[3] + centre @ centre)))


def _head_and_neck_weights(bones: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Folds the rig's many face and neck bones into two; the upper neck goes partly with the head."""
    neck = [bones["neck01"], bones["neck02"], bones["neck03"]]
    trunk = ("spine", "clavicle", "shoulder", "breast", "upperarm", "lowerarm", "pelvis", "root", "upperleg")
    face = [
        weight
        for name, weight in bones.items()
        if name == "head"
        or name.startswith(
            ("jaw", "oculi", "orbicularis", "oris", "risorius", "levator", "special", "temporalis", "tongue", "eye")
        )
    ]
    body = sum((weight for name, weight in bones.items() if name.startswith(trunk)), start=np.zeros_like(neck[0]))
    total = np.maximum(sum(face) + sum(neck) + body, 1e-9)
    head_share = sum(face) + 0.75 * neck[2] + 0.45 * neck[1] + 0.15 * neck[0]
    neck_share = 0.25 * neck[2] + 0.55 * neck[1] + 0.6 * neck[0]
    return head_share / total, neck_share / total
