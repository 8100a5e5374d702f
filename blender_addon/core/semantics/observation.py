"""Between a pose and its words: which movements are seen, on which side, how much."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..channels import CHANNEL_COUNT, INDEX
from ..pose import Face, Pose
from .scale import Scale
from .vocabulary import VOCABULARY, Direction, Movement, Side

_DECIMALS = 3
"""Poses are float32: 0.1 comes back as 0.10000000149, 0.64 as 0.63999998569. Rounding mends that."""


@dataclass(frozen=True)
class Observation:
    """One movement that is seen.

    parts: a side and the amount there, in the unit of the movement's scale; the stronger side first.
    """

    movement: Movement
    parts: tuple[tuple[Side, float], ...]

    @property
    def strength(self) -> float:
        """The strongest amount against the most that is usual: comparable between scales."""
        return self.parts[0][1] / self.movement.scale.usual_maximum

    @property
    def names_a_side(self) -> bool:
        """Whether the sides differ enough to be told apart."""
        return self.parts[0][0] is not Side.BOTH


def amount_of(face: Face, direction: Direction, scale: Scale) -> float:
    """How far a channel goes in one direction, in the unit of the scale; negative for the other way."""
    return round(direction.sign * face[direction.channel] * scale.per_channel_unit, _DECIMALS)


def observe(face: Face) -> list[Observation]:
    """Everything in a face that is worth a word, each channel once.

    What several channels do alike is one observation ("corners strongly up"). A movement is told by
    sides only where these differ noticeably (`Scale.are_alike`).
    The strongest comes first, but what a whole region does before what parts of it do: "lowered, inner
    ends raised" is clear, and "inner ends raised, lowered" is not.
    """
    told: set[Direction] = set()
    seen: list[Observation] = []
    visible = _visible_movements(face)
    for movement, amounts in visible:
        scale = movement.scale
        is_whole = min(amounts) >= scale.threshold and scale.are_alike(amounts)
        if is_whole and told.isdisjoint(movement.directions):
            seen.append(_together(movement, amounts))
            told.update(movement.directions)
    for movement, amounts in visible:
        if movement.has_sides and not told.issuperset(movement.directions):
            seen.extend(_by_sides(movement, amounts, told))
    return sorted(seen, key=lambda observation: (not observation.movement.is_of_whole_region, -observation.strength))


_MEASURES = tuple(
    (movement, {way.channel: way.sign * movement.scale.per_channel_unit for way in movement.directions})
    for movement in VOCABULARY
)
"""Each movement with its channels, and what makes amounts of their values."""


def _visible_movements(face: Face) -> list[tuple[Movement, list[float]]]:
    """The movements of which some channel is worth a word, with the amount of each of their channels."""
    measured = (
        (movement, [round(face[name] * factor, _DECIMALS) for name, factor in factors.items()])
        for movement, factors in _MEASURES
    )
    return [(movement, amounts) for movement, amounts in measured if max(amounts) >= movement.scale.threshold]


def _together(movement: Movement, amounts: list[float]) -> Observation:
    # The middle of the range, not the mean: it is never further than half the range from any of them.
    middle = (min(amounts) + max(amounts)) / 2
    return Observation(movement, ((Side.BOTH, max(middle, movement.scale.threshold)),))


def _by_sides(movement: Movement, amounts: list[float], told: set[Direction]) -> list[Observation]:
    """What is left to say of a movement with sides: nothing, both at once, one side, or each side."""
    scale = movement.scale
    if told.isdisjoint(movement.directions) and not movement.independent and scale.are_alike(amounts):
        return [_together(movement, amounts)]
    by_side = zip((Side.LEFT, Side.RIGHT), movement.directions, amounts, strict=True)
    parts = [(side, amount) for side, way, amount in by_side if way not in told and amount >= scale.threshold]
    return [Observation(movement, tuple(sorted(parts, key=lambda part: -part[1])))] if parts else []


def to_pose(observations: Iterable[Observation]) -> Pose:
    """The pose that is seen so; channels that no observation speaks of are 0.

    Raise ValueError where two observations speak of the same channel.
    """
    values = np.zeros(CHANNEL_COUNT)
    told: set[str] = set()
    for observation in observations:
        scale = observation.movement.scale
        for side, amount in observation.parts:
            for direction in observation.movement.directions_of(side):
                if direction.channel in told:
                    raise ValueError(f"{direction.channel} is described twice")
                told.add(direction.channel)
                values[INDEX[direction.channel]] = direction.sign * amount / scale.per_channel_unit
    return Pose(values)
