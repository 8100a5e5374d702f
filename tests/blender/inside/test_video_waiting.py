"""Track Video while Blender goes on: the preview, Esc, the queue, and a backend that dies."""

import os
import signal
import time

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.scene.stored_takes import take_of
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.work import now

from .clips import JAW, movie, queue, records, send_until, track, waiting_for, waiting_to_resume
from .scenes import curves, digest


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return movie(tmp_path_factory.mktemp("clip") / "short.mp4", first=55, count=30)


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Long enough to be stopped in its middle."""
    return movie(tmp_path_factory.mktemp("clip") / "long.mp4", count=600)


def frames_came(waiting):
    return waiting.operator.work.fraction > 0


def test_the_head_shows_the_face_while_it_comes_and_is_keyed_at_the_end(scene, head, short):
    waiting = waiting_for(short)
    assert waiting.started == {"RUNNING_MODAL"}
    block = head.meshes[0].data.shape_keys.key_blocks["jawOpen"]
    shown = set()
    while (status := waiting.send("TIMER")) == {"PASS_THROUGH"}:
        shown.add(block.value)
        assert curves() == {}
        time.sleep(0.01)
    assert status == {"FINISHED"}
    assert len(shown) > 1
    assert any(path == JAW for _, path, _ in curves())
    assert "30 frames" in waiting.said[-1][1]
    assert now.work is None


@pytest.mark.parametrize("moment", ["at once", "frames come", "all is there"])
def test_esc_leaves_everything_as_it_was(scene, head, short, long, moment):
    before = digest()
    waiting = waiting_for(short if moment == "all is there" else long)
    if moment == "frames come":
        send_until(waiting, lambda: frames_came(waiting))
        time.sleep(0.1)
        waiting.send("TIMER")
        assert digest() != before  # the head shows the face
    elif moment == "all is there":
        waiting.operator.work.wait(60)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert digest() == before
    assert now.work is None
    assert records() == []
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]


def test_no_look_holds_blender_up(scene, head, short, long):
    waiting = waiting_for(long)
    longest = 0.0
    send_until(waiting, lambda: frames_came(waiting))
    for _ in range(30):
        begin = time.perf_counter()
        waiting.send("TIMER")
        longest = max(longest, time.perf_counter() - begin)
        time.sleep(0.01)
    waiting.send("ESC")
    assert longest < 1  # a look takes a few milliseconds, and the clip many seconds


def test_a_backend_that_dies_leaves_a_partial_take_that_resumes(scene, head, tmp_path):
    clip = movie(tmp_path / "clip.mp4", count=240)  # it is read to its end twice
    waiting = waiting_for(clip)
    send_until(waiting, lambda: frames_came(waiting))
    os.kill(session._process._process.pid, signal.SIGKILL)
    assert waiting.send_until_done() == {"FINISHED"}
    assert "Resume Take" in now.error
    (record,) = records()
    assert record.is_written
    came = record.read_frames
    assert 0 < came < 240
    assert take_of(record).resume_at is not None
    assert bpy.ops.mien.resume_take.poll()

    assert waiting_to_resume().send_until_done() == {"FINISHED"}
    (record,) = records()
    assert record.read_frames == 240
    assert take_of(record).resume_at is None
    assert not bpy.ops.mien.resume_take.poll()
    whole = track(clip).raw
    resumed = take_of(records()[0]).raw
    np.testing.assert_array_equal(resumed.times, whole.times)
    np.testing.assert_array_equal(resumed.values[:came], whole.values[:came])
    difference = np.abs(resumed.values - whole.values)
    assert np.median(difference) < 0.01  # the face is found anew where it goes on
    assert difference[came + 30 :].max() < 0.05


def test_clips_join_and_leave_the_queue_while_it_runs(scene, head, short, long, tmp_path):
    waiting = waiting_for(long)
    other = movie(tmp_path / "other.mp4", count=10)
    assert bpy.ops.mien.track_video.poll()  # one more can be queued
    assert queue(short) == "Queued: short.mp4"
    assert queue(other) == "Queued: other.mp4"
    work = waiting.operator.work
    assert [clip.title for clip in work.clips] == ["long.mp4", "short.mp4", "other.mp4"]
    assert "Clip 1 of 3" in work.progress
    send_until(waiting, lambda: frames_came(waiting))
    assert bpy.ops.mien.remove_clip(index=0) == {"FINISHED"}  # the one that is being tracked
    assert bpy.ops.mien.remove_clip(index=1) == {"FINISHED"}
    assert waiting.send_until_done() == {"FINISHED"}
    assert [record.name for record in records()] == ["short"]


def test_esc_in_a_queue_keeps_what_is_keyed(scene, head, short, long, tmp_path):
    other = movie(short.parent / "second.mp4", count=600)
    waiting = waiting_for(short, other)
    send_until(waiting, lambda: len(records()) == 1)
    keyed = digest()
    waiting.operator.work.wait(0.3)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert digest() == keyed
    assert waiting.said == [("INFO", "Stopped; 1 of 2 clips are keyed")]
