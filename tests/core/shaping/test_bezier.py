import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.curves import Curve, Interpolation
from blender_addon.core.shaping.bezier import evaluate, parameter_at, parameter_near


def curve(handles, interpolation=Interpolation.BEZIER):
    return Curve([1.0, 3.0], [0.0, 1.0], interpolation, handles)


def handles(right_of_first, left_of_last):
    return [[[0.5, 0.0], right_of_first], [left_of_last, [3.5, 1.0]]]


def test_handles_a_third_of_the_way_give_a_cubic_in_time():
    times = np.linspace(1, 3, 41)
    t = (times - 1) / 2
    drawn = evaluate(curve(handles([1 + 2 / 3, 0.0], [3 - 2 / 3, 1.0])), times)
    np.testing.assert_allclose(drawn, t * t * (3 - 2 * t), atol=1e-12)


def test_it_stands_still_outside_its_keys():
    drawn = evaluate(curve(handles([1.5, 1.0], [2.5, 0.0])), [0.0, 1.0, 3.0, 9.0])
    np.testing.assert_allclose(drawn, [0, 0, 1, 1], atol=1e-12)


def test_one_key_is_a_constant():
    assert evaluate(Curve([1.0], [0.25]), [0.0, 5.0]).tolist() == [0.25, 0.25]


def test_constant_and_linear_keys():
    times = [1.0, 1.5, 2.999, 3.0]
    assert evaluate(curve(None, Interpolation.CONSTANT), times).tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(evaluate(curve(None, Interpolation.LINEAR), times), [0, 0.25, 0.9995, 1])


def test_a_handle_beyond_the_next_key_is_shortened_along_itself():
    long = evaluate(curve(handles([5.0, 2.0], [2.5, 1.0])), np.linspace(1, 3, 9))
    clamped = evaluate(curve(handles([3.0, 1.0], [2.5, 1.0])), np.linspace(1, 3, 9))
    np.testing.assert_allclose(long, clamped, atol=1e-12)


def test_handles_that_are_blenders_own_are_not_guessed():
    with pytest.raises(ValueError, match="Blender's own"):
        evaluate(curve(None), [2.0])


def test_a_curve_without_keys_has_no_values():
    with pytest.raises(ValueError, match="no values"):
        evaluate(Curve([], []), [2.0])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_parameter_reaches_the_moment(fraction, leaving, arriving):
    (s,) = parameter_at(np.array([fraction]), np.array([leaving]), np.array([arriving]))
    reached = 3 * leaving * s * (1 - s) ** 2 + 3 * (1 - arriving) * s * s * (1 - s) + s**3
    assert abs(reached - fraction) < 1e-9


@given(st.floats(0, 1), st.floats(0.2, 0.6), st.floats(0.2, 0.6))
def test_the_quick_parameter_is_near(fraction, leaving, arriving):
    arguments = (np.array([fraction]), np.array([leaving]), np.array([arriving]))
    assert abs(parameter_near(*arguments) - parameter_at(*arguments)) < 1e-3
