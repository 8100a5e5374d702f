"""Makes the eyelids fit this person's eyes: they meet in a blink and never let the eyeball through.

The shapes were modelled on MakeHuman's base identity. On a mixed identity with wider eyes the lids
of a blink neither meet exactly nor clear a cornea that bulges, so both are corrected here.
"""

from typing import Final

import numpy as np

from .eyes import TURN_DEGREES, cornea_radius
from .person import LID_MARGIN_RING, Eye, Person
from .source import Floats, Ints

# The surface drawn lies inside the cage where that is convex, so the cage keeps this distance.
CLEARANCE: Final = 0.0007
LAST_RING: Final = 31  # the correction has faded out here
UPPER_LID_SHARE: Final = 0.9  # how far down the gap the lids meet; the upper lid does nearly all the work


def fit_lids(person: Person) -> Person:
    """The person with corrected lids, at rest and in every shape."""
    vertices = person.vertices.copy()
    shapes = {name: offsets.copy() for name, offsets in person.shapes.items()}
    for side, eye in person.eyes.items():
        levels = person.lid_levels[side]
        front = np.flatnonzero((levels >= LID_MARGIN_RING) & (levels <= LAST_RING))
        straight = np.array([0.0, -1.0, 0.0])
        vertices[front] = _outside(vertices[front], eye, straight)
        blink = shapes[f"eyeBlink{side}"]
        blink += _closing_correction(person, side, vertices, blink)
        for name, offsets in shapes.items():
            if np.any(offsets[front]):
                gaze = _gaze(name, side)
                offsets[front] = _outside(vertices[front] + offsets[front], eye, gaze) - vertices[front]
    return person.changed(vertices=vertices, shapes=shapes)


def lid_margin(person: Person, side: str) -> tuple[Ints, Ints]:
    """The lid edges' vertices from the inner to the outer corner: upper, lower; both with the corners."""
    ring = np.flatnonzero(person.lid_levels[side] == LID_MARGIN_RING)
    loop = _ordered_loop(person, ring)
    across = np.abs(person.vertices[loop, 0])
    loop = np.roll(loop, -int(across.argmin()))
    outer = int(np.abs(person.vertices[loop, 0]).argmax())
    first, second = loop[: outer + 1], np.concatenate([loop[outer:], loop[:1]])[::-1]
    upper_first = person.vertices[first, 2].mean() > person.vertices[second, 2].mean()
    return (first, second) if upper_first else (second, first)


def _ordered_loop(person: Person, ring: Ints) -> Ints:
    """A ring's vertices in order around it."""
    members = set(ring.tolist())
    near: dict[int, list[int]] = {vertex: [] for vertex in members}
    for quad in person.mesh.quads[person.mesh.groups["body"]]:
        if len(members.intersection(quad.tolist())) == 2:
            first, second = (int(vertex) for vertex in quad if int(vertex) in members)
            near[first].append(second)
            near[second].append(first)
    loop = [min(members)]
    while len(loop) < len(members):
        loop.append(next(vertex for vertex in sorted(near[loop[-1]]) if vertex not in loop))
    return np.array(loop)


def _closing_correction(person: Person, side: str, vertices: Floats, blink: Floats) -> Floats:
    upper, lower = lid_margin(person, side)
    upper_shut, lower_shut = vertices[upper] + blink[upper], vertices[lower] + blink[lower]
    # Points of equal |x| meet, so that neither lid edge is stretched along itself.
    line = _meeting_line(upper_shut, lower_shut)
    margin = np.concatenate([upper, lower[1:-1]])
    shut = np.concatenate([upper_shut, lower_shut[1:-1]])
    wanted = np.polyval(line, np.abs(shut[:, 0])) - shut[:, 2]
    correction = np.zeros_like(blink)
    levels = person.lid_levels[side]
    nearby = np.flatnonzero((levels >= LID_MARGIN_RING - 3) & (levels < LAST_RING))
    distance = np.linalg.norm(vertices[nearby][:, None] - vertices[margin][None], axis=2)
    share = np.exp(-((distance / (distance.min(axis=1, keepdims=True) + 0.0015)) ** 2))
    value = (share * wanted).sum(axis=1) / share.sum(axis=1)
    exact = distance.argmin(axis=1)
    value = np.where(distance.min(axis=1) < 1e-9, wanted[exact], value)
    fade = 1 - np.clip((levels[nearby] - LID_MARGIN_RING) / (LAST_RING - LID_MARGIN_RING), 0, 1)
    correction[nearby, 2] = value * fade
    return correction


def _meeting_line(upper_shut: Floats, lower_shut: Floats) -> Floats:
    """The even curve that shut lids form: a cubic, height over distance from the face's middle."""
    across = np.abs(upper_shut[:, 0])
    order = np.argsort(np.abs(lower_shut[:, 0]))
    lower_height = np.interp(across, np.abs(lower_shut[order, 0]), lower_shut[order, 2])
    height = upper_shut[:, 2] + UPPER_LID_SHARE * (lower_height - upper_shut[:, 2])
    weight = np.ones(len(height))
    weight[[0, -1]] = 4.0  # the corners of the eye hardly move
    return np.polyfit(across, height, 3, w=weight)


def _gaze(shape: str, side: str) -> Floats:
    """Where the eye looks in a shape at 1.0, as a unit vector."""
    outward = 1.0 if side == "Left" else -1.0
    for look, degrees in TURN_DEGREES.items():
        if shape == f"eye{look}{side}":
            turn = np.radians(degrees)
            aside = {"LookOut": outward, "LookIn": -outward}.get(look, 0.0)
            up = {"LookUp": 1.0, "LookDown": -1.0}.get(look, 0.0)
            return np.array([aside * np.sin(turn), -np.cos(turn), up * np.sin(turn)])
    return np.array([0.0, -1.0, 0.0])


def _outside(points: Floats, eye: Eye, gaze: Floats) -> Floats:
    """Points that would lie in the eyeball pushed straight out of it."""
    away = points - eye.centre
    distance = np.linalg.norm(away, axis=1)
    direction = away / distance[:, None]
    angle = np.arccos(np.clip(direction @ gaze, -1, 1))
    least = cornea_radius(angle, eye.radius) + CLEARANCE
    found: Floats = eye.centre + direction * np.maximum(distance, least)[:, None]
    return found
