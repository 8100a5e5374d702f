"""How large a picture a vision model is shown."""

import math
from typing import Final

from blender_addon.core.errors import InputError

from ..engines import RgbPicture

MOST_TOKENS: Final = 1024
"""What the SemanticFace release sets (IMAGE_MAX_TOKEN_NUM)."""
TOKEN_SIDE_PX: Final = 32
"""Qwen3-VL makes one token of two by two patches of 16 x 16 pixels."""
MOST_ASPECT: Final = 200
"""Its processor takes no picture that is longer than this many times its width."""
MOST_PIXELS: Final = MOST_TOKENS * TOKEN_SIDE_PX**2


def within_budget(picture: RgbPicture) -> RgbPicture:
    """The picture, made smaller where it takes more tokens; servers would show all of it to their model.

    Raise InputError for a strip that the model's processor would refuse.
    """
    height, width, _ = picture.shape
    if max(height, width) > MOST_ASPECT * min(height, width):
        raise InputError(f"A strip of {width} x {height} pixels shows no face.", "Cut the face out of it.")
    if height * width <= MOST_PIXELS:
        return picture
    import numpy as np
    from PIL import Image

    shrink = math.sqrt(MOST_PIXELS / (height * width))
    size = max(1, int(width * shrink)), max(1, int(height * shrink))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
