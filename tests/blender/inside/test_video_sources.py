"""Clips where Blender already has them: Movie Clips, and strips of the Sequencer."""

import shutil

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.scene.actions import add_clip_strip, new_movie_strip, strips_of
from bl_ext.user_default.mien.scene.clip_sources import source_of_file, source_of_movie_clip, source_of_strip

from .clips import CARPHONE, jaw_curve, last_take, make, track

FPS = 30000 / 1001


@pytest.fixture(scope="module")
def made_pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    make("pictures", CARPHONE, folder, 12)
    return folder


@pytest.fixture
def pictures(made_pictures, tmp_path):
    """A test's own ones, which it may take away."""
    return shutil.copytree(made_pictures, tmp_path, dirs_exist_ok=True)


def trim(strip, left, right):
    names = (
        ("left_handle", "right_handle") if hasattr(strip, "left_handle") else ("frame_final_start", "frame_final_end")
    )
    setattr(strip, names[0], left)
    setattr(strip, names[1], right)


def test_a_trimmed_strip_that_plays_frame_by_frame(scene):
    strip = new_movie_strip(scene.sequence_editor_create(), "carphone", str(CARPHONE), 10)
    trim(strip, 30, 70)
    source = source_of_strip(strip, scene)
    assert source.frame == 30
    assert source.start == pytest.approx(20 / FPS, abs=1e-4)
    assert source.end == pytest.approx(60 / FPS, abs=1e-4)
    assert source.speed == pytest.approx(24 / FPS, abs=1e-4)


def test_a_trimmed_strip_that_keeps_the_seconds(scene):
    strip = add_clip_strip(scene, str(CARPHONE), 10, shown_from=34)
    source = source_of_strip(strip, scene)
    assert source.frame == 34
    assert source.start == pytest.approx(1.0, abs=0.01)
    assert source.end is None
    assert source.speed == pytest.approx(1.0)


def test_the_face_runs_in_step_with_its_strip(scene, head):
    editor = scene.sequence_editor_create()
    strip = new_movie_strip(editor, "carphone", str(CARPHONE), 10)
    trim(strip, 30, 100)
    editor.active_strip = strip
    assert bpy.ops.mien.track_video(source="STRIP") == {"FINISHED"}
    take = last_take()
    assert len(take.raw.times) == 70
    assert take.raw.times[0] == pytest.approx(20 / FPS, abs=1e-3)
    whole = track(CARPHONE).raw
    peak = int(whole.values[20:90, 17].argmax()) + 20  # jawOpen, in frames of the clip
    bpy.ops.mien.revert_take()
    frames = np.arange(30, 100)
    shown = frames[int(np.argmax([jaw_curve(head).evaluate(frame) for frame in frames]))]
    assert abs(shown - (10 + peak)) <= 1


def test_pictures_of_a_strip(scene, head, pictures):
    files = sorted(pictures.iterdir())
    editor = scene.sequence_editor_create()
    strip = strips_of(editor).new_image(name="shot", filepath=str(files[0]), channel=1, frame_start=5)
    for file in files[1:]:
        strip.elements.append(file.name)
    trim(strip, 7, 15)
    source = source_of_strip(strip, scene)
    assert source.files == tuple(files[2:10])
    assert source.frame == 7
    editor.active_strip = strip
    assert bpy.ops.mien.track_video(source="STRIP") == {"FINISHED"}
    assert last_take().raw.times == pytest.approx(np.arange(8) / 24)


def test_a_movie_clip_keeps_step_with_its_editor(scene, head):
    clip = bpy.data.movieclips.load(str(CARPHONE))
    clip.frame_start, clip.frame_offset = 5, 30
    source = source_of_movie_clip(clip, scene)
    assert (source.frame, source.start) == (5, pytest.approx(30 / FPS))
    scene.mien.clip = clip
    assert bpy.ops.mien.track_video(source="CLIP", time_end=1.5) == {"FINISHED"}
    assert last_take().raw.times[0] == pytest.approx(30 / FPS, abs=1e-3)
    assert last_take().shaping.speed == pytest.approx(24 / FPS)


def test_a_movie_clip_of_pictures(scene, head, pictures):
    clip = bpy.data.movieclips.load(str(pictures / "shot_0008.png"))
    assert clip.source == "SEQUENCE"
    clip.frame_start = 20
    scene.mien.clip = clip
    assert bpy.ops.mien.track_video(source="CLIP") == {"FINISHED"}
    take = last_take()
    assert len(take.raw.times) == 12
    assert take.frame_start == 20
    assert take.raw.times[-1] == pytest.approx(11 / 24)


def test_the_first_picture_of_a_sequence_and_its_folder(scene, pictures):
    assert len(source_of_file(str(pictures / "shot_0010.png"), 1, scene).files) == 10
    assert source_of_file(str(pictures), 1, scene).files == pictures
    (pictures / "single.png").write_bytes((pictures / "shot_0010.png").read_bytes())
    with pytest.raises(InputError, match="single picture"):
        source_of_file(str(pictures / "single.png"), 1, scene)


def test_a_missing_picture_of_a_sequence_is_told_and_its_folder_keeps_the_places(scene, head, pictures):
    (pictures / "shot_0012.png").unlink()
    assert source_of_file(str(pictures / "shot_0013.png"), 1, scene).missing == ""
    cut_off = source_of_file(str(pictures / "shot_0008.png"), 1, scene)
    assert (len(cut_off.files), cut_off.missing) == (4, "shot_0012.png")
    assert bpy.ops.mien.track_video(filepath=str(pictures), source="FILE") == {"FINISHED"}
    assert last_take().raw.times == pytest.approx(np.delete(np.arange(12), 4) / 24)


def test_a_strip_that_plays_backwards_is_told(scene):
    strip = new_movie_strip(scene.sequence_editor_create(), "carphone", str(CARPHONE), 10)
    strip.use_reverse_frames = True
    with pytest.raises(InputError, match="backwards"):
        source_of_strip(strip, scene)


def test_no_strip_is_told(scene, head):
    with pytest.raises(RuntimeError, match="No movie strip is chosen"):
        bpy.ops.mien.track_video(source="STRIP")
