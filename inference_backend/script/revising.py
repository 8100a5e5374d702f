"""Clauses that say nothing new, but take back part of what the one before them said."""

from collections.abc import Sequence
from dataclasses import replace

from .entries import Sides
from .events import Event
from .feelings import limits_to_mouth, spares_eyes, stays_in_mouth, unfelt
from .lexicon_files import word_set
from .sides import DEFAULT_SIDE, LEFT, RIGHT, on_side
from .words import Token


def revised(words: Sequence[Token], told: Sequence[Event], *, without: bool = False) -> list[Event] | None:
    """What was told as the clause has it after all; None where it revises nothing."""
    if not any(event.entry.whole and "mouthSmileLeft" in event.channels for event in told):
        return None
    own = any("smile" in word.bases or ("mouth" in word.bases and not limits_to_mouth(words)) for word in words)
    if spares_eyes(words, without=without) or (stays_in_mouth(words) and not own):
        return [unfelt(event) for event in told]
    side = _only_side(words)
    return None if side is None else [_limited(event, side) for event in told]


def _only_side(words: Sequence[Token]) -> str | None:
    """ "only one side of his mouth obeys", "just the left corner goes up"."""
    lower = [word.lower for word in words]
    limits = {"only", "just"} & set(lower) and {"side", "corner", "half"} & set(lower)
    if not limits or word_set("obeys").isdisjoint({base for word in words for base in word.bases}):
        return None
    return LEFT if "left" in lower else RIGHT if "right" in lower else DEFAULT_SIDE


def _limited(event: Event, side: str) -> Event:
    if event.side is not None or event.entry.sides is Sides.WAY:
        return event
    return replace(event, pose=on_side(event.pose, event.entry, side), side=side)
