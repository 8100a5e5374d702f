"""The table of a performance: what changes at each moment, and to where."""

from math import radians

from blender_addon.core.performance import Keyframe, Performance, Role
from inference_backend.cli.beat_table import rows


def moves(*keyframes: Keyframe, ascii_only: bool = False) -> list[str]:
    performance = Performance(keyframes, duration=10.0)
    return [told for _, _, told in rows(performance, ascii_only=ascii_only)]


def smile(time: float, amount: float, **others: float) -> Keyframe:
    return Keyframe(time, {"mouthSmileLeft": amount, "mouthSmileRight": amount, **others}, "a smile")


def test_both_sides_are_one_entry_and_what_stays_is_none() -> None:
    assert moves(smile(1, 0.7, jawOpen=0.0), smile(3, 0.7, browInnerUp=0.5)) == ["mouthSmile 0.70", "browInnerUp 0.50"]


def test_sides_that_differ_are_two() -> None:
    assert moves(smile(1, 0.7, noseSneerLeft=0.4)) == ["mouthSmile 0.70, noseSneerLeft 0.40"]


def test_what_goes_is_named_last() -> None:
    assert moves(smile(1, 0.9), smile(3, 0.0, browInnerUp=0.3))[1] == "browInnerUp 0.30, mouthSmile 0.00"


def test_what_arrives_around_the_moment_belongs_to_it() -> None:
    late = Keyframe(1.2, {"jawOpen": 0.6}, role=Role.PASSING)
    assert moves(smile(1, 0.3), late, smile(5, 0.3))[0] == "jawOpen 0.60, mouthSmile 0.30"


def test_angles_are_degrees_and_lids_do_not_repeat_the_eyeballs() -> None:
    look = Keyframe(1, {"leftEyeYaw": radians(20), "rightEyeYaw": radians(20), "eyeLookOutLeft": 0.6}, "a look aside")
    assert moves(look) == ["eyeYaw +20°"]
    assert moves(look, ascii_only=True) == ["eyeYaw +20 degrees"]


def test_blinks_of_its_own_are_left_out() -> None:
    blink = Keyframe(1.1, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, role=Role.LIFE)
    assert moves(smile(1, 0.5), blink) == ["mouthSmile 0.50"]


def test_the_jaw_to_one_side_keeps_its_name() -> None:
    assert moves(Keyframe(1, {"jawLeft": 0.5, "jawRight": 0.5}, "odd")) == ["jawLeft 0.50, jawRight 0.50"]


def test_a_performance_without_moments_has_no_rows() -> None:
    assert moves() == []
