"""Fits the lips: closed at rest, where the mixed identity leaves them ajar, and yielding to the tongue."""

from typing import Final

import numpy as np

from .person import LIP_CONTACT_RING, Person
from .source import Floats, Ints
from .surface import compact, edge_loop, smooth

OVERLAP: Final = 0.0004  # metres the lips press into each other, so that no light shows between them
LAST_RING: Final = LIP_CONTACT_RING + 7
COLUMNS: Final = 45
MIDDLE: Final = 0.0005  # metres from the middle of the face within which a vertex lies on it
# The rings around the mouth from inside to outside, by the vertex in the middle of the upper lip, found once by looking
# at the base mesh; and how far each follows where the lips are closed. They meet at the second to the fifth.
CLOSING_RINGS: Final = {554: 0.5, 537: 1.0, 520: 1.0, 474: 1.0, 468: 1.0, 509: 0.67, 467: 0.33}
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
SMILE_OFF: Final = 0.85  # of the smile in pressed lips, what is taken off; a trace of it keeps the corners tucked in


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


def press_lips(person: Person) -> Person:
    """The person whose pressed lips do not smile: in the face data their corners go out and up as in a smile."""
    pressed = {}
    for side in ("Left", "Right"):
        press, smile = person.shapes[f"mouthPress{side}"], person.shapes[f"mouthSmile{side}"]
        share = (press * smile).sum() / (smile**2).sum()  # least squares
        pressed[f"mouthPress{side}"] = press - SMILE_OFF * share * smile
    return person.changed(shapes={**person.shapes, **pressed})


def close_lips(person: Person) -> Person:
    """The person with lips that touch along their whole length when nothing moves."""
    halves = [_halves(person, middle) for middle in CLOSING_RINGS]
    vertices = person.vertices.copy()
    columns = np.linspace(0, min(vertices[upper, 0].max() for upper, _ in halves), COLUMNS)
    over = np.min([_heights(vertices[upper], columns) for upper, _ in halves], axis=0)
    under = np.max([_heights(vertices[lower], columns) for _, lower in halves], axis=0)
    gap = np.clip(over - under + OVERLAP, 0, None)
    for (upper, lower), share in zip(halves, CLOSING_RINGS.values(), strict=True):
        for half, direction in ((upper, -1), (lower, 1)):
            across = np.abs(vertices[half, 0])
            vertices[half, 2] += direction * share * np.interp(across, columns, gap, right=0.0) / 2
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


def _halves(person: Person, middle: int) -> tuple[Ints, Ints]:
    """The ring of vertices around the mouth through one in the middle of the upper lip: its upper and its lower half.

    Both are without the corners, which belong to neither.
    """
    ring = edge_loop(person.mesh.quads[person.mesh.groups["body"]], middle, towards=person.vertices)
    corners = sorted((int(np.argmax(person.vertices[ring, 0])), int(np.argmin(person.vertices[ring, 0]))))
    from_middle, lower, to_middle = np.split(ring, corners)
    return np.concatenate([from_middle, to_middle[1:]]), lower[1:]


def _heights(points: Floats, columns: Floats) -> Floats:
    """How high a half of a ring is at each distance from the middle of the face; both sides are alike."""
    own_left = points[points[:, 0] > -MIDDLE]
    order = np.argsort(own_left[:, 0])
    return np.interp(columns, own_left[order, 0], own_left[order, 2])
