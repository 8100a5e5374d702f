import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS
from blender_addon.core.shaping import AS_READ, REGIONS, Gaps, Neutral, Shaping, adjusted, evaluate, shape, steadied
from blender_addon.core.track import FaceTrack

from .signals import pulse, track

TIMES = np.arange(150) / 25
NUMBERS = st.dictionaries(st.sampled_from([*REGIONS, "jawOpen"]), st.floats(0, 3), max_size=3)


def take(confidence=None):
    return track(
        TIMES,
        confidence,
        eyeBlinkLeft=0.1 + 0.7 * pulse(TIMES, 2.0, 0.3),
        jawOpen=0.2 + 0.2 * np.sin(5 * TIMES),
        headYaw=0.3 * np.sin(TIMES),
    )


@given(
    st.builds(
        Shaping,
        mirrored=st.booleans(),
        gaps=st.sampled_from(Gaps),
        smoothing=st.floats(0, 2),
        smoothing_share=NUMBERS,
        neutral=st.sampled_from(Neutral),
        neutral_time=st.floats(0, 10),
        gain=NUMBERS,
        ranges=st.dictionaries(st.sampled_from(["mouth", "headYaw"]), st.just((0.0, 1.5))),
        loop_blend=st.floats(0, 2),
        speed=st.floats(0.1, 4),
        whole_frames=st.booleans(),
        error=st.floats(0, 0.2),
        angle_error=st.floats(0, 0.2),
        regions=st.lists(st.sampled_from(sorted(REGIONS)), unique=True).map(tuple),
    )
)
def test_settings_come_back_from_json(shaping):
    assert Shaping.from_json(json.loads(json.dumps(shaping.to_json()))) == shaping


def test_json_holds_what_differs_only():
    assert Shaping().to_json() == {}
    assert Shaping(speed=2.0, gaps=Gaps.EASE).to_json() == {"speed": 2.0, "gaps": "ease to neutral"}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"speed": "2"}, TypeError),
        ({"speed": 0}, ValueError),
        ({"error": -1}, ValueError),
        ({"gain": {"ear": 1}}, ValueError),
        ({"regions": ["ear"]}, ValueError),
        ({"ranges": {"jaw": [1, 0]}}, ValueError),
        ({"gaps": "fill"}, ValueError),
        ({"mirrored": 1}, TypeError),
        ({"unknown": 1}, ValueError),
        ([], TypeError),
    ],
)
def test_other_json_is_refused(data, fault):
    with pytest.raises(fault):
        Shaping.from_json(data)


@pytest.mark.parametrize("frames_per_second", [24.0, 30000 / 1001, 60.0])
@pytest.mark.parametrize("whole_frames", [True, False])
def test_curves_follow_the_shaped_take_within_the_error(whole_frames, frames_per_second):
    shaping = Shaping(whole_frames=whole_frames)
    dense = adjusted(steadied(take(), shaping), shaping, frames_per_second=frames_per_second)
    curves = shape(take(), shaping, frames_per_second=frames_per_second)
    for name, curve in curves:
        error = np.abs(evaluate(curve, dense.times) - dense.channel(name)).max()
        assert error <= (shaping.error if name in CHANNELS[:52] else shaping.angle_error) + 1e-7
        assert np.isin(curve.times, dense.times).all()
    assert sum(len(curve.times) for _, curve in curves) < dense.values.size / 20


def test_as_read_is_a_key_for_every_frame_with_a_face():
    confidence = np.where(np.arange(150) % 10 == 3, 0.0, 1.0)
    curves = shape(take(confidence), AS_READ, frames_per_second=25.0)
    seen = confidence > 0
    np.testing.assert_allclose(curves["jawOpen"].times, TIMES[seen], atol=1e-12)
    np.testing.assert_allclose(curves["jawOpen"].values, take().channel("jawOpen")[seen], atol=1e-6)


def test_an_empty_gap_has_no_keys_and_the_curve_does_not_swing_in_it():
    confidence = np.where((TIMES > 2.5) & (TIMES < 4.5), 0.0, 1.0)
    for whole_frames in (True, False):
        shaping = Shaping(gaps=Gaps.EMPTY, whole_frames=whole_frames, neutral=Neutral.AS_READ)
        curve = shape(take(confidence), shaping, frames_per_second=25.0)["jawOpen"]
        assert not ((curve.times > 2.52) & (curve.times < 4.48)).any()
        drawn = evaluate(curve, np.linspace(2.5, 4.5, 50))
        assert (np.diff(drawn) * np.sign(drawn[-1] - drawn[0]) >= -1e-9).all()


@pytest.mark.parametrize("neutral", Neutral)
@pytest.mark.parametrize("gain", [{}, {"head": 2.0, "brows": 0.5, "jaw": 3.0}])
@pytest.mark.parametrize(("begin", "end"), [(0, 60), (45, 105), (90, 150)])
def test_where_no_face_is_seen_the_head_eases_to_the_resting_face(begin, end, gain, neutral):
    seen = (np.arange(150) < begin) | (np.arange(150) >= end)
    face = take(seen * 1.0).values + track(TIMES, browInnerUp=0.3, headPitch=-0.2, leftEyeYaw=0.1).values
    shaping = Shaping(gaps=Gaps.EASE, neutral=neutral, neutral_time=4.0 if begin == 0 else 1.0, gain=gain)
    unseen = FaceTrack(TIMES, face * seen[:, np.newaxis], seen * 1.0)
    dense = adjusted(steadied(unseen, shaping), shaping, frames_per_second=25.0)
    deep = slice(begin + (11 if begin else 0), end - (11 if end < 150 else 0))
    assert np.abs(dense.values[deep]).max() <= 1e-6
    assert np.abs(np.diff(dense.channel("headPitch"))).max() <= 0.2 * gain.get("head", 1.0) * 1.5 / 10 + 0.01


def test_a_blink_still_closes_after_every_step():
    curve = shape(take(), Shaping(), frames_per_second=24.0)["eyeBlinkLeft"]
    drawn = evaluate(curve, np.linspace(0, 6, 2000))
    peak = take().channel("eyeBlinkLeft").max()
    assert drawn.max() >= 0.95 * peak
    assert abs(np.linspace(0, 6, 2000)[np.argmax(drawn)] - 2.0) <= 0.5 / 24 + 1e-3


def test_only_the_chosen_regions_get_curves():
    curves = shape(take(), Shaping(regions=("jaw", "head")), frames_per_second=24.0)
    assert set(curves.by_channel) == {*REGIONS["jaw"], *REGIONS["head"]}


def test_a_take_without_a_face_gives_no_curves():
    assert len(shape(take(np.zeros(150)), Shaping(), frames_per_second=24.0)) == 0


def test_a_photo_keeps_its_pose():
    curves = shape(track([0.0], jawOpen=0.4, headYaw=0.2), Shaping(), frames_per_second=24.0)
    assert curves["jawOpen"].values.tolist() == [pytest.approx(0.4)]
    assert curves["headYaw"].times.tolist() == [0.0]


def test_speed_and_loop_reach_the_curves():
    curves = shape(take(), Shaping(speed=2.0, loop_blend=1.0), frames_per_second=24.0)
    curve = curves["headYaw"]
    assert curve.times[-1] == pytest.approx(TIMES[-1] / 2, abs=1 / 24)
    assert curve.values[-1] == pytest.approx(curve.values[0], abs=0.02)
