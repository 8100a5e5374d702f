"""Takes written as keys, and taken back exactly."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNEL_COUNT, INDEX, SHAPES
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.shaping import AS_READ, Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_takes import (
    active_take,
    add_take,
    keep_shaping,
    keep_take,
    take_of,
    takes_of,
)
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .taken import JAW, SMILE, every_curve, fcurve_of, key, talking, video


class TestNewAction:
    def test_the_former_action_stays_and_comes_back(self, face, keys, scene):
        key(keys, JAW, (1, 0.1), (50, 0.9))
        key(keys, SMILE, (10, 0.7))
        before, former = every_curve(), keys.animation_data.action
        record = add_take(face.anchor, video())
        apply_take(face, record, scene)
        assert keys.animation_data.action != former
        assert fcurve_of(keys, JAW).keyframe_points[0].co.x == 1.0
        assert len(fcurve_of(keys, SMILE).keyframe_points) > 2
        revert_take(face, record, scene)
        assert every_curve() == before
        assert keys.animation_data.action == former
        assert not former.use_fake_user
        assert len(bpy.data.actions) == 1
        scene.frame_set(50)
        assert keys.key_blocks["jawOpen"].value == pytest.approx(0.9)

    def test_the_body_goes_on(self, head, scene):
        rig = head.anchor
        rig.keyframe_insert("location", frame=1)
        before = every_curve()
        record = add_take(rig, video())
        apply_take(head, record, scene)
        assert fcurve_of(rig, "location") is not None
        revert_take(head, record, scene)
        assert every_curve() == before

    def test_edits_elsewhere_stay(self, head, scene):
        rig = head.anchor
        rig.keyframe_insert("location", frame=1)
        record = add_take(rig, video())
        apply_take(head, record, scene)
        rig.location.x = 3.0
        rig.keyframe_insert("location", frame=20)
        revert_take(head, record, scene)
        kept = fcurve_of(rig, "location")
        assert len(kept.keyframe_points) == 2
        assert {path for _, path, _ in every_curve()} == {"location"}

    def test_a_head_without_animation_has_none_afterwards(self, face, keys, scene):
        keys.key_blocks["jawOpen"].value = 0.25
        record = add_take(face.anchor, video())
        apply_take(face, record, scene)
        revert_take(face, record, scene)
        assert keys.animation_data is None
        assert len(bpy.data.actions) == 0
        assert keys.key_blocks["jawOpen"].value == pytest.approx(0.25)

    def test_another_action_playing_now_is_left_alone(self, face, keys, scene):
        record = add_take(face.anchor, video())
        apply_take(face, record, scene)
        keys.animation_data.action = None
        report = revert_take(face, record, scene)
        assert report.curves == 0
        assert "another Action" in report.left_alone[0]


class TestReplaceInRange:
    def written(self, face, keys, scene, **given):
        key(keys, JAW, (1, 0.1), (10, 0.3), (20, 0.9), (90, 0.2))
        key(keys, SMILE, (100, 0.7))
        before = every_curve()
        record = add_take(face.anchor, video(frame_start=5.0, **given))
        apply_take(face, record, scene, mode=WritingMode.REPLACE)
        return record, before

    def test_keys_outside_stay(self, face, keys, scene):
        record, before = self.written(face, keys, scene)
        frames = [point.co.x for point in fcurve_of(keys, JAW).keyframe_points]
        assert frames[0] == 1
        assert frames[-1] == 90
        assert fcurve_of(keys, JAW).evaluate(20) < 0.85  # 0.9 before
        revert_take(face, record, scene)
        assert every_curve() == before

    def test_edits_of_other_channels_and_frames_stay(self, face, keys, scene):
        record, before = self.written(face, keys, scene)
        key(keys, JAW, (120, 0.55))
        face.anchor.keyframe_insert("location", frame=3)
        revert_take(face, record, scene)
        frames = [point.co.x for point in fcurve_of(keys, JAW).keyframe_points]
        assert frames == [1, 10, 20, 90, 120]
        assert every_curve()[keys.name, SMILE, 0] == before[keys.name, SMILE, 0]
        assert fcurve_of(face.anchor, "location") is not None

    def test_sliders_write_in_the_same_place(self, face, keys, scene):
        record, before = self.written(face, keys, scene)
        for gain in (0.5, 1.5, 1.0):
            keep_shaping(record, Shaping(gain={"jaw": gain}))
            apply_take(face, record, scene)
            assert not record.is_new_action
        revert_take(face, record, scene)
        assert every_curve() == before

    def test_a_take_under_another_one_cannot_be_taken_back(self, face, keys, scene):
        _, before = self.written(face, keys, scene)
        add_take(face.anchor, video(frame_start=30.0))
        apply_take(face, active_take(face.anchor), scene, mode=WritingMode.REPLACE)
        first, second = takes_of(face.anchor).items
        state = every_curve()
        with pytest.raises(InputError, match="was written over"):
            revert_take(face, first, scene)
        assert every_curve() == state
        revert_take(face, second, scene)
        revert_take(face, first, scene)
        assert every_curve() == before

    def test_takes_side_by_side_go_in_any_order(self, face, keys, scene):
        _, before = self.written(face, keys, scene)
        jaw, smile = [(1.0, 0.1), (10.0, 0.3), (20.0, 0.9), (90.0, 0.2)], [(100.0, 0.7)]
        add_take(face.anchor, video(frame_start=200.0))
        apply_take(face, active_take(face.anchor), scene, mode=WritingMode.REPLACE)
        first, second = takes_of(face.anchor).items
        revert_take(face, first, scene)
        assert min(point.co.x for point in fcurve_of(keys, SMILE).keyframe_points) == 100
        revert_take(face, second, scene)
        assert every_curve().keys() == before.keys()
        for path, wanted in ((JAW, jaw), (SMILE, smile)):  # the handles of a key alone are Blender's, and never drawn
            assert np.allclose([tuple(point.co) for point in fcurve_of(keys, path).keyframe_points], wanted)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("mode", list(WritingMode))
def test_whatever_was_there_comes_back_bit_for_bit(face, keys, scene, mode, seed):
    random = np.random.default_rng(seed)
    for name in random.choice(SHAPES, 12, replace=False):
        frames = np.sort(random.choice(np.arange(-20, 150), random.integers(1, 12), replace=False))
        key(
            keys, f'key_blocks["{name}"].value', *zip(frames.tolist(), random.random(len(frames)).tolist(), strict=True)
        )
    for fcurve in fcurves_of(keys):
        for point in fcurve.keyframe_points:
            point.interpolation = str(random.choice(["BEZIER", "LINEAR", "CONSTANT", "BOUNCE"]))
            point.handle_left_type = point.handle_right_type = str(random.choice(["FREE", "AUTO", "VECTOR", "ALIGNED"]))
        fcurve.update()
    before = every_curve()
    take = video(talking(seed=seed), frame_start=float(random.choice([-7.0, 1.0, 30.5])))
    record = add_take(face.anchor, take)
    apply_take(face, record, scene, mode=mode)
    assert (every_curve() == before) == (mode is WritingMode.LAYER)
    face.anchor.keyframe_insert("location", frame=7)  # work elsewhere
    elsewhere = {place: state for place, state in every_curve().items() if place[1] == "location"}
    revert_take(face, record, scene)
    assert every_curve() == before | elsewhere


class TestSizesAndTimes:
    def test_one_frame(self, face, keys, scene):
        pose = Pose.from_mapping({"jawOpen": 0.5})
        take = Take("Photo", TakeKind.IMAGE, FaceTrack.from_pose(pose), shaping=AS_READ, frame_start=12.0)
        record = add_take(face.anchor, take)
        apply_take(face, record, scene, mode=WritingMode.REPLACE)
        assert [tuple(point.co) for point in fcurve_of(keys, JAW).keyframe_points] == [(12.0, 0.5)]
        revert_take(face, record, scene)
        assert every_curve() == {}

    def test_ten_thousand_frames(self, head, scene):
        record = add_take(head.anchor, video(talking(10_000), shaping=AS_READ))
        assert len(record.raw) < 5_000_000
        scene.render.fps = 25
        report = apply_take(head, record, scene)
        assert report.keys > 10_000 * 52
        fcurve = fcurve_of(head.meshes[0].data.shape_keys, JAW)
        assert len(fcurve.keyframe_points) == 10_000
        assert fcurve.evaluate(5001) == pytest.approx(take_of(record).raw.values[5000, INDEX["jawOpen"]], abs=1e-5)
        revert_take(head, record, scene)
        assert every_curve() == {}

    @pytest.mark.parametrize("base", [1.0, 1.001])
    def test_seconds_stay_seconds(self, face, keys, scene, base):
        scene.render.fps, scene.render.fps_base = 24, base
        times = np.sort(np.random.default_rng(3).choice(np.arange(4000), 120, replace=False)) / 1000.0 + 60.0
        values = np.zeros((120, CHANNEL_COUNT))
        values[70, INDEX["jawOpen"]] = 1.0
        track = FaceTrack(times, values, np.ones(120))
        record = add_take(face.anchor, video(track, span=(60.0, 64.0), frame_start=101.0))
        apply_take(face, record, scene)
        points = fcurve_of(keys, JAW).keyframe_points
        top = max(points, key=lambda point: point.co.y)
        assert abs(top.co.x - (101.0 + (times[70] - 60.0) * 24 / base)) <= 0.5 + 1e-3
        assert all(point.co.x == round(point.co.x) for point in points)

    def test_a_partial_take_goes_on(self, face, scene):
        whole = talking(100)
        first = FaceTrack(whole.times[:40], whole.values[:40], whole.confidence[:40])
        record = add_take(face.anchor, video(first, span=(0.0, 4.0), resume_at=1.6))
        apply_take(face, record, scene)
        end = record.written_until
        rest = FaceTrack(whole.times[38:], whole.values[38:], whole.confidence[38:])
        keep_take(record, take_of(record).continued(rest, resume_at=None))
        assert take_of(record).resume_at is None
        assert np.array_equal(take_of(record).raw.values, whole.values)
        apply_take(face, record, scene)
        assert record.written_until > end
        revert_take(face, record, scene)
        assert every_curve() == {}

    def test_no_face_changes_nothing(self, face, scene):
        track = FaceTrack([0.0, 0.1], np.zeros((2, CHANNEL_COUNT)), [0.0, 0.0])
        record = add_take(face.anchor, video(track))
        with pytest.raises(InputError, match="nothing to key"):
            apply_take(face, record, scene)
        assert every_curve() == {}
        assert not record.is_written

    def test_a_damaged_take_says_so(self, face, scene):
        record = add_take(face.anchor, video())
        record.raw = record.raw[:-9]
        with pytest.raises(InputError, match="damaged"):
            apply_take(face, record, scene)


@pytest.mark.parametrize("act", [apply_take, revert_take])
@pytest.mark.parametrize("mode", [WritingMode.NEW_ACTION, WritingMode.REPLACE])
def test_keys_of_a_take_that_the_animator_changed_are_kept_aside(face, keys, scene, mode, act):
    record = add_take(face.anchor, video())
    apply_take(face, record, scene, mode=mode)
    key(keys, JAW, (9, 0.123))
    report = act(face, record, scene)
    (kept,) = (action for action in bpy.data.actions if action.use_fake_user)
    told = (*getattr(report, "limited", ()), *getattr(report, "left_alone", ()))
    assert f'Keys of the take that were changed are kept in the Action "{kept.name}".' in told
    if record.is_written:
        assert fcurve_of(keys, JAW).evaluate(9) != pytest.approx(0.123)
        revert_take(face, record, scene)
    assert keys.animation_data is None or keys.animation_data.action is None
    assert list(bpy.data.actions) == [kept]
    keys.animation_data_create().action = kept
    if hasattr(kept, "slots"):
        keys.animation_data.action_slot = kept.slots[0]
    assert fcurve_of(keys, JAW).evaluate(9) == pytest.approx(0.123)


def test_reverting_says_which_shape_keys_have_other_names_now(face, keys, scene):
    record = add_take(face.anchor, video())
    apply_take(face, record, scene)
    keys.key_blocks["mouthSmileLeft"].name = "Smile"
    told = revert_take(face, record, scene).left_alone
    assert told == ("Left alone because they are not there under their names: mouthSmileLeft.",)


def test_a_script_is_a_take_too(head, scene):
    assert bpy.ops.mien.perform_script(script="She smiles, then looks down.") == {"FINISHED"}
    record = active_take(head.anchor)
    assert (record.kind, record.name, record.write_as) == ("SCRIPT", "She smiles, then looks down.", "REPLACE")
    written = every_curve()
    marked = len(scene.timeline_markers)
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert (every_curve(), len(scene.timeline_markers)) == ({}, 0)
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert (every_curve().keys() >= written.keys(), len(scene.timeline_markers)) == (True, marked)


def test_the_buttons_say_why_they_are_grey(scene, face):
    assert not bpy.ops.mien.apply_take.poll()
    add_take(face.anchor, video())
    assert bpy.ops.mien.apply_take.poll()
    assert not bpy.ops.mien.revert_take.poll()
