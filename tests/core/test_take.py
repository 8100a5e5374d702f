"""A take: its curves at any frame rate, its parts, its bytes."""

import json
import struct
import zlib
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNEL_COUNT, INDEX
from blender_addon.core.errors import InputError
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.pose import Pose
from blender_addon.core.raw_bytes import VERSION, holds_performance, raw_from_bytes, raw_to_bytes
from blender_addon.core.shaping import AS_READ, Neutral, Shaping
from blender_addon.core.take import Take, TakeKind, free_name, joined, made_now
from blender_addon.core.track import FaceTrack


def bump(times, top, *, channel="jawOpen"):
    """A track with one peak at a moment."""
    values = np.zeros((len(times), CHANNEL_COUNT))
    values[:, INDEX[channel]] = np.exp(-(((np.asarray(times) - top) / 0.15) ** 2))
    return FaceTrack(times, values, np.ones(len(times)))


def video(track, **given):
    return Take("Clip", TakeKind.VIDEO, track, **given)


def top_of(curve):
    return curve.times[np.argmax(curve.values)]


class TestTimes:
    @pytest.mark.parametrize("rate", [24000 / 1001, 30000 / 1001, 24.0, 25.0, 60.0])
    def test_a_peak_stays_at_its_second(self, rate):
        times = np.arange(0, 4, 1 / 29.97)
        take = video(bump(times, times[50]))
        curve = take.curves(rate)["jawOpen"]
        assert abs(top_of(curve) - times[50]) <= 0.5 / rate + 1e-9
        assert np.allclose(curve.times * rate, np.round(curve.times * rate))

    def test_uneven_times_too(self):
        times = np.cumsum(np.random.default_rng(4).uniform(0.01, 0.06, 100))
        curve = video(bump(times, times[60])).curves(24.0)["jawOpen"]
        assert abs(top_of(curve) - times[60]) <= 0.5 / 24 + 1e-9

    def test_the_moments_of_the_source_where_frames_may_be_broken(self):
        times = np.arange(100) / 29.97
        take = video(bump(times, times[50]), shaping=Shaping(whole_frames=False))
        assert top_of(take.curves(24.0)["jawOpen"]) == pytest.approx(times[50])

    def test_the_span_begins_at_frame_start(self):
        times = 60 + np.arange(100) / 25
        take = video(bump(times, times[50]), span=(60.0, 64.0))
        assert top_of(take.curves(25.0)["jawOpen"]) == pytest.approx(2.0)
        assert take.duration == pytest.approx(99 / 25)

    def test_keys_stand_on_frames_of_the_scene_where_the_start_does_not(self):
        take = video(bump(np.arange(100) / 25, 2.0), frame_start=10.25)
        curve = take.curves(24.0)["jawOpen"]
        frames = 10.25 + curve.times * 24
        assert np.allclose(frames, np.round(frames))
        assert abs(top_of(curve) - 2.0) <= 0.5 / 24 + 1e-9

    def test_the_chosen_neutral_moment_is_one_of_the_source(self):
        times = 60 + np.arange(100) / 25
        values = np.zeros((100, CHANNEL_COUNT))
        values[50:, INDEX["browInnerUp"]] = 0.4
        shaping = Shaping(neutral=Neutral.CHOSEN, neutral_time=63.0, smoothing=0.0)
        take = video(FaceTrack(times, values, np.ones(100)), span=(60.0, None), shaping=shaping)
        assert take.curves(25.0)["browInnerUp"].values.max() == pytest.approx(0.0, abs=1e-6)


class TestKinds:
    def test_a_photo_is_one_key_a_channel(self):
        pose = Pose.from_mapping({"jawOpen": 0.4, "headYaw": -0.2})
        curves = Take("Photo", TakeKind.IMAGE, FaceTrack.from_pose(pose), shaping=AS_READ).curves(24.0)
        assert {len(curve.times) for _, curve in curves} == {1}
        assert curves["headYaw"].values[0] == pytest.approx(-0.2)

    def test_no_face_gives_no_curves(self):
        track = FaceTrack([0.0, 0.1], np.zeros((2, CHANNEL_COUNT)), [0.0, 0.0])
        assert len(video(track).curves(24.0)) == 0

    def test_a_performance_is_shaped_too(self):
        frames = (Keyframe(0.5, {"mouthSmileLeft": 0.4, "browInnerUp": 0.3}), Keyframe(1.5, {"mouthSmileLeft": 0.0}))
        shaping = Shaping(mirrored=True, gain={"mouth": 2.0}, speed=2.0, regions=("mouth",))
        take = Take("Words", TakeKind.SCRIPT, Performance(frames, 2.0), shaping=shaping)
        curves = take.curves(24.0)
        assert set(curves.by_channel) == {"mouthSmileRight"}
        assert curves["mouthSmileRight"].values.tolist() == pytest.approx([0.8, 0.0])
        assert curves["mouthSmileRight"].times.tolist() == pytest.approx([0.25, 0.75])


class TestParts:
    def test_what_comes_later_is_added_once(self):
        whole = bump(np.arange(100) / 25, 2.0)
        first, rest = (
            FaceTrack(whole.times[part], whole.values[part], whole.confidence[part])
            for part in (slice(0, 40), slice(35, 100))
        )
        take = video(first, resume_at=1.6)
        done = take.continued(rest, resume_at=None)
        assert done.resume_at is None
        assert np.array_equal(done.raw.times, whole.times)
        assert np.array_equal(done.raw.values, whole.values)

    def test_nothing_may_have_arrived_yet(self):
        nothing = FaceTrack([], np.zeros((0, CHANNEL_COUNT)), [])
        track = bump(np.arange(10) / 25, 0.1)
        assert len(video(nothing, resume_at=0.0).curves(24.0)) == 0
        assert np.array_equal(joined(nothing, track).values, track.values)


def test_names_and_moments():
    assert free_name("Smile", set()) == "Smile"
    assert free_name("Smile", {"Smile", "Smile.001"}) == "Smile.002"
    assert made_now().endswith("+00:00")


@st.composite
def tracks(draw):
    count = draw(st.integers(0, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = random.normal(0, draw(st.sampled_from([1e-30, 0.5, 1e20])), (count, CHANNEL_COUNT))
    return FaceTrack(np.cumsum(random.uniform(1e-6, 2, count)) - 5, values, random.random(count))


class TestBytes:
    @settings(max_examples=60, deadline=None)
    @given(tracks())
    def test_a_track_comes_back_bit_for_bit(self, track):
        again = raw_from_bytes(raw_to_bytes(track))
        assert not holds_performance(raw_to_bytes(track))
        for name in ("times", "values", "confidence"):
            assert getattr(again, name).tobytes() == getattr(track, name).tobytes()

    def test_a_performance_comes_back(self):
        performance = Performance((Keyframe(0.25, {"jawOpen": 0.5}, "opens", hold=0.5),), 2.0, ("x",), ("y",))
        assert raw_from_bytes(raw_to_bytes(performance)) == performance
        assert holds_performance(raw_to_bytes(performance))

    def test_noise_too_stays_under_five_megabytes(self):
        random = np.random.default_rng(0)
        track = FaceTrack(np.arange(10_000) / 25, random.random((10_000, CHANNEL_COUNT)), random.random(10_000))
        assert len(raw_to_bytes(track)) < 5_000_000

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, 10_000), st.integers(0, 255))
    def test_a_changed_byte_is_told_or_harmless(self, place, byte):
        packed = bytearray(PACKED)
        packed[place % len(packed)] = byte
        with suppress(InputError):
            track = raw_from_bytes(bytes(packed))
            assert raw_to_bytes(track) == PACKED  # a bit that zlib does not read

    @pytest.mark.parametrize("damaged", [b"", b"MIEN", b"PNG" * 20])
    def test_what_is_no_take_says_so(self, damaged):
        with pytest.raises(InputError, match="no take"):
            raw_from_bytes(damaged)

    @pytest.mark.parametrize("cut", [1, 5, 100])
    def test_a_cut_off_one_says_so(self, cut):
        with pytest.raises(InputError, match="damaged"):
            raw_from_bytes(PACKED[:-cut])

    def test_a_newer_one_says_so(self):
        newer = bytearray(PACKED)
        newer[4] = VERSION + 1
        with pytest.raises(InputError, match="newer Mien"):
            raw_from_bytes(bytes(newer))

    def test_a_packed_bomb_is_not_unpacked(self):
        bomb = struct.pack("<4sBBQ", b"MIEN", VERSION, 1, 100) + zlib.compress(bytes(10**7))
        with pytest.raises(InputError, match="cut off or lengthened"):
            raw_from_bytes(bomb)

    def test_a_performance_in_another_shape_says_so(self):
        plain = json.dumps({"frames": []}).encode()
        packed = struct.pack("<4sBBQ", b"MIEN", VERSION, 2, len(plain)) + zlib.compress(plain)
        with pytest.raises(InputError, match="could not be read"):
            raw_from_bytes(packed)


PACKED = raw_to_bytes(bump(np.arange(30) / 25, 0.5))


def test_a_take_is_a_value():
    take = video(bump(np.arange(30) / 25, 0.5))
    assert replace(take, name="other").raw is take.raw
