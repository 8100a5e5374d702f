"""Holds of a performance: a second key that gives way to what comes next."""

import pytest

from blender_addon.core.anatomy import faults, mended
from blender_addon.core.performance import Keyframe, Performance


def test_a_hold_is_a_second_key() -> None:
    curve = Performance((Keyframe(1.0, {"jawOpen": 0.5}, hold=0.5),), 2.0).to_curves()["jawOpen"]
    assert (curve.times.tolist(), curve.values.tolist()) == ([1.0, 1.5], [0.5, 0.5])


@pytest.mark.parametrize("next_time", [1.2, 1.5])
def test_a_hold_ends_where_the_channels_next_keyframe_stands(next_time: float) -> None:
    keyframes = (Keyframe(1.0, {"jawOpen": 0.5}, hold=0.5), Keyframe(next_time, {"jawOpen": 0.2}))
    performance = Performance(keyframes, 2.0)
    curve = performance.to_curves(start=3.0)["jawOpen"]
    assert curve.times.tolist() == [4.0, 3.0 + next_time]
    assert curve.values.tolist() == [0.5, 0.2]
    assert performance.key_count() == 2


def test_mending_a_held_pose_mends_it_to_the_end_of_the_hold() -> None:
    """The lips are closed over a jaw that closes while they are held."""
    keyframes = (
        Keyframe(0.0, {"jawOpen": 0.4, "mouthClose": 0.4}),
        Keyframe(1.0, {"mouthClose": 0.4}, hold=1.0),
        Keyframe(1.5, {"jawOpen": 0.1}),
    )
    better = mended(Performance(keyframes, 2.0))
    assert faults(better) == ()
    curve = better.to_curves()["mouthClose"]
    assert curve.values[-1] == pytest.approx(0.1)
