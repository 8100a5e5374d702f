"""Which shape keys and bones of a head carry which channels, judged by their names alone.

A name is cut into words at punctuation, digits and camelCase humps, and a channel is found where its
words stand next to each other: `eyeBlinkLeft`, `EyeBlink_L`, `eye_blink.l`, `Face.M_F00_000_eyeBlinkLeft`.
What stands before and after is the affix. An affix that several keys of a mesh share is that mesh's
way of naming; one that stands alone is doubtful, and doubtful names are reported, never used.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .channels import SHAPES

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDES = {"Left": ("left", "l"), "Right": ("right", "r")}
_SIDEWAYS = {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}
"""Here the side is the direction of the movement; `mouth_L` would be too little to go by."""

_NON_CONTROL_PREFIXES = {"org", "mch", "def", "vis", "tweak"}
"""Rigify's names for bones that follow the control bone of the plain name."""
_NUMBERING = {"x", "m", "c"}
"""Middle markers that rigs put after a bone name, such as Auto-Rig Pro's `head.x`."""


@dataclass(frozen=True)
class ShapeMatch:
    """One shape key that carries one channel. `half` is set where the rig splits the channel in two sides."""

    channel: str
    key: str
    half: bool = False


@dataclass(frozen=True)
class ShapeMatches:
    """What the shape keys of one mesh are.

    doubtful: for each channel without a clear key, the names that might be it.
    """

    matches: tuple[ShapeMatch, ...]
    doubtful: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Candidate:
    channel: str
    key: str
    half: bool
    affix: tuple[str, str]


def words_of(name: str) -> list[str]:
    """The words of a name in lower case: "mixamorig:LeftEye" -> ["mixamorig", "left", "eye"]."""
    return [word.lower() for word in _WORD.findall(name)]


def _spellings() -> tuple[dict[str, tuple[str, bool]], dict[str, tuple[str, bool]]]:
    """Joined words -> (channel, is one half of it); with the side last, and with the side first."""
    side_last: dict[str, tuple[str, bool]] = {}
    side_first: dict[str, tuple[str, bool]] = {}
    for channel in SHAPES:
        side = next((side for side in _SIDES if channel.endswith(side)), None)
        side_last[channel.lower()] = (channel, False)
        if channel in _SIDEWAYS:
            continue
        if side is None:
            halves = (short for shorts in _SIDES.values() for short in shorts)
            side_last.update({channel.lower() + short: (channel, True) for short in halves})
        else:
            stem = channel.removesuffix(side).lower()
            side_last.update({stem + short: (channel, False) for short in _SIDES[side]})
            side_first.update({short + stem: (channel, False) for short in _SIDES[side]})
    return side_last, side_first


_SIDE_LAST, _SIDE_FIRST = _spellings()
_LONGEST = max(map(len, _SIDE_LAST))


def match_shape_keys(names: Iterable[str]) -> ShapeMatches:
    """Match the shape keys of one mesh to the 52 shape channels.

    Several keys come out for one channel only where the rig splits it in a left and a right half
    (browInnerUp and cheekPuff are often split). A name that spells two channels is a combination
    shape and is left alone.
    """
    candidates = [found for name in names if (found := _read(name)) is not None]
    use = Counter(candidate.affix for candidate in candidates)
    by_channel: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        by_channel.setdefault(candidate.channel, []).append(candidate)
    matches: list[ShapeMatch] = []
    doubtful: dict[str, tuple[str, ...]] = {}
    for channel in SHAPES:
        rivals = by_channel.get(channel, [])
        chosen = _choose(rivals, use)
        matches.extend(ShapeMatch(channel, candidate.key, candidate.half) for candidate in chosen)
        if rivals and not chosen:
            doubtful[channel] = tuple(candidate.key for candidate in rivals)
    return ShapeMatches(tuple(matches), doubtful)


def _read(name: str) -> _Candidate | None:
    """The one channel that a name spells; None where it spells none, or two (a combination shape)."""
    words = words_of(name)
    for spellings in (_SIDE_LAST, _SIDE_FIRST):
        runs = _longest_runs(words, spellings)
        if len(runs) > 1:
            return None
        if runs:
            start, stop = runs[0]
            channel, half = spellings["".join(words[start:stop])]
            return _Candidate(channel, name, half, (_pattern(words[:start]), _pattern(words[stop:])))
    return None


def _longest_runs(words: Sequence[str], spellings: dict[str, tuple[str, bool]]) -> list[tuple[int, int]]:
    """Where spellings stand in a list of words, as (start, stop), longest first at each start, not overlapping."""
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(words):
        for stop in range(len(words), start, -1):
            joined = "".join(words[start:stop])
            if len(joined) <= _LONGEST and joined in spellings:
                runs.append((start, stop))
                start = stop - 1
                break
        start += 1
    return runs


def _pattern(words: Sequence[str]) -> str:
    """An affix with its numbers levelled, so that `A01_` and `A52_` are one way of naming."""
    return "_".join("#" if word.isdigit() else word for word in words)


def _choose(rivals: Sequence[_Candidate], use: Counter[tuple[str, str]]) -> list[_Candidate]:
    """The keys of one channel to use, or none where that is doubtful."""
    trusted = [rival for rival in rivals if _is_trusted(rival.affix, use)]
    if not trusted:
        return []
    most_used = max(use[rival.affix] for rival in trusted)
    leading = [rival for rival in trusted if use[rival.affix] == most_used]
    plain = [rival for rival in leading if rival.affix == ("", "")]
    as_arkit_writes = [rival for rival in plain if rival.key == rival.channel]
    leading = as_arkit_writes or plain or leading
    whole = [rival for rival in leading if not rival.half]
    leading = whole or leading
    allowed = 1 if whole else 2
    same_naming = len({rival.affix for rival in leading}) == 1
    return leading if same_naming and len(leading) <= allowed else []


def _is_trusted(affix: tuple[str, str], use: Counter[tuple[str, str]]) -> bool:
    prefix, suffix = affix
    alone_with_prefix = not suffix and len(use) == 1
    return (not prefix and not suffix) or use[affix] >= 2 or alone_with_prefix


def find_head_bone(names: Iterable[str]) -> str | None:
    """The bone that turns the head: "head" must be a word of its own and the last that matters.

    None where there is none, or where two names are equally good.
    """
    return _clearest(name for name in names if _significant(name)[-1:] == ["head"])


def find_eye_bone(names: Iterable[str], side: str) -> str | None:
    """The bone that turns the eyeball of a side, "left" or "right": `eye.L`, `LeftEye`, `CC_Base_L_Eye`."""
    spellings = {
        joined
        for short in _SIDES[side.capitalize()]
        for ball in ("eye", "eyeball")
        for joined in ((ball, short), (short, ball))
    }
    return _clearest(name for name in names if tuple(_significant(name)[-2:]) in spellings)


def _significant(name: str) -> list[str]:
    words = words_of(name)
    while words and (words[-1].isdigit() or words[-1] in _NUMBERING):
        words.pop()
    return words


def _clearest(names: Iterable[str]) -> str | None:
    """The name with the fewest words, a control bone before the bones that follow it."""
    ranked = sorted(
        ((name.split("-")[0].lower() in _NON_CONTROL_PREFIXES, len(words_of(name))), name) for name in names
    )
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]
