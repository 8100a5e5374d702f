"""Fits the lips: closed at rest, where the mixed identity leaves them ajar, and yielding to the tongue."""

from typing import Final

import numpy as np

from .person import LIP_CONTACT_RING, Person
from .source import Floats, Ints
from .surface import compact, smooth

OVERLAP: Final = 0.0004  # metres the lips press into each other, so that no light shows between them
LAST_RING: Final = LIP_CONTACT_RING + 7
COLUMNS: Final = 25
# The face data moves the tongue alone in tongueOut; a real lower lip is pushed down and out by it.
TONGUE_HALF_WIDTH: Final = 0.016
TONGUE_PUSH: Final = np.array([0.0, -0.0008, -0.0018])

# From this ring on outwards a smile is softened, fully so from a few further on.
CHEEK_RING: Final = LIP_CONTACT_RING + 6
CHEEK_FADE_RINGS: Final = 3
SOFTENING_PASSES: Final = 5

# The face data's upper lip hardly clears the teeth. At 1.0 ARKit's shows the whole crowns, and a broad smile,
# which is read as about half of it, their lower half.
UPPER_LIP_GAIN: Final = 2.2


def raise_upper_lip(person: Person) -> Person:
    """The person whose mouthUpperUp shapes bare the upper teeth."""
    raised = {shape: UPPER_LIP_GAIN * person.shapes[shape] for shape in ("mouthUpperUpLeft", "mouthUpperUpRight")}
    return person.changed(shapes={**person.shapes, **raised})


def soften_smile(person: Person) -> Person:
    """The person whose smile moves the cheeks as flesh: in the face data a sharp ridge runs down each of them."""
    quads, used = compact(person.mesh.quads[person.mesh.groups["body"]])
    share = np.clip((person.lip_levels[used] - CHEEK_RING) / CHEEK_FADE_RINGS, 0, 1)[:, None]
    softened = {}
    for shape in ("mouthSmileLeft", "mouthSmileRight"):
        offsets = person.shapes[shape][used]
        softened[shape] = person.shapes[shape].copy()
        softened[shape][used] += share * (smooth(offsets, quads, passes=SOFTENING_PASSES) - offsets)
    return person.changed(shapes={**person.shapes, **softened})


def close_lips(person: Person) -> Person:
    """The person with lips that touch along their whole length when nothing moves."""
    rings = np.flatnonzero((person.lip_levels >= LIP_CONTACT_RING - 5) & (person.lip_levels <= LAST_RING))
    upper = _on_upper_lip(person, rings)
    vertices = person.vertices.copy()
    across = np.abs(vertices[:, 0])
    columns = np.linspace(0, across[rings[person.lip_levels[rings] == LIP_CONTACT_RING]].max(), COLUMNS)
    gap = _gap(vertices, rings, upper, columns) + OVERLAP
    height = np.interp(across[rings], columns, np.clip(gap, 0, None), right=0.0) / 2
    fade = 1 - np.clip((person.lip_levels[rings] - LIP_CONTACT_RING) / (LAST_RING - LIP_CONTACT_RING), 0, 1)
    vertices[rings, 2] += np.where(upper, -height, height) * fade
    return person.changed(vertices=vertices)


def yield_to_tongue(person: Person) -> Person:
    """The person whose lower lip gives way a little to a tongue that comes out over it."""
    rings = np.flatnonzero((person.lip_levels >= LIP_CONTACT_RING - 5) & (person.lip_levels <= LAST_RING))
    lower = rings[~_on_upper_lip(person, rings)]
    across = np.exp(-((person.vertices[lower, 0] / TONGUE_HALF_WIDTH) ** 2))
    fade = 1 - np.clip((person.lip_levels[lower] - LIP_CONTACT_RING) / (LAST_RING - LIP_CONTACT_RING), 0, 1)
    tongue_out = person.shapes["tongueOut"].copy()
    tongue_out[lower] += TONGUE_PUSH * (across * fade)[:, None]
    return person.changed(shapes={**person.shapes, "tongueOut": tongue_out})


def _on_upper_lip(person: Person, rings: Ints) -> Ints:
    """Whether each vertex belongs to the upper lip: it stays up when the jaw opens."""
    found: Ints = person.shapes["jawOpen"][rings, 2] > -0.012
    return found


def _gap(vertices: Floats, rings: Ints, upper: Ints, columns: Floats) -> Floats:
    """Height of the slit between the lips at each distance from the middle of the face."""
    reach = columns[1] - columns[0]
    across = np.abs(vertices[rings, 0])
    heights = vertices[rings, 2]
    gaps = []
    for column in columns:
        near = np.abs(across - column) < reach
        over, under = heights[near & upper], heights[near & ~upper]
        gaps.append(over.min() - under.max() if len(over) and len(under) else 0.0)
    return np.convolve(np.pad(gaps, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
