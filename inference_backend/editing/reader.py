"""The deterministic reader of orders in words."""

from collections.abc import Callable
from dataclasses import replace

from blender_addon.core.errors import InputError, TooLargeError
from blender_addon.core.shaping.edits.kinds import (
    WHOLE,
    Add,
    Delay,
    Edit,
    Gesture,
    Loop,
    Pause,
    Retime,
    Reverse,
    WordEdit,
)
from blender_addon.core.wire import EditReply, EditRequest

from ..script.direct import plain
from . import acting_readings as acting
from . import face_readings as face
from . import lid_readings as lid
from . import time_readings as time
from .clauses import Clause, clauses_of
from .clock import Clock
from .order import Order
from .possible import refuse_impossible, refuse_large_numbers
from .respelling import respellings
from .targets import take_side, take_target
from .words import Words, marks

MOST_CHARACTERS = 2000

_READINGS: tuple[Callable[[Order], list[Edit]], ...] = (
    *(time.mirror, time.loop, time.reverse, lid.changed, face.blinks, face.camera, face.keep, time.even, time.smooth),
    *(time.neutral, time.hold, time.shift, time.speed, face.mood, face.none_of, face.no_act, face.strength),
    *(acting.feeling, acting.act, acting.further, acting.act_less),
)
"""In this order; the first that takes every word with a meaning is the one."""


def read_edits(request: EditRequest) -> EditReply:
    """The edits that the words come to, and the clauses that nothing was made of.

    Raises InputError where there are no words, too many of them or too large numbers, or a clause asks for what no
    take can do.
    """
    if not request.words.strip():
        raise InputError("There are no words.", 'Say what to change, such as "half the smile" or "no blinks".')
    if len(request.words) > MOST_CHARACTERS:
        raise TooLargeError(f"At most {MOST_CHARACTERS:,} characters are read at once.", "Say it in several orders.")
    refuse_large_numbers(request.words)
    clock = Clock(request)
    edits: list[WordEdit] = []
    lost: list[str] = []
    clauses = clauses_of(request.words, clock)
    for index, clause in enumerate(clauses):
        said = plain(request.words[clause.start : clause.end])
        found = _read(clause, clock) or _read_with(clause, clauses, index, clock) or _read_apart(clause, clock)
        found = found or _read_respelled(clause, said, clock)
        if found and _comes_with_the_next(clause, clauses, index, found):
            found = _read(replace(clause, when=clauses[index + 1].when), clock) or found
        if found and any(tuple(found) == earlier.edits for earlier in edits):
            continue  # "too much, tone it down": said twice
        if found:
            refuse_impossible(said, found, clause.when.span)
            edits.append(WordEdit(said, tuple(found)))
        else:
            lost.append(said)
    return EditReply(tuple(sorted(edits, key=_turn)), tuple(lost))


def _turn(edit: WordEdit) -> tuple[int, float]:
    """When an edit is made: all times in one order are those of the take as it was, so what moves moments comes last,
    the latest moment first."""
    first = edit.edits[0]
    if isinstance(first, Delay | Loop | Reverse):
        return 2, 0.0
    if isinstance(first, Retime):
        return 1, -(first.span.start or 0.0)
    if isinstance(first, Pause):
        return 1, -(first.at or 0.0)
    return 0, 0.0


def _comes_with_the_next(clause: Clause, clauses: list[Clause], index: int, found: list[Edit]) -> bool:
    """ "Look down and close the eyes at the end": acts that "and" joins happen at the same time."""
    following = clauses[index + 1] if index + 1 < len(clauses) else None
    if following is None or clause.when.is_said or not following.joined or not following.when.is_said:
        return False
    return all(isinstance(edit, Add | Gesture) for edit in found)


def _read(clause: Clause, clock: Clock) -> list[Edit]:
    for reading in _READINGS:
        order = Order(Words(clause.words), clause.when, clock)
        edits = reading(order)
        if edits and not order.words.left() and _heeds_time(edits, order):
            return edits
    return []


def _heeds_time(edits: list[Edit], order: Order) -> bool:
    """Whether all that was said of time has gone into the edits: nothing is dropped in silence."""
    when = order.when
    if when.speaking and not all(getattr(edit, "span", WHOLE).speaking for edit in edits):
        return False
    if when.during and not all(getattr(edit, "span", WHOLE).during for edit in edits):
        return False
    if when.together and not all(getattr(edit, "span", WHOLE).together for edit in edits):
        return False
    if when.length is not None and not any(isinstance(edit, Pause | Gesture) for edit in edits):
        return False
    timeless = any(isinstance(edit, Delay | Loop | Reverse) for edit in edits)
    return not (timeless and (order.has_span or when.point is not None))


def _read_with(clause: Clause, clauses: list[Clause], index: int, clock: Clock) -> list[Edit]:
    """ "less jaw and brows": a clause that only names a part is told what to do by its neighbour."""
    if not _only_names(clause):
        return []
    neighbours = [index - 1] if clause.joined else []
    if index + 1 < len(clauses) and clauses[index + 1].joined:
        neighbours.append(index + 1)
    for place in neighbours:
        if place < 0:
            continue
        other = clauses[place]
        words = Words(other.words)
        take_target(words)
        told = [token for position, token in enumerate(other.words) if position not in words.named]
        when = clause.when if clause.when.is_said else other.when
        if found := _read(replace(clause, words=[*told, *clause.words], when=when), clock):
            return found
    return []


def _read_apart(clause: Clause, clock: Clock) -> list[Edit]:
    """ "more cheeks less nose": two orders with nothing between them."""
    for place, token in enumerate(clause.words):
        if place and token.lower in marks("begins"):
            first = _read(replace(clause, words=clause.words[:place]), clock)
            rest = replace(clause, words=clause.words[place:])
            if token.lower in _PACES and any(isinstance(edit, Add | Gesture) for edit in first):
                continue  # "make the nod slower" asks for no other nod
            if first and (second := _read(rest, clock) or _read_apart(rest, clock)):
                return [*first, *second]
    return []


def _read_respelled(clause: Clause, said: str, clock: Clock) -> list[Edit]:
    """ "make the smil smaller": as it would have been read without the slip."""
    for text in respellings(said):
        again = clauses_of(text, clock)
        if len(again) == 1:
            one = again[0] if again[0].when.is_said else replace(again[0], when=clause.when)
            if found := _read(one, clock) or _read_apart(one, clock):
                return found
    return []


_PACES = ("slower", "faster", "quicker")


def _only_names(clause: Clause) -> bool:
    words = Words(clause.words)
    take_side(words)
    return take_target(words) is not None and not words.left()
