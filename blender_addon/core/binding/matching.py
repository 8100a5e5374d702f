"""The shape keys of one mesh, read as the names of one preset.

A name is cut into words at punctuation, digits and camelCase humps, and a shape is found where its
words stand next to each other: `eyeBlinkLeft`, `EyeBlink_L`, `eye_blink.l`, `Face.M_F00_000_eyeBlinkLeft`.
What stands before and after is the affix. An affix that several keys of a mesh share is that mesh's
way of naming; one that stands alone is doubtful, and doubtful names are reported, never used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .presets import Spelling, Vocabulary
from .words import pattern_of, words_of


@dataclass(frozen=True)
class NameMatches:
    """keys: for each name of the preset the shape keys that are it, several where the rig splits it in sides.

    doubtful: for each name without a clear key, those that might be it.
    """

    keys: Mapping[str, tuple[str, ...]]
    doubtful: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Candidate:
    spelling: Spelling
    key: str
    affix: tuple[str, str]


@lru_cache(maxsize=1 << 9)  # a head is bound again and again, and some of its meshes may have the same names
def match_names(names: tuple[str, ...], vocabulary: Vocabulary) -> NameMatches:
    """Match the shape keys of one mesh; a key that spells two names is a combination shape and is left alone."""
    candidates = [found for name in names if (found := _read(name, vocabulary)) is not None]
    use = Counter(candidate.affix for candidate in candidates)
    by_name: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        by_name.setdefault(candidate.spelling.name, []).append(candidate)
    keys: dict[str, tuple[str, ...]] = {}
    doubtful: dict[str, tuple[str, ...]] = {}
    for name, rivals in by_name.items():
        chosen = _choose(rivals, use)
        if chosen:
            keys[name] = tuple(candidate.key for candidate in chosen)
        else:
            doubtful[name] = tuple(candidate.key for candidate in rivals)
    return NameMatches(keys, doubtful)


@lru_cache(maxsize=1 << 15)  # the meshes of a head mostly have the same names, by the hundred
def _read(name: str, vocabulary: Vocabulary) -> _Candidate | None:
    """The one shape that a key's name spells; None where it spells none, or two (a combination shape)."""
    words = words_of(name)
    for spellings in (vocabulary.side_last, vocabulary.side_first):
        runs = _longest_runs(words, spellings, vocabulary.longest)
        if len(runs) > 1:
            return None
        if runs:
            start, stop = runs[0]
            spelling = spellings["".join(words[start:stop])]
            return _Candidate(spelling, name, (pattern_of(words[:start]), pattern_of(words[stop:])))
    return None


def _longest_runs(words: Sequence[str], spellings: Mapping[str, Spelling], longest: int) -> list[tuple[int, int]]:
    """Where spellings stand in a list of words, as (start, stop), longest first at each start, not overlapping."""
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(words):
        joined, found = "", start
        for stop in range(start, len(words)):
            joined += words[stop]
            if len(joined) > longest:
                break
            if joined in spellings:
                found = stop + 1
        if found > start:
            runs.append((start, found))
        start = max(found, start + 1)
    return runs


def _choose(rivals: Sequence[_Candidate], use: Counter[tuple[str, str]]) -> list[_Candidate]:
    """The keys of one name to use, or none where that is doubtful."""
    trusted = [rival for rival in rivals if _is_trusted(rival.affix, use)]
    if not trusted:
        return []
    most_used = max(use[rival.affix] for rival in trusted)
    leading = [rival for rival in trusted if use[rival.affix] == most_used]
    plain = [rival for rival in leading if rival.affix == ("", "")]
    as_written = [rival for rival in plain if rival.key == rival.spelling.name]
    leading = as_written or plain or leading
    whole = [rival for rival in leading if not rival.spelling.half]
    leading = whole or leading
    allowed = 1 if whole else 2
    same_naming = len({rival.affix for rival in leading}) == 1
    return leading if same_naming and len(leading) <= allowed else []


def _is_trusted(affix: tuple[str, str], use: Counter[tuple[str, str]]) -> bool:
    prefix, suffix = affix
    alone_with_prefix = not suffix and len(use) == 1
    return (not prefix and not suffix) or use[affix] >= 2 or alone_with_prefix
