"""The words of one clause, and what of them has been taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from ..script.lexicon_files import table
from ..script.words import Form, Token

GAP = "~"
_LONGEST_GAP = 6
_PASSED = frozenset(["the", "a", "an", "her", "his", "their", "its", "of", "this", "that", "to", "it"])
"""Words that may stand between those of a phrase."""

Phrase = tuple[str, ...]


@cache
def phrases(*path: str) -> tuple[Phrase, ...]:
    """A list of phrases in editing.toml, longest first."""
    found = table("editing")
    for name in path:
        found = found[name]
    return tuple(sorted((tuple(one.split()) for one in str(found).split("|")), key=lambda phrase: -len(phrase)))


@cache
def grammar() -> frozenset[str]:
    """Words that ask for nothing."""
    return frozenset(str(table("editing")["grammar"]["words"]).split())


@cache
def marks(name: str) -> frozenset[str]:
    """Words, as they are written, that tell one reading from another."""
    return frozenset(str(table("editing")["mark"][name]).split())


@dataclass
class Words:
    """The tokens of a clause.

    taken: the positions of those that a reading has understood. named: of these, what names a part of the face.
    """

    tokens: Sequence[Token]
    taken: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)

    def find(self, wanted: Iterable[Phrase]) -> tuple[int, ...]:
        """Where the first of the phrases stands among the words that are left; empty where none does."""
        for phrase in wanted:
            for start in range(len(self.tokens)):
                if places := self._places(phrase, start):
                    return places
        return ()

    def take(self, wanted: Iterable[Phrase]) -> bool:
        """Take the first of the phrases that is there; whether one was."""
        places = self.find(wanted)
        self.taken.update(places)
        return bool(places)

    def take_all(self, wanted: Sequence[Phrase]) -> bool:
        """Take every one of the phrases that is there; whether any was."""
        found = False
        while self.take(wanted):
            found = True
        return found

    def name(self, places: Iterable[int]) -> None:
        """Take what names a part of the face."""
        self.taken.update(places)
        self.named.update(places)

    def left(self) -> list[Token]:
        """The words with a meaning that nothing has taken."""
        return [
            token
            for position, token in enumerate(self.tokens)
            if position not in self.taken and not (token.is_word and token.lower in grammar())
        ]

    def free(self) -> list[Token]:
        """All that nothing has taken."""
        return [token for position, token in enumerate(self.tokens) if position not in self.taken]

    def take_tokens(self, tokens: Iterable[Token]) -> None:
        """Take these very tokens."""
        wanted = {id(token) for token in tokens}
        self.taken |= {position for position, token in enumerate(self.tokens) if id(token) in wanted}

    def _places(self, phrase: Phrase, start: int) -> tuple[int, ...]:
        if not self._is(phrase[0], start):
            return ()
        places, gap = [start], False
        for slot in phrase[1:]:
            if slot == GAP:
                gap = True
                continue
            place = self._next(slot, places[-1], any_word=gap)
            if place is None:
                return ()
            places.append(place)
            gap = False
        return tuple(places)

    def _next(self, slot: str, after: int, *, any_word: bool) -> int | None:
        for place in range(after + 1, min(after + 2 + (_LONGEST_GAP if any_word else 2), len(self.tokens))):
            if self._is(slot, place):
                return place
            if not any_word and self.tokens[place].lower not in _PASSED:
                return None
        return None

    def _is(self, slot: str, place: int) -> bool:
        if place in self.taken:
            return False
        token = self.tokens[place]
        if token.form is Form.MARK:
            return token.text == slot
        if "not" in token.bases and slot not in ("not", token.lower):
            return False  # "don't" is no "do"
        if slot.startswith("="):
            return token.lower == slot[1:]
        return token.lower == slot or slot in token.bases
