"""Rigs that are named in the way of each preset, made by renaming the example head."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.binding import load_presets
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.scene.binding_obstacles import obstacles
from bl_ext.user_default.mien.scene.preview import Preview
from bl_ext.user_default.mien.scene.stored_character import active_character

from .rigs import MARKS, bound, preset_of, remove_keys, rename, seen_points, show, unbound
from .scenes import activate, add_mesh

COMPLETE = [preset.name for preset in load_presets() if len(preset.shapes) >= 51]


def bound_now():
    """The head of the scene as it is kept."""
    return active_character(bpy.context.scene)


POSE = {
    name: round(0.2 + 0.6 * ((index * 7) % 11) / 11, 3)
    for index, name in enumerate(name for name in SHAPES if name not in {"mouthClose", "eyeLookUpLeft", "cheekPuff"})
} | {"cheekPuff": 0.4, "browInnerUp": 0.9}


@pytest.mark.parametrize("affix", ["{}", "Head_{}"], ids=["plain", "prefixed"])
@pytest.mark.parametrize("name", COMPLETE)
def test_all_52_are_bound_and_move_what_they_moved(head, name, affix):
    _rig, parts = unbound(head)
    meshes = [part for part in parts.values() if part.type == "MESH" and part.data.shape_keys]
    show(head, **POSE)
    wanted = {mesh.name: seen_points(mesh) for mesh in meshes}
    for mesh in meshes:
        mesh.data.shape_keys.animation_data_clear()
        for key in mesh.data.shape_keys.key_blocks:
            key.value = 0.0
    rename(meshes, preset_of(name), affix)
    parts["Hair"].name = MARKS.get(name, "Hair")
    found = bound(parts["Tongue"])
    assert found.preset == name
    assert found.summary() == "52 of 52, head bone, 2 eyes"
    assert found.suggestions == ()
    show(found, **POSE)
    for mesh in meshes:
        assert np.abs(seen_points(mesh) - wanted[mesh.name]).max() < 2e-5


def test_a_preview_shows_what_keys_show(head):
    rig, parts = unbound(head)
    rename(
        [part for part in parts.values() if part.type == "MESH" and part.data.shape_keys], preset_of("Reallusion CC4")
    )
    found = bound(rig)
    with Preview(found) as preview:
        preview.show(Pose.from_mapping(POSE))
        bpy.context.view_layer.update()
        shown = seen_points(parts["Face"])
    show(found, **POSE)
    assert seen_points(parts["Face"]) == pytest.approx(shown, abs=1e-6)


def test_a_rig_with_half_the_shapes_is_approximated_and_says_so(head):
    rig, parts = unbound(head)
    gone = {name for name in SHAPES if not name.endswith("Right")} - {"jawOpen", "mouthPucker", "browInnerUp"}
    for mesh in [part for part in parts.values() if part.type == "MESH" and part.data.shape_keys]:
        remove_keys(mesh, lambda name: name in gone)
    found = bound(rig)
    assert len(found.bound) == 52 - len(gone)
    assert set(found.approximated) <= gone
    assert "mouthClose" in found.approximated
    assert "mouthClose is approximated from jawOpen (-80%)." in found.approximations()
    assert f"{len(found.approximated)} approximated" in found.summary()
    show(found, jawOpen=0.8, mouthClose=0.5)
    assert parts["Face"].data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.4)
    assert bpy.ops.mien.clear_approximations() == {"FINISHED"}
    assert bound_now().approximated == ()


def test_a_rig_with_weird_names_is_bound_to_nothing_until_it_is_asked_for(scene):
    face = add_mesh("Face", ["LeftEyeClosed", "RightEyeClosed", "Open Mouth", "kiss", "Key 7", "まばたき"])
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    found = bound_now()
    assert (found.shapes, found.preset) == ((), "")
    suggested = {(suggestion.channel, suggestion.key) for suggestion in found.suggestions}
    assert {("eyeBlinkLeft", "LeftEyeClosed"), ("jawOpen", "Open Mouth"), ("mouthPucker", "kiss")} <= suggested
    index = [suggestion.channel for suggestion in found.suggestions].index("mouthPucker")
    assert bpy.ops.mien.accept_suggestion(index=index) == {"FINISHED"}
    assert [(row.channel, row.key) for row in bound_now().shapes] == [("mouthPucker", "kiss")]
    assert bpy.ops.mien.accept_suggestions() == {"FINISHED"}
    assert set(bound_now().bound) >= {"eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthPucker"}
    activate(face)
    bpy.ops.mien.bind_character()
    assert set(bound_now().bound) >= {"eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthPucker"}


def test_a_vroid_face_is_approximated(scene):
    add_mesh(
        "Face",
        [
            f"Fcl_{name}"
            for name in (
                "EYE_Close_L",
                "EYE_Close_R",
                "MTH_A",
                "MTH_O",
                "MTH_U",
                "MTH_Fun",
                "MTH_Sorrow",
                "MTH_I",
                "BRW_Angry",
                "BRW_Sorrow",
                "BRW_Surprised",
            )
        ],
    )
    bpy.ops.mien.bind_character()
    found = bound_now()
    assert found.preset == "VRoid"
    assert found.bound == ("eyeBlinkLeft", "eyeBlinkRight")
    assert {"jawOpen", "mouthSmileLeft", "browInnerUp"} <= set(found.approximated)
    show(found, mouthSmileLeft=1.0, mouthSmileRight=0.5)
    assert found.meshes[0].data.shape_keys.key_blocks["Fcl_MTH_Fun"].value == pytest.approx(0.75)


def test_driven_keys_are_told_before_anything_is_keyed(face, keys):
    keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.3"
    keys.key_blocks["mouthPucker"].mute = True
    told = obstacles(face)
    assert len(told) == 2
    assert "Moved by drivers, so they can't be keyed: jawOpen." in told[0]
    assert "Muted, so they won't be seen: mouthPucker." in told[1]
    keys.animation_data.drivers[0].mute = True
    assert len(obstacles(face)) == 1
    assert show(face, jawOpen=0.6).left_alone == ()


def test_a_head_with_hundreds_of_shapes_is_bound(scene):
    names = [f"CTRL_expressions_{name}" for names in preset_of("MetaHuman").shapes.values() for name in names]
    extra = [f"head_cm{index % 3}_color_head_wm{index}_blink_{'LR'[index % 2]}" for index in range(700)]
    add_mesh("head_lod0_mesh", [*names, *extra])
    bpy.ops.mien.bind_character()
    assert bound_now().summary().startswith("52 of 52")
