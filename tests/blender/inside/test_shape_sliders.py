"""The sliders of the panel Shape: on the active take at once, kept with it, undone in one step."""

import time
from dataclasses import replace

import bpy
import pytest
from bl_ext.user_default.mien.core.channels import INDEX
from bl_ext.user_default.mien.core.performance import Keyframe, Performance
from bl_ext.user_default.mien.core.shaping import Neutral, Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, shaping_of, take_of, takes_of
from bl_ext.user_default.mien.scene.takes import NO_REST, apply_take
from bl_ext.user_default.mien.ui import live_shaping
from bl_ext.user_default.mien.ui.work import now

from .taken import JAW, SMILE, every_curve, fcurve_of, talking, video

PLAIN = Shaping(neutral=Neutral.AS_READ, smoothing=0.0)


@pytest.fixture
def record(face, scene):
    """A take of 100 frames, on the head."""
    record = add_take(face.anchor, video(talking(100), shaping=PLAIN))
    apply_take(face, record, scene)
    return record


def most(fcurve, frames=range(1, 97)):
    return max(fcurve.evaluate(frame) for frame in frames)


def key_count(owner, path):
    return len(fcurve_of(owner, path).keyframe_points)


def settle():
    """What Blender's timer does with a window."""
    while (pause := live_shaping.look()) is not None:
        time.sleep(pause)


class TestOnTheActiveTake:
    def test_gain_of_a_region_leaves_the_others(self, scene, record, keys):
        smile, jaw = most(fcurve_of(keys, SMILE)), most(fcurve_of(keys, JAW))
        scene.mien_shape.gain_mouth = 0.5
        assert most(fcurve_of(keys, SMILE)) == pytest.approx(smile / 2, abs=0.03)
        assert most(fcurve_of(keys, JAW)) == pytest.approx(jaw, abs=1e-6)
        assert shaping_of(record).gain == {"mouth": 0.5, "tongue": 0.5}
        scene.mien_shape.gain_mouth = 1.0
        assert shaping_of(record) == PLAIN

    def test_every_slider_reads_what_it_set(self, scene, record):
        sliders = scene.mien_shape
        wanted = {"smoothing": 1.25, "error": 0.05, "speed": 1.5, "mirrored": True, "neutral": "CALMEST"}
        wanted |= {name: 0.25 for name in type(sliders).__annotations__ if name.startswith("gain_")}
        assert len(wanted) == 12
        for name, value in wanted.items():
            setattr(sliders, name, value)
        for name, value in wanted.items():
            assert getattr(sliders, name) == (value if isinstance(value, (str, bool)) else pytest.approx(value))
        assert shaping_of(record).angle_error == 0.025

    def test_error_makes_fewer_keys(self, scene, record, keys):
        before = key_count(keys, JAW)
        scene.mien_shape.error = 0.1
        assert key_count(keys, JAW) < before

    def test_smoothing(self, scene, record, keys):
        before = every_curve()
        scene.mien_shape.smoothing = 2.0
        assert every_curve() != before

    def test_mirror_changes_sides(self, scene, record, keys):
        left = [fcurve_of(keys, SMILE).evaluate(frame) for frame in range(1, 90)]
        scene.mien_shape.mirrored = True
        right = [fcurve_of(keys, SMILE.replace("Left", "Right")).evaluate(frame) for frame in range(1, 90)]
        assert right == pytest.approx(left, abs=1e-5)

    def test_speed(self, scene, record):
        before = record.written_until
        scene.mien_shape.speed = 2.0
        assert record.written_until == pytest.approx(1 + (before - 1) / 2, abs=1)

    def test_a_chosen_frame_is_at_rest(self, scene, record, keys):
        scene.frame_set(31)
        scene.mien_shape.neutral = "CHOSEN"
        assert scene.mien_shape.neutral_frame == 31
        assert fcurve_of(keys, JAW).evaluate(31) == pytest.approx(0, abs=0.04)
        scene.mien_shape.neutral_frame = 61
        assert scene.mien_shape.neutral_frame == 61
        assert fcurve_of(keys, JAW).evaluate(61) == pytest.approx(0, abs=0.04)

    def test_a_take_without_a_calm_stretch_is_told(self, scene, face):
        record = add_take(face.anchor, video(talking(12), shaping=Shaping()))
        assert NO_REST in apply_take(face, record, scene).limited
        assert record.unrested == NO_REST
        scene.mien_shape.neutral = "AS_READ"
        assert not record.unrested

    def test_what_is_not_at_rest_in_the_calmest_stretch_is_told(self, scene, face):
        speaking = talking(100)
        calm = FaceTrack(speaking.times, 0.2 * speaking.values, speaking.confidence)
        record = add_take(face.anchor, video(calm, shaping=Shaping()))
        assert not apply_take(face, record, scene).limited
        assert not record.unrested
        smiling = calm.values.copy()
        smiling[:, [INDEX["mouthSmileLeft"], INDEX["browDownLeft"]]] = 0.8
        take = video(FaceTrack(calm.times, smiling, calm.confidence), shaping=Shaping())
        record = add_take(face.anchor, take)
        told = apply_take(face, record, scene).limited
        assert told[-1].startswith("In the calmest stretch the brows and mouth are not at rest, and so stay as read;")
        assert record.unrested == told[-1]
        assert fcurve_of(face.anchor.data.shape_keys, SMILE).evaluate(40) == pytest.approx(0.8, abs=0.05)

    def test_a_performance(self, scene, face, keys):
        smile, rest = Keyframe(0.5, {"mouthSmileLeft": 0.8}), Keyframe(1.5, {"mouthSmileLeft": 0.0})
        raw = Performance((smile, rest), 2.0)
        record = add_take(face.anchor, Take("Said", TakeKind.SCRIPT, raw))
        apply_take(face, record, scene)
        count = key_count(keys, SMILE)
        scene.mien_shape.gain_mouth = 0.5
        assert most(fcurve_of(keys, SMILE)) == pytest.approx(0.4, abs=1e-5)
        assert key_count(keys, SMILE) == count

    def test_a_take_that_is_not_on_the_head_is_only_kept(self, scene, face):
        record = add_take(face.anchor, video())
        scene.mien_shape.gain_jaw = 0.25
        assert shaping_of(record).gain == {"jaw": 0.25}
        assert every_curve() == {}

    def test_without_a_head_nothing_happens(self, scene):
        scene.mien_shape.gain_jaw = 0.25
        assert scene.mien_shape.gain_jaw == 1.0

    def test_under_a_later_take_nothing_changes_and_it_is_said(self, scene, face, record):
        first = record.take_id
        apply_take(face, add_take(face.anchor, video(talking(100, seed=4))), scene)
        takes_of(face.anchor).index = 0
        before = every_curve()
        scene.mien_shape.gain_jaw = 0.25
        assert (active_take(face.anchor).take_id, scene.mien_shape.gain_jaw) == (first, 1.0)
        assert every_curve() == before
        assert "was written over" in now.error


class TestKept:
    def test_over_save_and_reload(self, scene, record, tmp_path):
        scene.mien_shape.gain_mouth = 0.5
        before, path = every_curve(), str(tmp_path / "shaped.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        assert bpy.context.scene.mien_shape.gain_mouth == 0.5
        assert every_curve() == before
        bpy.context.scene.mien_shape.gain_mouth = 1.0
        assert take_of(active_take(active_character(bpy.context.scene).anchor)).shaping == PLAIN
        assert every_curve() != before

    def test_undone_and_redone(self, scene, record):
        before = every_curve()
        bpy.ops.ed.undo_push(message="applied")
        scene.mien_shape.gain_mouth = 0.5
        bpy.ops.ed.undo_push(message="slid")
        after = every_curve()
        bpy.ops.ed.undo()
        assert every_curve() == before
        assert bpy.context.scene.mien_shape.gain_mouth == 1.0
        bpy.ops.ed.redo()
        assert every_curve() == after
        assert bpy.context.scene.mien_shape.gain_mouth == 0.5


class TestWhileDragged:
    """As in a window, where a slider makes drafts until it rests."""

    @staticmethod
    def drag(scene, mouth):
        gain = {"mouth": mouth, "tongue": mouth}
        live_shaping.change_shaping(scene, lambda shaping: replace(shaping, gain=gain), is_draft=True)

    def test_it_is_made_good_when_it_rests(self, scene, record, keys):
        scene.mien_shape.gain_mouth = 0.4
        wanted = every_curve()
        scene.mien_shape.gain_mouth = 1.0
        for mouth in (0.9, 0.6, 0.4):
            self.drag(scene, mouth)
        assert record.is_draft
        assert every_curve() != wanted
        settle()
        assert not record.is_draft
        assert every_curve() == wanted

    def test_a_change_on_the_way_counts(self, scene, record, keys):
        smile = most(fcurve_of(keys, SMILE))
        self.drag(scene, 0.8)
        live_shaping.look()
        self.drag(scene, 0.25)
        settle()
        assert most(fcurve_of(keys, SMILE)) == pytest.approx(smile / 4, abs=0.03)

    def test_speed_waits_for_the_keys_for_good(self, scene, record):
        scene.mien_shape.speed = 2.0
        wanted = every_curve()
        scene.mien_shape.speed = 1.0
        before = every_curve()
        live_shaping.change_shaping(scene, lambda shaping: replace(shaping, speed=2.0), is_draft=True)
        assert every_curve() == before
        settle()
        assert every_curve() == wanted

    def test_no_draft_is_saved(self, scene, record, tmp_path):
        self.drag(scene, 0.4)
        path = str(tmp_path / "draft.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        assert not record.is_draft
        bpy.ops.wm.open_mainfile(filepath=path)
        assert not active_take(active_character(bpy.context.scene).anchor).is_draft

    def test_undone_as_a_whole_and_good_after_redo(self, scene, record):
        before = every_curve()
        bpy.ops.ed.undo_push(message="applied")
        for mouth in (0.9, 0.4):
            self.drag(scene, mouth)
        bpy.ops.ed.undo_push(message="slid")  # Blender's own, when the slider is let go
        settle()
        good = every_curve()
        bpy.ops.ed.undo()
        assert every_curve() == before
        bpy.ops.ed.redo()
        settle()
        assert every_curve() == good

    def test_undone_before_it_was_made_good(self, scene, record):
        before = every_curve()
        bpy.ops.ed.undo_push(message="applied")
        self.drag(scene, 0.4)
        bpy.ops.ed.undo_push(message="slid")
        live_shaping.look()
        bpy.ops.ed.undo()
        settle()
        assert every_curve() == before
