"""Shaping again and again: what a change does not reach stays, and what comes out is what `shape` gives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import ANGLES, CHANNEL_COUNT, CHANNELS, INDEX
from blender_addon.core.shaping import REGIONS, Gaps, Neutral, Shaper, Shaping, evaluate, shape
from blender_addon.core.track import FaceTrack

RATE = 24.0


def moving(count=200, seed=0):
    random = np.random.default_rng(seed)
    times = np.arange(count) / 25
    speed = random.uniform(0.5, 4, CHANNEL_COUNT)
    values = 0.4 + 0.3 * np.sin(times[:, np.newaxis] * speed) + random.normal(0, 0.003, (count, CHANNEL_COUNT))
    return FaceTrack(times, values, np.where((times > 3) & (times < 3.6), 0.0, 1.0))


TRACK = moving()


def alike(one, other):
    return set(one.by_channel) == set(other.by_channel) and all(
        np.array_equal(curve.times, other[name].times)
        and np.array_equal(curve.values, other[name].values)
        and np.array_equal(curve.handles, other[name].handles)
        for name, curve in one
    )


settings_of_all_kinds = st.builds(
    Shaping,
    mirrored=st.booleans(),
    gaps=st.sampled_from(Gaps),
    smoothing=st.sampled_from([0.0, 1.0, 2.0]),
    neutral=st.sampled_from(Neutral),
    gain=st.dictionaries(st.sampled_from([*REGIONS, "jawOpen"]), st.sampled_from([0.0, 0.5, 1.5]), max_size=2),
    ranges=st.dictionaries(st.sampled_from(["mouth", "head"]), st.just((0.0, 0.5)), max_size=1),
    loop_blend=st.sampled_from([0.0, 1.0]),
    speed=st.sampled_from([1.0, 2.0]),
    whole_frames=st.booleans(),
    error=st.sampled_from([0.0, 0.02, 0.1]),
    regions=st.sampled_from([tuple(REGIONS), ("mouth", "head")]),
)


@settings(max_examples=12, deadline=None, phases=(Phase.generate,))
@given(st.lists(settings_of_all_kinds, min_size=2, max_size=3), st.booleans())
def test_whatever_came_before_the_curves_are_within_the_error(steps, drafts):
    shaper = Shaper(TRACK)
    for shaping in steps:
        if drafts:
            shaper.curves(shaping, RATE, is_draft=True)
        curves, dense = shaper.curves(shaping, RATE), shaper.dense(shaping, RATE)
        assert set(curves.by_channel) == set(shape(TRACK, shaping, frames_per_second=RATE).by_channel)
        kept = dense.confidence > 0 if shaping.gaps is Gaps.EMPTY else np.ones(len(dense.times), dtype=bool)
        for name, curve in curves:
            allowed = shaping.angle_error if name in ANGLES else shaping.error
            if allowed:
                distance = np.abs(evaluate(curve, dense.times[kept]) - dense.channel(name)[kept]).max()
                assert distance <= allowed + 1e-6
            else:
                assert np.array_equal(curve.values, dense.channel(name)[kept])


def test_a_fork_goes_on_by_itself():
    shaper, alone = Shaper(TRACK), Shaper(TRACK)
    first, other = Shaping(), Shaping(gain={"mouth": 0.5}, error=0.05)
    before = shaper.curves(first, RATE)
    alone.curves(first, RATE)
    fork = shaper.fork()
    assert alike(fork.curves(other, RATE), alone.curves(other, RATE))
    after = shaper.curves(first, RATE)
    assert all(after[name] is curve for name, curve in before)


def test_the_first_time_is_shape():
    assert alike(Shaper(TRACK).curves(Shaping(), RATE), shape(TRACK, Shaping(), frames_per_second=RATE))


def test_what_a_slider_does_not_reach_stays_the_very_same_curve():
    shaper = Shaper(TRACK)
    before = shaper.curves(Shaping(), RATE)
    after = shaper.curves(Shaping(gain={"mouth": 1.2}), RATE)
    same = {name for name in CHANNELS if after[name] is before[name]}
    assert same == set(CHANNELS) - set(REGIONS["mouth"])


@pytest.mark.parametrize("others", [{"gain": {"jaw": 0.0}}, {"mirrored": True}, {"error": 0.05}, {"smoothing": 2.0}])
def test_the_same_settings_give_the_same_curves_whatever_was_set_between(others):
    shaper = Shaper(TRACK)
    shaper.curves(Shaping(**others), RATE)
    assert alike(shaper.curves(Shaping(), RATE), shape(TRACK, Shaping(), frames_per_second=RATE))


def test_a_region_without_movement_leaves_the_others_as_they_are():
    before = shape(TRACK, Shaping(), frames_per_second=RATE)
    after = shape(TRACK, Shaping(gain={"jaw": 0.0}), frames_per_second=RATE)
    others = [name for name in CHANNELS if name not in REGIONS["jaw"]]
    assert all(np.array_equal(before[name].handles, after[name].handles) for name in others)


def test_no_face_has_no_curves():
    empty = FaceTrack([0.0, 1.0], np.zeros((2, CHANNEL_COUNT)), [0.0, 0.0])
    assert len(Shaper(empty).curves(Shaping(), RATE)) == 0


class TestNotAtRest:
    def test_a_face_that_is_never_seen_for_long_has_no_calm_stretch(self):
        flickering = FaceTrack(TRACK.times, TRACK.values, np.arange(200) % 10 != 0)
        assert Shaper(flickering).not_at_rest(Shaping()) == ("face",)
        assert Shaper(flickering).not_at_rest(Shaping(neutral=Neutral.AS_READ)) == ()
        calm = FaceTrack(TRACK.times, np.zeros_like(TRACK.values), TRACK.confidence)
        assert Shaper(calm).not_at_rest(Shaping()) == ()

    def test_a_photo_and_a_track_without_a_face_lack_nothing(self):
        assert Shaper(FaceTrack([0.0], np.zeros((1, CHANNEL_COUNT)), [1.0])).not_at_rest(Shaping()) == ()
        unseen = FaceTrack([0.0, 2.0], np.zeros((2, CHANNEL_COUNT)), [0.0, 0.0])
        assert Shaper(unseen).not_at_rest(Shaping()) == ()

    def test_closed_eyes_do_not_rest(self):
        closed = TRACK.values.copy()
        closed[:, INDEX["eyeBlinkLeft"]] = 0.9
        shaper = Shaper(FaceTrack(TRACK.times, closed, TRACK.confidence))
        shaper.curves(Shaping(), RATE)
        assert shaper.not_at_rest(Shaping()) == ("face",)


class TestDraft:
    @pytest.mark.parametrize("gain", [0.5, 0.9, 1.2])
    def test_gain_scales_the_curves(self, gain):
        shaper, shaping = Shaper(TRACK), Shaping()
        before = shaper.curves(shaping, RATE)
        wanted = replace(shaping, gain=dict.fromkeys(REGIONS, gain), ranges=dict.fromkeys(REGIONS, (-9.0, 9.0)))
        draft, dense = shaper.curves(wanted, RATE, is_draft=True), shaper.dense(wanted, RATE)
        for name, curve in draft:
            assert np.array_equal(curve.times, before[name].times) or len(before[name].times) == 1
            error = np.abs(evaluate(curve, dense.times) - dense.channel(name)).max()
            assert error <= 0.021 * max(gain, 1.0) + 0.01

    def test_smoothing_stays_near(self):
        shaper, wanted = Shaper(TRACK), Shaping(smoothing=2.0)
        shaper.curves(Shaping(), RATE)
        draft, dense = shaper.curves(wanted, RATE, is_draft=True), shaper.dense(wanted, RATE)
        worst = max(np.abs(evaluate(curve, dense.times) - dense.channel(name)).max() for name, curve in draft)
        assert worst < 0.08

    def test_a_first_draft_is_the_whole_work(self):
        assert alike(
            Shaper(TRACK).curves(Shaping(), RATE, is_draft=True), shape(TRACK, Shaping(), frames_per_second=RATE)
        )

    def test_values_at_keys_are_those_of_the_samples(self):
        shaper, wanted = Shaper(TRACK), Shaping(gain={"jaw": 0.7})
        shaper.curves(Shaping(), RATE)
        draft, dense = shaper.curves(wanted, RATE, is_draft=True)["jawOpen"], shaper.dense(wanted, RATE)
        place = np.searchsorted(dense.times, draft.times)
        assert np.array_equal(draft.values, dense.values[place, INDEX["jawOpen"]].astype(np.float64))
