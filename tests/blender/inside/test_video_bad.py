"""Clips that cannot be tracked: a plain sentence, and nothing changed."""

import bpy
import pytest
from bl_ext.user_default.mien.ui.work import now

from .clips import CARPHONE, make, movie, records, waiting_for
from .scenes import digest


def no_face(folder):
    make("grey", folder / "grey.mp4", 12)
    return folder / "grey.mp4", "No face was seen"


def sound_only(folder):
    make("sound", folder / "sound.wav")
    return folder / "sound.wav", "holds sound"


def missing(folder):
    return folder / "gone.mp4", "gone.mp4 can't be read"


def words(folder):
    path = folder / "words.mp4"
    path.write_text("This is no clip. " * 100, encoding="utf-8")
    return path, "words.mp4|clip|video"


def empty(folder):
    path = folder / "empty.mov"
    path.write_bytes(b"")
    return path, "empty"


@pytest.mark.parametrize("made", [no_face, sound_only, missing, words, empty])
def test_it_is_told_and_nothing_changes(head, tmp_path, made):
    path, sentence = made(tmp_path)
    before = digest()
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.mien.track_video(filepath=str(path))
    assert digest() == before
    assert records() == []


def test_a_face_that_is_not_there_is_counted_as_the_option_counts(head, tmp_path):
    with pytest.raises(RuntimeError, match=r"No face number 3 was seen.*counted from 1"):
        bpy.ops.mien.track_video(filepath=str(movie(tmp_path / "one.mp4", count=6)), face=3)


def test_no_head():
    with pytest.raises(RuntimeError, match="Bind a head first"):
        bpy.ops.mien.track_video(filepath=str(CARPHONE))


def test_nothing_chosen(head):
    with pytest.raises(RuntimeError, match="No clip is chosen"):
        bpy.ops.mien.track_video()


def test_a_clip_that_breaks_off_is_kept_as_far_as_it_goes(head, tmp_path):
    whole = movie(tmp_path / "whole.mkv", count=90)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(RuntimeError, match="frames that came are keyed"):
        bpy.ops.mien.track_video(filepath=str(broken))
    (record,) = records()
    assert record.is_written
    assert 10 < record.read_frames < 90


def test_one_bad_clip_does_not_stop_a_queue(scene, head, tmp_path):
    first, last = movie(tmp_path / "first.mp4", count=12), movie(tmp_path / "last.mp4", first=60, count=12)
    bad, _ = words(tmp_path)
    waiting = waiting_for(first, bad, last)
    assert waiting.send_until_done() == {"FINISHED"}
    assert [record.name for record in records()] == ["first", "last"]
    assert "words.mp4" in now.error
    assert [clip.state.value for clip in waiting.operator.work.clips] == ["done", "failed", "done"]
