"""Track Video with the real backend, from the file to the keys."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import INDEX
from bl_ext.user_default.mien.scene.actions import fcurves_of, strips_of
from bl_ext.user_default.mien.scene.take_standing import seldom_seen

from .clips import CARPHONE, JAW, jaw_curve, last_take, movie, records, track
from .scenes import curves, digest


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """One second with a wide open jaw."""
    return movie(tmp_path_factory.mktemp("clip") / "short.mp4", first=55, count=30)


def jaw_of(take):
    return take.raw.values[:, INDEX["jawOpen"]]


def test_a_clip_becomes_a_take_with_few_keys(scene, head):
    take = track(CARPHONE)
    assert len(take.raw.times) == 120
    assert (take.raw.confidence > 0).all()
    (record,) = records()
    assert (record.kind, record.name, record.is_written) == ("VIDEO", "carphone_pristine", True)
    keys = head.meshes[0].data.shape_keys
    count = sum(len(fcurve.keyframe_points) for fcurve in fcurves_of(keys))
    assert count < 0.35 * len(fcurves_of(keys)) * 96  # 120 frames are 96 of this scene
    moving = jaw_curve(head)
    assert moving.keyframe_points[0].co.x == 1
    assert moving.keyframe_points[-1].co.x == pytest.approx(96, abs=1)


@pytest.mark.parametrize(("clip_fps", "scene_fps"), [("24000/1001", 25), ("30000/1001", 24), ("30000/1001", 60)])
def test_seconds_stay_seconds(scene, head, tmp_path, clip_fps, scene_fps):
    scene.render.fps = scene_fps
    scene.frame_set(11)
    take = track(movie(tmp_path / "clip.mp4", fps=clip_fps, first=50, count=36))
    peak_second = take.raw.times[int(jaw_of(take).argmax())]
    numerator, denominator = map(int, clip_fps.split("/"))
    assert peak_second == pytest.approx(int(jaw_of(take).argmax()) * denominator / numerator, abs=1e-4)
    frames = np.arange(11, 11 + 2 * scene_fps, 0.05)
    values = [jaw_curve(head).evaluate(frame) for frame in frames]
    half_a_frame = max(0.75, scene_fps / (numerator / denominator) / 2)  # of the clip; of the scene, if that is longer
    assert abs(frames[int(np.argmax(values))] - (11 + peak_second * scene_fps)) <= half_a_frame


def test_subframes_stand_on_the_moments_of_the_clip(scene, head, short):
    take = track(short, whole_frames=False, error=0.0)
    frames = [point.co.x for point in jaw_curve(head).keyframe_points]
    np.testing.assert_allclose(frames, 1 + take.raw.times * 24, atol=1e-3)


def test_a_part_with_a_stride_begins_at_the_playhead_or_the_start(scene, head, short):
    scene.frame_start = 101
    take = track(short, time_start=0.4, time_end=0.8, stride=2, placement="SCENE_START")
    assert take.raw.times[0] >= 0.4
    assert take.raw.times[-1] < 0.8
    assert np.diff(take.raw.times) == pytest.approx(2 / 29.97, abs=1e-3)
    assert take.frame_start == 101


def test_a_chosen_frame_rests(scene, head, short):
    scene.frame_set(1)
    take = track(short, neutral="CHOSEN", neutral_frame=13)
    assert take.shaping.neutral_time == pytest.approx(0.5)
    assert jaw_curve(head).evaluate(13) == pytest.approx(0.0, abs=0.06)


def test_keys_that_are_there_stay_and_come_back(scene, head, short):
    keys = head.meshes[0].data.shape_keys
    block = keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.2), (50, 0.9)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    scene.frame_set(1)
    former, before = keys.animation_data.action, curves()
    track(short)
    assert keys.animation_data.action != former
    assert former.use_fake_user
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert keys.animation_data.action == former
    assert {key: array.tobytes() for key, array in curves().items()} == {k: a.tobytes() for k, a in before.items()}


def test_one_step_of_undo_takes_a_whole_take_back(scene, head, short):
    bpy.ops.ed.undo_push(message="before")
    before = digest()
    track(short)
    bpy.ops.ed.undo_push(message="Track Video")
    assert digest() != before
    bpy.ops.ed.undo()
    assert digest() == before
    assert records() == []


def test_the_clip_goes_to_the_sequencer_in_step(scene, head, short):
    scene.frame_set(21)
    look = scene.view_settings.view_transform
    track(short, add_strip=True)
    (strip,) = strips_of(scene.sequence_editor)
    left, right = (
        (strip.left_handle, strip.right_handle)
        if hasattr(strip, "left_handle")
        else (strip.frame_final_start, strip.frame_final_end)
    )
    assert (left, right) == (21, 45)  # a second at 24, though the clip has 29.97 frames
    assert scene.view_settings.view_transform == look
    assert scene.render.fps == 24


def test_the_options_of_the_panel_hold_where_none_are_given(scene, head, short):
    scene.mien.mode, scene.mien.video_source, scene.mien.video_path = "VIDEO", "FILE", str(short)
    scene.mien_clip.error, scene.mien_clip.gaps = 0.05, "EMPTY"
    assert bpy.ops.mien.track_video() == {"FINISHED"}
    shaping = last_take().shaping
    assert (shaping.error, shaping.gaps.name) == (0.05, "EMPTY")
    assert bpy.ops.mien.track_video(error=0.01) == {"FINISHED"}
    assert last_take().shaping.error == 0.01
    assert [record.name for record in records()] == ["short", "short.001"]
    assert JAW in {fcurve.data_path for fcurve in fcurves_of(head.meshes[0].data.shape_keys)}


def test_what_an_animator_must_know_of_a_clip_is_told(scene, head, capfd):
    scene.frame_end = 50
    track(CARPHONE)
    (record,) = records()
    assert "It ends at frame 96, but the scene at 50: set End to 96" in capfd.readouterr().out
    assert seldom_seen(record) == ""
    record.seen = 0.6
    assert seldom_seen(record) == "The face was seen in 60% of the frames."
    record.seen = 0.3
    assert seldom_seen(record).startswith("A face was seen in only 30% of the frames")
