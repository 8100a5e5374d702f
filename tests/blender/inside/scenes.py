"""Rigs that a user could bring, and what tells whether a file was changed."""

import hashlib

import bpy
import numpy as np
from bl_ext.user_default.mien.scene.actions import fcurves_of

# A face of few points, in metres, looking along -Y: enough for shape keys to move an eye, the other, the mouth.
FACE = ((0.03, -0.1, 0.05), (-0.03, -0.1, 0.05), (0.0, -0.11, -0.02), (0.0, 0.0, 0.1), (0.0, 0.0, -0.1))
LEFT_EYE, RIGHT_EYE, MOUTH = 0, 1, 2


def add_mesh(name, keys, points=FACE):
    """An object with a shape key of each name; eye and mouth shapes move their own point, others the crown."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], [(0, 1, 2), (0, 1, 3), (0, 2, 4)])
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.shape_key_add(name="Basis", from_mix=False)
    for key in keys:
        shape = obj.shape_key_add(name=key, from_mix=False)
        shape.value = 0.0
        low = key.lower()
        place = MOUTH if "mouth" in low else 3
        if "eye" in low:
            place = LEFT_EYE if low.endswith(("left", "_l", ".l")) else RIGHT_EYE
        shape.data[place].co.z -= 0.01
    activate(obj)
    return obj


def add_armature(name="Rig", bones=("neck", "head"), rolls=(0.0, 0.0), tails=((0, 0, 0.1), (0, 0, 0.25)), up="Z"):
    """An armature with a chain of bones from the origin upwards (or along Y for up="Y")."""
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    start, parent = (0.0, 0.0, 0.0), None
    for bone, roll, tail in zip(bones, rolls, tails, strict=True):
        end = tail if up == "Z" else (tail[0], tail[2], -tail[1])
        made = data.edit_bones.new(bone)
        made.head, made.tail, made.roll, made.parent = start, end, roll, parent
        start, parent = end, made
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj


def dress(armature, *meshes):
    """Deform meshes by an armature."""
    for mesh in meshes:
        mesh.modifiers.new("Armature", "ARMATURE").object = armature


def activate(obj):
    for other in bpy.context.scene.objects:
        other.select_set(False)
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj


def owners():
    """Every datablock that can carry keys here."""
    return [*bpy.data.objects, *bpy.data.shape_keys, *bpy.data.scenes]


def curves():
    """All keys of the file: {(owner, data path, index): array of every number of each key}."""
    return {
        (owner.name, fcurve.data_path, fcurve.array_index): key_numbers(fcurve)
        for owner in owners()
        for fcurve in fcurves_of(owner)
    }


def key_numbers(fcurve):
    return np.array([[*point.co, *_kinds(point)] for point in fcurve.keyframe_points])


def _kinds(point):
    words = (point.interpolation, point.handle_left_type, point.handle_right_type, point.easing, point.type)
    return [int.from_bytes(word.encode()[:6], "big") for word in words]


def digest():
    """Changes when anything that Mien could touch changes: keys, values, rotations, datablocks, the frame."""
    state = [sorted((key, array.tobytes()) for key, array in curves().items())]
    state.extend([block.name for block in shape.key_blocks] for shape in bpy.data.shape_keys)
    state.extend([block.value for block in shape.key_blocks] for shape in bpy.data.shape_keys)
    state.extend(
        [tuple(bone.rotation_quaternion), tuple(bone.rotation_euler)]
        for obj in bpy.data.objects
        if obj.pose
        for bone in obj.pose.bones
    )
    names = ("actions", "images", "scenes", "movieclips", "objects", "meshes", "texts", "collections")
    state.extend([block.name for block in getattr(bpy.data, name)] for name in names)
    state.append([(scene.name, scene.frame_current, scene.render.filepath) for scene in bpy.data.scenes])
    return hashlib.sha256(repr(state).encode()).hexdigest()
