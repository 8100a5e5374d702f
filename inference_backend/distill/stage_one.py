"""Stage I of SemanticFace (arXiv 2603.14827): from the numbers of a face to four fields of words, and back.

The words come from the vocabulary alone, with the amounts behind them, so that they are always true; a language model
may then say them more freely (`Rewriter`), and is not believed where its words no longer agree with the numbers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import InputError
from blender_addon.core.formats.semanticface_file import released_words
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description, Region
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.scale import INTENSITY_WORDS
from blender_addon.core.semantics.writer import pose_from_description

READ_BACK: Final = 0.1
"""Two sides that are told as one differ by at most 0.15, and amounts are told in whole percents."""

_FIELDS: Final = ("Facial Expression Category", "Detailed Facial Muscle Movements", "Emotional Implication", "Symmetry")
_FIELD: Final = re.compile(rf"^\d\. \*\*({'|'.join(_FIELDS)})\*\*: ?(.*)$")
_MOVEMENT: Final = re.compile(r"^ *- \*\*(\w+)\*\*: (.+)$")
_UNSAID: Final = {"Emotional Implication": "not clearly observable", "Symmetry": "mostly symmetric"}
_HINT: Final = "Write it anew with `distill describe`."


def words_of(pose: Pose) -> str:
    """The four fields, each amount in a word and in numbers."""
    return released_words(describe(pose, numbers=True))


def description_of(words: str) -> Description:
    """The way back of `words_of`; raise InputError for anything else."""
    fields: dict[str, str] = {}
    movements: dict[Region, str] = {}
    for line in words.splitlines():
        if field := _FIELD.match(line):
            fields[field[1]] = field[2]
        elif movement := _MOVEMENT.match(line):
            movements[_region(movement[1])] = movement[2]
        elif line.strip():
            raise InputError(f'"{line[:60]}" is no line of a description.', _HINT)
    missing = [name for name in _FIELDS if name not in fields]
    if missing:
        raise InputError(f"The description has no {missing[0]}.", _HINT)
    emotion, symmetry = ("" if fields[name] == unsaid else fields[name] for name, unsaid in _UNSAID.items())
    return Description(fields[_FIELDS[0]], movements, emotion, symmetry)


def pose_of(words: str) -> Pose:
    """The numbers that the four fields tell; raise InputError where they are not from the vocabulary."""
    return pose_from_description(description_of(words))


@dataclass(frozen=True)
class Disagreement:
    """A sentence on something that words say and numbers do not, or the other way round."""

    sentence: str


def disagreements(words: str, pose: Pose) -> tuple[Disagreement, ...]:
    """What a free wording of a face gets wrong. Empty where it may be believed.

    Each movement must be told in the vocabulary's own words under its region, and nothing may be added that names a
    side, a degree or a number: what a reader takes from it is then what the numbers say.
    """
    try:
        told = _lines(words)
    except InputError as fault:
        return (Disagreement(str(fault)),)
    return tuple(Disagreement(sentence) for sentence in _wrong(told, describe(pose, numbers=True)))


def _wrong(told: dict[str, str], true: Description) -> Iterator[str]:
    for region in Region:
        wanted = [phrase for phrase in true.movements.get(region, "").split(", ") if phrase]
        text = told.get(region.value, "")
        yield from (f'{region.value}: "{phrase}" is not told.' for phrase in wanted if phrase not in text)
        if said := _claims(_without(text, wanted)):
            yield f"{region.value}: {said} is told besides."
    fields = ((_FIELDS[0], true.expression), (_FIELDS[2], true.emotion), (_FIELDS[3], true.symmetry))
    for name, wanted_words in fields:
        text = told[name]
        if wanted_words and wanted_words not in text:
            yield f'{name}: "{wanted_words}" is not told.'
        if said := _claims(_without(text, [wanted_words])):
            yield f"{name}: {said} is told besides."


def _lines(words: str) -> dict[str, str]:
    """The text of each field, and under each region's name what is told of it."""
    found: dict[str, str] = {}
    for line in words.splitlines():
        if field := _FIELD.match(line):
            found[field[1]] = field[2]
        elif movement := _MOVEMENT.match(line):
            found[_region(movement[1]).value] = movement[2]
    missing = [name for name in _FIELDS if name not in found]
    if missing:
        raise InputError(f"There is no {missing[0]}.")
    return found


def _region(name: str) -> Region:
    try:
        return Region(name.lower())
    except ValueError as fault:
        raise InputError(f'"{name}" is no region of the face.', _HINT) from fault


def _without(text: str, phrases: Sequence[str]) -> str:
    for phrase in sorted(filter(None, phrases), key=len, reverse=True):
        text = text.replace(phrase, " ", 1)
    return text


_CLAIM: Final = re.compile(
    rf"\b(left|right|both|one-sided|asymmetr\w*|uneven\w*|{'|'.join(INTENSITY_WORDS)}|intense\w*|strong\w*|slight|"
    r"moderate|weak\w*|mild\w*|wide\w*|not|no|without|\d+)\b",
    re.IGNORECASE,
)


def _claims(text: str) -> str:
    """The first word of a text that claims a side, a degree or the contrary; empty where none does."""
    found = _CLAIM.search(text)
    return f'"{found[0]}"' if found else ""


def contradictions(words: str, pose: Pose) -> tuple[str, ...]:
    """Channels of which the four fields tell another amount than the pose has, by more than `READ_BACK`."""
    read = pose_of(words)
    return tuple(name for name in CHANNELS if abs(read[name] - pose[name]) > READ_BACK + _ROUNDING)


_ROUNDING: Final = 1e-6
