"""Typed edits as pure functions, kept with a take."""

from dataclasses import replace

import numpy as np
import pytest

from blender_addon.core.channels import CHANNEL_COUNT, CHANNELS, INDEX
from blender_addon.core.formats.take_file import read_take_file, write_take_file
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.shaping import AS_READ, Neutral, Shaping
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.applying import edited
from blender_addon.core.shaping.edits.blinks import blinks_in
from blender_addon.core.shaping.edits.edit_json import edit_from_json, edit_to_json
from blender_addon.core.shaping.edits.kinds import Span, WordEdit
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack
from blender_addon.core.word_edits import with_edits, without_edit

SMILE = ("mouthSmileLeft", "mouthSmileRight")
SPAN = Span(1.0, 2.0)
PLAIN = Shaping(neutral=Neutral.AS_READ, smoothing=0.0)
IN_PLACE = [
    kinds.Scale(SMILE, 0.5, SPAN, {"mouthSmileLeft": 0.5}, "the smile"),
    kinds.Add({"browInnerUp": 0.4, "headYaw": -0.1, "jawOpen": -0.5}, SPAN, "more"),
    kinds.Lean({"jawOpen": 0.0}, 0.8, SPAN, "a closed mouth"),
    kinds.Limit(SMILE, 0.1, 0.4, SPAN, "the smile"),
    kinds.Freeze(CHANNELS, SPAN, from_strongest=False, what="the face"),
    kinds.Freeze(SMILE, SPAN, from_strongest=True, what="the smile"),
    kinds.Blinks(0.0, SPAN),
    kinds.Closings(kinds.Closing.BLINK, factor=0.4, span=SPAN, what="the blinks"),
    kinds.Slide({"mouthFrownLeft": 0.3}, ("mouthSmileLeft",), SPAN, "the corners"),
    kinds.Scale(SMILE, 0.2, Span(1.0, 2.0, together=("mouthSmileLeft", "jawOpen")), what="the smile"),
    kinds.Gesture(1.2, ((0.1, {"headPitch": -0.2}), (0.4, {"headPitch": 0.0})), "a nod"),
    kinds.Smooth(CHANNELS, 1.0, SPAN, "the curves"),
    kinds.Smooth(SMILE, -0.5, SPAN, "the smile"),
    kinds.Mirror(SPAN),
    kinds.Even(SMILE, 1.0, kinds.Side.LEFT, SPAN, "the smile"),
]
IN_TIME = [
    kinds.Pause(0.5, 1.0, (), "the look"),
    kinds.Pause(0.5, None, SMILE, "the smile"),
    kinds.Retime(0.5, SPAN, "it"),
    kinds.Delay(SMILE, 0.2, "the smile"),
    kinds.Loop(0.5),
    kinds.Reverse(),
]


def talking(seed: int = 3) -> FaceTrack:
    random = np.random.default_rng(seed)
    times = np.arange(0, 4, 1 / 30)
    values = 0.4 + 0.3 * np.sin(times[:, np.newaxis] * random.uniform(1, 5, CHANNEL_COUNT))
    lids = 0.05 + sum(0.9 * np.exp(-(((times - blink) / 0.06) ** 2)) for blink in (0.5, 1.5, 3.0))
    values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = lids[:, np.newaxis]
    return FaceTrack(times, values, np.ones(len(times)))


@pytest.mark.parametrize("edit", [*IN_PLACE, *IN_TIME], ids=lambda edit: type(edit).__name__)
def test_every_edit_comes_back_from_its_json(edit: kinds.Edit) -> None:
    assert edit_from_json(edit_to_json(edit)) == edit


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "explode"}, {"kind": "scale"}, {"kind": "loop", "blend": -1}, {"kind": "add", "pose": {"ear": 1}}],
)
def test_what_is_no_edit_is_refused(data: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        edit_from_json(data)


@pytest.mark.parametrize("edit", IN_PLACE, ids=lambda edit: type(edit).__name__)
def test_outside_of_its_span_nothing_changes_and_inside_something_does(edit: kinds.Edit) -> None:
    track = talking()
    after, _ = edited(track, [edit])
    outside = (track.times < 1.0) | (track.times > 2.0)
    np.testing.assert_array_equal(after.values[outside], track.values[outside])
    assert np.abs(after.values - track.values).max() > 0.002
    steps = np.abs(np.diff(after.values - track.values, axis=0)).max()
    assert steps < 0.45  # shoulders, no jumps: a blink that goes is the quickest of all


@pytest.mark.parametrize("edit", [*IN_PLACE, *IN_TIME], ids=lambda edit: type(edit).__name__)
def test_a_face_can_do_what_comes_out(edit: kinds.Edit) -> None:
    after, _ = edited(talking(), [edit])
    assert after.values[:, :52].min() >= 0
    assert after.values[:, :52].max() <= 1
    assert (np.diff(after.times) > 0).all()


def test_only_while_something_acts() -> None:
    times = np.arange(0, 4, 1 / 30)
    values = np.zeros((len(times), CHANNEL_COUNT))
    values[:, INDEX["browInnerUp"]] = 0.5
    values[(times > 2.0) & (times < 3.0), INDEX["mouthSmileLeft"]] = 0.6
    edit = kinds.Scale(("browInnerUp",), 0.0, Span(during=("mouthSmileLeft",)))
    after, _ = edited(FaceTrack(times, values, np.ones(len(times))), [edit])
    brows = after.values[:, INDEX["browInnerUp"]]
    assert brows[(times > 2.2) & (times < 2.8)].max() < 0.01
    assert brows[(times < 1.7) | (times > 3.3)].min() > 0.49


def test_moments_are_followed_through_time() -> None:
    track, moments = edited(talking(), [kinds.Pause(1.0, 2.0), kinds.Retime(0.5)], np.array([1.0, 3.0]))
    np.testing.assert_allclose(moments, [2.0, 8.0], atol=0.05)
    assert track.times[-1] == pytest.approx(2 * (talking().times[-1] + 1.0), abs=0.05)


def test_a_pause_stands_still() -> None:
    after, _ = edited(talking(), [kinds.Pause(1.0, 2.0)])
    still = after.values[(after.times > 2.01) & (after.times < 2.99)]
    assert np.ptp(still, axis=0).max() < 1e-6


@pytest.mark.parametrize(("share", "left"), [(0.0, 0), (0.5, 1), (2.0, 6)])
def test_blinks_are_counted(share: float, left: int) -> None:
    track = talking()
    assert len(blinks_in(track.times, track.values.astype(np.float64))) == 3
    after, _ = edited(track, [kinds.Blinks(share)])
    assert len(blinks_in(after.times, after.values.astype(np.float64))) == left


def test_a_pose_has_no_time_and_says_so() -> None:
    pose = FaceTrack([0.0], np.full((1, CHANNEL_COUNT), 0.3), [1.0])
    take = Take("Pose", TakeKind.IMAGE, pose, shaping=AS_READ)
    found = with_edits(take, (WordEdit("slower", (kinds.Retime(0.5, what="it"),)),), 24.0)
    assert found.shaping.edits[0].did == ("Nothing to do for it: a single pose has no time to change.",)
    assert found.curves(24.0)["jawOpen"].values.tolist() == pytest.approx([0.3])


def test_a_take_file_keeps_the_edits() -> None:
    take = Take("Clip", TakeKind.VIDEO, talking(), shaping=PLAIN)
    found = with_edits(take, (WordEdit("half the smile", (IN_PLACE[0],)),), 24.0)
    again = read_take_file(write_take_file(found))
    assert again.shaping == found.shaping
    assert again.shaping.edits[0].did[0].startswith("Made the smile 50 % weaker from frame 25 to 49")
    assert without_edit(again.shaping, 0) == take.shaping


def test_a_performance_keeps_the_keys_of_what_does_not_change() -> None:
    keyframes = (
        Keyframe(0.0, {"mouthSmileLeft": 0.0, "browInnerUp": 0.0}),
        Keyframe(0.5, {"mouthSmileLeft": 0.8, "browInnerUp": 0.5}, hold=0.5),
        Keyframe(2.0, {"mouthSmileLeft": 0.1, "browInnerUp": 0.2}),
    )
    take = Take("Script", TakeKind.SCRIPT, Performance(keyframes, 2.5))
    before = take.curves(24.0)
    found = with_edits(take, (WordEdit("half", (replace(IN_PLACE[0], span=kinds.WHOLE),)),), 24.0)
    after = found.curves(24.0)
    assert after["browInnerUp"] is not None
    np.testing.assert_array_equal(after["browInnerUp"].values, before["browInnerUp"].values)
    assert set(before["mouthSmileLeft"].times) <= set(after["mouthSmileLeft"].times.round(9)) | set(
        after["mouthSmileLeft"].times
    )
    assert after["mouthSmileLeft"].values.max() == pytest.approx(0.4, abs=0.02)
    assert len(after["mouthSmileLeft"].times) <= len(before["mouthSmileLeft"].times) + 3


def test_the_beats_of_a_performance_move_with_time() -> None:
    keyframes = (Keyframe(0.5, {"jawOpen": 0.5}), Keyframe(1.5, {"jawOpen": 0.2}))
    take = Take("Script", TakeKind.SCRIPT, Performance(keyframes, 2.0))
    slow = with_edits(take, (WordEdit("half speed", (kinds.Retime(0.5),)),), 24.0)
    np.testing.assert_allclose(slow.seconds_after([0.5, 1.5]), [1.0, 3.0], atol=0.02)
    assert slow.shown_duration == pytest.approx(4.0, abs=0.02)


def test_a_take_between_two_frames_counts_its_seconds_from_its_own_beginning() -> None:
    whole = Take("Clip", TakeKind.VIDEO, talking(), shaping=PLAIN, frame_start=10.0)
    edit = (WordEdit("no smile", (kinds.Scale(SMILE, 0.0, SPAN),)),)
    aside = replace(whole, frame_start=10.5)
    one, other = (with_edits(take, edit, 24.0).motion(24.0) for take in (whole, aside))
    np.testing.assert_allclose(one.values, other.values, atol=1e-5)
    np.testing.assert_allclose(one.times, other.times, atol=1e-9)
