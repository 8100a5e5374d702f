"""A photo's pose is a take like any other."""

import bpy
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.scene.photo_takes import ReadFace, key_photo
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, take_of, takes_of
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take

from .taken import JAW, SMILE, every_curve, fcurve_of, key, video


def test_estimated_reverted_and_applied_again(head, photo, scene):
    keys = head.meshes[0].data.shape_keys
    key(keys, JAW, (1, 0.1), (20, 0.4), (90, 0.3))
    before = every_curve()
    scene.frame_set(20)
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}
    record = active_take(head.anchor)
    assert (record.kind, record.name, record.frame_start) == ("IMAGE", "astronaut", 20.0)
    assert record.source == photo
    assert "smile" in record.words
    assert len(fcurve_of(keys, JAW).keyframe_points) == 3
    written = every_curve()
    assert {path for _, path, _ in written if path.startswith("key_blocks")} == {
        f'key_blocks["{name}"].value' for name in SHAPES
    }
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == before
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert every_curve().keys() == written.keys()
    scene.mien_shape.gain_mouth = 0.5
    assert fcurve_of(keys, SMILE).evaluate(20) < 0.5
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == before


def test_a_pose_between_frames_stays_there(face, keys, scene):
    found = key_photo(face, ReadFace(Pose.from_mapping({"jawOpen": 0.5}), "", "photo.png", "", ""), 12.25, scene)
    assert [tuple(point.co) for point in fcurve_of(keys, JAW).keyframe_points] == [(12.25, 0.5)]
    assert found.record.written_from == 12.25


def test_poses_side_by_side_and_one_in_a_clip(face, keys, scene):
    pose = ReadFace(Pose.from_mapping({"jawOpen": 0.5, "mouthSmileLeft": 0.8}), "", "a.png", "", "")
    add_take(face.anchor, video(shaping=Shaping(gain={"jaw": 0.5})))
    apply_take(face, active_take(face.anchor), scene, mode=WritingMode.REPLACE)
    clip = every_curve()
    key_photo(face, pose, 20.0, scene)
    key_photo(face, pose, 70.0, scene)
    assert fcurve_of(keys, JAW).evaluate(20) == 0.5
    assert [record.name for record in takes_of(face.anchor).items] == ["Clip", "a", "a.001"]
    bpy.ops.mien.revert_take()
    takes_of(face.anchor).index = 1
    bpy.ops.mien.revert_take()
    assert every_curve() == clip


def test_a_layer_of_one_pose_and_only_some_regions(face, keys, scene):
    key_photo(face, ReadFace(Pose.from_mapping({"jawOpen": 0.5, "browInnerUp": 0.8}), "", "a.png", "", ""), 10.0, scene)
    assert bpy.ops.mien.apply_take(regions={"brows"}, channels="MOVING") == {"FINISHED"}
    record = active_take(face.anchor)
    assert take_of(record).shaping.regions == ("brows",)
    assert [path for _, path, _ in every_curve()] == ['key_blocks["browInnerUp"].value']
    scene.mien_shape.regions = {"brows", "jaw"}
    assert len(every_curve()) == 2
    assert bpy.ops.mien.apply_take(mode="LAYER", channels="ALL") == {"FINISHED"}
    assert every_curve() == {}
    scene.frame_set(30)
    assert keys.key_blocks["jawOpen"].value == 0.5


def test_a_pose_is_shaped_and_reverted_beside_another_and_beside_own_keys(face, keys, scene):
    for frame, name in ((1.0, "a.png"), (40.0, "b.png")):
        key_photo(
            face, ReadFace(Pose.from_mapping({"jawOpen": 0.5, "browInnerUp": 0.8}), "", name, "", ""), frame, scene
        )
    key(keys, JAW, (60, 0.25))
    takes_of(face.anchor).index = 0
    scene.mien_shape.gain_jaw = 0.5
    assert bpy.ops.mien.apply_take(regions={"jaw"}) == {"FINISHED"}
    assert len(bpy.data.actions) == 1  # no key of the take itself was changed, so nothing had to be kept aside
    assert [point.co.x for point in fcurve_of(keys, JAW).keyframe_points] == [1.0, 40.0, 60.0]
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    left = [tuple(point.co) for point in fcurve_of(keys, JAW).keyframe_points]
    assert left == [(40.0, 0.5), (60.0, 0.25)]
    assert [point.co.x for point in fcurve_of(keys, 'key_blocks["browInnerUp"].value').keyframe_points] == [40.0]
    takes_of(face.anchor).index = 1
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert [tuple(point.co) for point in fcurve_of(keys, JAW).keyframe_points] == [(60.0, 0.25)]
