"""Readings of orders about blinks and winks that a take holds: longer, slower, later; less of a wink, or none."""

from collections.abc import Callable
from dataclasses import replace

from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Closing, Edit, Side

from .amounts import inverse, take_amount
from .order import Order
from .strengths import take_strength
from .targets import take_side
from .time_readings import take_length, take_shift
from .words import phrases

Edits = list[Edit]

_STAY = {Closing.BLINK: 0.15, Closing.WINK: 0.3}
"""Seconds that "longer" adds to the time for which an eye is shut."""
_SLOWER = 4 / 3
_SHORTER = 0.7
_PLAIN_SHARE = 0.3
"""The share of a change that no word of degree goes with."""


def changed(order: Order) -> Edits:
    """ "hold the blink longer", "move the wink 6 frames later", "half the wink", "wink with the left eye instead"."""
    words = order.words
    is_wink = words.take_all([("wink",)])
    if not is_wink and not words.take_all(phrases("order", "blink")):
        return []
    side = take_side(words) if is_wink else None
    if side is not None:
        order.take_words("eye side")
    event = Closing.WINK if is_wink else Closing.BLINK
    found = kinds.Closings(event, side=None if side is None else Side(side.lower()), what=f"the {event.value}s")
    places = set(words.taken)
    readings: tuple[Callable[[Order, kinds.Closings], kinds.Closings | None], ...] = (
        *(_swapped, _later, _longer, _paced),
        *((_weaker, _scaled) if is_wink else ()),
    )
    for reading in readings:
        words.taken = set(places)
        edit = reading(order, found)
        if edit is not None and not words.left():
            return [replace(edit, span=order.span)]
    words.taken = set()
    return []


def _swapped(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    if found.side is None or not order.take_words("instead"):
        return None
    order.take_words("make change use with")
    return replace(found, side=None, onto=found.side)


def _later(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    seconds = take_shift(order)
    return None if seconds is None else replace(found, seconds=seconds)


def _longer(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    held = order.words.take([("hold",), ("keep",), ("sustain",)])
    longer = order.words.take([("last", "longer"), ("longer",), ("lengthen",), ("extend",), ("too", "short")])
    shorter = not longer and order.words.take([("shorter",), ("shorten",), ("too", "long")])
    if not (held or longer or shorter):
        return None
    seconds = order.when.length if order.when.length is not None else take_length(order)
    amount = take_amount(order.words)
    order.take_words("make let have closed shut more for")
    if amount.factor is not None:
        return replace(found, pace=1 / amount.factor if shorter and amount.factor > 1 else amount.factor)
    if seconds is not None:
        return replace(found, stay=-seconds if shorter else seconds)
    if shorter:
        return replace(found, pace=1.0 - amount.of_share() if amount.is_said else _SHORTER)
    if amount.is_percent:
        return replace(found, pace=1.0 + amount.of_share())
    return replace(found, stay=order.clock.seconds(_STAY[found.event]) * amount.of_share() / _PLAIN_SHARE)


def _paced(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    lower = {token.lower for token in order.words.tokens}
    way = order.choose(("order", "slow"), ("order", "fast"))
    # "Wink slowly at the end" asks for a wink, "a slower wink" and "slow the wink down" for this one otherwise.
    if not way or lower & {"slowly", "quickly"}:
        return None
    order.take_all("order", way)
    amount = take_amount(order.words)
    order.take_words("make")
    if amount.factor is not None:
        factor = max(amount.factor, inverse(amount.factor))
    else:
        factor = 1.0 + (amount.of_share() if amount.is_said else _SLOWER - 1.0)
    return replace(found, pace=factor if way == "slow" else 1 / factor)


def _weaker(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    order.take_words("any every all")
    if order.choose(("verb", "none"), ("verb", "less")) != "none" or take_amount(order.words).is_number:
        return None
    order.take_all("verb", "none")
    return replace(found, factor=0.0)


def _scaled(order: Order, found: kinds.Closings) -> kinds.Closings | None:
    amount, way = take_strength(order)
    if not way and not amount.is_number:
        return None
    if not way and amount.factor is not None and amount.factor >= 2 and order.words.tokens[0].lower == "wink":
        return None  # "wink twice"
    order.take_all("verb", "scale")
    factor = amount.changed(way) if way else amount.share if amount.is_percent else amount.factor
    return None if factor is None else replace(found, factor=factor)
