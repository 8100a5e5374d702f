"""What of a reading is worth telling: the part of a pose that stands out from what its engine reads on calm faces.

Words about a pose that was set by hand tell all of it. What a model read in a picture has levels that
mean nothing, sides that differ by its error, and two answers to where the eyes look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..channels import CHANNELS, other_side
from ..pose import Pose
from .expression import CLOSED_LID
from .scale import EYE_ANGLE
from .sight import Sight

_LIDS: Final = (("eyeBlinkLeft", "eyeBlinkRight"), ("eyeSquintLeft", "eyeSquintRight"))
_WAYS: Final = ("jawLeft", "mouthLeft")
"""Not sides of two parts, but one part that goes one way; half of it both ways would be another thing."""
_CROSSED: Final = 10.0
"""Degrees between the two eyes; more than this is not the looking at something near, and is told by eye."""


@dataclass(frozen=True)
class _Axis:
    """One way for the eyes to turn: the eyeballs' angles, and the looks of the lids that go with it, left eye first."""

    eyeballs: tuple[str, str]
    looks: tuple[tuple[str, str], tuple[str, str]]


_AXES: Final = (
    _Axis(("leftEyeYaw", "rightEyeYaw"), (("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookInLeft", "eyeLookOutRight"))),
    _Axis(
        ("leftEyePitch", "rightEyePitch"),
        (("eyeLookUpLeft", "eyeLookUpRight"), ("eyeLookDownLeft", "eyeLookDownRight")),
    ),
)
_EYE_ROLLS: Final = ("leftEyeRoll", "rightEyeRoll")

# The looks of the two eyes are no pair: "out" of the left eye goes with "in" of the right one.
_PARTNERS: Final = {name: name if name.startswith("eyeLook") else other_side(name) for name in CHANNELS}
"""The channel that each one makes a pair with; the channel itself where there is none."""

_Face = dict[str, float]
"""A pose by channel, to be changed."""


def worth_telling(pose: Pose, sight: Sight) -> Pose:
    """The pose without what `sight` says is no more than rest, error or the second answer to one question."""
    face = pose.by_channel()
    _tell_sides(face, sight.sides)
    if sight.lids_alike:
        _even_lids(face)
    if sight.eyeballs_lead:
        _tell_one_gaze(face)
    _leave_out_rest(face, sight.resting)
    return Pose(list(face.values()))


def with_even_lids(face: Mapping[str, float]) -> _Face:
    """The face with both eyes as far closed and squinted as they are on average, as exactly as a pose would hold it."""
    evened = dict(face)
    _even_lids(evened)
    return evened | {name: float(np.float32(evened[name])) for lids in _LIDS for name in lids}


def _even_lids(face: _Face) -> None:
    for lids in _LIDS:
        _even_out(face, lids)


def _tell_sides(face: _Face, sides: Mapping[str, float]) -> None:
    for left, difference in sides.items():
        right = other_side(left)
        middle = (face[left] + face[right]) / 2
        if left in _WAYS:
            face[left], face[right] = max(difference, 0.0), max(-difference, 0.0)
        else:
            face[left], face[right] = (min(max(middle + half, 0.0), 1.0) for half in (difference / 2, -difference / 2))


def _leave_out_rest(face: _Face, resting: Mapping[str, float]) -> None:
    """Of a pair the mean counts, so that no side is told for the little by which it is ahead."""
    at_rest = [name for name, level in resting.items() if (face[name] + face[_PARTNERS[name]]) / 2 <= level]
    _silence(face, at_rest)


def _even_out(face: _Face, channels: tuple[str, str]) -> None:
    one, other = channels
    face[one] = face[other] = (face[one] + face[other]) / 2


def _tell_one_gaze(face: _Face) -> None:
    """For each axis the eyeballs where they turn, else the lids; nothing behind closed lids."""
    closed = min(face["eyeBlinkLeft"], face["eyeBlinkRight"]) >= CLOSED_LID
    _silence(face, _EYE_ROLLS)
    for axis in _AXES:
        for look in axis.looks:
            _even_out(face, look)
        if closed:
            _silence(face, (*axis.eyeballs, *axis.looks[0], *axis.looks[1]))
            continue
        left, right = (EYE_ANGLE.per_channel_unit * face[name] for name in axis.eyeballs)
        if abs(left - right) < _CROSSED:
            _even_out(face, axis.eyeballs)
        if max(abs(face[name]) for name in axis.eyeballs) * EYE_ANGLE.per_channel_unit >= EYE_ANGLE.threshold:
            _silence(face, (*axis.looks[0], *axis.looks[1]))
        else:
            weaker = min(axis.looks, key=lambda look: face[look[0]])
            _silence(face, weaker)


def _silence(face: _Face, channels: Iterable[str]) -> None:
    for name in channels:
        face[name] = 0.0
