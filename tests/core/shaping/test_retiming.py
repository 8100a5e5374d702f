from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.shaping.retiming import change_speed, on_frames

from .signals import RATES, pulse, times, track

SCENES = {"24": 24.0, "23.976": 24000 / 1001, "60": 60.0}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
def test_seconds_stay_seconds(rate, scene):
    """An hour into the take, a frame of the scene still shows its own moment: nothing adds up."""
    count = int(3600 * rate)
    seconds = np.arange(count - 50, count) / rate
    result = on_frames(track(seconds, jawOpen=(seconds - seconds[0]) / 10), scene)
    inside = (result.times >= seconds[0]) & (result.times <= seconds[-1])
    expected = (result.times[inside] - seconds[0]) / 10
    np.testing.assert_allclose(result.channel("jawOpen")[inside], expected, atol=1e-6)
    frames = result.times * scene
    np.testing.assert_allclose(frames, np.round(frames), atol=1e-6)


@given(times(), st.sampled_from(sorted(SCENES.values())), st.integers(0, 10_000))
def test_every_peak_is_within_half_a_frame_and_whole(moments, scene, seed):
    top = 1 + np.random.default_rng(seed).integers(0, max(1, len(moments) - 2))
    column = np.zeros(len(moments))
    column[min(top, len(moments) - 1)] = 0.8
    result = on_frames(track(moments, eyeBlinkLeft=column), scene)
    place = int(np.argmax(result.channel("eyeBlinkLeft")))
    inner = 0 < top < len(moments) - 1
    if inner:
        assert result.channel("eyeBlinkLeft")[place] == pytest.approx(0.8)
        assert abs(result.times[place] - moments[top]) <= 0.5 / scene + 1e-9


@given(times())
def test_values_do_not_swing_beyond_those_of_the_source(moments):
    column = np.random.default_rng(len(moments)).uniform(0, 1, len(moments)).astype(np.float32)
    result = on_frames(track(moments, jawOpen=column), 24.0).channel("jawOpen")
    assert result.min() >= column.min() - 1e-6
    assert result.max() <= column.max() + 1e-6


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
def test_frames_of_the_same_rate_are_the_frames_of_the_source(rate):
    moments = np.arange(500) / rate
    column = np.random.default_rng(1).uniform(0, 1, 500).astype(np.float32)
    result = on_frames(track(moments, jawOpen=column), rate)
    np.testing.assert_array_equal(result.times, moments)
    np.testing.assert_allclose(result.channel("jawOpen"), column, atol=1e-6)


def test_times_are_the_exact_fractions_of_the_scene():
    rate = 30000 / 1001
    result = on_frames(track(np.arange(100) / 25.0), rate)
    exact = [float(Fraction(frame * 1001, 30000)) for frame in range(len(result.times))]
    np.testing.assert_allclose(result.times, exact, rtol=1e-15, atol=0)


def test_a_frame_is_seen_where_the_nearest_of_the_source_is():
    confidence = np.where(np.arange(60) < 30, 1.0, 0.0)
    result = on_frames(track(np.arange(60) / 60, confidence=confidence), 24.0)
    assert result.confidence.tolist() == [1.0] * 12 + [0.0] * 12 + [0.0] * (len(result.times) - 24)


def test_a_photo_stays_one_frame():
    result = on_frames(track([0.0], jawOpen=0.4), 24.0)
    assert result.times.tolist() == [0.0]
    assert result.channel("jawOpen")[0] == pytest.approx(0.4)


def test_twice_as_fast_is_half_as_long():
    result = change_speed(track([1.0, 2.0, 4.0]), 2.0)
    assert result.times.tolist() == [1.0, 1.5, 2.5]


def test_a_blink_of_a_faster_clip_still_closes():
    moments = np.arange(240) / 120
    result = on_frames(track(moments, eyeBlinkLeft=pulse(moments, 1.0125, 0.1)), 24.0)
    assert result.channel("eyeBlinkLeft").max() > 0.95
