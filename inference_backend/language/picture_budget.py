"""How large a picture a vision model is shown."""

import math
from typing import Final

from ..engines import RgbPicture

MOST_TOKENS: Final = 1024
"""What the SemanticFace release sets (IMAGE_MAX_TOKEN_NUM)."""
TOKEN_SIDE_PX: Final = 32
"""Qwen3-VL makes one token of two by two patches of 16 x 16 pixels."""
MOST_PIXELS: Final = MOST_TOKENS * TOKEN_SIDE_PX**2


def within_budget(picture: RgbPicture) -> RgbPicture:
    """The picture, made smaller where it takes more tokens; servers would show all of it to their model."""
    height, width, _ = picture.shape
    if height * width <= MOST_PIXELS:
        return picture
    import numpy as np
    from PIL import Image

    shrink = math.sqrt(MOST_PIXELS / (height * width))
    size = max(1, int(width * shrink)), max(1, int(height * shrink))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
