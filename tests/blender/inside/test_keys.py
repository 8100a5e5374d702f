"""What is written to F-curves, and what is left as it was."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNELS, SHAPES
from bl_ext.user_default.mien.core.curves import Curve, Curves, Interpolation
from bl_ext.user_default.mien.core.errors import CharacterError
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.shaping.bezier import evaluate
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.keys import write_curves
from mathutils import Vector

from .scenes import add_armature, add_mesh, curves, digest, dress

JAW = 'key_blocks["jawOpen"].value'


def posed(**channels):
    return Curves.from_pose(Pose.from_mapping(channels))


def fcurve_of(mesh, path=JAW):
    return next(fcurve for fcurve in fcurves_of(mesh.data.shape_keys) if fcurve.data_path == path)


def keys_of(fcurve):
    return [(point.co.x, round(point.co.y, 5)) for point in fcurve.keyframe_points]


@pytest.fixture
def face():
    return add_mesh("Face", SHAPES)


def test_a_pose_is_one_key_on_every_channel(scene, head):
    scene.frame_set(7)
    report = write_curves(head, posed(jawOpen=0.5, headYaw=0.3), 7, scene)
    assert report.channels == 55
    assert report.left_alone == ()
    written = curves()
    assert {key[1] for key in written if key[1].startswith("key_blocks")} == {
        f'key_blocks["{name}"].value' for name in SHAPES
    }
    assert sum("rotation" in key[1] for key in written) in {3, 4}
    assert all(array.shape[0] == 1 and array[0, 0] == 7 for array in written.values())
    assert head.meshes[0].data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.5)


def test_the_result_stays_after_a_frame_change(scene, face):
    write_curves(bind(face), posed(jawOpen=0.5), 7, scene)
    scene.frame_set(30)
    assert face.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.5)


def test_seconds_become_frames(scene, face):
    scene.render.fps, scene.render.fps_base = 30, 1.001
    write_curves(bind(face), Curves({"jawOpen": Curve([0, 1, 2.5], [0, 1, 0])}), 10, scene)
    expected = [10 + second * 30 / 1.001 for second in (0, 1, 2.5)]
    assert [key[0] for key in keys_of(fcurve_of(face))] == pytest.approx(expected, abs=1e-4)


def test_keys_on_the_same_frame_are_replaced_and_others_kept(scene, face):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.1), (10, 0.2), (20, 0.3), (30.5, 0.4)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    fcurve = fcurve_of(face)
    first, last = fcurve.keyframe_points[0], fcurve.keyframe_points[3]
    first.interpolation, first.type = "BACK", "EXTREME"
    first.back, first.select_control_point = 2.5, False
    last.handle_left_type = last.handle_right_type = "FREE"
    last.handle_left, last.handle_right = (28.5, 0.9), (33, -0.2)
    write_curves(bind(face), Curves({"jawOpen": Curve([0, 5 / 24], [0.9, 0.8])}), 10, scene)
    fcurve = fcurve_of(face)
    assert keys_of(fcurve) == [(1, 0.1), (10, 0.9), (15, 0.8), (20, 0.3), (30.5, 0.4)]
    first, new, last = (fcurve.keyframe_points[index] for index in (0, 1, 4))
    assert (first.interpolation, first.type, first.back) == ("BACK", "EXTREME", 2.5)
    assert (first.select_control_point, new.select_control_point) == (False, True)
    assert (new.interpolation, new.handle_left_type) == ("BEZIER", "AUTO_CLAMPED")
    assert last.handle_left_type == "FREE"
    assert tuple(last.handle_left) == pytest.approx((28.5, 0.9))
    assert tuple(last.handle_right) == pytest.approx((33, -0.2))


def test_keys_of_others_are_untouched(scene, head):
    cube = add_mesh("Cube", ["Grow"])
    cube.location.x = 3
    cube.keyframe_insert("location", frame=7)
    cube.data.shape_keys.key_blocks["Grow"].keyframe_insert("value", frame=7)
    neck = head.anchor.pose.bones["neck"]
    neck.keyframe_insert("location", frame=7)
    before = curves()
    write_curves(head, posed(jawOpen=1), 7, scene)
    after = curves()
    for key, array in before.items():
        np.testing.assert_array_equal(after[key], array)


def test_an_unkeyed_pose_elsewhere_is_not_thrown_away(scene, head):
    neck = head.anchor.pose.bones["neck"]
    neck.location.x = 0.0
    neck.keyframe_insert("location", frame=1)
    bpy.context.view_layer.update()
    neck.location.x = 0.25  # moved, and not keyed yet
    bpy.context.view_layer.update()
    assert neck.location.x == 0.25
    write_curves(head, posed(jawOpen=1, headYaw=0.2), 1, scene)
    bpy.context.view_layer.update()
    assert neck.location.x == pytest.approx(0.25)


def test_the_current_action_is_used(scene, face):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.keyframe_insert("value", frame=1)
    action = face.data.shape_keys.animation_data.action
    write_curves(bind(face), posed(jawOpen=1), 5, scene)
    assert face.data.shape_keys.animation_data.action == action
    assert len(bpy.data.actions) == 1


def test_a_new_action_is_named_after_the_head(scene, face):
    write_curves(bind(face), posed(jawOpen=1), 5, scene)
    assert [action.name for action in bpy.data.actions] == ["Mien Face"]


def test_handles_and_interpolation(scene, face):
    handles = [[[-0.1, 0.0], [0.2, 0.1]], [[0.8, 0.9], [1.1, 1.0]]]
    curve = Curve([0, 1], [0, 1], handles=handles)
    linear = Curve([0, 1], [0, 1], Interpolation.LINEAR)
    write_curves(bind(face), Curves({"jawOpen": curve, "mouthClose": linear}), 1, scene)
    point = fcurve_of(face).keyframe_points[0]
    assert point.handle_right_type == "FREE"
    assert tuple(point.handle_right) == pytest.approx((1 + 0.2 * 24, 0.1))
    assert fcurve_of(face, 'key_blocks["mouthClose"].value').keyframe_points[0].interpolation == "LINEAR"


def test_values_stay_on_the_slider(scene, face):
    face.data.shape_keys.key_blocks["mouthClose"].slider_max = 0.5
    write_curves(bind(face), Curves({name: Curve([0], [1.4]) for name in ("jawOpen", "mouthClose")}), 1, scene)
    assert keys_of(fcurve_of(face)) == [(1, 1)]
    assert keys_of(fcurve_of(face, 'key_blocks["mouthClose"].value')) == [(1, 0.5)]


def test_names_with_quotes(scene):
    face = add_mesh("Face", ['the "old"_jawOpen', 'the "old"_mouthClose'])
    write_curves(bind(face), posed(jawOpen=0.5), 1, scene)
    scene.frame_set(2)
    assert face.data.shape_keys.key_blocks['the "old"_jawOpen'].value == pytest.approx(0.5)


def test_driven_and_locked_curves_are_left_alone_and_told(scene, face):
    keys = face.data.shape_keys
    keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.3"
    keys.key_blocks["mouthClose"].keyframe_insert("value", frame=1)
    fcurve_of(face, 'key_blocks["mouthClose"].value').lock = True
    report = write_curves(bind(face), posed(jawOpen=1, mouthClose=1), 5, scene)
    assert report.channels == len(SHAPES) - 2
    assert report.limited == ()
    assert set(report.left_alone) == {
        "Left alone because its curve is locked: mouthClose.",
        "Left alone because a driver moves it: jawOpen.",
    }
    assert keys_of(fcurve_of(face, 'key_blocks["mouthClose"].value')) == [(1, 0)]


@pytest.fixture
def lone_jaw(scene):
    """A face of two shapes whose jaw has a key in a group; its F-curve."""
    face = add_mesh("Face", ["jawOpen", "mouthClose"])
    face.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1, group="Mouth")
    return face, fcurve_of(face)


def test_a_locked_group_is_left_alone_and_told(scene, lone_jaw):
    face, jaw = lone_jaw
    jaw.group.lock = True
    report = write_curves(bind(face), posed(jawOpen=1, mouthClose=1), 5, scene)
    assert report.left_alone == ("Left alone because its group of curves is locked: jawOpen.",)
    assert (report.channels, report.keys) == (1, 1)
    assert keys_of(fcurve_of(face)) == [(1, 0)]


def test_a_locked_group_takes_no_new_curve(scene, head):
    bone = head.anchor.pose.bones[head.turns["head"].bone]
    bone.keyframe_insert("location", frame=1, group=bone.name)
    next(curve for curve in fcurves_of(head.anchor)).group.lock = True
    report = write_curves(head, posed(headYaw=0.3), 5, scene)
    assert report.channels == 52
    assert report.left_alone == (f"Left alone because its group of curves is locked: {bone.name}.",)


def test_what_the_head_has_nothing_for_is_told(scene, lone_jaw):
    report = write_curves(
        bind(lone_jaw[0]), posed(jawOpen=1, tongueOut=0.7, headYaw=0.3, leftEyeYaw=0.3, cheekPuff=0.1), 5, scene
    )
    assert report.left_alone == ("This head has nothing that shows tongueOut, headYaw.",)


def test_a_muted_curve_and_a_clamped_value_are_told(scene, lone_jaw):
    face, jaw = lone_jaw
    jaw.mute = True
    face.data.shape_keys.key_blocks["mouthClose"].slider_max = 0.5
    report = write_curves(bind(face), posed(jawOpen=0.4, mouthClose=1), 5, scene)
    assert report.limited == (
        "Kept within the range of its slider: mouthClose.",
        "Keyed, but muted and so not shown: jawOpen.",
    )


def test_a_head_that_is_all_driven_is_refused_and_unchanged(scene):
    face = add_mesh("Face", ["jawOpen", "mouthClose"])
    for name in ("jawOpen", "mouthClose"):
        face.data.shape_keys.key_blocks[name].driver_add("value")
    before = digest()
    with pytest.raises(CharacterError, match=r"a driver moves it: jawOpen, mouthClose\. Nothing was keyed"):
        write_curves(bind(face), posed(jawOpen=1), 5, scene)
    assert digest() == before


def test_a_linked_head_is_refused_and_unchanged(scene, tmp_path):
    add_mesh("Face", ["jawOpen", "mouthClose"])
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Face"]
    face = bpy.data.objects["Face"]
    bpy.context.scene.collection.objects.link(face)
    before = digest()
    with pytest.raises(CharacterError, match="linked from another file"):
        write_curves(bind(face), posed(jawOpen=1), 5, bpy.context.scene)
    assert digest() == before


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE"])
@pytest.mark.parametrize("roll", [0.0, 1.1])
def test_the_nose_goes_where_the_angles_say(scene, mode, roll):
    rig = add_armature(rolls=(0.3, roll), tails=((0, 0.02, 0.1), (0.01, 0.05, 0.25)))
    face = add_mesh("Face", SHAPES)
    dress(rig, face)
    bone = rig.pose.bones["head"]
    bone.rotation_mode = mode
    character = bind(face)
    for channel, axis in (("headYaw", Vector((1, 0, 0))), ("headPitch", Vector((0, 0, 1)))):
        write_curves(character, posed(**{channel: 0.4}), 1, scene)
        nose = turned(rig, bone, Vector((0, -1, 0)))
        assert nose.dot(axis) == pytest.approx(np.sin(0.4), abs=1e-4)
        assert nose.dot(Vector((0, -1, 0))) == pytest.approx(np.cos(0.4), abs=1e-4)
    write_curves(character, posed(headRoll=0.4), 1, scene)
    assert turned(rig, bone, Vector((0, 0, 1))).dot(Vector((1, 0, 0))) == pytest.approx(np.sin(0.4), abs=1e-4)


def turned(rig, bone, direction):
    """Where a direction that is fixed to the head goes, in world space, once Blender has posed it."""
    bpy.context.view_layer.update()
    rest = bone.bone.matrix_local.to_3x3()
    return rig.matrix_world.to_3x3() @ bone.matrix.to_3x3() @ rest.inverted() @ direction


def test_a_turned_rig_turns_to_its_own_left(scene):
    rig = add_armature()
    face = add_mesh("Face", SHAPES)
    face.parent = rig
    dress(rig, face)
    rig.rotation_euler.z = np.pi / 2  # now it looks along +X; its left is +Y
    bpy.context.view_layer.update()
    write_curves(bind(face), posed(headYaw=0.4), 1, scene)
    nose = turned(rig, rig.pose.bones["head"], Vector((0, -1, 0)))
    assert nose.y == pytest.approx(np.sin(0.4), abs=1e-4)


def test_quaternions_do_not_jump_against_older_keys(scene):
    rig = add_armature()
    face = add_mesh("Face", SHAPES)
    dress(rig, face)
    bone = rig.pose.bones["head"]
    bone.rotation_quaternion = (-1, 0, 0, 0)  # the same rest, from the other side
    bone.keyframe_insert("rotation_quaternion", frame=1)
    write_curves(bind(face), posed(headYaw=0.2), 5, scene)
    scene.frame_set(3)
    assert bone.rotation_quaternion.magnitude == pytest.approx(1, abs=0.01)


def test_the_bone_is_keyed_in_its_group(scene, head):
    write_curves(head, posed(headYaw=0.2), 5, scene)
    groups = {fcurve.group.name for fcurve in fcurves_of(head.anchor)}
    assert groups == {"head"}


def test_handles_on_one_line_are_aligned(scene, face):
    handles = [[[-0.1, -0.1], [0.2, 0.2]], [[0.8, 0.8], [1.2, 1.2]]]
    write_curves(bind(face), Curves({"jawOpen": Curve([0, 1], [0, 1], handles=handles)}), 1, scene)
    first, second = fcurve_of(face).keyframe_points
    assert {first.handle_right_type, second.handle_left_type} == {"ALIGNED"}
    assert tuple(second.handle_left) == pytest.approx((1 + 0.8 * 24, 0.8), abs=1e-4)


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"])
def test_angles_keyed_at_times_of_their_own_keep_their_easing(scene, mode):
    rig = add_armature(rolls=(0.3, 0.4), tails=((0, 0.02, 0.1), (0.01, 0.05, 0.25)))
    face = add_mesh("Face", SHAPES)
    dress(rig, face)
    bone = rig.pose.bones["head"]
    bone.rotation_mode = mode
    handles = [[[-0.3, 0], [0.6, 0]], [[0.4, 0.6], [1.9, 0.6]], [[2, -0.3], [3.3, -0.3]]]
    yaw = Curve([0, 1, 3], [0, 0.6, -0.3], handles=handles)
    pitch = Curve([0.5, 2.5], [0, 0.4], handles=[[[0.3, 0], [1.5, 0]], [[1.2, 0.4], [2.7, 0.4]]])
    write_curves(bind(face), Curves({"headYaw": yaw, "headPitch": pitch}), 1, scene)
    for frame in range(1, 74):
        scene.frame_set(frame)
        nose = turned(rig, bone, Vector((0, -1, 0)))
        angles = [float(evaluate(curve, [(frame - 1) / 24])[0]) for curve in (yaw, pitch)]
        assert nose.x == pytest.approx(np.sin(angles[0]) * np.cos(angles[1]), abs=0.004)
        assert nose.z == pytest.approx(np.sin(angles[1]), abs=0.004)
    assert all(len(fcurve.keyframe_points) < 16 for fcurve in fcurves_of(rig))


def test_ten_thousand_frames_are_written_in_bulk(scene):
    rig = add_armature()
    face = add_mesh("Face", SHAPES)
    dress(rig, face)
    random = np.random.default_rng(1)
    times = np.arange(10_000) / 24
    take = Curves({name: Curve(times, random.random(10_000)) for name in CHANNELS})
    report = write_curves(bind(face), take, 1, scene)
    assert report.keys == 10_000 * 56
    assert len(fcurve_of(face).keyframe_points) == 10_000
