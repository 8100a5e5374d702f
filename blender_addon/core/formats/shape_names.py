"""The channel that a shape's name means, in the spellings of the face trackers: `eyeBlinkLeft`, `EyeBlink_L`."""

import re
from typing import Final

from ..channels import SHAPES

_SPELLED: Final = {name.lower(): name for name in SHAPES}
_SHORT_SIDE: Final = re.compile(r"[_.\- ]([lr])$", re.IGNORECASE)
_SIDES: Final = {"l": "left", "r": "right"}


def channel_named(name: str) -> str | None:
    """One of the 52 shapes; None for any other name."""
    with_side = _SHORT_SIDE.sub(lambda found: _SIDES[found[1].lower()], name.strip())
    return _SPELLED.get(re.sub(r"[_.\- ]", "", with_side).lower())
