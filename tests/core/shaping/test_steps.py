"""The small steps: mirror, gaps, neutral, gain, loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNEL_COUNT, CHANNELS, INDEX
from blender_addon.core.shaping.gain import apply_gain
from blender_addon.core.shaping.gaps import EASE_S, fill_gaps
from blender_addon.core.shaping.loop import close_loop
from blender_addon.core.shaping.mirror import mirror
from blender_addon.core.shaping.neutral import (
    calmest_moment,
    make_neutral,
    parts_not_at_rest,
    resting_pose,
    without_expression,
)
from blender_addon.core.shaping.pipeline import shape
from blender_addon.core.shaping.regions import REGION_OF, REGIONS, by_channel
from blender_addon.core.shaping.settings import Gaps, Shaping
from blender_addon.core.track import FaceTrack

from .signals import pulse, times, track

TIMES = np.arange(120) / 30
ALL_SEEN = np.ones(len(TIMES), dtype=bool)


@st.composite
def tracks(draw, least=2):
    moments = draw(times(least=least))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    return FaceTrack(moments, random.uniform(-1, 1, (len(moments), CHANNEL_COUNT)), np.ones(len(moments)))


@given(tracks())
def test_a_mirror_in_a_mirror_shows_the_take_itself(take):
    twice = mirror(mirror(take))
    assert twice.values.tobytes() == take.values.tobytes()


def test_a_mirror_swaps_sides_and_turns():
    take = mirror(track([0.0, 1.0], mouthSmileLeft=0.5, jawRight=0.2, headYaw=0.3, leftEyeYaw=0.1, headPitch=0.4))
    seen = {name: float(take.channel(name)[0]) for name in CHANNELS if take.channel(name)[0]}
    expected = {"mouthSmileRight": 0.5, "jawLeft": 0.2, "headYaw": -0.3, "rightEyeYaw": -0.1, "headPitch": 0.4}
    assert seen == pytest.approx(expected)


def gap(way, begin=40, end=100):
    seen = ALL_SEEN.copy()
    seen[begin:end] = False
    smile = np.where(np.arange(120) < 60, 0.4, 0.8) * seen
    return seen, fill_gaps(track(TIMES, mouthSmileLeft=smile), seen, way).channel("mouthSmileLeft")


@pytest.mark.parametrize("way", Gaps)
def test_what_was_seen_stays_as_it_is(way):
    seen, smile = gap(way)
    np.testing.assert_array_equal(smile[seen], np.where(np.arange(120) < 60, 0.4, 0.8).astype(np.float32)[seen])


def test_hold_keeps_the_last_pose_and_comes_back_without_a_jump():
    _, smile = gap(Gaps.HOLD)
    assert smile[60] == pytest.approx(0.4)
    assert np.abs(np.diff(smile)).max() < 0.1


def test_ease_rests_in_between():
    _, smile = gap(Gaps.EASE)
    assert smile[70] == 0
    assert np.abs(np.diff(smile)).max() < 0.15


def test_ease_takes_its_time_at_the_ends_of_the_take():
    seen = ALL_SEEN.copy()
    seen[:60] = False
    smile = fill_gaps(track(TIMES, mouthSmileLeft=0.8 * seen), seen, Gaps.EASE).channel("mouthSmileLeft")
    assert smile[0] == 0
    assert smile[59 - round(EASE_S * 30 / 2)] == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize("way", Gaps)
def test_a_missed_frame_is_bridged(way):
    _, smile = gap(way, 60, 63)
    assert (np.diff(smile[58:66]) >= 0).all()
    assert 0.4 < smile[61] < 0.8


def resting_take():
    """Brows that rest at 0.3 and lids at 0.2, a smile for half of the time, a blink to 0.7 in the calm half."""
    smile = np.where(TIMES < 2, 0.6 + 0.2 * np.sin(9 * TIMES), 0.0)
    blink = 0.2 + 0.5 * pulse(TIMES, 3.8, 0.3)
    return track(TIMES, browInnerUp=0.3, eyeBlinkLeft=blink, mouthSmileLeft=smile, headPitch=0.1)


def test_the_calmest_stretch_is_the_one_at_rest():
    moment = calmest_moment(resting_take(), ALL_SEEN)
    assert moment is not None
    assert 2.2 < moment < 3.7


def test_rest_becomes_neutral_and_blinks_still_close():
    take = resting_take()
    result = make_neutral(take, resting_pose(take, ALL_SEEN, 3.0), ALL_SEEN)
    calm = 90
    assert np.abs(result.values[calm]).max() == pytest.approx(0, abs=1e-6)
    assert result.channel("eyeBlinkLeft").max() == pytest.approx(take.channel("eyeBlinkLeft").max(), rel=1e-5)
    assert result.values[:, : INDEX["headYaw"]].min() == 0


def test_a_held_smile_and_a_raised_head_are_not_taken_for_the_resting_face():
    pose = np.zeros(len(CHANNELS))
    for name, value in (("mouthSmileLeft", 0.85), ("jawOpen", 0.1), ("browDownLeft", 0.3), ("eyeSquintLeft", 0.5)):
        pose[INDEX[name]] = value
    pose[INDEX["headPitch"]] = np.radians(20)
    assert parts_not_at_rest(pose) == ("mouth", "head")
    rest = without_expression(pose)
    assert {name for name in CHANNELS if rest[INDEX[name]]} == {"browDownLeft", "eyeSquintLeft"}


def test_a_smile_that_is_held_all_along_stays():
    smiling = track(TIMES, mouthSmileLeft=0.85 + 0.02 * np.sin(TIMES), eyeSquintLeft=0.4, headYaw=0.1)
    shaped = shape(smiling, Shaping(smoothing=0.0), frames_per_second=30)
    assert shaped["mouthSmileLeft"].values == pytest.approx(0.85, abs=0.05)
    assert all(abs(shaped[name].values).max() < 0.05 for name in ("eyeSquintLeft", "headYaw") if name in shaped)


def test_closed_eyes_and_unseen_frames_do_not_rest():
    closed = track(TIMES, eyeBlinkLeft=np.where(TIMES < 3, 0.9, 0.1))
    assert calmest_moment(closed, ALL_SEEN) == pytest.approx(3.3, abs=0.3)
    assert calmest_moment(closed, TIMES < 3) is None


def test_a_short_take_has_no_calm_stretch():
    assert calmest_moment(track([0.0, 0.1, 0.2]), np.ones(3, dtype=bool)) is None
    assert calmest_moment(track([0.0]), np.ones(1, dtype=bool)) is None


def test_a_chosen_moment_without_a_face_takes_the_nearest_with_one():
    take = track(TIMES, jawOpen=TIMES / 4)
    rest = resting_pose(take, TIMES > 2, 0.0)
    assert rest[INDEX["jawOpen"]] == pytest.approx(take.channel("jawOpen")[61])


def test_every_channel_is_in_one_region():
    assert sorted(name for names in REGIONS.values() for name in names) == sorted(CHANNELS)
    assert REGION_OF["eyeBlinkLeft"] == "eyelids"


def test_a_channels_number_comes_on_top_of_its_regions():
    numbers = by_channel({"mouth": 2.0, "mouthPucker": 1.5, "jawOpen": 0.5}, 1.0)
    assert numbers[INDEX["mouthPucker"]] == 3.0
    assert numbers[INDEX["mouthFunnel"]] == 2.0
    assert numbers[INDEX["jawOpen"]] == 0.5
    assert numbers[INDEX["browInnerUp"]] == 1.0


def test_gain_stays_within_the_range():
    take = track([0.0, 1.0], mouthSmileLeft=0.6, mouthPucker=0.6, headYaw=1.0)
    result = apply_gain(take, {"mouth": 2.0, "head": 2.0}, {"mouth": (0.0, 0.9), "mouthPucker": (0.0, 1.5)})
    seen = [float(result.channel(name)[0]) for name in ("mouthSmileLeft", "mouthPucker", "headYaw")]
    assert seen == pytest.approx([0.9, 1.2, 2.0])


@given(tracks(least=4), st.floats(0.01, 5))
def test_a_loop_closes(take, blend):
    closed = close_loop(take, blend).values
    np.testing.assert_allclose(closed[-1], closed[0], atol=1e-5)


def test_a_loop_bends_only_its_end_and_goes_on_as_it_began():
    wave = 0.5 + 0.3 * np.sin(TIMES * 2.2)
    closed = close_loop(track(TIMES, jawOpen=wave), 1.0).channel("jawOpen")
    before = TIMES[-1] - 1.0 >= TIMES
    np.testing.assert_array_equal(closed[before], wave.astype(np.float32)[before])
    assert closed[-1] - closed[-2] == pytest.approx(closed[1] - closed[0], abs=0.005)
