"""Draws lowered brows together, as a frown does: in the face data they sink evenly, which looks worried at most.

The corrugator pulls the inner end of a brow down and towards the nose and leaves its outer half nearly where it is
(action unit 4 of FACS).
"""

from typing import Final

import numpy as np

from .lashes_brows import brow_line
from .person import Person
from .source import Floats

INNER_PULL: Final = np.array([-0.0015, -0.0008, -0.0052])
"""Metres, at the inner end of the left brow: towards the nose, forwards, down."""
OUTER_LIFT: Final = np.array([0.0, 0.0, 0.0010])
"""Metres, past the middle of the brow: what of its sinking is taken back."""
INNER, OUTER = 0, 4  # points of the brow's line
REACH: Final = np.array([0.011, 0.013])  # metres across and up, where a pull has faded to a third
FRONT: Final = 0.03  # metres behind the eye's centre; there the forehead ends


def furrow_brows(person: Person) -> Person:
    """The person whose browDown shapes frown."""
    frowning = {}
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        line = brow_line(person, side)
        pulls = _around(person, line[INNER], side)[:, None] * INNER_PULL
        pulls += _around(person, line[OUTER], side)[:, None] * OUTER_LIFT
        frowning[f"browDown{side}"] = person.shapes[f"browDown{side}"] + pulls * [outward, 1.0, 1.0]
    return person.changed(shapes={**person.shapes, **frowning})


def _around(person: Person, point: Floats, side: str) -> Floats:
    """How much of a pull at a point of a brow arrives at each vertex [V], 0 to 1."""
    eye = person.eyes[side].centre
    away = (person.vertices[:, [0, 2]] - point[:2]) / REACH
    share: Floats = np.exp(-(away**2).sum(axis=1))
    above = np.clip((person.vertices[:, 2] - eye[2] - 0.004) / 0.006, 0, 1)  # lids follow the brow by half at most
    share *= 0.5 + 0.5 * above
    share[person.vertices[:, 1] > eye[1] + FRONT] = 0.0
    return share
