"""Models that were rewritten for speed give what they gave before."""

from collections.abc import Callable

import numpy as np
import pytest

from inference_backend.face.interpreter import Model
from inference_backend.face.model_file import load_bundle
from inference_backend.face.rewritten_model import with_wide_slopes, without_unread_tokens
from tests.carriers import face_model_file

BUNDLE = load_bundle(face_model_file())


@pytest.mark.parametrize(
    ("content", "rewritten", "shape", "span"),
    [
        (BUNDLE.landmarks, with_wide_slopes, (1, 256, 256, 3), 1.0),
        (BUNDLE.blendshapes, without_unread_tokens, (1, 146, 2), 640.0),
    ],
)
def test_it_gives_the_same_to_the_last_bit(
    content: bytes, rewritten: Callable[[bytes], bytes], shape: tuple[int, ...], span: float
) -> None:
    changed = rewritten(content)
    assert changed != content
    before, after = Model(content, threads=1), Model(changed, threads=1)
    random = np.random.default_rng(0)
    for _ in range(8):
        tensor = (random.random(shape) * span).astype(np.float32)
        for one, other in zip(before(tensor), after(tensor), strict=True):
            np.testing.assert_array_equal(one, other)
