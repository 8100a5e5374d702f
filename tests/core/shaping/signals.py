"""Signals for the tests of shaping: hypothesis strategies, and a face that blinks."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from blender_addon.core.channels import CHANNEL_COUNT, INDEX
from blender_addon.core.track import FaceTrack

RATES = {"23.976": 24000 / 1001, "25": 25.0, "29.97": 30000 / 1001, "60": 60.0}


@st.composite
def times(draw, least=2, most=40):
    """Moments in seconds, even or with frames of any length between a thousandth and half a second."""
    count = draw(st.integers(least, most))
    if draw(st.booleans()):
        return np.arange(count) / draw(st.sampled_from(sorted(RATES.values())))
    steps = draw(st.lists(st.floats(0.001, 0.5), min_size=count - 1, max_size=count - 1))
    return np.concatenate([[0.0], np.cumsum(steps)])


@st.composite
def signals(draw, least=2, most=40):
    """Times and samples of one to four signals: anything, or walks as faces make them."""
    moments = draw(times(least, most))
    shape = (len(moments), draw(st.integers(1, 4)))
    if draw(st.booleans()):
        return moments, draw(arrays.arrays(np.float64, shape, elements=st.floats(0, 1, width=32)))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    walk = np.cumsum(random.normal(0, draw(st.sampled_from([0.002, 0.02, 0.1])), shape), axis=0)
    return moments, np.clip(walk + draw(st.floats(0, 1)), 0, 1)


def pulse(times, centre, width):
    """A bump of height 1, level at both ends, `width` seconds from foot to foot."""
    distance = np.abs(np.asarray(times) - centre) / (width / 2)
    return np.where(distance < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(distance, 1)), 0.0)


def track(times, confidence=None, **channels):
    """A track with some channels by name, the others 0."""
    values = np.zeros((len(times), CHANNEL_COUNT))
    for name, column in channels.items():
        values[:, INDEX[name]] = column
    return FaceTrack(times, values, np.ones(len(times)) if confidence is None else confidence)
