"""Where in a take an order acts that names what happens there: "remove the glance" leaves other looks as they are."""

from dataclasses import replace

from blender_addon.core.shaping.edits.kinds import WHOLE, Edit, Scale, Span

from ..script.words import Token
from .clauses import Clause
from .clock import Clock
from .happened import matching, merged
from .targets import MOVEMENTS, take_act, take_target
from .words import Words

_MARGIN = 0.15
"""Seconds to both sides in which an act sets out and goes, so that no shoulder leaves a rest of it."""
_HAPPEN = frozenset({"nod", "shake", "glance", "dart"})


def where_it_happens(edits: list[Edit], clause: Clause, clock: Clock) -> list[Edit]:
    """The edits that make something weaker or stronger, only while the take tells it; as they are where it does not."""
    if clause.when.is_said or not clock.happenings or not all(_is_everywhere(edit) for edit in edits):
        return edits
    found = matching(_naming(clause), clock)
    if not found:
        return edits
    return [
        replace(edit, span=_around(start, end, clock))
        for edit in edits
        if isinstance(edit, Scale)
        for start, end in merged(found)
    ]


def _around(start: float, end: float, clock: Clock) -> Span:
    first, last = start - _MARGIN, end + _MARGIN
    return Span(first if first > 0 else None, last if last < clock.end else None)


def _is_everywhere(edit: Edit) -> bool:
    """Whether it does not look for what it changes by itself."""
    return isinstance(edit, Scale) and not edit.one_sided and edit.span == WHOLE


def _naming(clause: Clause) -> list[Token]:
    """The words that name an act or a feeling, where they name no part of the face as well."""
    words = Words(clause.words)
    act = take_act(words)
    named = [token for place, token in enumerate(clause.words) if place in words.taken]
    if act is None:
        named = [token for token in clause.words if token.bases & _HAPPEN]
    target = take_target(Words(named))
    is_free = target is None or target.what in MOVEMENTS or (act is not None and bool(act.entry.emotion))
    return named if is_free else []
