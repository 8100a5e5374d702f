"""Degrees that are told against what was done before: "then more broadly", "then less", "then 80 %"."""

import math
from collections.abc import Sequence

from .manner import degree_of, strength_of
from .words import Form, Token

STEP_UP = 1.4
STEP_DOWN = 0.6
"""Factors on the degree of an act that is done "more" or "less" than before."""
LITTLE, MUCH = 0.5, 1.6
"""How many such steps "a little more" and "much more" take."""
A_LOT = 1.3
"""The degree of "a lot"."""
_LITTLE = frozenset({"little", "bit", "slightly", "touch", "tad", "somewhat"})
_MUCH = frozenset({"much", "far", "lot", "lots", "considerably", "significantly"})


def is_amount(words: Sequence[Token]) -> bool:
    """ "100 %", "at 40 percent": how much, and no more than that."""
    marks = [word.lower for word in words if word.form is not Form.NUMBER]
    numbers = len(words) - len(marks)
    return numbers == 1 and not {"%", "percent"}.isdisjoint(marks) and _FILLS.issuperset(marks)


_FILLS = frozenset({"%", "percent", "at", "to", "up", "down", "about", "only", "just", "nearly", "almost", "then"})


def changes_degree(words: Sequence[Token]) -> bool:
    """Whether any of the words says how much: "slightly", "less", "broader"."""
    return any(word.lower in ("more", "less", "lot") or degree_of(word) is not None for word in words)


def degree_after(before: float, words: Sequence[Token]) -> float:
    """The degree that the words give an act that was done in the degree `before`."""
    lower = {word.lower for word in words}
    compared = bool(lower & {"more", "less"})
    told = [word for word in words if not (compared and word.lower in _LITTLE | _MUCH)]
    graded = any(degree_of(word) is not None for word in told)
    factor = strength_of(told)
    if not (compared or any(map(is_comparative, words))):
        return A_LOT if "lot" in lower and not graded else factor
    if "less" in lower:
        return before * _step(STEP_DOWN, lower)
    if factor < 1.0:  # "more gently"
        return min(factor, before * _step(STEP_DOWN, lower))
    raised = before * _step(STEP_UP, lower)
    return max(factor, raised) if graded else raised


def _step(full: float, lower: set[str]) -> float:
    """The factor of a step that is as big as the words beside "more" or "less" say."""
    return math.pow(full, LITTLE if lower & _LITTLE else MUCH if lower & _MUCH else 1.0)


def is_comparative(word: Token) -> bool:
    """ "broader", "wider", "harder"."""
    return word.lower.endswith("er") and degree_of(word) is not None
