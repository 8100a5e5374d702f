"""Teaching a student from Blender: planned, rendered, taught, and found as an engine; stopped by Esc."""

import time

import bpy
import pytest
from bl_ext.user_default.mien.client.command import CommandLine
from bl_ext.user_default.mien.client.job import JobState
from bl_ext.user_default.mien.core.errors import BackendError, CancelledError
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.training import MANIFEST_NAME, Shot, View, read_shots, write_lines
from bl_ext.user_default.mien.ui.backend_place import find_backend
from bl_ext.user_default.mien.ui.teaching import SHOTS_NAME, Teaching, _words_of, planning, teaching_of


def test_shots_are_planned_into_the_folder_of_the_scene(tmp_path):
    kept = teaching_of(bpy.context.scene)
    kept.folder, kept.count = str(tmp_path), 100
    assert bpy.ops.mien.plan_training_set() == {"FINISHED"}
    shots = read_shots((tmp_path / SHOTS_NAME).read_text(encoding="utf-8"))
    assert len(shots) == 100
    assert len({shot.pose for shot in shots}) > 90


def test_without_a_folder_or_pictures_it_says_what_to_do(tmp_path):
    with pytest.raises(RuntimeError, match="No folder is chosen"):
        bpy.ops.mien.train_student()
    with pytest.raises(RuntimeError, match="holds no pictures to learn from"):
        bpy.ops.mien.train_student(folder=str(tmp_path))
    with pytest.raises(RuntimeError, match="was never saved"):
        bpy.ops.mien.train_student(folder="//pictures")


def test_what_the_command_could_not_do_is_told_in_its_own_words(tmp_path):
    (tmp_path / MANIFEST_NAME).write_text("{}\n", encoding="utf-8")
    work = Teaching(tmp_path, minutes=1)
    with pytest.raises(BackendError) as raised:
        work.finish()
    assert "Traceback" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_esc_ends_the_process_at_once(tmp_path):
    work = planning(tmp_path, 1_000_000, 1)
    while not work._job.words and not list(tmp_path.iterdir()) and work._job.elapsed < 1:
        time.sleep(0.05)
    began = time.monotonic()
    work.cancel()
    assert not work.is_running()
    with pytest.raises(CancelledError):
        work.finish()
    assert time.monotonic() - began < 1
    assert not (tmp_path / SHOTS_NAME).exists()


def test_how_far_it_is_comes_from_its_lines(tmp_path):
    place = find_backend()
    command = CommandLine(place.python, place.package_root, tmp_path / "command.log", place.environment)
    heard = []
    job = command.job(["engines", "--json"], lambda line: heard.append(line) or line.upper())
    assert job.wait(60) is JobState.DONE
    assert any("student" in line for line in heard)
    assert job.words == heard[-1].upper()
    assert "student" in command.log.read_text(encoding="utf-8")


def test_of_an_epoch_the_panel_shows_its_number_alone():
    assert _words_of("epoch 3 of 40: loss 0.512, error on kept pictures 0.081") == "epoch 3 of 40"
    assert _words_of("Reading the pictures") == ""


def test_a_file_is_no_folder_to_teach_from(head, tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(RuntimeError, match="can't be made"):
        bpy.ops.mien.plan_training_set(folder=str(file))
    shots = tmp_path / SHOTS_NAME
    shots.write_text(write_lines([Shot("0.png", Pose.neutral(), View())]), encoding="utf-8")
    with pytest.raises(RuntimeError, match="Nothing can be written"):
        bpy.ops.mien.render_training_set(filepath=str(shots), folder=str(file))
