import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.framing import on_frames
from blender_addon.core.performance import Keyframe, Performance, Role

FPS = 24.0
WINK = Performance(
    (
        Keyframe(0.3, {"eyeBlinkLeft": 0.0, "mouthSmileLeft": 0.0}, role=Role.PASSING),
        Keyframe(0.38, {"eyeBlinkLeft": 1.0}, "one eye winks", source=(0, 5)),
        Keyframe(0.64, {"mouthSmileLeft": 0.4}, "a smile", hold=0.5, source=(6, 9)),
    ),
    duration=2.01,
)


def keys_of(performance, channel):
    return [(round(k.time * FPS, 6), k.channels[channel]) for k in performance.keyframes if channel in k.channels]


def test_every_key_lies_on_a_whole_frame():
    framed = on_frames(WINK, FPS)
    assert keys_of(framed, "eyeBlinkLeft") == [(7, 0.0), (9, 1.0)]
    assert keys_of(framed, "mouthSmileLeft") == [(7, 0.0), (15, 0.4), (27, 0.4)]
    assert framed.duration * FPS == pytest.approx(48)


def test_beats_keep_their_words():
    assert [(round(beat.time * FPS), beat.description) for beat in on_frames(WINK, FPS).beats] == [
        (9, "one eye winks"),
        (15, "a smile"),
    ]


def test_beats_that_move_nothing_leave_nothing():
    still = Performance((Keyframe(0.1, {}, "a rest"), Keyframe(0.4, {}, "another")), 0.5)
    framed = on_frames(still, FPS)
    assert (framed.keyframes, framed.duration) == ((), 0.5)


def test_two_beats_on_one_frame_share_it():
    close = Performance((Keyframe(0.5, {"jawOpen": 0.2}, "a gasp"), Keyframe(0.51, {"browInnerUp": 1}, "a start")), 1)
    (beat,) = on_frames(close, FPS).beats
    assert beat.description == "a gasp; a start"
    assert beat.channels == {"jawOpen": 0.2, "browInnerUp": 1}


def test_a_movement_within_a_frame_stays_one():
    quick = Performance((Keyframe(1.0, {"jawOpen": 0.0}), Keyframe(1.01, {"jawOpen": 1.0})), 2)
    assert keys_of(on_frames(quick, FPS), "jawOpen") == [(23, 0.0), (24, 1.0)]


@given(
    st.lists(st.tuples(st.integers(1, 8), st.sampled_from([0.0, 0.3, 1.0])), min_size=1, max_size=30),
    st.sampled_from([12.0, 24.0, 29.97, 60.0]),
)
def test_no_key_moves_more_than_a_frame_and_a_half_and_none_collide(steps, fps):
    time, keyframes = 0.0, []
    for gap, value in steps:
        time += gap * 0.02
        keyframes.append(Keyframe(round(time, 3), {"jawOpen": value}))
    framed = on_frames(Performance(tuple(keyframes), time + 1), fps)
    frames = [k.time * fps for k in framed.keyframes]
    assert frames == [pytest.approx(round(frame)) for frame in frames]
    originals = [(k.time * fps, k.channels["jawOpen"]) for k in keyframes]
    for keyframe in framed.keyframes:
        value = keyframe.channels["jawOpen"]
        assert min(abs(keyframe.time * fps - frame) for frame, own in originals if own == value) <= 1.5 + 1e-6


@given(st.sampled_from([12.0, 24.0, 60.0]))
def test_framing_twice_changes_nothing(fps):
    once = on_frames(WINK, fps)
    assert on_frames(once, fps) == once


def calls_of(performance):
    """How many calls it takes, which is the same on every machine."""
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        on_frames(performance, FPS)
    finally:
        sys.setprofile(None)
    return count


def test_twice_as_long_is_twice_the_work():
    keyframes = [Keyframe(n / 10, {"jawOpen": n % 2}, "a word", source=(n, n + 1)) for n in range(400)]
    short, long = (Performance(tuple(keyframes[:count]), 40) for count in (200, 400))
    assert calls_of(long) < 2.5 * calls_of(short)
