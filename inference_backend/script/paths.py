"""Paths of the gaze: "her eyes follow the fly from the upper left to the lower right"."""

from collections.abc import Sequence
from dataclasses import replace

from .clauses import Clause, Link
from .words import Token, word_token

_GAZES = frozenset({"@eye", "@gaze", "@look", "follow", "track", "watch"})
_STEADY = frozenset({"follow", "track", "watch", "travel", "trace", "slide", "wander", "drift"})
_WAYS = (
    ("up", frozenset({"upper", "up", "top", "@above"})),
    ("down", frozenset({"lower", "down", "bottom", "@below"})),
    ("left", frozenset({"@left"})),
    ("right", frozenset({"@right"})),
)


def with_paths_split(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, with each path that goes up or down as a look at where it begins and one at where it ends."""
    return [part for clause in clauses for part in (_split(clause) or [clause])]


def _split(clause: Clause) -> list[Clause]:
    lower = [word.lower for word in clause.words]
    keys = {key for word in clause.words for key in word.keys}
    if clause.quote is not None or "from" not in lower or _GAZES.isdisjoint(keys):
        return []
    start = lower.index("from")
    middle = next((p for p in range(start + 1, len(lower)) if lower[p] in ("to", "towards", "toward")), 0)
    first, last = _ways(clause.words[start:middle]), _ways(clause.words[middle:])
    if not middle or not first or not last or {"up", "down"}.isdisjoint((*first, *last)):
        return []
    steady = not _STEADY.isdisjoint({base for word in clause.words for base in word.bases})
    begin = replace(clause, words=_look(clause.words[start:middle], first, steady=False), times=[])
    end = replace(clause, link=Link.BEFORE, leading=None, words=_look(clause.words[middle:], last, steady=steady))
    return [begin, end]


def _ways(words: Sequence[Token]) -> list[str]:
    return [way for way, names in _WAYS if any(not names.isdisjoint(word.keys) for word in words)]


def _look(words: Sequence[Token], ways: Sequence[str], *, steady: bool) -> list[Token]:
    start, end = words[0].start, words[-1].end
    return [word_token(word, start, end) for word in ("eyes", *ways, *(["slowly"] if steady else []))]
