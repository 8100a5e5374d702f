"""What of a reading is worth telling: the part of a pose that stands out from what its engine reads on calm faces.

Words about a pose that was set by hand tell all of it. What a model read in a picture has levels that
mean nothing, sides that differ by its error, and two answers to where the eyes look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..channels import INDEX, other_side
from ..pose import Pose
from .expression import CLOSED_LID
from .scale import EYE_ANGLE
from .sight import Sight

_Values = list[float]
"""The channels' values by place. A list: single numbers are read and set faster in it than in an array."""

_LIDS: Final = ("eyeBlink", "eyeSquint")
_WAYS: Final = ("jawLeft", "mouthLeft")
"""Not sides of two parts, but one part that goes one way; half of it both ways would be another thing."""
_CROSSED: Final = 10.0
"""Degrees between the two eyes; more than this is not the looking at something near, and is told by eye."""


@dataclass(frozen=True)
class _Axis:
    """One way for the eyes to turn: the eyeballs' angle, and the looks of the lids that go with it, left eye first."""

    angle: str
    looks: tuple[tuple[str, str], tuple[str, str]]

    @property
    def eyeballs(self) -> tuple[str, str]:
        return f"leftEye{self.angle}", f"rightEye{self.angle}"


_AXES: Final = (
    _Axis("Yaw", (("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookInLeft", "eyeLookOutRight"))),
    _Axis("Pitch", (("eyeLookUpLeft", "eyeLookUpRight"), ("eyeLookDownLeft", "eyeLookDownRight"))),
)
_EYE_ROLLS: Final = ("leftEyeRoll", "rightEyeRoll")


def worth_telling(pose: Pose, sight: Sight) -> Pose:
    """The pose without what `sight` says is no more than rest, error or the second answer to one question."""
    values: _Values = pose.values.tolist()
    _tell_sides(values, sight.sides)
    if sight.lids_alike:
        _even_lids(values)
    if sight.eyeballs_lead:
        _tell_one_gaze(values)
    _leave_out_rest(values, sight)
    return Pose(values)


def with_even_lids(pose: Pose) -> Pose:
    """The pose with both eyes as far closed and squinted as they are on average."""
    values = pose.values.tolist()
    _even_lids(values)
    return Pose(values)


def _even_lids(values: _Values) -> None:
    for stem in _LIDS:
        _even_out(values, (f"{stem}Left", f"{stem}Right"))


def _tell_sides(values: _Values, sides: Mapping[str, float]) -> None:
    for left, difference in sides.items():
        one, other = INDEX[left], INDEX[other_side(left)]
        middle = (values[one] + values[other]) / 2
        if left in _WAYS:
            values[one], values[other] = max(difference, 0.0), max(-difference, 0.0)
        else:
            values[one], values[other] = (
                min(max(middle + half, 0.0), 1.0) for half in (difference / 2, -difference / 2)
            )


def _leave_out_rest(values: _Values, sight: Sight) -> None:
    at_rest = [name for name, level in sight.resting.items() if _amount(values, name) <= level]
    _silence(values, at_rest)


def _amount(values: _Values, channel: str) -> float:
    """How much a channel does; of a pair the mean, so that no side is told for the little by which it is ahead."""
    here, there = _places(channel)
    return (values[here] + values[there]) / 2


@cache
def _places(channel: str) -> tuple[int, int]:
    """Of a channel and of the one that it makes a pair with; of the channel twice where there is none."""
    # The looks of the two eyes are no pair: "out" of the left eye goes with "in" of the right one.
    return INDEX[channel], INDEX[channel if channel.startswith("eyeLook") else other_side(channel)]


def _even_out(values: _Values, channels: tuple[str, str]) -> None:
    one, other = (INDEX[name] for name in channels)
    values[one] = values[other] = (values[one] + values[other]) / 2


def _tell_one_gaze(values: _Values) -> None:
    """For each axis the eyeballs where they turn, else the lids; nothing behind closed lids."""
    closed = min(values[INDEX["eyeBlinkLeft"]], values[INDEX["eyeBlinkRight"]]) >= CLOSED_LID
    _silence(values, _EYE_ROLLS)
    for axis in _AXES:
        for look in axis.looks:
            _even_out(values, look)
        if closed:
            _silence(values, (*axis.eyeballs, *axis.looks[0], *axis.looks[1]))
            continue
        left, right = (EYE_ANGLE.per_channel_unit * values[INDEX[name]] for name in axis.eyeballs)
        if abs(left - right) < _CROSSED:
            _even_out(values, axis.eyeballs)
        if max(abs(values[INDEX[name]]) for name in axis.eyeballs) * EYE_ANGLE.per_channel_unit >= EYE_ANGLE.threshold:
            _silence(values, (*axis.looks[0], *axis.looks[1]))
        else:
            weaker = min(axis.looks, key=lambda look: values[INDEX[look[0]]])
            _silence(values, weaker)


def _silence(values: _Values, channels: Iterable[str]) -> None:
    for name in channels:
        values[INDEX[name]] = 0.0
