"""Readings of orders that count or number what happens: "nod three times", "only one blink", "the second nod"."""

from collections.abc import Sequence
from dataclasses import replace

from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit, Span
from blender_addon.core.wire import Happening

from ..script.words import Form, Token
from .clauses import Clause, When
from .clock import Clock
from .face_readings import a_blink
from .happened import ORDINALS, matching
from .order import Order
from .targets import Act, take_act, take_side
from .words import Words, grammar, phrases

Edits = list[Edit]

COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "single": 1, "once": 1, "twice": 2}
COUNTS |= {"thrice": 3, "another": 1, "extra": 1, "additional": 1}
_MOST = 20
_ONLY = frozenset({"only", "just", "single"})
_MORE = frozenset({"more", "another", "extra", "additional", "further", "add", "insert"})
_FEWER = frozenset({"less", "fewer"})
_WITHOUT = frozenset({"remove", "delete", "lose", "drop", "erase", "cut", "kill", "without"})
_AROUND = frozenset({"make", "let", "have", "give", "do", "put", "out", "in", "take", "keep", "leave", "total", "most"})
_GAP = 0.3
"""Seconds between a nod and one that is put behind it."""


def counted(clause: Clause, clock: Clock) -> Edits | None:
    """The edits of an order that counts; None of one that does not, empty where what it counts is not known."""
    lower = [token.lower for token in clause.words]
    count, counting = _count(clause.words)
    if count is None and "fewer" in lower and (act := _gesture([t for t in clause.words if t.lower != "fewer"])):
        order = Order(Words(clause.words), clause.when, clock)
        return _without(_of(clause.words, order)[1::2], act, order)  # every other one
    if count is None or not 1 <= count <= _MOST:
        return None
    rest = [token for place, token in enumerate(clause.words) if place not in counting]
    said = {token.lower for token in rest} | {lower[place] for place in counting}
    noun = [token for token in rest if token.lower not in _ONLY | _MORE | _FEWER | _WITHOUT | _AROUND | ORDINALS.keys()]
    is_blink = bool(Words(noun).find(phrases("order", "blink"))) and not _other_words(noun, phrases("order", "blink"))
    act = None if is_blink else _gesture(noun)
    if act is None and not is_blink:
        # "Raise the brows twice" is no stronger raise.
        is_last = {"times", "time", "twice", "thrice"} & {lower[-1]} and len(lower) - 1 in counting
        return [] if is_last and take_act(Words(noun)) is not None else None
    order = Order(Words(clause.words), clause.when, clock)
    if said & _ONLY and not (said & _WITHOUT) and not ("single" in said and order.has_span):
        return _without(_of(noun, order)[count:], act, order) if len(_of(noun, order)) >= count else []
    if said & (_FEWER | _WITHOUT) or ("take" in said and "out" in said):
        found = _of(noun, order)
        return _without(found[len(found) - count :], act, order) if len(found) >= count else []
    is_verb = bool({"times", "time", "once", "twice", "thrice"} & said)
    is_timed = order.moment is not None or order.has_span
    return _more(count, act, order, noun) if said & _MORE or is_verb or is_timed else None


def _count(words: Sequence[Token]) -> tuple[int | None, set[int]]:
    """How many, and the words that say it; None where they compare: "three times as strong", "twice the nod"."""
    for place, token in enumerate(words):
        following = words[place + 1].lower if place + 1 < len(words) else ""
        behind = words[place + 2].lower if place + 2 < len(words) else ""
        number = int(token.text) if token.form is Form.NUMBER and token.text.isdigit() else COUNTS.get(token.lower)
        if number is None or following in (
            "%",
            "percent",
            "per",
            "second",
            "seconds",
            "frame",
            "frames",
            "s",
            "x",
            "third",
        ):
            continue
        if following in ("times", "time"):
            compared = behind in ("as", "the", "more", "her", "his", "their") or behind.endswith("er")
            return (None, set()) if compared else (number, {place, place + 1})
        if token.lower in ("twice", "thrice") and following in ("as", "the", "her", "his", "their", "more"):
            return None, set()
        return number, {place}
    return None, set()


def _gesture(noun: Sequence[Token]) -> Act | None:
    """A movement that comes and goes, if the words name that and nothing else."""
    words = Words(noun)
    act = take_act(words, emotion=False)
    take_side(words)
    words.take_all([("eye",), ("head",), ("yes",), ("no",)])
    return act if act is not None and act.entry.steps and not words.left() else None


def _other_words(noun: Sequence[Token], known: Sequence[tuple[str, ...]]) -> bool:
    words = Words(noun)
    words.take_all(known)
    words.take_all([("eye",), ("of",)])
    return bool(words.left())


def _of(noun: Sequence[Token], order: Order) -> tuple[Happening, ...]:
    """What there is of it, within the span that is said."""
    span = order.span
    first, last = span.start or 0.0, order.clock.end if span.end is None else span.end
    return tuple(
        one for one in matching(_telling(noun), order.clock) if first <= 0.5 * (one.start + one.end) <= last + 1e-6
    )


def _telling(noun: Sequence[Token]) -> list[Token]:
    return [token for token in noun if token.is_word and token.lower not in grammar()]


def _without(found: Sequence[Happening], act: Act | None, order: Order) -> Edits:
    return [_taken_out(one, act, order) for one in found]


def _taken_out(one: Happening, act: Act | None, order: Order) -> Edit:
    span = replace(order.span, start=one.start, end=one.end)
    if act is None:
        return kinds.Blinks(0.0, span)
    if act.entry.name == "wink":
        return kinds.Closings(kinds.Closing.WINK, factor=0.0, span=span, what="the winks")
    return kinds.Scale(act.channels, 0.0, span, {}, f'"{act.what}" once', one_sided=act.telling)


def _more(count: int, act: Act | None, order: Order, noun: Sequence[Token]) -> Edits:
    if act is None:
        if order.moment is None and not order.has_span and {token.lower for token in order.words.tokens} & _MORE:
            return [kinds.Blinks(1.0, more=count)]
        first = order.moment_for(0.26 + 0.4 * (count - 1))
        return [a_blink(first + 0.4 * number) for number in range(count)]
    length = act.steps[-1][0]
    found = _of(noun, order)
    asks_for_more = {token.lower for token in order.words.tokens} & {"more", "another", "extra", "additional"}
    if asks_for_more and found and order.moment is None and not order.has_span:
        first = found[-1].end
    else:
        first = order.moment_for(count * length)
    return [kinds.Gesture(first + number * length, act.steps, act.what) for number in range(count)]


def numbered(clause: Clause, clock: Clock) -> Clause:
    """ "Make the second nod bigger": the clause without the number, in the span of that nod; lost without one."""
    if clause.when.is_said or len(clause.words) < 2:
        return clause
    for place, token in enumerate(clause.words[:-1]):
        number = ORDINALS.get(token.lower)
        if number is None:
            continue
        found = matching(clause.words[place + 1 : place + 2], clock) or matching(
            clause.words[place + 2 : place + 3], clock
        )
        if not found:
            continue
        words = [other for at, other in enumerate(clause.words) if at != place]
        if any(other.lower in ("keep", "leave") for other in words):
            return replace(clause, is_lost=True)  # to be left as it is, which holds nothing still
        if not -len(found) <= number < len(found):
            return replace(clause, is_lost=True)
        one = found[number]
        when = When(Span(one.start, one.end), is_said=True)
        return replace(clause, words=words, when=when)
    return clause
