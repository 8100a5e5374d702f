import numpy as np
import pytest
from hypothesis import given

from blender_addon.core.channels import CHANNELS
from blender_addon.core.curves import Curve, Curves, Interpolation
from blender_addon.core.pose import Pose

from .poses import poses


@given(poses())
def test_a_pose_becomes_one_key_per_channel(pose):
    curves = Curves.from_pose(pose)
    assert [name for name, _ in curves] == list(CHANNELS)
    assert Pose([curve.values[0] for _, curve in curves]) == pose
    assert all(curve.times.tolist() == [0.0] for _, curve in curves)


def test_a_curve_is_smooth_unless_told_otherwise():
    assert Curve([0, 1], [0, 1]).interpolation is Interpolation.BEZIER
    assert Curve([0, 1], [0, 1]).handles is None
    assert Curve([0], [1], Interpolation.CONSTANT).interpolation is Interpolation.CONSTANT


def test_curves_are_found_by_channel():
    curve = Curve([0.0], [1.0])
    curves = Curves({"jawOpen": curve})
    assert curves["jawOpen"] is curve
    assert "jawOpen" in curves
    assert "mouthClose" not in curves
    assert len(curves) == 1
    with pytest.raises(KeyError):
        curves["mouthClose"]


def test_an_unknown_channel_is_refused_and_named():
    with pytest.raises(ValueError, match="not a channel: Jaw, Lip"):
        Curves({"Lip": Curve([], []), "Jaw": Curve([], []), "jawOpen": Curve([], [])})


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([0, 1], [0]), "2 times need 2 values"),
        (([[0], [1]], [0, 1]), "2 times need 2 values"),
        (([0, 1], [0, 1], Interpolation.BEZIER, np.zeros((2, 2))), "need handles of shape"),
        (([0, 0], [0, 1]), "rise from key to key"),
        (([1, 0], [0, 1]), "rise from key to key"),
        (([0, np.nan], [0, 1]), "finite"),
        (([0, 1], [0, np.inf]), "finite"),
        (([0], [0], Interpolation.BEZIER, np.full((1, 2, 2), np.nan)), "finite"),
    ],
)
def test_keys_that_make_no_curve_are_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        Curve(*arguments)


def test_a_curve_copies_its_keys_and_does_not_change():
    times = np.array([0.0, 1.0])
    curve = Curve(times, [0, 1], handles=np.zeros((2, 2, 2)))
    times[0] = -1
    assert curve.times.tolist() == [0.0, 1.0]
    for array in (curve.times, curve.values, curve.handles):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
