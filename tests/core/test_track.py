import math

import numpy as np
import pytest

from blender_addon.core.channels import CHANNEL_COUNT, INDEX
from blender_addon.core.clips import TrackedFrames, TrackRequest
from blender_addon.core.errors import InputError
from blender_addon.core.pose import Pose
from blender_addon.core.track import FaceTrack

FRAMES = 4


def track(**changed):
    arrays = {
        "times": np.arange(FRAMES) / 30,
        "values": np.zeros((FRAMES, CHANNEL_COUNT)),
        "confidence": np.ones(FRAMES),
    }
    return FaceTrack(**{**arrays, **changed})


def test_a_photo_is_a_track_of_one_frame():
    pose = Pose.from_mapping({"jawOpen": 0.5})
    seen = FaceTrack.from_pose(pose, confidence=0.75)
    assert seen.times.tolist() == [0.0]
    assert Pose(seen.values[0]) == pose
    assert seen.confidence.tolist() == [0.75]


def test_a_channel_is_a_column():
    values = np.arange(FRAMES * CHANNEL_COUNT).reshape(FRAMES, CHANNEL_COUNT)
    assert track(values=values).channel("jawOpen").tolist() == values[:, INDEX["jawOpen"]].tolist()


def test_an_empty_track_is_one():
    assert len(track(times=[], values=np.zeros((0, CHANNEL_COUNT)), confidence=[]).times) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"times": np.arange(FRAMES + 1)},
        {"times": np.arange(FRAMES)[:, np.newaxis]},
        {"values": np.zeros((FRAMES, CHANNEL_COUNT - 1))},
        {"values": np.zeros(FRAMES)},
        {"confidence": np.ones(FRAMES - 1)},
    ],
)
def test_shapes_that_disagree_are_refused(changed):
    with pytest.raises(ValueError, match="need values of shape"):
        track(**changed)


@pytest.mark.parametrize("times", [[0, 1, 1, 2], [0, 2, 1, 3]])
def test_time_that_does_not_rise_is_refused(times):
    with pytest.raises(ValueError, match="rise from frame to frame"):
        track(times=times)


@pytest.mark.parametrize("array", ["times", "values", "confidence"])
def test_numbers_that_are_not_finite_are_refused(array):
    changed = np.array(getattr(track(), array))
    changed[-1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        track(**{array: changed})


@pytest.mark.parametrize("array", ["times", "values", "confidence"])
def test_a_track_does_not_change(array):
    with pytest.raises(ValueError, match="read-only"):
        getattr(track(), array)[0] = 1


def numbered(*times):
    return FaceTrack(times, np.repeat(np.array(times)[:, np.newaxis], CHANNEL_COUNT, 1), np.ones(len(times)))


@pytest.mark.parametrize(
    ("parts", "times"),
    [
        ([], []),
        ([[]], []),
        ([[0.0, 0.1]], [0.0, 0.1]),
        ([[0.0, 0.1], [0.2, 0.3]], [0.0, 0.1, 0.2, 0.3]),
        ([[0.0, 0.1], [0.1, 0.2]], [0.0, 0.1, 0.2]),
        ([[0.0, 0.1], [0.0, 0.1]], [0.0, 0.1]),
        ([[], [0.0, 0.1], [], [0.05, 0.2], [0.15, 0.3]], [0.0, 0.1, 0.2, 0.3]),
    ],
)
def test_joined_parts_are_one_track_without_repeated_frames(parts, times):
    joined = FaceTrack.joined(*(numbered(*part) if part else FaceTrack.joined() for part in parts))
    assert joined.times.tolist() == times
    assert joined.channel("jawOpen").tolist() == np.float32(times).tolist()
    assert joined.confidence.tolist() == [1.0] * len(times)


def test_what_is_left_to_ask_begins_with_the_last_frame():
    request = TrackRequest(start=0.05, end=9.0, stride=3, face=1)
    assert request.after(numbered(0.1, 0.4)) == TrackRequest(start=0.4, end=9.0, stride=3, face=1)
    assert request.after(FaceTrack.joined()) == request


@pytest.mark.parametrize(
    "fault",
    [
        {"stride": 0},
        {"stride": 10**400},
        {"face": -1},
        {"start": 2.0, "end": 1.0},
        *({"start": start} for start in (math.inf, -math.inf, math.nan, 1e300)),
        *({"end": end} for end in (math.inf, math.nan, 1e300)),
        *({"sequence_fps": fps} for fps in (0.0, -24.0, math.inf, math.nan, 1e-300, 1e300)),
    ],
)
def test_what_no_clip_can_hold_is_not_asked_of_any(fault):
    with pytest.raises(InputError) as caught:
        TrackRequest(**fault)
    assert caught.value.hint


@pytest.mark.parametrize(("time", "left"), [(-1.0, 3), (0.1, 2), (0.15, 2), (0.3, 0)])
def test_the_frames_after_a_time(time, left):
    frames = TrackedFrames(numbered(0.1, 0.2, 0.3), np.arange(12, dtype=np.float32).reshape(3, 4))
    later = frames.after(time)
    assert later.track.times.tolist() == [0.1, 0.2, 0.3][3 - left :]
    assert later.boxes.tolist() == frames.boxes[3 - left :].tolist()
