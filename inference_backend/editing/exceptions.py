"""What an order leaves out: "but not on the left", "except at the end", "everything but the head", "keep the mouth"."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from blender_addon.core.channels import CHANNELS, other_side

from ..script.words import Token
from .happened import ORDINALS
from .targets import Target, on, take_side, take_target, target
from .words import Phrase, Words, grammar, phrases

_LONGEST_NAME = 6
"""Words that name a part of the face, with its side."""


@dataclass
class Excepted:
    """One thing that is left out. found: a part of the face. side: of the character, as channels spell it.

    tokens: how it is said, without its time.
    """

    found: Target | None = None
    side: str | None = None
    tokens: list[Token] = field(default_factory=list)

    @property
    def spared(self) -> frozenset[str]:
        """The channels that it names: all where it names only a time."""
        if self.found is None and self.side is None:
            return frozenset(CHANNELS)
        if self.found is None:
            return frozenset(name for name in CHANNELS if not _is_of_other_side(name, self.side))
        if self.found.what == target("eyes").what:  # "but leave the eyes" is their lids and gaze too
            own = tuple(name for name in CHANNELS if name.startswith(("eye", "leftEye", "rightEye")))
            return frozenset(on(replace(self.found, channels=own), self.side).channels)
        return frozenset(on(self.found, self.side).channels)


def _is_of_other_side(name: str, side: str | None) -> bool:
    """What has no side moves both."""
    if side is None or other_side(name) == name:
        return False
    return not (name.endswith(side) or name.startswith(side.lower()))


def marker_at(tokens: Sequence[Token], index: int) -> int:
    """How many tokens say that something is left out: "except for"; 0 where none does."""
    if tokens[index].text in (",", "–", "—") and index and index + 1 < len(tokens):
        further = marker_at(tokens, index + 1)
        return further + 1 if further else 0
    return _phrase_at(tokens, index) or _but_at(tokens, index)


def _phrase_at(tokens: Sequence[Token], index: int) -> int:
    return next((len(one) for one in phrases("order", "except") if _says(tokens, index, one)), 0)


def _says(tokens: Sequence[Token], index: int, phrase: Phrase) -> bool:
    return tuple(token.lower for token in tokens[index : index + len(phrase)]) == phrase


def _but_at(tokens: Sequence[Token], index: int) -> int:
    """The "but" of "everything but the brows"; that of "everything stronger but smoother" is none."""
    if tokens[index].lower not in ("but", "not", "never") or not index:
        return 0
    before = tokens[index - 1].lower
    if tokens[index].lower == "but":
        following = [token.lower for token in tokens[index + 1 : index + 3] if token.lower not in ("the", "for", "her")]
        return 1 if before in _ALL or (following and following[0] in _SOME) else 0
    # "Bigger smile, not on the left".
    follows = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    return 1 if before in (",", "–", "—") and follows in _NOT_WHERE else 0


_ALL = frozenset({"everything", "all", "anything", "nothing", "none", "everywhere", "face", "take", "performance"})
_SOME = frozenset({*ORDINALS, "one", "two", "three"})
_NOT_WHERE = frozenset({"on", "at", "in", "during", "while", "when", "the", "after", "before", "until", "from"})


def named_at(tokens: Sequence[Token], index: int) -> tuple[Excepted, int] | None:
    """The part or side of the face that is named from a token on, and the token behind it."""
    for length in range(_LONGEST_NAME, 0, -1):  # "the smile on the left" is one name, "the brows less" is none
        words = Words(tokens[index : index + length])
        side, found = take_side(words), take_target(words)
        if found is None and side is None:
            continue
        last = max(words.taken)
        if all(place in words.taken or words.tokens[place].lower in grammar() for place in range(last)):
            end = index + last + 1
            while end < len(tokens) and tokens[end].lower in ("one", "ones", "side"):
                end += 1
            return Excepted(found, side, list(tokens[index:end])), end
    return None


def left_alone(tokens: Sequence[Token], *, follows: bool) -> Excepted | None:
    """What "leave the mouth alone", "don't touch the brows" and, behind another order, "but keep the mouth" spare."""
    words = Words(tokens)
    told = words.take(phrases("order", "untouched"))
    kept = follows and bool(tokens) and tokens[0].lower in ("keep", "keeping", "leave", "leaving", "still")
    words.take(phrases("verb", "keep"))
    if not (told or kept):
        return None
    if kept and not told:  # "but keep the eyes down": as they are
        words.take([("down",), ("up",), ("raised",), ("lowered",), ("left",), ("right",)])
    side, found = take_side(words), take_target(words)
    if (found is None and side is None) or words.left():
        return None
    return Excepted(found, side, list(tokens))
