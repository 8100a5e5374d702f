"""A head that has been through the files of other programs, whose bones and axes come back otherwise than they left."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_character import active_character

from .rigs import (
    Pointing,
    add_eye_bones,
    angle_between,
    bound,
    is_look,
    preset_of,
    remove_keys,
    rename,
    show,
    turned,
    unbound,
)

CLOSE = 0.3
"""Degrees; the files round their numbers."""


def through_gltf(path):
    bpy.ops.export_scene.gltf(filepath=path, export_animations=False, use_selection=True, export_apply=False)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.import_scene.gltf(filepath=path)


def through_fbx(path):
    bpy.ops.export_scene.fbx(filepath=path, use_selection=True, bake_anim=False, use_mesh_modifiers=False)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.import_scene.fbx(filepath=path)


@pytest.mark.parametrize(("go_through", "suffix"), [(through_gltf, ".glb"), (through_fbx, ".fbx")], ids=["glTF", "FBX"])
def test_it_is_bound_and_looks_where_it_should(head, tmp_path, go_through, suffix):
    rig, parts = unbound(head)
    for name in ("Hair", "Brows", "Shirt", "Lashes"):
        bpy.data.objects.remove(parts.pop(name))
    meshes = [part for part in parts.values() if part.type == "MESH"]
    for eye in ("EyeLeft", "EyeRight"):
        remove_keys(parts[eye], is_look)
    add_eye_bones(rig, (parts["EyeLeft"], parts["EyeRight"]), ("LeftEye", "RightEye"), (0, 0, 1), 0.7)
    rename(meshes, preset_of("Reallusion CC4"))
    for thing in (rig, *meshes):
        thing.select_set(True)
        for modifier in [modifier for modifier in thing.modifiers if modifier.type == "SUBSURF"]:
            thing.modifiers.remove(modifier)
    go_through(str(tmp_path / f"head{suffix}"))
    found = bound(next(thing for thing in bpy.context.scene.objects if thing.name.startswith("Face")))
    assert found.preset == "Reallusion CC4"
    assert found.summary() == "52 of 52, head bone, 2 eyes"
    assert found.eyes_by == "BOTH"
    parts = {thing.name.split(".")[0]: thing for thing in bpy.context.scene.objects}
    nose, pupil = Pointing(parts["Face"], parts["TeethUpper"]), Pointing(parts["EyeLeft"])
    rest, rest_of_pupil = nose(), pupil()
    for yaw, pitch in ((0.4, 0.0), (0.0, 0.3), (-0.3, -0.2)):
        show(active_character(bpy.context.scene), headYaw=yaw, headPitch=pitch)
        assert angle_between(nose(), turned(yaw, pitch) @ rest) < CLOSE
        show(found, leftEyeYaw=yaw, leftEyePitch=pitch)
        assert angle_between(pupil(), turned(yaw, pitch) @ rest_of_pupil) < CLOSE
