import io

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.png import encode_png, srgb_from_linear


@pytest.mark.parametrize("samples", [3, 4])
def test_pillow_reads_back_every_sample(samples):
    picture = np.random.default_rng(3).integers(0, 256, (7, 11, samples), dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(picture))) as read:
        np.testing.assert_array_equal(np.asarray(read), picture)


def test_srgb_of_known_values():
    # 18 % grey and the ends; values outside are cut.
    found = srgb_from_linear(np.array([-1.0, 0.0, 0.001, 0.18, 1.0, 5.0], dtype=np.float32))
    assert found == pytest.approx([0.0, 0.0, 0.01292, 0.46135, 1.0, 1.0], abs=1e-4)
