"""Takes from files and to files, through the operators."""

import random

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNELS, SHAPES
from bl_ext.user_default.mien.core.formats.exchange import AS_IN_THE_FILE
from bl_ext.user_default.mien.core.performance import Keyframe, Performance
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, take_of, takes_of
from bl_ext.user_default.mien.scene.takes import apply_take
from bl_ext.user_default.mien.ui.operators.exchange import Browses, MIEN_OT_export_take, MIEN_OT_import_take

from .scenes import digest
from .taken import JAW, SMILE, every_curve, fcurve_of, is_same_take, talking, video
from .waiting import Waiting

PEAKS_S = (0.5, 1.35, 2.8)
"""Moments at which the mouth of `recording` is open widest."""

CONVENTIONS = ("AS_USUAL", "radians", "degrees", "half-turns", "express4d", "keyframeface", "semanticface")


def recording(path, *, rate=60, seconds=3.5):
    """A file as a phone writes it, made without our writer: columns in any order, timecode, a mouth with peaks."""
    names = [name[0].upper() + name[1:] for name in CHANNELS]
    random.Random(7).shuffle(names)
    lines = ["Timecode,BlendshapeCount," + ",".join(names)]
    for frame in range(round(seconds * rate)):
        jaw = max(0.8 * np.exp(-(((frame / rate - peak) / 0.12) ** 2)) for peak in PEAKS_S)
        values = {"JawOpen": jaw, "HeadYaw": 0.2 * np.sin(frame / rate)}
        code = f"11:22:{frame // rate:02d}:{frame % rate:02d}.000"
        lines.append(f"{code},61," + ",".join(f"{values.get(name, 0.0):.6f}" for name in names))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def widest_near(fcurve, frame):
    frames = np.arange(frame - 4, frame + 4, 0.05)
    values = [fcurve.evaluate(moment) for moment in frames]
    return frames[int(np.argmax(values))], max(values)


def count_of_takes(character):
    return len(takes_of(character.anchor).items)


class TestImport:
    @pytest.mark.parametrize(("rate", "scene_fps"), [(60, 24), (30, 25), (60, 30)])
    def test_peaks_stay_where_they_are_in_time(self, scene, face, keys, tmp_path, rate, scene_fps):
        scene.render.fps = scene_fps
        scene.frame_set(10)
        file = recording(tmp_path / "phone.csv", rate=rate)
        assert bpy.ops.mien.import_take(filepath=file, rate=str(rate)) == {"FINISHED"}
        for peak in PEAKS_S:
            wanted = 10 + peak * scene_fps
            frame, value = widest_near(fcurve_of(keys, JAW), wanted)
            assert abs(frame - wanted) <= 0.5 + 1e-6  # a peak between two frames is on one of them
            assert value == pytest.approx(0.8, abs=0.06)

    def test_it_is_a_take_of_a_file(self, scene, face, tmp_path):
        bpy.ops.mien.import_take(filepath=recording(tmp_path / "phone.csv"))
        record = active_take(face.anchor)
        take = take_of(record)
        assert (take.name, take.kind, take.source) == ("phone", TakeKind.FILE, "phone.csv")
        assert take.shaping == AS_IN_THE_FILE
        assert (record.is_written, record.is_new_action, len(take.raw.times)) == (True, True, 210)

    def test_few_keys_on_whole_frames(self, face, keys, tmp_path):
        bpy.ops.mien.import_take(filepath=recording(tmp_path / "phone.csv"))
        frames = [point.co.x for point in fcurve_of(keys, JAW).keyframe_points]
        assert len(frames) < 30
        assert all(frame == round(frame) for frame in frames)

    def test_the_head_s_unit_is_a_choice(self, head, scene, tmp_path):
        file = recording(tmp_path / "phone.csv")
        bpy.ops.mien.import_take(filepath=file, convention="half-turns")
        turned = take_of(active_take(head.anchor)).raw.values
        bpy.ops.mien.import_take(filepath=file)
        plain = take_of(active_take(head.anchor)).raw.values
        yaw = CHANNELS.index("headYaw")
        np.testing.assert_allclose(turned[:, yaw], plain[:, yaw] * np.pi, atol=1e-6)

    def test_what_was_left_out_is_said(self, face, tmp_path):
        file = tmp_path / "phone.csv"
        recording(file)
        lines = file.read_text().splitlines()
        lines[20] = lines[20].rpartition(",")[0] + ","
        file.write_text("\n".join(lines))
        bpy.ops.mien.import_take(filepath=str(file))
        assert active_take(face.anchor).notes

    def test_one_step_of_undo(self, face, tmp_path):
        name = face.anchor.name
        before = every_curve()
        bpy.ops.ed.undo_push(message="bound")
        bpy.ops.mien.import_take(filepath=recording(tmp_path / "phone.csv"))
        bpy.ops.ed.undo_push(message="imported")
        assert every_curve() != before
        bpy.ops.ed.undo()
        assert every_curve() == before
        assert len(takes_of(bpy.data.objects[name]).items) == 0

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("gone.csv", None, "can't be opened"),
            ("empty.csv", b"", "it is empty"),
            ("no.csv", b"hello,world\n1,2\n", "can't be read as Live Link Face CSV"),
            ("image.txt", b"\x89PNG\r\n\x1a\n\0\0\0\0", "can't be read"),
            ("cut.mien", b'{"format": "mien take", "version": 1, "raw', "can't be read"),
            ("other.json", b'{"a": 1}', "is in no form that can be read"),
        ],
    )
    def test_a_bad_file_changes_nothing(self, face, tmp_path, name, data, words):
        add_take(face.anchor, video())
        apply_take(face, add_take(face.anchor, video(talking(seed=2))), bpy.context.scene)
        takes_of(face.anchor).index = 0
        file = tmp_path / name
        if data is not None:
            file.write_bytes(data)
        before, count = digest(), count_of_takes(face)
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.mien.import_take(filepath=str(file))
        assert (digest(), count_of_takes(face), takes_of(face.anchor).index) == (before, count, 0)

    def test_a_file_without_a_face_changes_nothing(self, face, tmp_path):
        add_take(face.anchor, video())
        file = tmp_path / "unseen.mien"
        track = talking()
        unseen = type(track)(track.times, np.zeros_like(track.values), np.zeros(len(track.times)))
        add_take(face.anchor, video(unseen))
        bpy.ops.mien.export_take(filepath=str(file))
        takes_of(face.anchor).index = 0
        before, count = digest(), count_of_takes(face)
        with pytest.raises(RuntimeError, match="nothing to key"):
            bpy.ops.mien.import_take(filepath=str(file))
        assert (digest(), count_of_takes(face), takes_of(face.anchor).index) == (before, count, 0)


class TestRoundTrip:
    @pytest.mark.parametrize("convention", CONVENTIONS)
    def test_live_link_face(self, scene, face, tmp_path, convention):
        take = video()
        add_take(face.anchor, take)
        file = str(tmp_path / "there.csv")
        assert bpy.ops.mien.export_take(filepath=file, convention=convention) == {"FINISHED"}
        bpy.ops.mien.import_take(filepath=file, convention=convention)
        back = take_of(active_take(face.anchor)).raw
        np.testing.assert_allclose(back.values, take.raw.values, atol=1e-6)
        np.testing.assert_allclose(back.times, take.raw.times, atol=1e-6)

    def test_mien_s_own_file_keeps_everything(self, face, tmp_path):
        shaping = Shaping(gain={"mouth": 1.5}, mirrored=True)
        take = video(talking(start=2.0), span=(2.0, None), shaping=shaping, frame_start=17.0)
        add_take(face.anchor, take)
        file = str(tmp_path / "there.mien")
        bpy.ops.mien.export_take(filepath=file)
        bpy.ops.mien.import_take(filepath=file)
        record = active_take(face.anchor)
        assert is_same_take(take_of(record), take)
        assert record.written_from >= 17
        bpy.context.scene.frame_set(40)
        bpy.ops.mien.import_take(filepath=file, placement="PLAYHEAD")
        assert active_take(face.anchor).frame_start == 40

    def test_the_keys_are_the_same_too(self, face, tmp_path):
        apply_take(face, add_take(face.anchor, video()), bpy.context.scene)
        before = {place: kept[1] for place, kept in every_curve().items()}
        bpy.ops.mien.export_take(filepath=str(tmp_path / "there.mien"))
        bpy.ops.mien.import_take(filepath=str(tmp_path / "there.mien"))
        assert {place: kept[1] for place, kept in every_curve().items()} == before

    def test_shaped(self, face, tmp_path):
        take = video(shaping=Shaping(gain={"mouth": 0.0}))
        add_take(face.anchor, take)
        file = str(tmp_path / "there.csv")
        bpy.ops.mien.export_take(filepath=file, keys="SHAPED")
        bpy.ops.mien.import_take(filepath=file)
        values = take_of(active_take(face.anchor)).raw.values
        assert not values[:, CHANNELS.index("mouthSmileLeft")].any()
        assert values[:, CHANNELS.index("jawOpen")].any()

    def test_a_performance_with_its_markers(self, scene, face, keys, tmp_path):
        smile = Keyframe(0.5, {"mouthSmileLeft": 0.75}, description="She smiles")
        raw = Performance((smile, Keyframe(1.5, {"mouthSmileLeft": 0.0}, description="Rests")), 2.0)
        add_take(face.anchor, Take("Said", TakeKind.SCRIPT, raw, words="She smiles."))
        file = str(tmp_path / "there.mien")
        bpy.ops.mien.export_take(filepath=file)
        bpy.ops.mien.import_take(filepath=file)
        assert fcurve_of(keys, SMILE).evaluate(13) == pytest.approx(0.75, abs=1e-3)
        assert [(marker.name, marker.frame) for marker in scene.timeline_markers] == [("She smiles", 13), ("Rests", 37)]


class TestWaiting:
    """As from the file browser, which lets Blender go on meanwhile."""

    def test_import(self, face, keys, tmp_path):
        file = recording(tmp_path / "phone.csv")
        options = {"convention": "AS_USUAL", "rate": "60", "placement": "PLAYHEAD", "write": "NEW_ACTION"}
        waiting = Waiting(MIEN_OT_import_take, filepath=file, **options)
        assert every_curve() == {}
        assert waiting.send_until_done() == {"FINISHED"}
        assert fcurve_of(keys, JAW).evaluate(1 + 24 * PEAKS_S[0]) > 0.7
        assert waiting.said[-1][1].startswith("phone: Live Link Face CSV, 210 frames in 3.48 s")

    def test_import_stopped(self, face, tmp_path):
        before = digest()
        options = {"convention": "AS_USUAL", "rate": "60", "placement": "PLAYHEAD", "write": "NEW_ACTION"}
        waiting = Waiting(MIEN_OT_import_take, filepath=recording(tmp_path / "phone.csv"), **options)
        assert waiting.send("ESC") == {"CANCELLED"}
        assert (digest(), count_of_takes(face)) == (before, 0)

    def test_export_stopped_writes_nothing(self, face, tmp_path):
        add_take(face.anchor, video())
        options = {"convention": "AS_USUAL", "rate": "60", "keys": "RAW"}
        waiting = Waiting(MIEN_OT_export_take, filepath=str(tmp_path / "there.csv"), **options)
        assert waiting.send("ESC") == {"CANCELLED"}
        waiting.operator.work.wait(10)
        assert not list(tmp_path.iterdir())

    def test_the_browser_hands_on(self, face, tmp_path):
        handed = []

        class Browser(Browses):
            filepath, is_browsing = recording(tmp_path / "phone.csv"), True

            def as_keywords(self):
                return {"filepath": self.filepath}

            def called_again(self, operators):
                handed.append(operators.import_take)
                return operators.import_take

        assert Browser().execute(bpy.context) == {"CANCELLED"}
        assert len(handed) == count_of_takes(face) == 1


class TestExport:
    def test_a_form_that_is_not_written_changes_nothing(self, face, tmp_path):
        add_take(face.anchor, video())
        with pytest.raises(RuntimeError, match=r"Use one of \.mien, \.csv, \.jsonl"):
            bpy.ops.mien.export_take(filepath=str(tmp_path / "there.fbx"))
        assert not list(tmp_path.iterdir())

    def test_what_was_there_stays_where_writing_fails(self, face, tmp_path):
        add_take(face.anchor, video())
        (tmp_path / "there.csv").mkdir()
        with pytest.raises(RuntimeError, match="can't be written"):
            bpy.ops.mien.export_take(filepath=str(tmp_path / "there.csv"))
        assert [file.name for file in tmp_path.iterdir()] == ["there.csv"]

    def test_without_a_take_it_says_what_to_do(self, face, tmp_path):
        with pytest.raises(RuntimeError, match="no takes yet"):
            bpy.ops.mien.export_take(filepath=str(tmp_path / "there.csv"))


def test_all_shapes_of_the_example_head_move(head, scene, tmp_path):
    file = str(tmp_path / "there.csv")
    add_take(head.anchor, video())
    bpy.ops.mien.export_take(filepath=file)
    bpy.ops.mien.import_take(filepath=file)
    moved = {path.split('"')[1] for _owner, path, _index in every_curve() if path.startswith("key_blocks")}
    assert set(SHAPES) <= moved
