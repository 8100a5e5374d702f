"""What an order leaves out: "but not on the left", "except at the end", "everything but the head", "keep the mouth"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from blender_addon.core.channels import CHANNELS, other_side
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit, Span

from ..script.words import Token
from .happened import ORDINALS
from .targets import BLINKS, Target, on, take_side, take_target, target
from .words import Phrase, Words, grammar, phrases

_LONGEST_NAME = 4
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
        return 1 if before in _ALL or (following and following[0] in ORDINALS) else 0
    # "Bigger smile, not on the left".
    follows = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    return 1 if before in (",", "–", "—") and follows in _NOT_WHERE else 0


_ALL = frozenset({"everything", "all", "anything", "face", "take", "performance"})
_NOT_WHERE = frozenset({"on", "at", "in", "during", "while", "when", "the", "after", "before", "until", "from"})


def named_at(tokens: Sequence[Token], index: int) -> tuple[Excepted, int] | None:
    """The part or side of the face that is named from a token on, and the token behind it."""
    words = Words(tokens[index : index + _LONGEST_NAME])
    side = take_side(words)
    found = take_target(words)
    if not words.taken or (found is None and side is None):
        return None
    last = max(words.taken)
    if any(place not in words.taken and words.tokens[place].lower not in grammar() for place in range(last)):
        # "The brows on the left" is one name, "the brows less" is none.
        words = Words(words.tokens[:1])
        found, side = take_target(words), None
        if found is None:
            side = take_side(words)
        if not words.taken:
            return None
        last = 0
    end = index + last + 1
    while end < len(tokens) and tokens[end].lower in ("one", "ones", "side"):
        end += 1
    return Excepted(found, side, list(tokens[index:end])), end


def left_alone(tokens: Sequence[Token], *, follows: bool) -> Excepted | None:
    """What "leave the mouth alone", "don't touch the brows" and, behind another order, "but keep the mouth" spare."""
    words = Words(tokens)
    told = words.take(phrases("order", "untouched"))
    kept = follows and bool(tokens) and tokens[0].lower in ("keep", "keeping", "leave", "leaving")
    words.take(phrases("verb", "keep"))
    if not (told or kept):
        return None
    if kept and not told:  # "but keep the eyes down": as they are
        words.take([("down",), ("up",), ("raised",), ("lowered",), ("left",), ("right",)])
    side, found = take_side(words), take_target(words)
    if found is None or words.left():
        return None
    return Excepted(found, side, list(tokens))


def sparing(edits: Sequence[Edit], excepted: Excepted, span: Span | None) -> list[Edit] | None:
    """The edits without what is left out, in the span that is said of it; None where one cannot be made so."""
    found: list[Edit] = []
    for edit in edits:
        kept = _sparing(edit, excepted, span)
        if kept is None:
            return None
        found += kept
    return found or None


def _sparing(edit: Edit, excepted: Excepted, span: Span | None) -> list[Edit] | None:
    named = excepted.found is not None or excepted.side is not None
    elsewhere = None if span is None else _apart(edit, span)
    if span is not None and elsewhere is None:
        return None
    if not named:
        return [elsewhere] if elsewhere is not None else []
    moved = _moved_by(edit)
    if moved is None:
        return None
    spared = excepted.spared
    if not moved & spared:
        return [edit]
    parts = [_limited(edit, moved - spared, excepted)] if moved - spared else []
    if elsewhere is not None:
        parts.append(_limited(elsewhere, moved & spared, None))
    return parts or None


def _apart(edit: Edit, span: Span) -> Edit | None:
    if not hasattr(edit, "span") or isinstance(edit, kinds.Freeze):
        return None
    return replace(edit, span=replace(edit.span, apart=(*edit.span.apart, span)))


def _moved_by(edit: Edit) -> frozenset[str] | None:
    """The channels that an edit changes; None where it is of the whole take."""
    match edit:
        case kinds.Scale() | kinds.Limit() | kinds.Freeze() | kinds.Smooth() | kinds.Even() | kinds.Delay():
            return frozenset(edit.channels) | frozenset(getattr(edit, "seed", {}))
        case kinds.Add() | kinds.Lean():
            return frozenset(edit.pose)
        case kinds.Slide():
            return frozenset(edit.pose) | frozenset(edit.away)
        case kinds.Gesture():
            return frozenset(name for _, pose in edit.steps for name in pose)
        case kinds.Blinks():
            return frozenset(BLINKS)
        case kinds.Mirror():
            return frozenset(edit.channels or CHANNELS)
    return None


def _limited(edit: Edit, channels: frozenset[str], spared: Excepted | None) -> Edit:
    """The same edit of these channels alone."""
    match edit:
        case kinds.Scale():
            own = tuple(name for name in edit.channels if name in channels)
            return replace(edit, channels=own, seed=_part(edit.seed, channels), what=_what_of(edit, spared))
        case kinds.Mirror():
            return replace(edit, channels=tuple(name for name in CHANNELS if name in channels), what="the rest")
        case kinds.Limit() | kinds.Freeze() | kinds.Smooth() | kinds.Even() | kinds.Delay():
            return replace(edit, channels=tuple(name for name in edit.channels if name in channels))
        case kinds.Add() | kinds.Lean():
            return replace(edit, pose=_part(edit.pose, channels))
        case kinds.Slide():
            pairs = [pair for pair in zip(edit.pose, edit.away, strict=True) if pair[0] in channels]
            return replace(edit, pose={name: edit.pose[name] for name, _ in pairs}, away=tuple(b for _, b in pairs))
        case kinds.Gesture():
            return replace(edit, steps=tuple((at, _part(pose, channels)) for at, pose in edit.steps))
    return edit


def _part(pose: Mapping[str, float], channels: frozenset[str]) -> dict[str, float]:
    return {name: value for name, value in pose.items() if name in channels}


def _what_of(edit: kinds.Scale, spared: Excepted | None) -> str:
    if spared is None:
        return edit.what
    if spared.found is not None:
        return f"{edit.what} {'and' if ' but ' in edit.what else 'but'} {on(spared.found, spared.side).what}"
    return f"{edit.what} but not on the {spared.side.lower()}" if spared.side else edit.what
