"""The deterministic reader of orders in words."""

from collections.abc import Callable, Sequence
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
    Scale,
    Span,
    WordEdit,
)
from blender_addon.core.wire import EditReply, EditRequest

from ..script.direct import plain
from . import act_times
from . import acting_readings as acting
from . import face_readings as face
from . import lid_readings as lid
from . import time_readings as time
from .clauses import Clause, clauses_of, spared_throughout
from .clock import Clock
from .counting import counted, numbered
from .happened import matching
from .narrowing import where_it_happens
from .order import Order
from .possible import refuse_impossible, refuse_large_numbers
from .respelling import respellings
from .rewording import in_full
from .sparing import sparing
from .targets import part_nouns, take_side, take_target
from .words import Words, grammar, marks

MOST_CHARACTERS = 2000

_READINGS: tuple[Callable[[Order], list[Edit]], ...] = (
    *(
        act_times.other_way,
        time.mirror,
        time.loop,
        time.reverse,
        lid.changed,
        act_times.paced,
        act_times.longer,
        face.blinks,
        face.camera,
        face.keep,
        time.even,
        time.smooth,
    ),
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
    clauses = in_full(spared_throughout(clauses_of(request.words, clock)))
    clauses = [numbered(replace(one, is_lost=one.is_lost or _denies_twice(one)), clock) for one in clauses]
    said = [plain(request.words[clause.start : clause.end]) for clause in clauses]
    found = [_found(clauses, index, words, clock) for index, words in enumerate(said)]
    _withdraw_unlimited(clauses, found)
    for clause, words, one in zip(clauses, said, found, strict=True):
        refuse_impossible(words, one, clause.when.span if one else None)
    edits: list[WordEdit] = []
    for words, one in zip(said, found, strict=True):
        if one and not any(_same(one, earlier.edits) for earlier in edits):  # "too much, tone it down": said twice
            edits.append(WordEdit(words, tuple(one)))
    lost = [index for index, one in enumerate(found) if not one]
    unread = dict.fromkeys(word for index in lost for word in _unread(clauses[index], clock))
    return EditReply(tuple(sorted(edits, key=_turn)), tuple(said[index] for index in lost), tuple(unread))


def _found(clauses: list[Clause], index: int, said: str, clock: Clock) -> list[Edit]:
    clause = clauses[index]
    found = _read(clause, clock) or _read_with(clause, clauses, index, clock) or _read_apart(clause, clock)
    found = found or _read_respelled(clause, said, clock)
    if found and _comes_with_the_next(clause, clauses, index, found):
        return _read(replace(clause, when=clauses[index + 1].when), clock) or found
    return found


def _withdraw_unlimited(clauses: list[Clause], found: list[list[Edit]]) -> None:
    """What a clause that is not understood was to limit is not done without the limit: "smile more, only where ..."."""
    for index, clause in enumerate(clauses):
        first = clause.words[0].lower if clause.words else ""
        only_where = all(token.lower in grammar() | _SIDES for token in clause.words)
        if found[index] or not (first in _RESTRICTING or only_where):
            continue
        if first == "only":
            found[:] = [[] for _ in found]
        elif index:
            found[index - 1] = []


_SIDES = frozenset({"left", "right", "side"})
_RESTRICTING = frozenset({"only", "just", "still", "change", "not", "never", "except"})
_RESTRICTING |= {"leave", "leaving", "keep", "keeping"}


def _unread(clause: Clause, clock: Clock) -> list[str]:
    """The words that the reading which gets furthest has no use for; none where the rest is no order either."""
    if clause.is_lost or any("not" in token.bases or token.lower in _RESTRICTING for token in clause.words):
        return []
    fewest: list[str] = []
    for reading in _READINGS:
        order = Order(Words(clause.words), clause.when, clock)
        left = [token.text for token in order.words.left()] if reading(order) else []
        if left and (not fewest or len(left) < len(fewest)):
            fewest = left
    return fewest


def _same(edits: Sequence[Edit], earlier: Sequence[Edit]) -> bool:
    """Whether they come to the same; what is made weaker has no use for a seed."""
    one, other = (
        [replace(edit, seed={}) if isinstance(edit, Scale) and edit.factor < 1 else edit for edit in some]
        for some in (edits, earlier)
    )
    return one == other


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


def _span_of_one(clause: Clause, number: int, clock: Clock) -> Span | None:
    """When the one of what a clause is about happens that has the number."""
    found = next((named for token in clause.words if (named := matching([token], clock))), ())
    return Span(found[number].start, found[number].end) if -len(found) <= number < len(found) else None


def _comes_with_the_next(clause: Clause, clauses: list[Clause], index: int, found: list[Edit]) -> bool:
    """ "Look down and close the eyes at the end": acts that "and" joins happen at the same time."""
    following = clauses[index + 1] if index + 1 < len(clauses) else None
    if following is None or clause.when.is_said or not following.joined or not following.when.is_said:
        return False
    return all(isinstance(edit, Add | Gesture) for edit in found)


def _read(clause: Clause, clock: Clock) -> list[Edit]:
    if clause.is_lost:
        return []
    counting = counted(clause, clock)
    if counting is not None:
        return _sparing(counting, clause, clock)
    for reading in _READINGS:
        order = Order(Words(clause.words), clause.when, clock)
        edits = reading(order)
        if edits and not order.words.left() and _heeds_time(edits, order):
            return _sparing(where_it_happens(edits, clause, clock), clause, clock)
    return []


def _denies_twice(clause: Clause) -> bool:
    """ "Don't remove the smile", "never make it smaller": whatever is meant, it is not that the smile goes."""
    lower = [token.lower for token in clause.words]
    denied = [place for place, token in enumerate(clause.words) if "not" in token.bases or token.lower == "never"]
    if not denied:
        return False
    undone = {word for word in lower[denied[0] + 1 :] if word in marks("undoes")}
    found = take_target(Words(clause.words))
    if found is not None and found.what in part_nouns():
        undone -= {"drop", "lower"}  # "don't drop the jaw"
    return bool(undone) or not marks("still").isdisjoint(lower[denied[0] + 1 :])


def _sparing(edits: list[Edit], clause: Clause, clock: Clock) -> list[Edit]:
    """Without what the clause leaves out; none where that cannot be done, as then nothing may be."""
    for one in clause.left_out:
        if one.when.length is not None:
            return []
        span = Order(Words([]), one.when, clock).span if one.when.is_said else None
        if one.number is not None and (span := _span_of_one(clause, one.number, clock)) is None:
            return []
        edits = sparing(edits, one.excepted, span)
    return edits


def _heeds_time(edits: list[Edit], order: Order) -> bool:
    """Whether all that was said of time has gone into the edits: nothing is dropped in silence."""
    when = order.when
    if when.silent and not all(getattr(edit, "span", WHOLE).apart for edit in edits):
        return False
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
        is_alone = place == len(clause.words) - 1 and token.lower in ("more", "less")  # "nod once more"
        if place and token.lower in marks("begins") and not is_alone:
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
