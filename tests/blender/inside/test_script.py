"""Perform Script with the real backend."""

import json
import zlib

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.shaping.bezier import evaluate
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_performance import performance_of
from bl_ext.user_default.mien.ui.work import now
from mathutils import Vector

from .performed import (
    BEATS,
    SCRIPT,
    SMILE,
    fcurve,
    head_again,
    key_frames,
    keys_of,
    largest,
    markers,
    state,
    stored,
    value_at,
)
from .scenes import curves


def test_a_script_is_keyed_sparsely_from_the_current_frame_on(scene, head):
    scene.frame_set(25)
    assert bpy.ops.mien.perform_script(script=SCRIPT) == {"FINISHED"}
    (record,) = stored(head)
    assert (record.frame_start, now.error) == (25, "")
    written = curves()
    frames = np.concatenate([array[:, 0] for array in written.values()])
    assert frames.min() >= 25
    assert frames.max() <= record.frame_end
    np.testing.assert_array_equal(frames, np.round(frames))  # an animator looks for keys on whole frames
    assert any("rotation" in path for _, path, _ in written)
    keys_a_second = len(frames) / ((record.frame_end - 25) / 24)
    assert keys_a_second < 40
    smile = fcurve(keys_of(head))
    assert {point.interpolation for point in smile.keyframe_points} == {"BEZIER"}
    assert largest(keys_of(head), SMILE, 25, int(record.frame_end)) > 0.5
    assert value_at(keys_of(head), 25) == 0


def test_no_channel_is_keyed_that_never_moves(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    for found in fcurves_of(keys_of(head)):
        values = [point.co.y for point in found.keyframe_points]
        assert max(values) - min(values) > 0.004, found.data_path


def test_every_beat_is_a_marker_with_its_words(scene, head):
    scene.timeline_markers.new("the user's", frame=3)
    bpy.ops.mien.perform_script(script=SCRIPT)
    (record,) = stored(head)
    assert [beat.words for beat in record.beats] == BEATS
    own = [entry for entry in markers(scene) if entry[1] != "the user's"]
    assert own == [(round(beat.frame), beat.name) for beat in record.beats]
    bpy.ops.mien.perform_script(script="He frowns.")  # at the same frame: takes the place of the first
    assert len(stored(head)) == 1
    assert len(markers(scene)) == 2
    assert (3, "the user's") in markers(scene)


def test_a_spoken_line_is_a_marker_and_a_beat(scene, head):
    bpy.ops.mien.perform_script(script='She says "Hello there, my friend."')
    (beat,) = stored(head)[0].beats
    assert (beat.words, beat.name) == ('"Hello there, my friend."', 'says "Hello there, my friend."')
    assert markers(scene) == [(round(beat.frame), beat.name)]


def test_the_head_turns_as_the_performance_says(scene, head):
    bpy.ops.mien.perform_script(script="He slowly turns his head to the left and tilts it to the right.", life=False)
    (record,) = stored(head)
    performance = performance_of(record)
    bone = head.anchor.pose.bones["head"]
    rest = bone.bone.matrix_local.to_3x3()
    moved = False
    for frame in range(1, int(record.frame_end) + 1):
        scene.frame_set(frame)
        turned = bone.matrix.to_3x3() @ rest.inverted()
        nose = turned @ Vector((0, -1, 0))
        row = _eased(performance, frame)
        assert nose.x == pytest.approx(np.sin(row["headYaw"]) * np.cos(row["headPitch"]), abs=0.006)
        moved = moved or abs(row["headYaw"]) > 0.3
    assert moved


def _eased(performance, frame):
    """The angles of the head at a frame, on the performance's own eased curves."""
    made = performance.to_curves()
    return {
        name: float(evaluate(made[name], [(frame - 1) / 24])[0]) if name in made else 0.0
        for name in ("headYaw", "headPitch", "headRoll")
    }


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
def test_the_head_turns_in_every_rotation_mode(scene, head, mode):
    head.anchor.pose.bones["head"].rotation_mode = mode
    test_the_head_turns_as_the_performance_says(scene, head)


def test_what_was_asked_for_reaches_the_engine(scene, head):
    bpy.ops.mien.perform_script(
        script="She looks down.", emotion="deep sadness", plays="she", duration=5.0, seed=4, background="a funeral"
    )
    (record,) = stored(head)
    assert (record.emotion, record.background, record.plays, record.seed) == ("deep sadness", "a funeral", "she", 4)
    assert record.frame_end == pytest.approx(1 + 5 * 24)
    frown = 'key_blocks["mouthFrownLeft"].value'
    assert largest(keys_of(head), frown, 1, 120) > 0.1


def test_the_panel_s_fields_are_used_where_no_script_is_given(scene, head):
    scene.mien.script_line, scene.mien.duration = "He smiles.", 4.0
    assert bpy.ops.mien.perform_script() == {"FINISHED"}
    assert stored(head)[0].words == "He smiles."
    assert stored(head)[0].frame_end == pytest.approx(97)
    text = bpy.data.texts.new("scene 12")
    text.write("HE (quietly)\n\nHe frowns.\nThen he nods.")
    scene.mien.script_text = text
    assert bpy.ops.mien.perform_script() == {"FINISHED"}
    assert "nods" in stored(head)[0].words


def test_what_was_not_understood_is_told(scene, head):
    bpy.ops.mien.perform_script(script="She smiles. Then she frobnicates the quux.")
    (record,) = stored(head)
    assert "frobnicates" in record.not_understood


def test_frame_rates(scene, head):
    scene.render.fps, scene.render.fps_base = 30, 1.001
    bpy.ops.mien.perform_script(script=SCRIPT, duration=6.0)
    (record,) = stored(head)
    assert record.frame_end == pytest.approx(1 + 180, abs=1)
    assert all(round(frame) == frame for frame in key_frames(keys_of(head)))


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("   \n ", "The script is empty"),
        ("?! ... --", "has no words"),
        ("asdf qwer zxcv.", "Nothing in the script was understood"),
        ("Elle sourit puis baisse les yeux.", "Nothing in the script was understood"),
        ("彼女は微笑む。", "Nothing in the script was understood"),
        ("She smiles." * 30_000, "at most"),
    ],
    ids=["blank", "punctuation", "nonsense", "French", "Japanese", "too long"],
)
def test_a_script_that_cannot_be_performed_changes_nothing(scene, head, script, sentence):
    bpy.ops.mien.perform_script(script="He nods.")
    before = state(scene, head)
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.mien.perform_script(script=script)
    assert state(scene, head) == before
    assert sentence in now.error


def test_other_faults_change_nothing(scene, head):
    before = state(scene, head)
    for options, sentence in (
        ({}, "The script is empty"),
        ({"script": "He nods.", "engine": "nowhere"}, "nowhere"),
        ({"script": "He nods.", "duration": 90_000.0}, "cannot be performed"),
    ):
        with pytest.raises(RuntimeError, match=sentence):
            bpy.ops.mien.perform_script(**options)
        assert state(scene, head) == before
    assert not bpy.ops.mien.replace_beat.poll()
    assert not bpy.ops.mien.regenerate_performance.poll()


def test_no_head_is_bound(scene):
    assert not bpy.ops.mien.perform_script.poll()
    with pytest.raises(RuntimeError, match="Bind a head first"):
        bpy.ops.mien.perform_script(script="He nods.")


def test_one_undo_step_takes_it_all_back(scene, head):
    bpy.ops.ed.undo_push(message="Before")
    before = state(scene, head)
    assert bpy.ops.mien.perform_script("EXEC_DEFAULT", True, script=SCRIPT) == {"FINISHED"}
    head = head_again()
    after = state(bpy.context.scene, head)
    assert after != before
    bpy.ops.ed.undo()
    assert state(bpy.context.scene, head_again()) == before
    bpy.ops.ed.redo()
    assert state(bpy.context.scene, head_again()) == after


def test_it_is_saved_with_the_file_and_can_be_played_anew(scene, head, tmp_path):
    bpy.ops.mien.perform_script(script=SCRIPT)
    written, kept, marked = curves(), [r.raw for r in stored(head)], markers(scene)
    path = str(tmp_path / "performed.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    read = curves()
    assert set(read) == set(written)
    assert all(np.array_equal(read[key], array) for key, array in written.items())
    head = head_again()
    assert ([r.raw for r in stored(head)], markers(bpy.context.scene)) == (kept, marked)
    assert bpy.ops.mien.replace_beat(beat=0) == {"FINISHED"}
    assert not any(action.use_fake_user for action in bpy.data.actions)
    assert len(markers(bpy.context.scene)) == len(marked)


def test_what_is_kept_can_be_read_by_anyone(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    (record,) = stored(head)
    wire = json.loads(zlib.decompress(record.raw[14:]))
    assert wire["keyframes"][0].keys() >= {"time", "channels", "description"}


def test_choosing_a_beat_shows_its_moment(scene, head):
    scene.timeline_markers.new("the user's", frame=3)
    bpy.ops.mien.perform_script(script=SCRIPT)
    (record,) = stored(head)
    assert scene.frame_current == 1  # only a choice moves the playhead
    record.beat_index = 2
    assert scene.frame_current == round(record.beats[2].frame)
    assert [marker.frame for marker in scene.timeline_markers if marker.select] == [scene.frame_current]
    assert bpy.ops.mien.replace_beat(seed=5) == {"FINISHED"}
    assert record.beats[2].variation == 5
