"""Adds the example head: a person with all 52 ARKit shapes, ready to be bound and keyed.

The head faces -Y with Z up, in metres (chin to crown 0.22 m), as a bust standing on the floor. Each
part is a mesh of its own that carries just the shape keys that move it, all under one armature with
the bones `neck` and `head`, in one collection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Vector

from . import head_materials, head_stage

ASSET: Final = Path(__file__).parent.parent / "assets" / "example_head.npz"
COLLECTION_NAME: Final = "Mien Head"
FACE: Final = "Face"
SUBDIVIDED_PARTS: Final = {"Face": (1, 2), "Tongue": (1, 2), "Shirt": (1, 2)}  # viewport, render levels
GAP_BETWEEN_HEADS: Final = 0.1
CLOTH_THICKNESS: Final = 0.003


@dataclass(frozen=True)
class HeadFile:
    """The example head's file, as arrays by name."""

    arrays: dict[str, np.ndarray]

    def part_names(self) -> list[str]:
        """All parts, in alphabetical order."""
        return [str(name) for name in self.arrays["parts"]]

    def landmark(self, name: str) -> Vector:
        """A point in the head's own space."""
        return Vector(self.arrays[f"landmark/{name}"].tolist())

    def vertices(self, part: str) -> np.ndarray:
        """Rest positions [V, 3], float32."""
        low, steps = self.arrays[f"{part}/vertices_range"]
        return np.asarray(self.arrays[f"{part}/vertices"] * steps + low, dtype=np.float32)

    def faces(self, part: str) -> np.ndarray:
        """Corners of each face [F, K], -1 where it has fewer."""
        return np.cumsum(self.arrays[f"{part}/faces_steps"], axis=0)

    def shape_names(self, part: str) -> list[str]:
        """The ARKit shapes that move a part."""
        return _between(self.arrays, f"{part}/shape/", "/moved")

    def shaped(self, part: str, shape: str) -> np.ndarray:
        """Positions [V, 3] of a part with one shape at 1.0."""
        key = f"{part}/shape/{shape}"
        positions = self.vertices(part)
        positions[self.arrays[f"{key}/moved"]] += self.arrays[f"{key}/offsets"] * np.float32(
            self.arrays[f"{key}/scale"]
        )
        return positions

    def bone_weights(self, part: str) -> dict[str, np.ndarray]:
        """Weight of each vertex on each bone, in 1/255."""
        return {bone: self.arrays[f"{part}/weight/{bone}"] for bone in _between(self.arrays, f"{part}/weight/", "")}


def load_head_file(path: Path = ASSET) -> HeadFile:
    """Reads the whole file; it is a few megabytes."""
    with np.load(path, allow_pickle=False) as archive:
        return HeadFile({name: archive[name] for name in archive.files})


def add_example_head(context: bpy.types.Context) -> bpy.types.Object:
    """Builds the head in the scene, selects its face and returns it."""
    head_file = load_head_file()
    scene = context.scene
    _leave_edit_mode(context)
    context.view_layer.update()  # where the other objects are is known only then
    place = _free_place(scene, head_file)
    collection = bpy.data.collections.new(COLLECTION_NAME)
    scene.collection.children.link(collection)
    armature = _add_armature(context, collection, head_file)
    materials = head_materials.HeadMaterials(
        {
            name.removeprefix("picture/"): array
            for name, array in head_file.arrays.items()
            if name.startswith("picture/")
        }
    )
    objects = {part: _add_part(part, head_file, armature, collection, materials.get) for part in head_file.part_names()}
    armature.location = place
    head_stage.set_stage(scene, armature.location + head_file.landmark("eyes"))
    _make_active(context, objects[FACE])
    return objects[FACE]


def _between(arrays: dict[str, Any], prefix: str, suffix: str) -> list[str]:
    return sorted(
        name[len(prefix) : len(name) - len(suffix)]
        for name in arrays
        if name.startswith(prefix) and name.endswith(suffix)
    )


def _leave_edit_mode(context: bpy.types.Context) -> None:
    if context.view_layer.objects.active and context.view_layer.objects.active.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")


def _free_place(scene: bpy.types.Scene, head_file: HeadFile) -> Vector:
    """The world origin, or the nearest place to its right where no mesh is in the way."""
    shirt = head_file.vertices("Shirt")
    half_width = float(np.abs(shirt[:, 0]).max())
    place = Vector((0.0, 0.0, 0.0))
    spans = sorted(_x_span(obj) for obj in scene.objects if obj.type == "MESH" and _crosses_x_axis(obj, half_width))
    for low, high in spans:
        if low < place.x + half_width and high > place.x - half_width:
            place.x = high + half_width + GAP_BETWEEN_HEADS
    return place


def _corners(obj: bpy.types.Object) -> list[Vector]:
    return [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]


def _x_span(obj: bpy.types.Object) -> tuple[float, float]:
    across = [corner.x for corner in _corners(obj)]
    return min(across), max(across)


def _crosses_x_axis(obj: bpy.types.Object, reach: float) -> bool:
    deep = [corner.y for corner in _corners(obj)]
    return min(deep) < reach and max(deep) > -reach


def _add_armature(
    context: bpy.types.Context, collection: bpy.types.Collection, head_file: HeadFile
) -> bpy.types.Object:
    data = bpy.data.armatures.new(f"{COLLECTION_NAME} Rig")
    data.display_type = "STICK"
    armature = bpy.data.objects.new(f"{COLLECTION_NAME} Rig", data)
    armature.show_in_front = False
    collection.objects.link(armature)
    _make_active(context, armature)
    neck, head, crown = (head_file.landmark(name) for name in ("neck", "head", "crown"))
    bpy.ops.object.mode_set(mode="EDIT")  # bones cannot be made through the data alone
    try:
        parent = None
        for name, tail, tip in (
            ("shoulders", Vector((0, neck.y, 0)), neck),
            ("neck", neck, head),
            ("head", head, crown),
        ):
            bone = data.edit_bones.new(name)
            bone.head, bone.tail, bone.parent = tail, tip, parent
            parent = bone
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    for pose_bone in armature.pose.bones:
        pose_bone.rotation_mode = "XYZ"
    return armature


def _add_part(
    part: str,
    head_file: HeadFile,
    armature: bpy.types.Object,
    collection: bpy.types.Collection,
    material_named: Callable[[str], bpy.types.Material],
) -> bpy.types.Object:
    mesh = _make_mesh(part, head_file, material_named)
    obj = bpy.data.objects.new(part, mesh)
    collection.objects.link(obj)
    obj.parent = armature
    _add_shape_keys(obj, part, head_file)
    _add_bone_weights(obj, part, head_file)
    obj.modifiers.new("Armature", "ARMATURE").object = armature
    if part in SUBDIVIDED_PARTS:
        subdivision = obj.modifiers.new("Subdivision", "SUBSURF")
        subdivision.uv_smooth = "NONE"  # the pictures are painted for straight texture edges
        subdivision.levels, subdivision.render_levels = SUBDIVIDED_PARTS[part]
    if part == "Shirt":
        cloth = obj.modifiers.new("Thickness", "SOLIDIFY")
        cloth.thickness, cloth.offset = CLOTH_THICKNESS, -1.0
    return obj


def _make_mesh(part: str, head_file: HeadFile, material_named: Callable[[str], bpy.types.Material]) -> bpy.types.Mesh:
    arrays = head_file.arrays
    vertices, faces = head_file.vertices(part), head_file.faces(part)
    used = faces >= 0
    sizes = used.sum(axis=1)
    mesh = bpy.data.meshes.new(part)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(int(sizes.sum()))
    mesh.loops.foreach_set("vertex_index", faces[used].astype(np.int32))
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", (np.cumsum(sizes) - sizes).astype(np.int32))
    mesh.update(calc_edges=True)
    if f"{part}/uvs" in arrays:
        layer = mesh.uv_layers.new(name="UVMap")
        layer.uv.foreach_set("vector", (arrays[f"{part}/uvs"][used] / 65535).astype(np.float32).ravel())
    if f"{part}/colours" in arrays:
        tint = mesh.attributes.new("tint", "FLOAT_COLOR", "POINT")
        rgba = np.column_stack([arrays[f"{part}/colours"] / 255, np.ones(len(vertices))])
        tint.data.foreach_set("color", rgba.astype(np.float32).ravel())
    for name in arrays[f"{part}/materials"]:
        mesh.materials.append(material_named(str(name)))
    if f"{part}/face_materials" in arrays:
        mesh.polygons.foreach_set("material_index", arrays[f"{part}/face_materials"].astype(np.int32))
    mesh.shade_smooth()
    mesh.validate()
    return mesh


def _add_shape_keys(obj: bpy.types.Object, part: str, head_file: HeadFile) -> None:
    names = head_file.shape_names(part)
    if not names:
        return
    obj.shape_key_add(name="Basis", from_mix=False)
    for name in names:
        key = obj.shape_key_add(name=name, from_mix=False)
        key.value = 0.0  # since 5.0 a new key begins at 1
        key.data.foreach_set("co", head_file.shaped(part, name).ravel())


def _add_bone_weights(obj: bpy.types.Object, part: str, head_file: HeadFile) -> None:
    """What the neck and the head leave over stays with the shoulders."""
    weights = head_file.bone_weights(part)
    left_over = np.full(len(obj.data.vertices), 255, dtype=np.int64)
    for steps in weights.values():
        left_over = left_over - steps
    weights["shoulders"] = np.clip(left_over, 0, 255)
    for bone, steps in weights.items():
        group = obj.vertex_groups.new(name=bone)
        for step in np.unique(steps[steps > 0]):
            group.add(np.flatnonzero(steps == step).tolist(), float(step) / 255, "REPLACE")


def _make_active(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    for other in context.view_layer.objects:
        other.select_set(False)
    context.view_layer.objects.active = obj
    obj.select_set(True)
