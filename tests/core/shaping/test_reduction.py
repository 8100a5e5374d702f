import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.curves import Interpolation
from blender_addon.core.shaping.bezier import evaluate
from blender_addon.core.shaping.extremes import turning_points
from blender_addon.core.shaping.reduction import reduce_keys

from .signals import pulse, signals

ERRORS = st.sampled_from([0.005, 0.02, 0.1])


@given(signals(), ERRORS)
def test_no_sample_is_further_off_than_the_error(given_signals, error):
    times, samples = given_signals
    for curve, column in zip(reduce_keys(times, samples, error), samples.T, strict=True):
        assert np.abs(evaluate(curve, times) - column).max() <= error


@given(signals(), ERRORS)
def test_tops_and_bottoms_are_kept(given_signals, error):
    times, samples = given_signals
    for curve, column in zip(reduce_keys(times, samples, error), samples.T, strict=True):
        swing = 5 * error
        inner = turning_points(column[np.newaxis], swing)[1:-1]
        place = np.searchsorted(curve.times, times[inner])
        np.testing.assert_array_equal(curve.times[place], times[inner])
        np.testing.assert_array_equal(curve.values[place], column[inner])
        level = np.column_stack([column[inner], column[inner]])
        np.testing.assert_allclose(curve.handles[place, :, 1], level, atol=1e-12)


@given(signals(), ERRORS)
def test_keys_stand_on_samples_in_time_order_with_aligned_handles_within_their_spans(given_signals, error):
    times, samples = given_signals
    for curve in reduce_keys(times, samples, error):
        assert curve.interpolation is Interpolation.BEZIER
        assert np.isin(curve.times, times).all()
        left, right = curve.handles[:, 0], curve.handles[:, 1]
        assert (left[:, 0] < curve.times).all()
        assert (right[:, 0] > curve.times).all()
        assert (right[:-1, 0] <= curve.times[1:]).all()
        assert (left[1:, 0] >= curve.times[:-1]).all()
        keys = np.column_stack([curve.times, curve.values])
        before, after = keys - left, right - keys
        np.testing.assert_allclose(before[:, 1] * after[:, 0], after[:, 1] * before[:, 0], atol=1e-9)


@given(signals(least=4))
def test_pinned_moments_have_level_keys(given_signals):
    times, samples = given_signals
    samples = samples + np.linspace(0, 1, len(times))[:, np.newaxis]  # something moves
    for curve in reduce_keys(times, samples, 0.02, pinned=[1, 2]):
        if len(curve.times) > 1:
            place = np.searchsorted(curve.times, times[[1, 2]])
            np.testing.assert_array_equal(curve.times[place], times[[1, 2]])
            np.testing.assert_allclose(np.ptp(curve.handles[place, :, 1], axis=1), 0, atol=1e-12)


def test_a_blink_takes_three_keys_between_its_rests():
    times = np.arange(61) / 30
    (curve,) = reduce_keys(times, pulse(times, 1.0, 0.4)[:, np.newaxis], 0.02)
    assert 3 <= len(curve.times) <= 7
    assert evaluate(curve, [1.0])[0] == 1.0


def test_a_straight_line_takes_two_keys_however_long():
    times = np.arange(3000) / 24
    (curve,) = reduce_keys(times, (times / 125)[:, np.newaxis], 0.001)
    assert len(curve.times) == 2


def test_what_hardly_moves_takes_one_key():
    times = np.arange(30) / 30
    (curve,) = reduce_keys(times, np.tile([0.5, 0.51], 15)[:, np.newaxis], 0.02)
    assert curve.values.tolist() == [pytest.approx(0.505)]


def test_an_error_of_nothing_keeps_every_sample():
    times = np.arange(5) / 24
    samples = np.array([[0, 0.5], [1, 0.5], [0, 0.5], [1, 0.5], [0, 0.5]])
    exact, loose = reduce_keys(times, samples, [0.0, 0.1])
    assert exact.values.tolist() == [0, 1, 0, 1, 0]
    assert exact.handles is None
    assert len(loose.times) == 1


def test_each_signal_has_its_own_error():
    times = np.arange(200) / 24
    wave = 0.5 + 0.4 * np.sin(times * 7)
    coarse, fine = reduce_keys(times, np.column_stack([wave, wave]), [0.05, 0.001])
    assert len(coarse.times) < len(fine.times)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_very_short_takes(count):
    curves = reduce_keys(np.arange(count) / 24, np.arange(2 * count).reshape(count, 2), 0.02)
    assert [len(curve.times) for curve in curves] == [count, count]


def test_a_curve_depends_on_its_own_samples_alone():
    times = np.arange(600) / 30
    samples = np.cumsum(np.random.default_rng(5).normal(0, 0.02, (600, 6)), axis=0)
    together = reduce_keys(times, samples, 0.02, pinned=[200, 201])
    for channel, curve in enumerate(together):
        (alone,) = reduce_keys(times, samples[:, [channel]], 0.02, pinned=[200, 201])
        np.testing.assert_array_equal(alone.times, curve.times)
        np.testing.assert_array_equal(alone.values, curve.values)
        np.testing.assert_array_equal(alone.handles, curve.handles)
