"""Materials of the example head: simple node trees that read well in Solid, Preview and Cycles."""

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from .actions import enable_nodes

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Finish:
    """How a surface looks: linear RGB, and the few Principled settings that differ from the default."""

    colour: Colour
    picture: str = ""  # the painted picture that replaces the colour
    settings: dict[str, Any] = field(default_factory=dict)  # Principled socket -> value
    alpha: float = 1.0
    pores: bool = False  # a fine bump, so that the light breaks up as it does on skin
    tinted: bool = False  # the mesh's own "tint" replaces the colour
    thin: bool = False  # single hairs, often narrower than a pixel


SUBSURFACE = {"Subsurface Weight": 0.12, "Subsurface Radius": (1.0, 0.35, 0.2), "Subsurface Scale": 0.006}
FINISHES: dict[str, Finish] = {
    "Skin": Finish((0.7, 0.42, 0.3), "skin", {"Roughness": 0.46, **SUBSURFACE}, pores=True),
    "Lips": Finish((0.5, 0.18, 0.15), "skin", {"Roughness": 0.36, **SUBSURFACE}),
    "Mouth": Finish((0.42, 0.13, 0.12), "", {"Roughness": 0.4, **SUBSURFACE}),
    "Sclera": Finish((0.78, 0.74, 0.71), "eye", {"Roughness": 0.12, "Coat Weight": 0.6, "Coat Roughness": 0.03}),
    "Iris": Finish((0.17, 0.08, 0.03), "eye", {"Roughness": 0.6, "Specular IOR Level": 0.0}),
    "Pupil": Finish((0.003, 0.003, 0.003), "", {"Roughness": 0.6, "Specular IOR Level": 0.0}),
    "Cornea": Finish((0.0, 0.0, 0.0), alpha=0.02),
    "Enamel": Finish((0.9, 0.83, 0.71), "", {"Roughness": 0.2, **SUBSURFACE}),
    "Gums": Finish((0.56, 0.21, 0.19), "", {"Roughness": 0.3, **SUBSURFACE}),
    "Tongue": Finish((0.45, 0.14, 0.13), "", {"Roughness": 0.42, **SUBSURFACE}),
    "Shirt": Finish((0.06, 0.09, 0.13), "", {"Roughness": 0.85, "Sheen Weight": 0.3}),
    "Collar": Finish((0.05, 0.075, 0.11), "", {"Roughness": 0.85, "Sheen Weight": 0.3}),
    "Hair": Finish((0.05, 0.027, 0.016), "", {"Roughness": 0.55, "Specular IOR Level": 0.2}, tinted=True),
    "Lashes": Finish((0.008, 0.006, 0.005), "", {"Roughness": 0.5}, tinted=True, thin=True),
}


class HeadMaterials:
    """Makes each material of one head when it is first asked for."""

    def __init__(self, pictures: dict[str, np.ndarray]) -> None:
        self._pictures = pictures
        self._images: dict[str, bpy.types.Image] = {}
        self._materials: dict[str, bpy.types.Material] = {}

    def get(self, name: str) -> bpy.types.Material:
        """The material called `name` of this head."""
        if name not in self._materials:
            self._materials[name] = self._make(name, FINISHES[name])
        return self._materials[name]

    def _make(self, name: str, finish: Finish) -> bpy.types.Material:
        material = bpy.data.materials.new(f"Mien {name}")
        material.diffuse_color = (*finish.colour, finish.alpha)
        if finish.alpha < 1:
            material.specular_intensity = 0.0  # or Solid mode would veil what lies behind
        if finish.thin:
            material.metallic = 1.0  # in Solid mode alone: its gloss on other things would make them sparkle
        material.roughness = finish.settings.get("Roughness", 0.5)
        enable_nodes(material)
        tree = material.node_tree
        tree.nodes.clear()
        output = tree.nodes.new("ShaderNodeOutputMaterial")
        surface = _cornea(tree) if name == "Cornea" else self._principled(tree, finish)
        tree.links.new(surface, output.inputs["Surface"])
        if finish.alpha < 1:
            material.surface_render_method = "BLENDED"
        return material

    def _principled(self, tree: bpy.types.NodeTree, finish: Finish) -> bpy.types.NodeSocket:
        shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
        shader.inputs["Base Color"].default_value = (*finish.colour, 1.0)
        for socket, value in finish.settings.items():
            shader.inputs[socket].default_value = value
        if finish.tinted:
            tint = tree.nodes.new("ShaderNodeAttribute")
            tint.attribute_name = "tint"
            tint.location = (-300, 0)
            tree.links.new(tint.outputs["Color"], shader.inputs["Base Color"])
        if finish.picture in self._pictures:
            texture = tree.nodes.new("ShaderNodeTexImage")
            texture.image = self._image(finish.picture)
            texture.location = (-300, 0)
            tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
        if finish.pores:
            tree.links.new(_pores(tree), shader.inputs["Normal"])
        return shader.outputs["BSDF"]

    def _image(self, name: str) -> bpy.types.Image:
        if name not in self._images:
            self._images[name] = _pack_image(f"Mien {name}", self._pictures[name])
        return self._images[name]


def _pack_image(name: str, picture: np.ndarray) -> bpy.types.Image:
    """An sRGB picture [H, W, 3] uint8, first row at the bottom, as an image packed into the file."""
    height, width = picture.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False)
    rgba = np.ones((height, width, 4), dtype=np.float32)
    rgba[..., :3] = picture / np.float32(255)
    image.pixels.foreach_set(rgba.ravel())
    image.pack()
    return image


def _pores(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """Cells half a millimetre wide, laid out on the texture so that they move with the skin."""
    place = tree.nodes.new("ShaderNodeUVMap")
    cells = tree.nodes.new("ShaderNodeTexVoronoi")
    cells.inputs["Scale"].default_value = 420.0
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 0.22
    bump.inputs["Distance"].default_value = 0.0004
    tree.links.new(place.outputs["UV"], cells.inputs["Vector"])
    tree.links.new(cells.outputs["Distance"], bump.inputs["Height"])
    return bump.outputs["Normal"]


def _cornea(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """Clear but for its reflections: cheaper and steadier than refraction in every engine."""
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    gloss = tree.nodes.new("ShaderNodeBsdfGlossy")
    gloss.inputs["Roughness"].default_value = 0.02
    fresnel = tree.nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = 1.376  # of the human cornea
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(fresnel.outputs["Fac"], mix.inputs[0])
    tree.links.new(clear.outputs["BSDF"], mix.inputs[1])
    tree.links.new(gloss.outputs["BSDF"], mix.inputs[2])
    return mix.outputs["Shader"]
