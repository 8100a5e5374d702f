"""Blinks and winks as they are in the curves: weaker, longer, slower, later or of the other eye, each by itself.

What an event adds is told apart from what the face does beneath it: the lid runs straight from where it begins to where
it ends, and what a wink squeezes goes no further than at the higher of the two.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...channels import INDEX, other_side
from .blinks import Blink, blinks_in, closings_of, is_of_both
from .kinds import Closing, Closings, Side
from .weights import weights

Array = NDArray[np.float64]

_WINK_REACH: Final = 1.0
"""Seconds to both sides of the deepest moment of a wink in which the eye is open again."""
_WINK_WIDTH: Final = 1.2
"""Seconds of a wink at most, where it is half as deep as it gets; an eye that stays shut longer is closed."""
_WINK_LEAST: Final = 0.3
"""How much further than the other lid one goes in a wink; trackers see the lids of a turned head unevenly."""
_SQUEEZED: Final[Mapping[str, float]] = {"cheekSquint": 0.6, "eyeSquint": 0.45, "mouthSmile": 0.25}
"""What a wink squeezes on its side, and how far at most: a little more than the built-in performer's."""
_LAG: Final = 0.25
"""Seconds by which cheek and mouth corner come and go before or after the lid."""

Found = tuple[Side | None, Blink]
"""The side of a wink, None of a blink, and where it is."""


def closings_in(times: Array, values: Array, edit: Closings) -> list[Found]:
    """The events that an edit speaks of, in order."""
    share = weights(times, values, edit.span, shoulder=0.0)
    found: list[Found] = []
    if edit.event is Closing.BLINK:
        found = [(None, blink) for blink in blinks_in(times, values)]
    else:
        for side in Side if edit.side is None else (edit.side,):
            own, other = (values[:, INDEX[f"eyeBlink{_named(of)}"]] for of in (side, _opposite(side)))
            alone = np.maximum(own - other, 0.0)
            winks = closings_of(times, alone, _WINK_REACH, _WINK_WIDTH, _WINK_LEAST)
            found += [(side, wink) for wink in winks if not is_of_both(values, wink)]
    return sorted((one for one in found if share[one[1].top] > 0.5), key=lambda one: one[1].top)


def lids_of_closings(times: Array, values: Array) -> dict[str, Array]:
    """By lid: what blinks and winks put there."""
    found = {f"eyeBlink{_named(side)}": np.zeros(len(times)) for side in Side}
    for event in Closing:
        for side, closing in closings_in(times, values, Closings(event)):
            for name, own in _own(times, values, side, closing).items():
                if name in found:
                    found[name] = np.maximum(found[name], own)
    return found


def with_closings(times: Array, values: Array, edit: Closings) -> Array:
    """The events changed; see `Closings`."""
    result = values.copy()
    for side, event in closings_in(times, values, edit):
        for name, own in _own(times, values, side, event).items():
            goal = name if edit.onto in (None, side) else other_side(name)
            result[:, INDEX[name]] -= own
            changed = np.interp(_taken_from(times, float(times[event.top]), edit), times, own)
            result[:, INDEX[goal]] += edit.factor * changed
    return result


def _taken_from(times: Array, top: float, edit: Closings) -> Array:
    """The moment of the event as it was that each moment shows: later, slower about its top, held there."""
    since = times - edit.seconds - top
    held = np.where(since > 0, np.maximum(since - edit.stay, 0.0), since)
    return np.asarray(top + held / max(edit.pace, 1e-6))


def _own(times: Array, values: Array, side: Side | None, event: Blink) -> dict[str, Array]:
    """By channel: what the event alone puts there, 0 outside of it."""
    here = np.arange(event.first, event.last + 1)
    sides = ("Left", "Right") if side is None else (_named(side),)
    found = {f"eyeBlink{one}": _above_line(times, values[:, INDEX[f"eyeBlink{one}"]], here) for one in sides}
    if side is None:
        return found
    lid = found[f"eyeBlink{_named(side)}"]
    near = np.flatnonzero((times >= times[event.first] - _LAG) & (times <= times[event.last] + _LAG))
    reach = np.array([lid[np.abs(times - times[place]) <= _LAG].max() for place in near]) / max(float(lid.max()), 1e-6)
    for shape, most in _SQUEEZED.items():
        name = f"{shape}{_named(side)}"
        column = values[near, INDEX[name]]
        own = np.zeros(len(times))
        own[near] = np.clip(column - max(column[0], column[-1]), 0.0, most * reach)
        found[name] = own
    return found


def _above_line(times: Array, column: Array, here: NDArray[np.intp]) -> Array:
    line = np.interp(times[here], times[here[[0, -1]]], column[here[[0, -1]]])
    own = np.zeros(len(times))
    own[here] = np.maximum(column[here] - line, 0.0)
    return own


def _named(side: Side) -> str:
    """As channel names spell it."""
    return side.value.title()


def _opposite(side: Side) -> Side:
    return Side.RIGHT if side is Side.LEFT else Side.LEFT
