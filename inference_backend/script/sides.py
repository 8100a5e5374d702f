"""Left and right: which side of the face acts, and which way it goes. Sides are the character's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from blender_addon.core.channels import CHANNELS

from .entries import Entry, Pose, Sides, mirrored
from .lexicon_files import part_classes, word_set
from .words import Form, Token

LEFT, RIGHT = "Left", "Right"
DEFAULT_SIDE = LEFT
"""The side of a one-sided act of which the script names no side."""

_CAMERA = word_set("camera")
_WHO_LEAVES = frozenset({"he", "she", "they", "who", "everyone", "everybody", "nobody"})
_STAGE = frozenset({"screen", "camera", "frame", "stage"})
_PART_NOUNS = part_classes("sided") | {"one", "ear", "hand", "side", "half", "shoulder"}
_BETWEEN = word_set("before_part")
_SINGLE = frozenset({"one", "single", "lone"})


@dataclass(frozen=True)
class SideWord:
    """A word that names a side, and whether it describes a part ("left brow") or a direction ("to the left")."""

    position: int
    side: str
    of_part: bool


def with_sides_marked(words: Sequence[Token]) -> tuple[list[Token], list[SideWord]]:
    """The words, with sides of parts and "lower lip" no longer mistaken for a direction or a verb."""
    marked = list(words)
    sides: list[SideWord] = []
    for position, word in enumerate(words):
        if word.lower in ("lower", "bottom") and _next_is(words, position, ("@lip", "@lid", "@teeth")):
            if word.lower == "bottom" or not _is_verb_place(words, position):
                marked[position] = word.only("lowerpart")
        elif word.lower == "top" and _next_is(words, position, ("@lip", "@lid", "@teeth")):
            marked[position] = word.only("upper")
        if not {"@left", "@right"}.isdisjoint(word.keys):
            meant = _meant_instead(words, position)
            if meant:
                marked[position] = word.only(meant)
                continue
            if position and words[position - 1].lower in _STAGE:
                marked[position - 1] = words[position - 1].only("#seen-from")
            of_part = _describes_part(words, position)
            sides.append(SideWord(position, _own_side(words, position), of_part))
            if of_part:
                marked[position] = word.only("#side")
    return marked, sides


def _meant_instead(words: Sequence[Token], position: int) -> str:
    """What "left" or "right" means where it is no side; else empty."""
    if position and words[position - 1].lower in _WHO_LEAVES:
        return "depart"  # "when she left"
    if _is_verb_leave(words, position):
        return "leave"
    return "straight" if _is_adverb(words, position) else ""


def _next_is(words: Sequence[Token], position: int, keys: tuple[str, ...]) -> bool:
    following = words[position + 1 : position + 2]
    return bool(following) and not following[0].keys.isdisjoint(keys)


def _is_verb_place(words: Sequence[Token], position: int) -> bool:
    """ "lower lids" at the head of an instruction is ambiguous; after "she", "to" or "and" it is a verb."""
    return position > 0 and words[position - 1].lower in ("to", "they", "i", "you", "slowly")


def _is_verb_leave(words: Sequence[Token], position: int) -> bool:
    """ "the smile left her face" is no side."""
    if words[position].lower != "left" or position == 0 or position + 1 >= len(words):
        return False
    following = words[position + 1].lower
    return (
        following in ("his", "her", "their", "the")
        and any("@face" in word.keys for word in words[position + 1 : position + 4])
        and words[position - 1].lower not in ("the", "to")
    )


def _is_adverb(words: Sequence[Token], position: int) -> bool:
    """ "looks right through him", "right at us": no side; "to the right, at us" is one."""
    before = words[position - 1].lower if position else ""
    following = words[position + 1].lower if position + 1 < len(words) else ""
    return words[position].lower == "right" and before != "the" and following in _AFTER_ADVERB


_AFTER_ADVERB = frozenset({"through", "at", "into", "past", "away", "here", "there", "now", "as"})


def _describes_part(words: Sequence[Token], position: int) -> bool:
    before = words[position - 1].lower if position else ""
    for word in words[position + 1 : position + 4]:
        if not word.keys.isdisjoint(_PART_NOUNS):
            return True
        if word.lower not in _BETWEEN:
            break
    earlier = [word.lower for word in words[max(0, position - 3) : position]]
    return before == "on" or earlier[-2:] in (["on", "the"], ["on", "her"], ["on", "his"], ["on", "their"])


def _own_side(words: Sequence[Token], position: int) -> str:
    """The camera's left is the subject's right."""
    own = LEFT if "@left" in words[position].keys else RIGHT
    near = {word.lower.removesuffix("'s").rstrip("'") for word in words[max(0, position - 2) : position]}
    after = [word.lower for word in words[position + 1 : position + 4]]
    seen_from_front = not near.isdisjoint(_CAMERA) or (after[:1] == ["of"] and not _CAMERA.isdisjoint(after))
    return opposite(own) if seen_from_front else own


def opposite(side: str) -> str:
    """The other side."""
    return RIGHT if side == LEFT else LEFT


def side_of(
    entry: Entry, first: int, last: int, words: Sequence[Token], sides: Sequence[SideWord], previous: str | None
) -> str | None:
    """The side on which an entry acts, named at `words[first:last + 1]` or near; None for both."""
    if entry.sides is Sides.NONE:
        return None
    if entry.emotion:
        sides = [
            side for side in sides if side.of_part
        ]  # "contempt on the right side", not "looks right with contempt"
    near = sorted(sides, key=lambda side: min(abs(side.position - first), abs(side.position - last)))
    if entry.sides is Sides.WAY:
        return _way([side for side in near if not side.of_part] or near)
    named = {side.side for side in near if side.of_part} or {side.side for side in near}
    if is_two_sided(words) or named:
        return named.pop() if len(named) == 1 and not is_two_sided(words) else None
    if previous and any(word.lower == "other" for word in words):
        return opposite(previous)
    if entry.sides is Sides.ONE or (_speaks_of_one(words, first, last) and not _is_compound(entry, words, first)):
        return DEFAULT_SIDE
    return None


def _way(nearest_first: Sequence[SideWord]) -> str | None:
    """Which way it goes: the nearest word says, but "from left to right" sets out to the left."""
    if len({way.side for way in nearest_first}) == 2:
        return min(nearest_first, key=lambda way: way.position).side
    return nearest_first[0].side if nearest_first else None


def is_two_sided(words: Sequence[Token]) -> bool:
    """Whether the clause says "both"."""
    return any(word.lower in ("both", "bilateral", "bilaterally") for word in words)


def _is_compound(entry: Entry, words: Sequence[Token], first: int) -> bool:
    """ "an eyebrow waggle", "eyebrow flash": the name of a gesture says nothing of how many brows make it."""
    pair = words[first : first + 2]
    single = any(word.lower in _SINGLE for word in words[:first])
    return bool(entry.steps) and not single and len(pair) == 2 and "@brow" in pair[0].keys and pair[1].form is Form.BASE


def _speaks_of_one(words: Sequence[Token], first: int, last: int) -> bool:
    """ "one eyebrow", "an eyebrow", "a corner of his mouth", "one side"."""
    for position in range(max(0, first - 3), min(len(words), last + 2)):
        word = words[position].lower
        if word in _SINGLE and _part_follows(words, position):
            return True
        if word in ("a", "an") and _part_follows(words, position) and not _is_plural(words, position):
            return True
        if word == "corner" and any("@mouth" in w.keys or "@lip" in w.keys for w in words[position + 1 : position + 5]):
            return True
        if word in ("eyebrow", "eyelid") and "furrow" not in {base for token in words for base in token.bases}:
            return True
    return False


def _part_follows(words: Sequence[Token], position: int) -> bool:
    kinds = frozenset({"@brow", "@eye", "@lid", "@nostril", "@cheek", "@corner"})
    following = words[position + 1 : position + 3]
    return any(
        not word.keys.isdisjoint(kinds) and word.form is not Form.ED for word in following
    )  # "a wide-eyed stare"


def _is_plural(words: Sequence[Token], position: int) -> bool:
    return any(word.lower.endswith("s") for word in words[position + 1 : position + 2])


def on_side(pose: Pose, entry: Entry, side: str | None) -> dict[str, float]:
    """The pose of an entry limited to a side, or turned to it.

    What has no side (the inner brows are one muscle pair) goes along at a third, as it does on a face.
    """
    if side is None:
        return dict(pose)
    if entry.sides is Sides.WAY:
        return mirrored(pose) if side == RIGHT else dict(pose)
    limited: dict[str, float] = {}
    for name, value in pose.items():
        if name.endswith(opposite(side)):
            continue
        midline = f"{name}" in CHANNELS and not name.endswith(side)
        limited[name] = value * (0.35 if midline and any(n.endswith(side) for n in pose) else 1.0)
    return limited
