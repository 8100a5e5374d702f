"""Takes as layers of the NLA: added to what moves the head, taken off exactly."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.scene.actions import fcurves_in, fcurves_of
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.stored_character import store
from bl_ext.user_default.mien.scene.stored_takes import (
    active_take,
    add_take,
    keep_shaping,
    remove_take,
    take_of,
    takes_of,
)
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .scenes import activate
from .taken import JAW, SMILE, every_curve, fcurve_of, key, talking, video


def shown(scene, keys, frame, name="jawOpen"):
    scene.frame_set(frame)
    return keys.key_blocks[name].value


def layered(head, scene, **given):
    record = add_take(head.anchor, video(**given), scene=scene)
    apply_take(head, record, scene, mode=WritingMode.LAYER)
    return active_take(head.anchor)


def curve_in_layer(record, path, index=0):
    entry = record.owners[0]
    curves = fcurves_in(entry.action, entry.layer_slot)
    return next(f for f in curves if (f.data_path, f.array_index) == (path, index))


class TestSum:
    def test_it_is_added_to_the_action_that_plays(self, face, keys, scene):
        key(keys, JAW, (1, 0.1), (90, 0.3))
        key(keys, SMILE, (200, 0.2))
        before, base = every_curve(), fcurve_of(keys, JAW)
        record = layered(face, scene, frame_start=10.0)
        assert every_curve() == before
        layer = curve_in_layer(record, JAW)
        for frame in (1, 9, 10, 25, 50, 58, 59, 90):
            added = layer.evaluate(frame) if record.written_from <= frame <= record.written_until else 0.0
            assert shown(scene, keys, frame) == pytest.approx(base.evaluate(frame) + added, abs=1e-5)
        assert shown(scene, keys, 120, "cheekPuff") == 0.0  # nothing plays there
        assert shown(scene, keys, 120, "mouthSmileLeft") == pytest.approx(0.2)

    def test_heads_with_bones_turn_one_after_the_other(self, head, scene):
        rig, bone = head.anchor, head.anchor.pose.bones[head.turns["head"].bone]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = (0.966, 0.259, 0.0, 0.0)
        bone.keyframe_insert("rotation_quaternion", frame=1)
        rig.location.x = 2.0
        rig.keyframe_insert("location", frame=1)
        scene.frame_set(1)
        base = bone.rotation_quaternion.normalized()
        record = layered(head, scene)
        action, slot = next((e.action, e.layer_slot) for e in record.owners if e.holder == rig)
        curves = [f for f in fcurves_in(action, slot) if "rotation" in f.data_path]
        for frame in (5, 20):
            scene.frame_set(frame)
            turn = type(base)([f.evaluate(frame) for f in sorted(curves, key=lambda f: f.array_index)])
            wanted = turn.normalized() @ base
            assert abs(wanted.dot(bone.rotation_quaternion.normalized())) == pytest.approx(1.0, abs=1e-5)
            assert rig.location.x == 2.0
        for mesh in head.meshes:  # each by its own slot
            keys = mesh.data.shape_keys
            entry = next(entry for entry in record.owners if entry.holder == mesh)
            for fcurve in fcurves_in(entry.action, entry.layer_slot)[:5]:
                value = keys.path_resolve(fcurve.data_path)
                assert value == pytest.approx(np.clip(fcurve.evaluate(20), 0, 1), abs=1e-5)

    def test_two_layers_add_up_and_go_in_any_order(self, face, keys, scene):
        key(keys, JAW, (1, 0.1), (90, 0.2))
        keys.key_blocks["cheekPuff"].value = 0.25
        before = every_curve()
        layered(face, scene, shaping=Shaping(gain={"jaw": 0.3}))
        layered(face, scene, frame_start=5.0, track=talking(seed=2), shaping=Shaping(gain={"jaw": 0.2}))
        first, second = takes_of(face.anchor).items
        parts = [curve_in_layer(record, JAW).evaluate(20) for record in (first, second)]
        assert shown(scene, keys, 20) == pytest.approx(fcurve_of(keys, JAW).evaluate(20) + sum(parts), abs=1e-5)
        revert_take(face, takes_of(face.anchor).items[0], scene)
        assert shown(scene, keys, 20) == pytest.approx(fcurve_of(keys, JAW).evaluate(20) + parts[1], abs=1e-5)
        revert_take(face, takes_of(face.anchor).items[1], scene)
        assert every_curve() == before
        assert keys.animation_data.action_blend_type == "REPLACE"
        assert len(keys.animation_data.nla_tracks) == 0
        assert keys.key_blocks["cheekPuff"].value == pytest.approx(0.25)
        assert len(bpy.data.actions) == 1


class TestTakenOff:
    def test_a_head_without_animation_has_none_afterwards(self, face, keys, scene):
        keys.key_blocks["jawOpen"].value = 0.25
        record = layered(face, scene)
        revert_take(face, record, scene)
        assert keys.animation_data is None
        assert len(bpy.data.actions) == 0
        assert keys.key_blocks["jawOpen"].value == pytest.approx(0.25)

    def test_keys_set_meanwhile_stay(self, face, keys, scene):
        key(keys, JAW, (1, 0.1), (90, 0.3))
        record = layered(face, scene)
        fcurve_of(keys, JAW).keyframe_points.insert(40, 0.15)
        face.anchor.keyframe_insert("location", frame=3)
        now = every_curve()
        revert_take(face, record, scene)
        assert every_curve() == now

    def test_a_changed_layer_is_kept_aside(self, face, keys, scene):
        record = layered(face, scene)
        curve_in_layer(record, JAW).keyframe_points.insert(7, 0.123)
        report = apply_take(face, record, scene)
        assert "kept in the Action" in report.limited[0]
        assert sum(action.use_fake_user for action in bpy.data.actions) == 1
        curve_in_layer(record, JAW).keyframe_points.insert(7, 0.123)
        assert "kept in the Action" in revert_take(face, record, scene).left_alone[-1]
        assert sum(action.use_fake_user for action in bpy.data.actions) == 2


def test_the_action_of_the_layer_deleted(face, keys, scene):
    key(keys, JAW, (1, 0.1))
    before = every_curve()
    record = layered(face, scene)
    bpy.data.actions.remove(record.owners[0].action)
    assert shown(scene, keys, 20) == pytest.approx(0.1)
    apply_take(face, record, scene)
    assert shown(scene, keys, 20) != pytest.approx(0.1)
    bpy.data.actions.remove(record.owners[0].action)
    report = revert_take(face, record, scene)
    assert (report.curves, record.is_written) == (0, False)
    assert every_curve() == before
    assert keys.animation_data.action_blend_type == "REPLACE"
    assert len(keys.animation_data.nla_tracks) == 0


def test_sliders_act_on_the_layer_where_it_was_moved(face, keys, scene):
    key(keys, JAW, (1, 0.1))
    record = layered(face, scene)
    track = keys.animation_data.nla_tracks[-1]
    track.strips[0].frame_start_ui = 31.0
    keep_shaping(record, Shaping(gain={"jaw": 0.5}, regions=("jaw", "brows")))
    apply_take(face, record, scene)
    assert len(keys.animation_data.nla_tracks[-1:]) == 1
    assert track.strips[0].frame_start == 31.0
    added = curve_in_layer(record, JAW).evaluate(20)
    assert shown(scene, keys, 50) == pytest.approx(0.1 + added, abs=1e-5)
    entry = record.owners[0]
    assert not [f for f in fcurves_in(entry.action, entry.layer_slot) if "mouth" in f.data_path]


@pytest.mark.parametrize("other", [WritingMode.NEW_ACTION, WritingMode.REPLACE])
def test_from_one_way_to_the_other_and_back(face, keys, scene, other):
    key(keys, JAW, (1, 0.1), (20, 0.3), (90, 0.3))
    before = every_curve()
    record = add_take(face.anchor, video())
    for mode in (other, WritingMode.LAYER, other, WritingMode.LAYER):
        apply_take(face, record, scene, mode=mode)
        assert WritingMode.of(record) is mode
        assert (every_curve() == before) == (mode is WritingMode.LAYER)
    revert_take(face, record, scene)
    assert every_curve() == before
    assert len(bpy.data.actions) == 1


def test_a_pose_is_added_from_its_frame_on(face, keys, scene):
    key(keys, JAW, (1, 0.1))
    record = layered(face, scene, track=talking(1), frame_start=12.0, shaping=Shaping(error=0, smoothing=0))
    added = take_of(record).curves(24)["jawOpen"].values[0]
    assert shown(scene, keys, 11) == pytest.approx(0.1)
    assert shown(scene, keys, 400) == pytest.approx(np.clip(0.1 + added, 0, 1), abs=1e-5)


def test_an_action_over_tracks_of_its_own_says_what_to_do(face, keys, scene):
    key(keys, JAW, (1, 0.1))
    animation = keys.animation_data
    track = animation.nla_tracks.new()
    strip = track.strips.new("Mine", 1, animation.action)
    if hasattr(strip, "action_slot"):
        strip.action_slot = animation.action_slot
    before = every_curve()
    add_take(face.anchor, video())
    with pytest.raises(InputError, match="plays over NLA tracks"):
        apply_take(face, active_take(face.anchor), scene, mode=WritingMode.LAYER)
    assert every_curve() == before
    assert len(fcurves_of(keys)) == 1


@pytest.mark.parametrize("mode", list(WritingMode))
def test_a_strip_that_is_being_edited_is_waited_for(face, keys, scene, mode):
    key(keys, JAW, (1, 0.1))
    layered(face, scene)
    animation = keys.animation_data
    track = animation.nla_tracks[-1]
    animation.nla_tracks.active, track.strips[0].select = track, True
    add_take(face.anchor, video(talking(seed=2)))
    animation.use_tweak_mode = True
    assert animation.use_tweak_mode
    with pytest.raises(InputError, match="is being edited"):
        apply_take(face, active_take(face.anchor), scene, mode=mode)
    with pytest.raises(InputError, match="is being edited"):
        revert_take(face, takes_of(face.anchor).items[0], scene)
    animation.use_tweak_mode = False
    assert apply_take(face, active_take(face.anchor), scene, mode=mode).keys


def test_scripts_can_be_layers(head, scene):
    key(head.meshes[0].data.shape_keys, JAW, (1, 0.1))
    before = every_curve()
    assert bpy.ops.mien.perform_script(script="She smiles, then looks down.") == {"FINISHED"}
    bpy.ops.mien.apply_take(mode="LAYER")
    assert every_curve() == before
    assert len(scene.timeline_markers) == 2
    bpy.ops.mien.revert_take()
    assert (every_curve(), len(scene.timeline_markers)) == (before, 0)


@pytest.mark.parametrize("act", ["apply", "revert"])
def test_a_copied_head_leaves_the_layers_of_the_first_alone(face, keys, scene, act):
    key(keys, JAW, (1, 0.1))
    layered(face, scene)
    added = shown(scene, keys, 20)
    activate(face.anchor)
    bpy.ops.object.duplicate()
    bpy.context.view_layer.objects.active.location.x = 1.0  # at the same place the two would be one head
    bpy.context.view_layer.update()
    copy = bind(bpy.context.view_layer.objects.active)
    store(copy, scene)
    there = copy.anchor.data.shape_keys
    assert shown(scene, there, 20) == pytest.approx(added)
    record = active_take(copy.anchor)
    if act == "revert":
        revert_take(copy, record, scene)
    else:
        keep_shaping(record, Shaping(gain={"jaw": 0.5}))
        apply_take(copy, record, scene)
    assert shown(scene, there, 20) != pytest.approx(added, abs=0.01)
    assert shown(scene, keys, 20) == pytest.approx(added)
    revert_take(face, active_take(face.anchor), scene)
    assert shown(scene, keys, 20) == pytest.approx(0.1)
    assert len(keys.animation_data.nla_tracks) == 0


def test_forgotten_a_layer_goes_on_when_others_are_reverted(face, keys, scene):
    key(keys, JAW, (1, 0.1), (90, 0.2))
    layered(face, scene, shaping=Shaping(gain={"jaw": 0.3}))
    seen = [shown(scene, keys, 20, block.name) for block in keys.key_blocks]
    layered(face, scene, track=talking(seed=2), shaping=Shaping(gain={"jaw": 0.3}))
    remove_take(face.anchor, takes_of(face.anchor).items[0])
    revert_take(face, takes_of(face.anchor).items[0], scene)
    assert [shown(scene, keys, 20, block.name) for block in keys.key_blocks] == pytest.approx(seen, abs=1e-5)
