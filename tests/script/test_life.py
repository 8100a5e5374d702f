"""Blinks that nobody wrote: their own in every script, and never over what must be seen."""

import numpy as np

from blender_addon.core.channels import INDEX
from blender_addon.core.performance import Performance, Role
from inference_backend.script.engine import BuiltInPerformer


def blinks(performance: Performance) -> list[float]:
    return [
        key.time
        for key in performance.keyframes
        if key.role is Role.LIFE and key.channels.get("eyeBlinkLeft", 0.0) > 0.5
    ]


def test_two_scripts_of_one_seed_do_not_blink_alike() -> None:
    performer = BuiltInPerformer()
    first, second = (performer.perform(text, duration=30.0) for text in ("She smiles.", "She grins."))
    assert len(blinks(first)) > 4
    assert blinks(first) != blinks(second)
    assert blinks(first) == blinks(performer.perform("She smiles.", duration=30.0))


def test_no_blink_falls_on_an_accent() -> None:
    """Glares, widening eyes and brows land in the open, whatever the seed."""
    performer = BuiltInPerformer()
    script = " ".join(
        ["He waits for three seconds. He glares. She waits for two seconds. Her eyes widen. She relaxes."] * 6
    )
    for seed in range(6):
        performance = performer.perform(script, seed=seed)
        plain = performer.perform(script, seed=seed, life=False)
        times = np.arange(0, performance.duration, 0.02)
        table = plain.sampled(times)
        rate = np.maximum(np.gradient(table[:, INDEX["eyeWideLeft"]]), np.gradient(table[:, INDEX["browDownLeft"]]))
        landing = times[rate > 0.03]
        assert len(landing)
        for blink in blinks(performance):
            assert np.abs(landing - blink).min() > 0.2
