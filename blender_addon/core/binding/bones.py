"""Which bones and objects turn a head and its eyes, judged by their names alone."""

from collections.abc import Iterable
from typing import Final

from .words import SIDES, words_of

_NON_CONTROL_PREFIXES: Final = {"org", "mch", "def", "vis", "tweak"}
"""Rigify's names for bones that follow the control bone of the plain name."""
_NUMBERING: Final = {"x", "m", "c"}
"""Middle markers that rigs put after a bone name, such as Auto-Rig Pro's `head.x`."""
_TURNING: Final = "master"
"""Rigify's `master_eye.L` turns the eyeball, its `eye.L` is where the eye aims at."""

_CONTROL: Final = "c"
"""Auto-Rig Pro's prefix of bones that are keyed: its `head.x` follows `c_head.x`."""


def find_head_bone(names: Iterable[str]) -> str | None:
    """The bone that turns the head: "head" must be a word of its own and the last that matters.

    None where there is none, or where two names are equally good.
    """
    return _clearest(name for name in names if _significant(name)[-1:] == ["head"])


def find_eye_bone(names: Iterable[str], side: str) -> str | None:
    """The bone that turns the eyeball of a side, "left" or "right": `eye.L`, `LeftEye`, `CC_Base_L_Eye`."""
    return _clearest(name for name in names if is_eye_name(name, side))


def find_neck_bone(ancestors: Iterable[str]) -> str | None:
    """The nearest of the bones above the head's that is a neck."""
    return next((name for name in ancestors if any(word.startswith("neck") for word in words_of(name))), None)


def is_eye_name(name: str, side: str) -> bool:
    """Whether a bone or an object of this name is the eyeball of a side; VRoid's is `J_Adj_L_FaceEye`."""
    words = [word for word in _significant(name) if word != "face"]
    return tuple(words[-2:]) in {
        joined
        for short in SIDES[side.capitalize()]
        for ball in ("eye", "eyeball")
        for joined in ((ball, short), (short, ball))
    }


def _significant(name: str) -> list[str]:
    words = words_of(name)
    while words and (words[-1].isdigit() or words[-1] in _NUMBERING):
        words.pop()
    return words


def _clearest(names: Iterable[str]) -> str | None:
    """The name with the fewest words, a control bone before the bones that follow it."""
    ranked = sorted((_rank(name), name) for name in names)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _rank(name: str) -> tuple[bool, bool, int]:
    words = words_of(name)
    is_control = _TURNING in words or words[:1] == [_CONTROL]
    return name.split("-", maxsplit=1)[0].lower() in _NON_CONTROL_PREFIXES, not is_control, len(words)
