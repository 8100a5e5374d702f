"""Units and signs of the nine angles, by name."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.formats.pose_convention import (
    ANGLE_UNITS,
    KEYFRAMEFACE,
    RELEASED_NAMES,
    SEMANTICFACE,
    PoseConvention,
)
from blender_addon.core.pose import Pose

CONVENTIONS = [
    PoseConvention(unit, head_pitch_up=head, eye_pitch_up=eye)
    for unit in ANGLE_UNITS
    for head in (True, False)
    for eye in (True, False)
]


def released(**values: float) -> dict[str, float]:
    return dict.fromkeys(RELEASED_NAMES, 0.0) | values


@pytest.mark.parametrize(
    ("unit", "one"), [("radians", 1.0), ("half-turns", math.pi), ("degrees", math.pi / 180), ("express4d", 1.2566371)]
)
def test_a_unit_scales_angles_and_no_shapes(unit: str, one: float) -> None:
    pose = PoseConvention(unit).to_pose(released(HeadYaw=0.5, JawOpen=0.5))
    assert pose["headYaw"] == pytest.approx(0.5 * one)
    assert pose["jawOpen"] == 0.5


def test_the_two_releases_disagree_about_the_eyes_pitch_only() -> None:
    looks_down_there = KEYFRAMEFACE.to_pose(released(LeftEyePitch=-0.2, HeadPitch=-0.1))
    looks_down_here = SEMANTICFACE.to_pose(released(LeftEyePitch=0.2, HeadPitch=-0.1))
    assert looks_down_there == looks_down_here
    assert looks_down_there["leftEyePitch"] == pytest.approx(-0.2)


@given(
    st.lists(st.floats(-1, 1, width=32), min_size=CHANNEL_COUNT, max_size=CHANNEL_COUNT), st.sampled_from(CONVENTIONS)
)
def test_writing_and_reading_gives_the_pose_back(values: list[float], convention: PoseConvention) -> None:
    pose = Pose(values)
    np.testing.assert_allclose(convention.to_pose(convention.from_pose(pose)).values, pose.values, atol=1e-6)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="gradians"):
        PoseConvention("gradians")
