import numpy as np
import pytest
from hypothesis import given

from blender_addon.core.channels import CHANNEL_COUNT, CHANNELS
from blender_addon.core.pose import Pose

from .poses import poses


def test_a_pose_is_61_numbers():
    assert Pose(range(CHANNEL_COUNT)).values.tolist() == list(range(CHANNEL_COUNT))


@pytest.mark.parametrize("count", [0, 60, 62])
def test_another_count_is_refused(count):
    with pytest.raises(ValueError, match="61 values"):
        Pose(np.zeros(count))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_not_finite_are_refused(number):
    with pytest.raises(ValueError, match="finite"):
        Pose.from_mapping({"jawOpen": number})


def test_an_unknown_channel_is_refused_and_named():
    with pytest.raises(ValueError, match="'JawOpen' is not one of the 61 channels"):
        Pose.from_mapping({"JawOpen": 0.5})


def test_what_is_not_named_is_neutral():
    assert Pose.from_mapping({}) == Pose.neutral()
    assert np.count_nonzero(Pose.from_mapping({"jawOpen": 0.5}).values) == 1


def test_a_pose_does_not_change():
    source = np.zeros(CHANNEL_COUNT, dtype=np.float32)
    pose = Pose(source)
    source[0] = 1
    assert pose == Pose.neutral()
    with pytest.raises(ValueError, match="read-only"):
        pose.values[0] = 1


def test_equal_poses_have_equal_hashes():
    zeros, negative_zeros = Pose(np.zeros(CHANNEL_COUNT)), Pose(-np.zeros(CHANNEL_COUNT))
    assert zeros == negative_zeros
    assert hash(zeros) == hash(negative_zeros)
    assert zeros != Pose.from_mapping({"jawOpen": 0.5})
    assert zeros != "a pose"


@given(poses())
def test_a_mapping_comes_back(pose):
    mapping = pose.as_mapping()
    assert tuple(mapping) == CHANNELS
    assert np.allclose(Pose.from_mapping(mapping).values, pose.values, atol=5.1e-6)
    assert Pose.from_mapping(mapping).as_mapping() == mapping


def test_a_mapping_has_no_negative_zero():
    assert str(Pose.from_mapping({"headYaw": -1e-7}).as_mapping()["headYaw"]) == "0.0"


def test_a_channel_is_read_by_name():
    assert Pose.from_mapping({"headYaw": -0.25})["headYaw"] == -0.25
