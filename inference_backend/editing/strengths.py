"""What several readings ask: how strong, of what, and how it is called."""

from dataclasses import replace

from blender_addon.core.channels import ANGLES
from blender_addon.core.shaping.edits import kinds

from .amounts import Amount, take_amount
from .order import Order
from .targets import BLINKS, Act

AUXILIARY = "move bring push pull set turn rotate play act tilt put keep come go get raise lift press squeeze draw"
"""Verbs that only carry where something goes, or that it moves."""


def take_strength(order: Order) -> tuple[Amount, int]:
    """How much, and whether more (1), less (-1) or neither (0)."""
    verb = order.choose(("verb", "less"), ("verb", "more"))
    amount = take_amount(order.words)
    if not verb and amount.is_percent:
        verb = {"up": "more", "down": "less"}.get(
            "up" if order.take_words("up") else "down" if order.take_words("down") else "", ""
        )
    if not verb:
        return amount, 0
    order.take_all("verb", verb)
    return amount, 1 if verb == "more" else -1


def weaker(act: Act, factor: float, order: Order) -> kinds.Scale:
    """Less of an action or emotion; of an emotion without lids, speech and the turns of the head."""
    kept = (*BLINKS, "jawOpen") if act.entry.emotion else ()
    channels = tuple(
        name for name in act.channels if name not in kept and (act.entry.emotion is False or name not in ANGLES)
    )
    return kinds.Scale(channels, factor, span_of(act, order), {}, noun(act), one_sided=act.telling)


def span_of(act: Act, order: Order) -> kinds.Span:
    """Where an action is made stronger or weaker: a movement like a laugh only while all of it is there, so that the
    smile before it stays."""
    several = len(act.together) > 1 and act.entry.steps and not act.entry.emotion and not act.either_side
    if not several:
        return order.span
    told = order.span.told or f"the face shows {act.what.split(':')[0]}"
    return replace(order.span, together=(*order.span.together, *act.together), told=told)


def noun(act: Act) -> str:
    """What a sentence calls it."""
    return act.entry.name.replace("_", " ") if act.entry.emotion else f'what shows as "{act.what.split(":")[0]}"'
