"""Poses shown on a head for a while, without a trace afterwards."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNEL_COUNT
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.scene.preview import Preview

from .scenes import digest

POSE = Pose.from_mapping({"jawOpen": 0.6, "eyeBlinkLeft": 0.4, "headYaw": 0.5})


def jaw(head):
    return head.meshes[0].data.shape_keys.key_blocks["jawOpen"]


def head_bone(head):
    return head.turns["head"].holder


def turned(head):
    bone = head_bone(head)
    return tuple(bone.rotation_quaternion) + tuple(bone.rotation_euler)


def test_a_pose_is_shown_and_taken_back(head):
    jaw(head).value = 0.125
    before = digest()
    with Preview(head) as preview:
        rest = turned(head)
        preview.show(POSE)
        assert jaw(head).value == pytest.approx(0.6)
        assert turned(head) != rest
    assert digest() == before
    assert not preview.is_running
    preview.show(POSE)
    assert digest() == before


def _shown_and_broken(preview):
    preview.show(POSE)
    raise TypeError


def test_a_fault_ends_it_too(head):
    before = digest()
    with pytest.raises(TypeError), Preview(head) as preview:
        _shown_and_broken(preview)
    assert digest() == before


def test_keyed_channels_show_the_pose_over_frame_changes_and_their_keys_afterwards(head, scene):
    jaw(head).value = 0.2
    jaw(head).keyframe_insert("value", frame=1)
    jaw(head).value = 0.8
    jaw(head).keyframe_insert("value", frame=11)
    with Preview(head) as preview:
        preview.show(POSE)
        scene.frame_set(11)
        assert jaw(head).value == pytest.approx(0.6)
    assert jaw(head).value == pytest.approx(0.8)
    scene.frame_set(1)
    assert jaw(head).value == pytest.approx(0.2)


def test_driven_channels_are_left_alone(head):
    driver = jaw(head).driver_add("value").driver
    driver.expression = "0.3"
    bpy.context.view_layer.update()
    with Preview(head) as preview:
        shown = jaw(head).value
        preview.show(POSE)
        assert jaw(head).value == shown


def test_a_file_saved_meanwhile_has_no_preview_in_it(head, tmp_path):
    path = str(tmp_path / "saved.blend")
    jaw(head).value = 0.125
    with Preview(head) as preview:
        preview.show(POSE)
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        assert jaw(head).value == pytest.approx(0.6)
        name = head.meshes[0].data.name
        with bpy.data.libraries.load(path) as (_, here):
            here.meshes = [name]
        assert here.meshes[0].shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.125)


def test_undo_ends_it(head):
    bpy.ops.ed.undo_push(message="before")
    bpy.context.scene.frame_start = 5
    bpy.ops.ed.undo_push(message="after")
    preview = Preview(head)
    preview.show(POSE)
    bpy.ops.ed.undo()
    assert not preview.is_running
    shown = [block.value for key in bpy.data.shape_keys for block in key.key_blocks if block.name == "jawOpen"]
    assert shown
    assert max(shown) == 0.0


def test_opening_another_file_ends_it(head):
    preview = Preview(head)
    preview.show(POSE)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert not preview.is_running
    preview.show(POSE)
    preview.end()


def test_what_is_deleted_meanwhile_is_no_fault(head):
    preview = Preview(head)
    preview.show(POSE)
    mesh = head.meshes[0]
    mesh.shape_key_remove(jaw(head))
    preview.show(POSE)
    bpy.data.objects.remove(head.anchor)
    preview.show(POSE)
    preview.end()
    assert not preview.is_running


def test_two_heads_at_once(head):
    before = digest()
    one, other = Preview(head), Preview(head)
    one.show(POSE)
    other.show(Pose(np.full(CHANNEL_COUNT, 0.1)))
    other.end()
    one.end()
    assert digest() == before
