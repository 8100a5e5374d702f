"""Finds entries of the lexicon in the words of a clause."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .entries import Entry, Pattern, patterns_by_first_slot
from .lexicon_files import part_classes
from .words import Token

LONGEST_SPAN = 9
"""Words over which one pattern may stretch."""


@dataclass(frozen=True)
class Match:
    """An entry and the positions of the words that named it."""

    entry: Entry
    positions: tuple[int, ...]
    pattern: Pattern

    @property
    def first(self) -> int:
        """The foremost of the words."""
        return min(self.positions)

    @property
    def last(self) -> int:
        """The hindmost of the words."""
        return max(self.positions)


def matches_in(words: Sequence[Token]) -> list[Match]:
    """The best entries that share no word, in the order of the clause.

    More words beat fewer, closer words beat distant ones, earlier ones later ones. A weak entry is
    taken only where there is no other, or where it is done in a feeling.
    """
    candidates = sorted(_candidates(words), key=_rank)
    taken: set[int] = set()
    found: list[Match] = []
    for match in candidates:
        if taken.isdisjoint(match.positions) and not _gives_way(match, found):
            found.append(match)
            taken.update(match.positions)
    found.extend(_sharing(words, candidates, found, taken))
    return sorted(found, key=lambda match: match.first)


def matches_using(words: Sequence[Token], needed: Iterable[int]) -> list[Match]:
    """The matches that use at least one of the positions `needed`."""
    wanted = set(needed)
    candidates = [match for match in _candidates(words) if not wanted.isdisjoint(match.positions)]
    taken: set[int] = set()
    found: list[Match] = []
    for match in sorted(candidates, key=_rank):
        if taken.isdisjoint(match.positions) and not _gives_way(match, found):
            found.append(match)
            taken.update(match.positions)
    return sorted(found, key=lambda match: match.first)


def _gives_way(match: Match, found: Sequence[Match]) -> bool:
    """Whether a weak entry is left out beside the others; what is done in a feeling is done: "screams in pain"."""
    in_feeling = bool(match.entry.steps) and all(other.entry.emotion for other in found)
    return match.entry.weak and bool(found) and not in_feeling


def _rank(match: Match) -> tuple[bool, int, int, int, str]:
    span = match.last - match.first
    return (match.entry.weak, -len(match.positions), span, match.first, match.entry.name)


def _candidates(words: Sequence[Token]) -> Iterator[Match]:
    by_slot = patterns_by_first_slot()
    present = frozenset().union(*(word.keys for word in words))
    for position, word in enumerate(words):
        for key in word.keys:
            for pattern in by_slot.get(key, ()):
                if (pattern.exact and word.lower != key) or not present.issuperset(pattern.slots):
                    continue
                positions = _places(words, pattern.slots, position)
                if positions:
                    yield Match(pattern.entry, positions, pattern)


def _places(words: Sequence[Token], slots: tuple[str, ...], first: int) -> tuple[int, ...] | None:
    """Where each slot is found, nearest to the word that fills the first one."""
    positions = [first]
    for slot in slots[1:]:
        nearest = min(
            (p for p, word in enumerate(words) if slot in word.keys and p not in positions),
            key=lambda p: abs(p - first),
            default=None,
        )
        if nearest is None or abs(nearest - first) > LONGEST_SPAN:
            return None
        positions.append(nearest)
    return tuple(positions)


_PART_SLOTS = part_classes("any")


_PLACES = frozenset({"@sidewise", "@aside", "@corner", "@below", "@above", "@ahead", "@tear"})


def _is_movement(match: Match, position: int) -> bool:
    """Whether the word stands for a way to move, and not for a place or a thing."""
    slot = match.pattern.slots[match.positions.index(position)]
    return slot.startswith("@") and slot not in _PLACES and slot not in _PART_SLOTS


def _sharing(words: Sequence[Token], candidates: list[Match], found: list[Match], taken: set[int]) -> list[Match]:
    """Parts left over share the movement of the others: "her eyes and mouth open wide"."""
    extra: list[Match] = []
    used = set(taken)
    for match in candidates:
        parts = {p for p in match.positions if not _PART_SLOTS.isdisjoint(words[p].keys)}
        if len(match.positions) < 2 or not parts or not parts.isdisjoint(used):
            continue
        if any(match.entry.name == other.entry.name for other in (*found, *extra)):
            continue
        shared = set(match.positions) - parts
        if shared and shared <= taken and all(_is_movement(match, position) for position in shared):
            extra.append(match)
            used.update(parts)
    return extra
