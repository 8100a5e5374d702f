import numpy as np
import pytest
from hypothesis import given

from blender_addon.core.shaping.smoothing import smooth

from .signals import RATES, pulse, signals

RATE = 30.0
TIMES = np.arange(300) / RATE
NOISE = 0.01


def noisy(clean, seed=0):
    random = np.random.default_rng(seed)
    return (clean + random.normal(0, NOISE, len(clean))).astype(np.float32)[:, np.newaxis]


def smoothed(column, times=TIMES, amount=1.0):
    return smooth(times, column, np.ones(len(times), dtype=bool), np.array([amount]))


def step_size(column):
    return float(np.sqrt(np.mean(np.diff(column[:, 0]) ** 2)))


@pytest.mark.parametrize("seed", range(5))
def test_a_resting_face_becomes_still(seed):
    resting = noisy(np.full(300, 0.2), seed)
    assert step_size(smoothed(resting)) < step_size(resting) / 5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("width", [0.2, 0.4, 1.0])
def test_blinks_keep_their_depth_and_moment(width, seed):
    centres = [2.0, 5.01, 8.02]
    clean = np.max([pulse(TIMES, centre, width) for centre in centres], axis=0)
    result = smoothed(noisy(0.7 * clean, seed))[:, 0]
    for centre in centres:
        near = np.abs(TIMES - centre) < width / 2
        weight = np.maximum(result - 0.35, 0) * near
        truth = np.maximum(0.7 * clean - 0.35, 0) * near
        assert result[near].max() >= 0.95 * 0.7 * clean[near].max()
        assert abs((TIMES * weight).sum() / weight.sum() - (TIMES * truth).sum() / truth.sum()) <= 0.5 / RATE


@given(signals(least=3))
def test_no_smoothing_is_the_track_itself(given_signals):
    times, samples = given_signals
    values = samples.astype(np.float32)
    seen = np.ones(len(times), dtype=bool)
    np.testing.assert_allclose(smooth(times, values, seen, np.zeros(values.shape[1])), values, atol=1e-6)


@given(signals(least=3))
def test_it_has_no_direction_in_time(given_signals):
    times, samples = given_signals
    values = samples.astype(np.float32)
    seen = np.ones(len(times), dtype=bool)
    amounts = np.ones(values.shape[1])
    forwards = smooth(times, values, seen, amounts)
    backwards = smooth(times[-1] - times[::-1], values[::-1], seen, amounts)[::-1]
    # The first sample of a level top stands for it, whichever way time runs: that is all that may differ.
    distinct = np.diff(values, axis=0).all()
    if distinct:
        np.testing.assert_allclose(forwards, backwards, atol=1e-4)


def test_a_straight_line_stays_one_when_frames_are_uneven():
    random = np.random.default_rng(3)
    times = np.cumsum(random.choice([1 / 60, 1 / 30, 1 / 15], 200))
    line = (0.1 + 0.05 * times).astype(np.float32)[:, np.newaxis]
    noise = random.normal(0, NOISE, line.shape).astype(np.float32)
    result = smoothed(line + noise, times)
    np.testing.assert_allclose(result[20:-20], line[20:-20], atol=0.02)


def test_blinks_hold_when_frames_are_uneven():
    random = np.random.default_rng(4)
    times = np.cumsum(random.choice([1 / 60, 1 / 30], 400))
    clean = 0.8 * pulse(times, times[200], 0.3)
    assert smoothed(noisy(clean), times).max() > 0.95 * 0.8


def test_more_smoothing_is_smoother():
    column = noisy(0.1 * np.sin(TIMES * 3))
    sizes = [step_size(smoothed(column, amount=amount)) for amount in (0.0, 0.3, 1.0)]
    assert sizes[0] > sizes[1] > sizes[2]
    assert sizes[0] > 2 * sizes[2]


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
def test_rates_are_alike(rate):
    times = np.arange(int(10 * rate)) / rate
    clean = 0.6 * pulse(times, 5.0, 0.5)
    assert smoothed(noisy(clean), times).max() == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_very_short_takes_come_through(count):
    values = np.linspace(0, 1, count, dtype=np.float32)[:, np.newaxis]
    np.testing.assert_allclose(smoothed(values, np.arange(count) / 30), values, atol=1e-5)
