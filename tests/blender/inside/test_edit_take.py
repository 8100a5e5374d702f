"""What is told a take in words: keyed at once, kept with it, taken back one by one; with the real backend."""

import bpy
import pytest
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.shaping import AS_READ, Neutral, Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, keep_shaping, shaping_of
from bl_ext.user_default.mien.scene.takes import apply_take
from bl_ext.user_default.mien.ui.work import now

from .taken import JAW, SMILE, every_curve, fcurve_of, talking, video

PLAIN = Shaping(neutral=Neutral.AS_READ, smoothing=0.0)
SCRIPT = 'She smiles broadly and nods. She says "I do not believe you." Then she frowns.'


@pytest.fixture
def record(face, scene):
    """A tracked take of 100 frames at 25 a second, on the head from frame 1 on."""
    record = add_take(face.anchor, video(talking(100), shaping=PLAIN))
    apply_take(face, record, scene)
    return record


def most(owner, path, first, last):
    curve = fcurve_of(owner, path)
    return max(curve.evaluate(frame) for frame in range(first, last + 1))


def edits_of(record):
    return [edit.words for edit in shaping_of(record).edits]


def record_now():
    return active_take(active_character(bpy.context.scene).anchor)


class TestTheOperator:
    def test_it_returns_when_the_keys_are_there(self, record, keys):
        before, jaw = most(keys, SMILE, 1, 96), most(keys, JAW, 1, 96)
        assert bpy.ops.mien.edit_take(words="half the smile") == {"FINISHED"}
        assert most(keys, SMILE, 1, 96) == pytest.approx(before / 2, abs=0.03)
        assert most(keys, JAW, 1, 96) == pytest.approx(jaw, abs=0.01)
        assert edits_of(record) == ["half the smile"]
        (edit,) = shaping_of(record).edits
        assert "50 % weaker" in edit.did[0]

    def test_nothing_changes_outside_of_the_frames(self, record, keys):
        before = [fcurve_of(keys, SMILE).evaluate(frame) for frame in range(1, 97)]
        bpy.ops.mien.edit_take(words="no smile", frame_start=40, frame_end=60)
        after = [fcurve_of(keys, SMILE).evaluate(frame) for frame in range(1, 97)]
        assert max(abs(a - b) for a, b in zip(before[:39], after[:39], strict=True)) < 0.045
        assert max(abs(a - b) for a, b in zip(before[60:], after[60:], strict=True)) < 0.045
        assert max(after[46:53]) < 0.03

    @pytest.mark.parametrize(
        ("words", "frames", "told"),
        [
            ("no smile", {"frame_start": 50, "frame_end": 10}, "From frame 50 to 10 runs backwards"),
            ("no smile after frame 60", {"frame_end": 50}, "outside of the frames that may change"),
            ("half the smile, 100 % shorter", {}, "no time for the take to play in"),
        ],
    )
    def test_what_cannot_be_done_is_refused_and_not_kept(self, record, keys, words, frames, told):
        before = every_curve()
        with pytest.raises(RuntimeError, match=told):
            bpy.ops.mien.edit_take(words=words, **frames)
        assert edits_of(record) == []
        assert every_curve() == before

    def test_the_keys_stay_few(self, record, keys):
        before = len(fcurve_of(keys, SMILE).keyframe_points)
        bpy.ops.mien.edit_take(words="half the smile")
        assert len(fcurve_of(keys, SMILE).keyframe_points) <= before + 5

    def test_without_words_those_of_the_panel_count(self, record, scene):
        scene.mien.edit_words = "no smile"
        bpy.ops.mien.edit_take()
        assert edits_of(record) == ["no smile"]

    def test_what_is_not_understood_changes_nothing(self, record):
        before = every_curve()
        with pytest.raises(RuntimeError, match='Not understood: "make it purple"'):
            bpy.ops.mien.edit_take(words="make it purple")
        assert every_curve() == before
        assert edits_of(record) == []

    def test_what_of_it_is_not_understood_is_told(self, record):
        assert bpy.ops.mien.edit_take(words="half the smile and more cowbell") == {"FINISHED"}
        assert (now.error, now.is_about_take) == ("Not understood: more cowbell.", True)
        assert edits_of(record) == ["half the smile"]

    def test_without_words_it_says_so(self, record):
        with pytest.raises(RuntimeError, match="There are no words"):
            bpy.ops.mien.edit_take()

    def test_a_take_that_is_not_on_the_head_keeps_it_for_later(self, face, scene, keys):
        record = add_take(face.anchor, video(talking(100), shaping=PLAIN))
        bpy.ops.mien.edit_take(words="no smile")
        assert every_curve() == {}
        apply_take(face, record, scene)
        assert most(keys, JAW, 1, 96) > 0.3
        assert fcurve_of(keys, SMILE) is None  # what stays at rest gets no key


class TestTakenBack:
    def test_one_by_one(self, record, keys):
        before = every_curve()
        bpy.ops.mien.edit_take(words="half the smile")
        bpy.ops.mien.edit_take(words="less jaw")
        assert bpy.ops.mien.remove_edit(index=0) == {"FINISHED"}
        assert edits_of(record) == ["less jaw"]
        bpy.ops.mien.remove_edit(index=0)
        assert every_curve() == before
        with pytest.raises(RuntimeError, match="There is no edit 1"):
            bpy.ops.mien.remove_edit(index=0)

    def test_undone_and_redone_in_one_step(self, record):
        bpy.ops.ed.undo_push(message="before")
        before = every_curve()
        bpy.ops.mien.edit_take(words="half the smile, no blinks")
        bpy.ops.ed.undo_push(message="edited")
        after = every_curve()
        bpy.ops.ed.undo()
        assert every_curve() == before
        assert edits_of(record_now()) == []
        bpy.ops.ed.redo()
        assert every_curve() == after
        assert edits_of(record_now()) == ["half the smile", "no blinks"]

    def test_reverted_it_is_what_was_there_before(self, face, scene, keys):
        keys.key_blocks["jawOpen"].keyframe_insert("value", frame=7)
        before = every_curve()
        apply_take(face, add_take(face.anchor, video(talking(100), shaping=PLAIN)), scene)
        bpy.ops.mien.edit_take(words="slower, keep the mouth closed")
        assert bpy.ops.mien.revert_take() == {"FINISHED"}
        assert every_curve() == before

    def test_saved_and_opened(self, record, tmp_path):
        bpy.ops.mien.edit_take(words="half the smile")
        before, path = every_curve(), str(tmp_path / "edited.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        assert every_curve() == before
        assert edits_of(record_now()) == ["half the smile"]
        bpy.ops.mien.remove_edit(index=0)
        assert edits_of(record_now()) == []


class TestOtherKinds:
    def test_a_script_keeps_its_keys_and_its_markers_move(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        record = active_take(head.anchor)
        owner = next(target.mesh for target in head.shapes).data.shape_keys
        frames = {p.co.x for f in fcurves_of(owner) if "brow" in f.data_path for p in f.keyframe_points}
        bpy.ops.mien.edit_take(words="half the smile")
        assert {p.co.x for f in fcurves_of(owner) if "brow" in f.data_path for p in f.keyframe_points} == frames
        last, end = max(beat.frame for beat in record.beats), record.frame_end
        bpy.ops.mien.edit_take(words="half speed")
        assert max(beat.frame for beat in record.beats) == pytest.approx(1 + 2 * (last - 1), abs=2)
        assert record.frame_end == pytest.approx(1 + 2 * (end - 1), abs=2)
        assert max(marker.frame for marker in scene.timeline_markers) > last
        bpy.ops.mien.remove_edit(index=1)
        assert max(beat.frame for beat in record.beats) == pytest.approx(last)

    def test_a_pose(self, scene, face, keys):
        pose = FaceTrack.from_pose(Pose.from_mapping({"mouthSmileLeft": 0.8, "jawOpen": 0.3}))
        apply_take(face, add_take(face.anchor, Take("Pose", TakeKind.IMAGE, pose, shaping=AS_READ)), scene)
        bpy.ops.mien.edit_take(words="half the smile")
        assert fcurve_of(keys, SMILE).evaluate(1) == pytest.approx(0.4, abs=0.001)
        assert fcurve_of(keys, JAW).evaluate(1) == pytest.approx(0.3, abs=0.001)


def test_the_shape_sliders_keep_the_edits(record, scene):
    bpy.ops.mien.edit_take(words="half the smile")
    scene.mien_shape.gain_jaw = 0.5
    assert edits_of(record) == ["half the smile"]
    keep_shaping(record, PLAIN)
    assert edits_of(record) == []
