"""Names cut into words, and the spellings in which one name may stand on a rig."""

import re
from collections.abc import Sequence
from typing import Final

SIDES: Final = {"Left": ("left", "l"), "Right": ("right", "r")}
"""How the side at the end of a channel's name is spelled on rigs."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_OTHER_SPELLING = {short: long for long, short in SIDES.values()} | dict(SIDES.values())


def words_of(name: str) -> list[str]:
    """The words of a name in lower case: "mixamorig:LeftEye" -> ["mixamorig", "left", "eye"]."""
    return [word.lower() for word in _WORD.findall(name)]


def pattern_of(words: Sequence[str]) -> str:
    """An affix with its numbers levelled, so that `A01_` and `A52_` are one way of naming."""
    return "_".join("#" if word.isdigit() else word for word in words)


def side_spellings(name: str) -> tuple[list[str], list[str]]:
    """A name's words joined, with its side spelled either way: at its end, and at its beginning."""
    words = words_of(name)
    other = _OTHER_SPELLING.get(words[-1]) if len(words) > 1 else None
    if other is None:
        return ["".join(words)], []
    stem = "".join(words[:-1])
    return [stem + words[-1], stem + other], [words[-1] + stem, other + stem]
