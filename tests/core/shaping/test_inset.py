"""A part of a curve replaced; the rest stays where it is."""

import numpy as np
import pytest

from blender_addon.core.curves import Curve
from blender_addon.core.shaping.bezier import evaluate
from blender_addon.core.shaping.inset import with_part
from blender_addon.core.shaping.reduction import reduce_keys

TIMES = np.arange(0, 6.001, 1 / 24)


def _own() -> Curve:
    handles = [
        [[-0.3, 0.0], [0.9, 0.0]],
        [[1.2, 0.7], [2.9, 0.9]],
        [[3.5, 0.4], [4.4, 0.4]],
        [[4.5, 0.1], [5.5, 0.1]],
    ]
    return Curve([0.5, 2.0, 4.0, 5.0], [0.0, 0.8, 0.4, 0.1], handles=handles)


@pytest.mark.parametrize(("first", "last"), [(24, 60), (48, 96), (4, 30), (100, 140), (2, 143)])
def test_outside_the_part_the_curve_is_exactly_what_it_was(first: int, last: int) -> None:
    own = _own()
    values = evaluate(own, TIMES)
    inside = slice(first, last + 1)
    values[first + 1 : last] += 0.2 * np.sin(np.linspace(0, np.pi, last - first + 1))[1:-1] ** 2
    part = reduce_keys(TIMES[inside], values[inside, np.newaxis], 0.02)[0]
    found = with_part(own, part, 0.02)
    fine = np.linspace(-1, 7, 2000)
    outside = (fine <= TIMES[first]) | (fine >= TIMES[last])
    np.testing.assert_allclose(evaluate(found, fine[outside]), evaluate(own, fine[outside]), atol=1e-5)
    assert np.abs(evaluate(found, TIMES[inside]) - values[inside]).max() < 0.04


def test_a_part_with_another_end_drops_what_follows() -> None:
    part = Curve(
        [3.0, 6.0], [float(evaluate(_own(), [3.0])[0]), 0.9], handles=[[[2, 0.8], [4, 0.8]], [[5, 0.9], [7, 0.9]]]
    )
    found = with_part(_own(), part, 0.02)
    assert found.times.tolist() == [0.5, 2.0, 3.0, 6.0]
    assert evaluate(found, [7.0])[0] == pytest.approx(0.9)
