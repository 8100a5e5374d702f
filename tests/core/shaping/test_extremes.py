import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.shaping.extremes import turning_points

from .signals import signals


def found(*signal, least=0.1):
    return turning_points(np.array([signal], dtype=float), least).tolist()


def test_tops_and_bottoms_with_a_swing():
    assert found(0, 0.5, 1, 0.5, 0, 0.5) == [0, 2, 4, 5]


def test_small_swings_do_not_count():
    assert found(0, 0.5, 0.45, 1, 0.96, 1.0, 0) == [0, 3, 6]


def test_the_first_sample_stands_for_a_level_top():
    assert found(0, 1, 1, 1, 0) == [0, 1, 4]


def test_a_still_signal_has_ends_only():
    assert found(0.3, 0.3, 0.3) == [0, 2]


def test_signals_do_not_touch():
    both = np.array([[0, 1, 0, 0], [1, 1, 0, 1]], dtype=float)
    assert turning_points(both, 0.1).tolist() == [0, 1, 3, 4, 6, 7]


@given(signals(least=3), st.floats(0.01, 0.5))
def test_what_is_left_alternates_with_swings_of_the_least_size(given_signals, least):
    samples = given_signals[1].T
    count = samples.shape[1]
    points = turning_points(np.ascontiguousarray(samples), least)
    for channel, signal in enumerate(samples):
        own = points[points // count == channel] % count
        assert own[0] == 0
        assert own[-1] == count - 1
        steps = np.diff(signal[own])
        inner = steps[1:-1]
        assert (np.abs(inner) >= least).all()
        assert (np.sign(inner[1:]) != np.sign(inner[:-1])).all()


@given(signals(least=3), st.floats(0.01, 0.5))
def test_the_highest_and_the_lowest_are_among_them(given_signals, least):
    samples = given_signals[1].T
    points = turning_points(np.ascontiguousarray(samples), least)
    for channel, signal in enumerate(samples):
        own = signal[points[points // len(signal) == channel] % len(signal)]
        assert own.max() >= signal.max() - least
        assert own.min() <= signal.min() + least
