"""Whether the words that a model wrote of a face agree with the numbers that it gave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..channels import PAIRS
from ..pose import Pose
from .claims import Claim, Degree, claims_in
from .observation import amount_of
from .own_words import Contradiction
from .scale import COEFFICIENT
from .vocabulary import VOCABULARY, Movement, Side

NOTHING: Final = 5.0
"""Percent; below it a coefficient is 0 on the grid of tenths on which these models answer."""
EQUAL: Final = 5.0
"""Percent; sides that differ by less are equal on that grid."""
LEAST_STRONG: Final = 30.0
"""Percent; what is called strong and stays below this is slight at most."""
MOST_WEAK: Final = 60.0
"""Percent; what is called slight and lies above this is strong."""
MOST_DENIED: Final = 30.0
"""Percent; what is denied and lies above this plainly shows."""


@dataclass(frozen=True)
class Agreement:
    """claims: how many statements could be checked. contradictions: those that the numbers refute."""

    claims: int
    contradictions: tuple[Contradiction, ...]

    @property
    def share(self) -> float:
        """0..1: how many of the statements the numbers bear out; 1 where there was none to check."""
        return 1.0 - len(self.contradictions) / self.claims if self.claims else 1.0


def check_words(text: str, pose: Pose) -> Agreement:
    """Hold each claim of a text against the pose."""
    claims = claims_in(text)
    faults = ((claim, _fault(claim, pose)) for claim in claims)
    told = [Contradiction(claim.quote, fault) for claim, fault in faults if fault]
    return Agreement(len(claims), tuple(dict.fromkeys(told)))


def _fault(claim: Claim, pose: Pose) -> str:
    if claim.uneven is not None:
        return _fault_of_sides(claim, pose)
    (movement,) = claim.movements
    amount = max(_amounts(movement, claim.side, pose))
    where = "" if claim.side is Side.BOTH else f" on the {claim.side.value}"
    if claim.degree is Degree.NONE:
        return f"the numbers show {movement.noun} of {amount / 100:.2g}{where}" if amount >= MOST_DENIED else ""
    if amount < NOTHING:
        return f"the numbers show no {movement.noun}{where}{_taken_for(movement, pose)}"
    if claim.degree is Degree.STRONG and amount < LEAST_STRONG:
        return f"the numbers show {movement.noun} of only {amount / 100:.2g}{where}"
    if claim.degree is Degree.WEAK and amount > MOST_WEAK:
        return f"the numbers show {movement.noun} of {amount / 100:.2g}{where}"
    return ""


def _taken_for(movement: Movement, pose: Pose) -> str:
    """What shows instead of a movement that the model took it for."""
    shown = [
        f"{other.noun} of {amount / 100:.2g}"
        for other in VOCABULARY
        if other.noun in _TAKEN_FOR.get(movement.noun, ())
        and (amount := max(_amounts(other, Side.BOTH, pose))) >= NOTHING
    ]
    return f" but {' and '.join(shown)}" if shown else ""


_TAKEN_FOR: Final = {"smile": ("chin raise", "upper lip push")}
"""The released model calls mouthShrug an elevation of the corners."""


def _amounts(movement: Movement, side: Side, pose: Pose) -> list[float]:
    """In percent, of the channels that a phrase on this side speaks of."""
    return [amount_of(pose, direction, movement.scale) for direction in movement.directions_of(side)]


def _fault_of_sides(claim: Claim, pose: Pose) -> str:
    sided = [movement for movement in claim.movements or VOCABULARY if _has_two_parts(movement)]
    if not sided:
        return ""
    differences = {movement: _difference(movement, pose) for movement in sided}
    widest = max(sided, key=lambda movement: abs(differences[movement]))
    difference = differences[widest]
    if not claim.uneven:
        uneven = abs(difference) >= COEFFICIENT.side_difference
        return f"the numbers differ in the {_both(widest, pose)}" if uneven else ""
    if abs(difference) < EQUAL:
        return f"left and right are equal in the {_equals(sided, claim.movements, pose)}"
    if claim.side is not Side.BOTH and (difference > 0) is not (claim.side is Side.LEFT):
        agreeing = any(abs(d) >= EQUAL and (d > 0) is (claim.side is Side.LEFT) for d in differences.values())
        return "" if agreeing else f"the other side is ahead in the {_both(widest, pose)}"
    return ""


def _has_two_parts(movement: Movement) -> bool:
    """Whether left and right are two parts of the face that may do the same; the gaze and shifts are left out."""
    return tuple(direction.channel for direction in movement.directions) in PAIRS


def _difference(movement: Movement, pose: Pose) -> float:
    """Left less right, in percent."""
    left, right = _amounts(movement, Side.BOTH, pose)
    return left - right


def _both(movement: Movement, pose: Pose) -> str:
    left, right = _amounts(movement, Side.BOTH, pose)
    return f"{movement.noun}: left {left / 100:.2g}, right {right / 100:.2g}"


def _equals(sided: Sequence[Movement], named: Iterable[Movement], pose: Pose) -> str:
    return "; ".join(_both(movement, pose) for movement in sided) if tuple(named) else "whole face"
