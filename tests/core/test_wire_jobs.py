"""Jobs and clips as JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import InputError, NoFaceError
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import (
    Ended,
    Frames,
    HeadFrame,
    JobKind,
    JobPhase,
    JobStatus,
    Progress,
    Queued,
    Started,
    clip_info_from_json,
    clip_info_to_json,
    event_from_json,
    event_to_json,
    job_status_from_json,
    job_status_to_json,
    track_request_from_json,
    track_request_to_json,
    tracked_frames_from_json,
    tracked_frames_to_json,
)


def through_json(data):
    return json.loads(json.dumps(data))


def some_frames(count=3):
    numbers = np.random.default_rng(7)
    track = FaceTrack(
        np.cumsum(numbers.uniform(0.01, 0.1, count)), numbers.normal(size=(count, CHANNEL_COUNT)), numbers.random(count)
    )
    return TrackedFrames(track, numbers.uniform(0, 4000, (count, 4)).astype(np.float32))


def assert_same(frames, other):
    for name in ("times", "values", "confidence"):
        read, sent = getattr(frames.track, name), getattr(other.track, name)
        assert np.array_equal(read, sent)
        assert read.dtype == sent.dtype
    assert np.array_equal(frames.boxes, other.boxes)
    assert frames.boxes.dtype == np.float32


requests = st.builds(
    TrackRequest,
    start=st.floats(0, 1e5),
    end=st.none() | st.floats(1e5, 1e6, exclude_min=True),
    stride=st.integers(1, 100),
    face=st.integers(0, 9),
    head_frame=st.sampled_from(HeadFrame),
    engine=st.none() | st.text(max_size=9),
)


@given(requests)
def test_a_request_comes_back_to_the_last_bit(request):
    assert track_request_from_json(through_json(track_request_to_json(request))) == request


def test_defaults_are_omitted():
    assert track_request_to_json(TrackRequest()) == {}
    assert track_request_to_json(TrackRequest(stride=2, head_frame=HeadFrame.VIEWER)) == {
        "stride": 2,
        "head_frame": "viewer",
    }


@pytest.mark.parametrize("info", [ClipInfo(640, 480, 29.97), ClipInfo(640, 480, 29.97, 12.5, 375)])
def test_what_is_known_of_a_clip_comes_back(info):
    assert clip_info_from_json(through_json(clip_info_to_json(info))) == info


@pytest.mark.parametrize("count", [0, 1, 7])
def test_frames_come_back_to_the_last_bit(count):
    frames = some_frames(count)
    assert_same(tracked_frames_from_json(through_json(tracked_frames_to_json(frames))), frames)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("values", "AAAA", "no float32 array of shape"),
        ("values", "not base64!", "not base64"),
        ("values", [0.5], "is not a text"),
        ("boxes", "é", "could not be read"),
        ("times", "now", "is not a list"),
        ("times", [0.0, 0.0, 0.1], "times of a track rise"),
        ("confidence", "AAAA", "no float32 array"),
    ],
)
def test_other_frames_are_refused(name, value, complaint):
    with pytest.raises(InputError, match=complaint):
        tracked_frames_from_json({**tracked_frames_to_json(some_frames()), name: value})


def test_numbers_that_are_not_finite_are_refused():
    data = tracked_frames_to_json(some_frames(1))
    data["confidence"] = "AADAfw=="  # float32's NaN
    with pytest.raises(InputError, match="finite"):
        tracked_frames_from_json(data)


PERFORMANCE = Performance((Keyframe(0.5, {"jawOpen": 0.25}, "the mouth opens"),), 1.0)
EVENTS = [
    Queued(2),
    Started(),
    Started(ClipInfo(64, 48, 25.0, None, 50)),
    Progress(7),
    Progress(7, 20, 12.34, 5.6),
    Ended(JobPhase.DONE),
    Ended(JobPhase.DONE, performance=PERFORMANCE),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_comes_back_with_its_number(event):
    assert event_from_json(through_json(event_to_json(5, event))) == (5, event)


def test_frames_are_an_event():
    number, event = event_from_json(through_json(event_to_json(9, Frames(some_frames()))))
    assert number == 9
    assert_same(event.frames, some_frames())


def test_an_end_tells_its_error_in_the_one_shape():
    line = event_to_json(3, Ended(JobPhase.FAILED, NoFaceError("No face.", "Crop it.")))
    assert line == {
        "seq": 3,
        "event": "ended",
        "state": "failed",
        "error": {"code": "no_face", "message": "No face.", "hint": "Crop it."},
    }
    _, event = event_from_json(through_json(line))
    assert type(event.error) is NoFaceError


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"seq": 1},
        {"seq": 1, "event": "danced"},
        {"seq": "1", "event": "started"},
        {"seq": 1, "event": "ended", "state": "running"},
        {"seq": 1, "event": "ended", "state": "asleep"},
        {"seq": 1, "event": "queued"},
        {"seq": 1, "event": "progress", "done": 0.5},
        {"seq": 1, "event": "frames", "times": []},
    ],
)
def test_another_event_is_refused(data):
    with pytest.raises(InputError, match="could not be read"):
        event_from_json(data)


@pytest.mark.parametrize("phase", JobPhase)
def test_a_job_comes_back(phase):
    status = JobStatus("abc", JobKind.TRACK, "take 3.mov", "face", phase, 12)
    assert job_status_from_json(through_json(job_status_to_json(status))) == status
