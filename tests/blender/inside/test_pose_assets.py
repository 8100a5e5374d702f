"""A pose as an asset."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.actions import HAS_SLOTS, fcurves_in

from .scenes import digest
from .taken import JAW, key


def posed(head):
    for mesh in head.meshes:
        for block in mesh.data.shape_keys.key_blocks[1:]:
            block.value = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.25}.get(block.name, 0.0)
    bone = head.anchor.pose.bones[head.turns["head"].bone]
    bone.rotation_mode = "QUATERNION"
    bone.rotation_quaternion = (0.966, 0.259, 0.0, 0.0)
    return bone


def assets():
    return [action for action in bpy.data.actions if action.asset_data]


def curves_of(action):
    if not HAS_SLOTS:
        return list(action.fcurves)
    return [fcurve for slot in action.slots for fcurve in fcurves_in(action, slot.identifier)]


def test_everything_bound_in_one_frame_with_its_words(head, scene):
    bone = posed(head)
    before = {action.name for action in bpy.data.actions}
    assert bpy.ops.mien.save_pose() == {"FINISHED"}
    found = assets()
    assert len(found) == (1 if HAS_SLOTS else 2)
    assert {action.name for action in found}.isdisjoint(before)
    for action in found:
        assert "smile" in action.asset_data.description
        assert [tag.name for tag in action.asset_data.tags] == ["Mien"]
        assert action.use_fake_user
        assert tuple(action.frame_range) in {(1.0, 1.0), (1.0, 2.0)}
    values = {f.data_path: f.evaluate(1) for action in found for f in curves_of(action)}
    assert values[JAW] == pytest.approx(0.25)
    assert len([path for path in values if path.startswith("key_blocks")]) == 52
    assert any("rotation" in path for path in values)
    assert bone.rotation_quaternion[0] == pytest.approx(0.966)
    assert all(mesh.data.shape_keys.animation_data is None for mesh in head.meshes)


def test_applied_to_the_head_it_shows_the_pose(head, scene):
    posed(head)
    bpy.ops.mien.save_pose(name="Grin", words="A grin")
    action = bpy.data.actions["Grin"]
    assert action.asset_data.description == "A grin"
    for mesh in head.meshes:
        keys = mesh.data.shape_keys
        for block in keys.key_blocks[1:]:
            block.value = 0.0
        animation = keys.animation_data_create()
        animation.action = action
        if HAS_SLOTS:
            animation.action_slot = next(s for s in action.slots if s.name_display == mesh.name)
    scene.frame_set(1)
    for mesh in head.meshes:
        blocks = mesh.data.shape_keys.key_blocks
        assert "jawOpen" not in blocks or blocks["jawOpen"].value == pytest.approx(0.25)


def test_what_plays_goes_on_and_undo_takes_it_away(head, scene):
    keys = head.meshes[0].data.shape_keys
    key(keys, JAW, (1, 0.1), (20, 0.6))
    scene.frame_set(20)
    playing = keys.animation_data.action
    bpy.ops.ed.undo_push(message="Before")
    before = digest()
    assert bpy.ops.mien.save_pose("EXEC_DEFAULT", True) == {"FINISHED"}
    assert keys.animation_data.action == playing
    assert next(f for f in curves_of(assets()[0]) if f.data_path == JAW).evaluate(1) == pytest.approx(0.6)
    bpy.ops.ed.undo()
    assert digest() == before
    bpy.ops.ed.redo()
    assert assets()


def test_without_a_head_it_says_so(scene):
    assert not bpy.ops.mien.save_pose.poll()
