"""Readings of orders about when an act of the take happens, and how long it lasts: a slower nod, a longer sad look."""

from blender_addon.core.channels import CHANNELS, other_side
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit, Span
from blender_addon.core.wire import Happening, HappeningKind

from .amounts import take_amount
from .happened import matching, merged, named_at
from .order import Order
from .targets import take_act
from .time_readings import pace_of, take_length
from .words import Words

Edits = list[Edit]

_LONGER = 0.5
_MARGIN = 0.15
"""Seconds to both sides in which an act sets out and goes."""
_LENGTHENS = (
    "hold holds keep sustain longer longe last lasts lasting more extend stretch linger stay for make let on dwell"
)


def paced(order: Order) -> Edits:
    """ "A slower nod", "nod faster", "slow down the head shake": of a movement that the take tells."""
    way = order.choose(("order", "slow"), ("order", "fast"))
    found = _take_named(order) if way else ()
    span = order.when.span
    if span is not None and span.start is not None and span.end is not None:  # "the second nod"
        found = tuple(one for one in found if span.start <= (one.start + one.end) / 2 <= span.end)
    elif order.when.is_said:
        return []
    if not found or {"long", "longer", "short", "shorter"} & _lower(order):
        return []
    order.take_all("order", way)
    amount = take_amount(order.words)
    order.take_words("speed pace make more slower faster")
    # The latest first: what comes behind a slower moment is later.
    spans = reversed(merged(found))
    return [kinds.Retime(pace_of(way, amount), Span(start, end), "it") for start, end in spans]


def other_way(order: Order) -> Edits:
    """ "Look right instead of left": an act that the take tells, to the other side."""
    lower = [token.lower for token in order.words.tokens]
    if "instead" not in lower or not {"left", "right"} <= set(lower):
        return []
    old = "left" if lower.index("left") > lower.index("instead") else "right"
    place = lower.index(old)
    named = [token for at, token in enumerate(order.words.tokens) if at != place and token.lower != "instead"]
    act = take_act(Words(named))
    found = tuple(
        one for one in matching(named, order.clock) if f"to the {old}" in one.does or old in one.words.lower()
    )
    if act is None or not found:
        return []
    order.words.take_tokens(order.words.tokens)
    channels = tuple(name for name in CHANNELS if name in act.channels or other_side(name) in act.channels)
    edits: Edits = []
    for start, end in merged(found):
        span = Span(max(start - _MARGIN, 0.0), min(end + _MARGIN, order.clock.end))
        edits.append(kinds.Mirror(span, f'"{found[0].words}"', channels))
    return edits


def longer(order: Order) -> Edits:
    """ "Hold the sad look a second longer", "a longer glance": what the face shows there stays for a while."""
    lower = _lower(order)
    if not lower & {"longer", "hold", "extend", "linger", "sustain"} or order.when.span is not None:
        return []
    seconds = order.when.length if order.when.length is not None else take_length(order)
    amount = take_amount(order.words)
    found = _take_named(order, is_movement=False)
    if len(found) != 1 or amount.is_number:
        return []
    order.take_words(_LENGTHENS)
    if seconds is None:
        seconds = _LONGER if "longer" in lower else 1.0
    one = found[0]
    return [kinds.Pause(seconds, (one.start + one.end) / 2, (), f'the moment of "{one.words}"')]


def _lower(order: Order) -> set[str]:
    return {token.lower for token in order.words.tokens}


def _take_named(order: Order, *, is_movement: bool = True) -> tuple[Happening, ...]:
    """The acts that the words name; empty where that is a look that stays, and a movement is asked for, or else."""
    for place, token in enumerate(order.words.tokens):
        if place in order.words.taken or not token.is_word:
            continue
        named = named_at(order.words.tokens, place, order.clock)
        if named is None or any(one.kind is not HappeningKind.ACT for one in named.found):
            continue
        own = order.words.tokens[place : named.last]
        act = take_act(Words(own))
        moves = act is not None and bool(act.entry.steps)
        if moves is not is_movement or any(one.bases & {"smile", "frown"} for one in own):
            return ()
        order.words.taken |= set(range(place, named.last))
        return named.found
    return ()
