"""The curves that shaping makes are drawn by Blender as the core says they are."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.curves import Curve, Interpolation
from bl_ext.user_default.mien.core.shaping import evaluate, reduce_keys
from bl_ext.user_default.mien.scene.actions import ensure_action, ensure_fcurve

FREE, BEZIER = 0, 2
RATE = 24.0


@pytest.fixture
def drawn(scene):
    """What Blender draws of a curve at moments in seconds."""
    owner = bpy.data.objects.new("drawn", None)
    ensure_action(owner, "drawn")

    def draw(curve, moments):
        fcurve = ensure_fcurve(owner, "location")
        points = fcurve.keyframe_points
        points.add(len(curve.times))
        frames = (RATE, 1.0)
        keys = np.column_stack([curve.times, curve.values]) * frames
        points.foreach_set("co", keys.astype(np.float32).ravel())
        points.foreach_set("interpolation", np.full(len(keys), BEZIER, np.int32))
        for column, side in enumerate(("left", "right")):
            points.foreach_set(f"handle_{side}_type", np.full(len(keys), FREE, np.int32))
            points.foreach_set(f"handle_{side}", (curve.handles[:, column] * frames).astype(np.float32).ravel())
        fcurve.update()
        return np.array([fcurve.evaluate(moment * RATE) for moment in moments])

    return draw


@pytest.mark.parametrize("seed", range(8))
def test_any_handles(drawn, seed):
    """Also handles that reach beyond the neighbouring key, and steep ones."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.2, 1.0, 12))
    values = random.uniform(0, 1, 12)
    reach = random.uniform(0.0, 1.5, (12, 2)) * (-1, 1)
    heights = random.uniform(-0.5, 1.5, (12, 2))
    handles = np.stack([times[:, np.newaxis] + reach, heights], axis=-1)
    curve = Curve(times, values, Interpolation.BEZIER, handles)
    moments = np.linspace(times[0] - 0.5, times[-1] + 0.5, 500)
    np.testing.assert_allclose(drawn(curve, moments), evaluate(curve, moments), atol=2e-4)


@pytest.mark.parametrize("seed", range(4))
def test_reduced_keys_stay_within_the_error_as_drawn(drawn, seed):
    random = np.random.default_rng(seed)
    moments = np.arange(400) / RATE
    samples = np.clip(0.5 + np.cumsum(random.normal(0, 0.03, 400)), 0, 1)
    (curve,) = reduce_keys(moments, samples[:, np.newaxis], 0.02)
    assert np.abs(drawn(curve, moments) - samples).max() <= 0.02
    assert len(curve.times) < 200
