"""Curves that are scaled and added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.curve_sums import scaled, summed
from blender_addon.core.curves import Curve, Interpolation
from blender_addon.core.shaping.bezier import evaluate

EASED = Curve([0, 1, 2], [0, 1, 0], handles=[[[-0.3, 0], [0.3, 0]], [[0.7, 1], [1.3, 1]], [[1.7, 0], [2.3, 0]]])
OTHER = Curve([0.5, 1.5], [0.2, 0.9], handles=[[[0.3, 0.2], [0.8, 0.2]], [[1.2, 0.9], [1.8, 0.9]]])
MOMENTS = np.arange(0, 49) / 24


@given(st.floats(-3, 3), st.floats(-1, 1))
def test_a_scaled_curve_is_scaled_everywhere(gain, offset):
    found = evaluate(scaled(EASED, gain, offset), MOMENTS)
    assert found == pytest.approx(gain * evaluate(EASED, MOMENTS) + offset, abs=1e-9)


def test_a_curve_with_nothing_to_change_is_itself():
    assert scaled(EASED, 1.0, 0.0) is EASED


def test_curves_with_other_times_are_added_on_every_frame_with_few_keys():
    found = summed([(EASED, 0.5), (OTHER, -2.0)], 0.25, 1.0, 24.0, None)
    wanted = 0.25 + 0.5 * evaluate(EASED, MOMENTS) - 2.0 * evaluate(OTHER, MOMENTS)
    assert evaluate(found, MOMENTS) == pytest.approx(wanted, abs=0.0021)
    assert len(found.times) < 12


def test_curves_keyed_alike_are_added_key_by_key():
    line = Curve([0, 1], [0, 1], Interpolation.LINEAR)
    found = summed([(line, 1.0), (Curve([0, 1], [1, 0], Interpolation.LINEAR), 0.5)], 0.0, 1.0, 24.0, None)
    assert found.times.tolist() == [0, 1]
    assert found.values.tolist() == [0.5, 1.0]


def test_one_moment_stays_one_key():
    found = summed([(Curve([0], [0.5]), 1.0), (Curve([0], [0.25]), 2.0)], 0.0, 1.0, 24.0, None)
    assert (found.times.tolist(), found.values.tolist()) == ([0.0], [1.0])


def test_only_what_is_asked_for_is_sampled():
    found = summed([(EASED, 1.0), (OTHER, 1.0)], 0.0, 1.0, 24.0, (0.5, 1.0))
    assert found.times[0] >= 0.5
    assert found.times[-1] <= 1.0
