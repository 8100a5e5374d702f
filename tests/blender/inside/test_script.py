"""Perform Script with the real backend."""

import json
import zlib
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.shaping.bezier import evaluate
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_performance import performance_of, performances_of
from bl_ext.user_default.mien.ui.operators.perform_script import MIEN_OT_perform_script, begin_waiting, whole
from mathutils import Vector

from .scenes import curves, digest

SCRIPT = "She smiles. Then she looks down. Suddenly she gasps and turns her head to the left."
BEATS = ["She smiles", "she looks down", "Suddenly she gasps", "turns her head to the left"]
SMILE = 'key_blocks["mouthSmileLeft"].value'


@pytest.fixture
def last():
    return bpy.context.window_manager.mien


def stored(head):
    return performances_of(head.anchor)


def keys_of(head):
    return head.meshes[0].data.shape_keys


def fcurve(owner, path=SMILE, index=0):
    return next((f for f in fcurves_of(owner) if (f.data_path, f.array_index) == (path, index)), None)


def key_frames(owner, path=SMILE):
    found = fcurve(owner, path)
    return [round(point.co.x, 3) for point in found.keyframe_points] if found else []


def markers(scene):
    return [(marker.frame, marker.name) for marker in scene.timeline_markers]


def value_at(owner, frame, path=SMILE):
    return fcurve(owner, path).evaluate(frame)


def largest(owner, path, start, end):
    return max(value_at(owner, frame, path) for frame in range(start, end + 1))


def state(scene, head):
    """What the script mode can change beyond what `digest` sees."""
    kept = [(record.take_id, record.words, record.raw) for record in stored(head)]
    actions = [(action.name, action.use_fake_user) for action in bpy.data.actions]
    return digest(), markers(scene), kept, actions


def test_a_script_is_keyed_sparsely_from_the_current_frame_on(scene, head, last):
    scene.frame_set(25)
    assert bpy.ops.mien.perform_script(script=SCRIPT) == {"FINISHED"}
    (record,) = stored(head)
    assert (record.frame_start, last.error) == (25, "")
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
        script="She looks down.", emotion="deep sadness", duration=5.0, seed=4, background="a funeral"
    )
    (record,) = stored(head)
    assert (record.emotion, record.background, record.seed) == ("deep sadness", "a funeral", 4)
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
def test_a_script_that_cannot_be_performed_changes_nothing(scene, head, last, script, sentence):
    bpy.ops.mien.perform_script(script="He nods.")
    before = state(scene, head)
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.mien.perform_script(script=script)
    assert state(scene, head) == before
    assert sentence in last.error


def test_other_faults_change_nothing(scene, head, last):
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


def head_again():
    """An undo replaces every datablock."""
    return active_character(bpy.context.scene)


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


class TestOldKeys:
    def test_keys_outside_the_range_stay_and_so_does_what_they_show(self, scene, head):
        block = keys_of(head).key_blocks["mouthSmileLeft"]
        for frame, value in ((1, 0.2), (20, 0.9), (400, 0.4)):
            block.value = value
            block.keyframe_insert("value", frame=frame)
        before = [value_at(keys_of(head), frame) for frame in range(1, 21)]
        scene.frame_set(50)
        bpy.ops.mien.perform_script(script=SCRIPT)
        frames = key_frames(keys_of(head))
        assert frames[:3] == [1, 20, 50]
        assert frames[-1] == 400
        assert [value_at(keys_of(head), frame) for frame in range(1, 21)] == pytest.approx(before, abs=0.02)
        assert not any(action.use_fake_user for action in bpy.data.actions)  # nothing had to be kept aside

    def test_keys_in_the_way_are_kept_in_the_former_action(self, scene, head):
        block = keys_of(head).key_blocks["mouthSmileLeft"]
        for frame in (1, 30, 31):
            block.value = frame / 40
            block.keyframe_insert("value", frame=frame)
        action = keys_of(head).animation_data.action
        name = action.name
        old = curves()
        bpy.ops.mien.perform_script(script=SCRIPT)
        (record,) = stored(head)
        assert keys_of(head).animation_data.action != action
        assert f'"{name}"' in record.kept
        assert action.use_fake_user
        assert 31 not in key_frames(keys_of(head)) or value_at(keys_of(head), 31) != pytest.approx(31 / 40)
        keys_of(head).animation_data.action = action
        if bpy.app.version >= (4, 4):
            keys_of(head).animation_data.action_slot = action.slots[0]
        now = {key: array for key, array in curves().items() if key in old}
        assert all(np.array_equal(now[key], array) for key, array in old.items())

    def test_the_body_s_keys_come_along(self, scene, head):
        neck = head.anchor.pose.bones["neck"]
        neck.keyframe_insert("location", frame=10)
        block = keys_of(head).key_blocks["mouthSmileLeft"]
        block.keyframe_insert("value", frame=30)
        head.anchor.pose.bones["head"].rotation_mode = "XYZ"
        head.anchor.pose.bones["head"].keyframe_insert("rotation_euler", frame=30)
        before = curves()
        bpy.ops.mien.perform_script(script=SCRIPT)
        after = curves()
        moved = [key for key in before if "neck" in key[1]]
        assert len(moved) == 3
        for key in moved:
            np.testing.assert_array_equal(after[key], before[key])

    def test_our_own_keys_give_way_without_a_copy(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        actions = len(bpy.data.actions)
        bpy.ops.mien.perform_script(script="She frowns angrily and shakes her head.")
        assert len(bpy.data.actions) == actions
        assert len(stored(head)) == 1
        assert fcurve(keys_of(head)) is None  # the first script smiled, the second does not
        assert keys_of(head).key_blocks["mouthSmileLeft"].value == 0

    def test_our_keys_that_the_animator_changed_are_kept(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        actions = len(bpy.data.actions)
        point = fcurve(keys_of(head)).keyframe_points[1]
        point.co.y = 0.123
        bpy.ops.mien.perform_script(script="She frowns.")
        assert len(bpy.data.actions) > actions
        assert "are kept in the Action" in stored(head)[0].kept

    def test_what_earlier_keys_hold_is_let_go(self, scene, head):
        bpy.ops.mien.perform_script(script="She smiles.", life=False)
        first_end = int(stored(head)[0].frame_end)
        scene.frame_set(first_end + 20)
        bpy.ops.mien.perform_script(script="She frowns angrily.", life=False)
        start = first_end + 20
        held = largest(keys_of(head), SMILE, 1, first_end)
        assert value_at(keys_of(head), start) == pytest.approx(held, abs=0.01)
        assert value_at(keys_of(head), start + 12) == pytest.approx(0, abs=1e-4)
        assert len(stored(head)) == 2

    def test_what_earlier_keys_hold_stays_where_that_is_wanted(self, scene, head):
        block = keys_of(head).key_blocks["cheekPuff"]
        block.value = 0.5
        block.keyframe_insert("value", frame=1)
        scene.frame_set(10)
        bpy.ops.mien.perform_script(script="She frowns.", from_rest=False)
        assert key_frames(keys_of(head), 'key_blocks["cheekPuff"].value') == [1]

    def test_a_later_performance_cuts_an_earlier_one_short(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        marked = len(markers(scene))
        second = stored(head)[0].beats[1].frame
        scene.frame_set(int(second) + 3)
        bpy.ops.mien.perform_script(script="She winks.")
        first, new = stored(head)
        assert first.frame_end == new.frame_start == int(second) + 3
        assert len(first.beats) == 2
        assert len(markers(scene)) == 3 < marked
        gasp = 'key_blocks["jawOpen"].value'
        assert all(frame <= new.frame_end for frame in key_frames(keys_of(head), gasp))


class TestAnew:
    def test_one_beat_is_replaced_and_the_others_stay(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT, life=False)
        (record,) = stored(head)
        before, smiled = curves(), largest(keys_of(head), SMILE, 1, 30)
        look = next(i for i, beat in enumerate(record.beats) if "gasps" in beat.words)
        assert bpy.ops.mien.replace_beat(beat=look, seed=5) == {"FINISHED"}
        after = curves()
        start = record.beats[look - 1].frame
        assert any(not np.array_equal(after[key], array) for key, array in before.items() if key in after)
        for key, array in before.items():
            early = array[array[:, 0] <= start]
            np.testing.assert_array_equal(after[key][after[key][:, 0] <= start], early)
        assert largest(keys_of(head), SMILE, 1, 30) == smiled
        assert record.beats[look].variation == 5
        assert len(markers(scene)) == len(record.beats)

    def test_an_animator_s_change_elsewhere_stays(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT, life=False)
        (record,) = stored(head)
        point = fcurve(keys_of(head)).keyframe_points[1]
        point.co.y = 0.123
        frame = point.co.x
        bpy.ops.mien.replace_beat(beat=len(record.beats) - 1, seed=5)
        assert value_at(keys_of(head), frame) == pytest.approx(0.123, abs=1e-4)

    def test_from_the_playhead_on_all_is_played_anew(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT, life=False)
        (record,) = stored(head)
        first = record.beats[0].frame
        scene.frame_set(int(first) + 2)
        before = curves()
        assert bpy.ops.mien.regenerate_performance(seed=7) == {"FINISHED"}
        after = curves()
        for key, array in before.items():
            early = array[array[:, 0] <= first]
            np.testing.assert_array_equal(after[key][after[key][:, 0] <= first], early)
        assert any(key not in after or not np.array_equal(after[key], array) for key, array in before.items())
        assert (record.seed, len(record.beats)) == (7, 4)
        assert [beat.words for beat in record.beats] == BEATS

    def test_the_rest_of_the_script_may_be_rewritten(self, scene, head):
        scene.mien.script_line = SCRIPT
        bpy.ops.mien.perform_script()
        (record,) = stored(head)
        scene.frame_set(int(record.beats[0].frame) + 2)
        scene.mien.script_line = "She smiles. Then she puffs out her cheeks."
        bpy.ops.mien.regenerate_performance()
        assert [beat.words for beat in record.beats] == ["She smiles", "she puffs out her cheeks"]
        assert fcurve(keys_of(head), 'key_blocks["jawOpen"].value') is None
        assert largest(keys_of(head), 'key_blocks["cheekPuff"].value', 1, int(record.frame_end)) > 0.4

    def test_behind_the_last_beat_there_is_nothing_to_play(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        scene.frame_set(int(stored(head)[0].frame_end))
        before = state(scene, head)
        with pytest.raises(RuntimeError, match="No beat begins after this moment"):
            bpy.ops.mien.regenerate_performance()
        with pytest.raises(RuntimeError, match="There is no beat 10"):
            bpy.ops.mien.replace_beat(beat=9)
        assert state(scene, head) == before

    def test_after_a_change_of_the_frame_rate(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        scene.render.fps = 30
        with pytest.raises(RuntimeError, match="The frame rate was 24"):
            bpy.ops.mien.replace_beat(beat=0)

    def test_a_duplicated_head_leaves_the_other_one_s_markers_alone(self, scene, head):
        bpy.ops.mien.perform_script(script=SCRIPT)
        copy = head.anchor.copy()
        scene.collection.objects.link(copy)
        ids = {record.take_id for record in stored(head)}
        bpy.ops.mien.perform_script(script="He nods.")
        assert {record.take_id for record in performances_of(copy)} == ids


class Waiting:
    """The operator as Blender would keep it between events; headless Blender sends none, so the test does."""

    def __init__(self, script):
        self.said = []
        self.operator = SimpleNamespace(
            script=script,
            background="",
            emotion="",
            duration=0.0,
            engine="",
            seed=0,
            life=True,
            from_rest=True,
            report=lambda kind, words: self.said.append((*kind, words)),
        )
        self.started = begin_waiting(self.operator, bpy.context, lambda: whole(self.operator, bpy.context))

    def send(self, kind):
        return MIEN_OT_perform_script.modal(self.operator, bpy.context, SimpleNamespace(type=kind))

    def send_until_done(self):
        while True:
            self.operator.work.wait(0.05)
            status = self.send("TIMER")
            if status != {"PASS_THROUGH"}:
                return status


def test_waiting_leaves_blender_free_and_ends_with_keys(scene, head, last):
    scene.frame_set(12)
    waiting = Waiting(SCRIPT)
    assert waiting.started == {"RUNNING_MODAL"}
    assert last.is_running
    assert not bpy.ops.mien.perform_script.poll()
    assert waiting.send("MOUSEMOVE") == {"PASS_THROUGH"}
    scene.frame_set(30)  # scrubbing while it runs does not move the keys
    assert waiting.send_until_done() == {"FINISHED"}
    assert stored(head)[0].frame_start == 12
    assert not last.is_running
    assert "4 beats" in waiting.said[-1][1]


def test_esc_leaves_everything_as_it_was(scene, head, last):
    before = state(scene, head)
    waiting = Waiting(SCRIPT)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert state(scene, head) == before
    assert not last.is_running
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]


def test_the_head_deleted_while_waiting(head):
    waiting = Waiting(SCRIPT)
    for mesh in head.meshes:
        bpy.data.objects.remove(mesh)
    bpy.data.objects.remove(head.anchor)
    before = digest()
    assert waiting.send_until_done() == {"CANCELLED"}
    assert "The head has changed" in waiting.said[-1][1]
    assert digest() == before


def test_what_is_kept_can_be_read_by_anyone(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    (record,) = stored(head)
    wire = json.loads(zlib.decompress(record.raw[14:]))
    assert wire["keyframes"][0].keys() >= {"time", "channels", "description"}
