"""Tracks and performances for the tests of the file forms."""

import numpy as np
from hypothesis import strategies as st

from blender_addon.core.channels import ANGLES, CHANNEL_COUNT, CHANNELS, SHAPES
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.track import FaceTrack

SHAPE_VALUES = st.floats(-0.25, 1.25, width=32)
ANGLE_VALUES = st.floats(-1.5, 1.5, width=32)


def random_track(seed, count=30, *, fps=60.0, seen=None):
    random = np.random.default_rng(seed)
    values = random.uniform(-0.05, 1.0, (count, CHANNEL_COUNT)).astype(np.float32)
    values[:, len(SHAPES) :] = random.uniform(-0.7, 0.7, (count, len(ANGLES)))
    seen = np.ones(count) if seen is None else np.asarray(seen)
    values[seen == 0] = 0
    return FaceTrack(np.arange(count) / fps, values, seen)


@st.composite
def tracks(draw, most=6):
    """Any numbers that float32 can hold within reason, at moments of a clock of thousandths of a frame at 60."""
    count = draw(st.integers(1, most))
    steps = draw(st.lists(st.integers(1, 100_000), min_size=count, max_size=count))
    rows = [
        draw(st.lists(SHAPE_VALUES, min_size=len(SHAPES), max_size=len(SHAPES)))
        + draw(st.lists(ANGLE_VALUES, min_size=len(ANGLES), max_size=len(ANGLES)))
        if row == 0
        else list(np.random.default_rng(draw(st.integers(0, 1000))).uniform(-1.2, 1.2, CHANNEL_COUNT))
        for row in range(count)
    ]
    seen = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=count, max_size=count)))
    values = np.array(rows, dtype=np.float32)
    values[seen == 0] = 0
    return FaceTrack(np.cumsum(steps) / 60_000, values, seen)


KEYFRAMES = st.builds(
    Keyframe,
    time=st.just(0.0),
    channels=st.dictionaries(st.sampled_from(CHANNELS), st.floats(-1, 1), max_size=5),
    description=st.text(max_size=20),
    ease_in=st.floats(0, 1),
    ease_out=st.floats(0, 1),
    hold=st.floats(0, 3),
    source=st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99)),
    role=st.sampled_from(Role),
)


@st.composite
def performances(draw):
    gaps = draw(st.lists(st.floats(1e-3, 10), max_size=6))
    times = np.cumsum(gaps).tolist()
    keyframes = []
    for time in times:
        keyframe = draw(KEYFRAMES)
        keyframes.append(Keyframe(**{**vars(keyframe), "time": time}))
    end = max((k.time + k.hold for k in keyframes), default=0.0)
    notes = tuple(draw(st.lists(st.text(max_size=10), max_size=2)))
    return Performance(tuple(keyframes), end + draw(st.floats(0, 5)), ("a clause",), notes)


def same_track(one, other):
    return (
        np.array_equal(one.times, other.times)
        and np.array_equal(one.values, other.values)
        and np.array_equal(one.confidence, other.confidence)
    )
