"""Makes a cartoon of the example head: huge eyes, a button nose, a wide mouth and a dome, in colours of no human skin.

    python build.py blender examples/stylised_head.py HEAD.blend

Face models that learnt from photos do not see a face in most pictures of it; `docs/student.md` tells how a student
learns to read it all the same. Your own character takes its place there.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np


@dataclass(frozen=True)
class Swelling:
    """What grows or shrinks around a point, smoothly, so that nothing folds. growth: along x, y and z; else metres."""

    centre: tuple[float, float, float]
    growth: tuple[float, float, float]
    reach: float

    def moved(self, points: np.ndarray) -> np.ndarray:
        """By how much each point moves, shape (V, 3)."""
        away = points - np.array(self.centre)
        nearness = np.exp(-np.sum(away**2, axis=1, keepdims=True) / self.reach**2)
        return (np.array(self.growth) - 1) * nearness * away


WHOLE = Swelling((0.0, -0.06, 0.30), (1.5, 1.1, 1.0), 0.3)
NOSE = Swelling((0.0, -0.140, 0.303), (0.4, 0.1, 0.4), 0.026)
MOUTH = Swelling((0.0, -0.125, 0.262), (1.35, 1.2, 1.7), 0.04)
BROW = Swelling((0.0, -0.10, 0.40), (0.8, 1.1, 0.6), 0.07)
EYES_APART = Swelling((0.0, -0.10, 0.33), (1.6, 1.0, 1.2), 0.06)
EYE_GROWTH, EYE_REACH = (1.5, 1.7, 2.6), 0.027
LEFT_OUT = ("Hair", "Lashes", "Shirt")
SHAPE_GROWTH = 1.5  # of every movement but the eyes', whose lids must meet
CLEAR = "Cornea"
SPOTS, SPOT_SIZE = 18.0, 0.33  # across the head; of a cell
COLOURS = {  # linear RGB
    "Spot": (0.02, 0.05, 0.22),
    "Hair": (0.6, 0.02, 0.2),
    "Skin": (0.33, 0.40, 0.07),
    "Lips": (0.5, 0.2, 0.06),
    "Mouth": (0.3, 0.03, 0.05),
    "Sclera": (0.12, 0.02, 0.2),
    "Iris": (0.9, 0.35, 0.02),
    "Tongue": (0.85, 0.25, 0.5),
    "Gums": (0.5, 0.2, 0.3),
}


def add_stylised_head() -> bpy.types.Object:
    """Add it in place of the plain example head, bound, and give its rig."""
    bpy.ops.mien.add_example_head()
    face = bpy.context.object
    rig = face.parent
    for part in list(rig.children):
        if part.name.startswith(LEFT_OUT):
            bpy.data.objects.remove(part)
    warp([part for part in rig.children if part.type == "MESH"])
    paint(rig)
    bpy.context.view_layer.objects.active = face
    bpy.ops.mien.bind_character()
    return rig


def warp(parts: list[bpy.types.Object]) -> None:
    """Move every part, at rest and in each shape alike."""
    eyes = [
        Swelling(tuple(positions(part.data.vertices).mean(axis=0)), EYE_GROWTH, EYE_REACH)
        for part in parts
        if part.name.startswith("Eye")
    ]
    for part in parts:
        keys = part.data.shape_keys.key_blocks if part.data.shape_keys else ()
        rest = positions(part.data.vertices)
        swollen = warped(rest, eyes)
        for key in keys:
            growth = 1.0 if key.name.startswith("eye") else SHAPE_GROWTH
            places = swollen + growth * (warped(positions(key.data), eyes) - swollen)
            key.data.foreach_set("co", places.astype(np.float32).ravel())
        part.data.vertices.foreach_set("co", swollen.astype(np.float32).ravel())
        part.data.update()


def warped(places: np.ndarray, eyes: list[Swelling]) -> np.ndarray:
    """Where all the swellings bring each point, shape (V, 3)."""
    return places + sum(swelling.moved(places) for swelling in (*eyes, EYES_APART, NOSE, MOUTH, BROW, WHOLE))


def positions(points: bpy.types.bpy_prop_collection) -> np.ndarray:
    """Their places, shape (V, 3)."""
    flat = np.empty(len(points) * 3, dtype=np.float32)
    points.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def paint(rig: bpy.types.Object) -> None:
    """Flat colours in place of the painted skin, and spots all over it."""
    materials = {slot.material for part in rig.children for slot in part.material_slots}
    for material in materials:
        name = material.name.removeprefix("Mien ").partition(".")[0]
        if name in COLOURS or name == CLEAR:
            tree = material.node_tree
            tree.nodes.clear()
            shader = tree.nodes.new("ShaderNodeBsdfTransparent" if name == CLEAR else "ShaderNodeBsdfDiffuse")
            shader.inputs["Color"].default_value = (*COLOURS.get(name, (1.0, 1.0, 1.0)), 1.0)
            output = tree.nodes.new("ShaderNodeOutputMaterial")
            tree.links.new(shader.outputs[0], output.inputs["Surface"])
            if name == "Skin":
                tree.links.new(spots(tree), shader.inputs["Color"])


def spots(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """Spots that stay where they are on the skin, however it moves."""
    place, cells, ramp = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexVoronoi", "ValToRGB"))
    cells.inputs["Scale"].default_value = SPOTS
    ramp.color_ramp.interpolation = "CONSTANT"
    first, second = ramp.color_ramp.elements
    first.color, second.color = (*COLOURS["Spot"], 1.0), (*COLOURS["Skin"], 1.0)
    second.position = SPOT_SIZE
    tree.links.new(place.outputs["Generated"], cells.inputs["Vector"])
    tree.links.new(cells.outputs["Distance"], ramp.inputs["Fac"])
    return ramp.outputs["Color"]


if __name__ == "__main__":
    bpy.ops.wm.read_homefile(use_empty=True)
    add_stylised_head()
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(sys.argv[1]).resolve()))
