"""What the shape keys of a rig might be, whose names no preset knows: shown to the user, never used unasked."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..channels import SHAPES
from .recognition import Doubt
from .words import SIDES, words_of

_LEAST: Final = 0.55
"""Share of words that a key and a channel must have in common."""
_CERTAIN: Final = 1.0
"""Of a name that spells the channel, and is only odd in what stands around it."""
_TYPO: Final = 0.8
"""Likeness (difflib's ratio) from which a word is taken for a misspelled one."""
_CLOSE: Final = 0.1
"""Keys whose scores differ by no more are equally good."""

_MEANING: Final = {
    "blink": ("close", "closed", "shut", "wink", "closes"),
    "brow": ("eyebrow", "brows", "eyebrows", "brw"),
    "cheek": ("cheeks",),
    "dimple": ("dimpler",),
    "eye": ("eyes", "eyelid", "lid", "lids", "eyelids"),
    "frown": ("sad", "depress", "depressor"),
    "forward": ("fwd", "thrust", "forwards"),
    "funnel": ("funneler", "oh"),
    "jaw": ("chin", "mandible", "mouth"),
    "left": ("l", "lf", "lft"),
    "lower": ("bottom", "lo"),
    "mouth": ("lip", "lips", "mth"),
    "nose": ("nostril",),
    "open": ("drop", "opened"),
    "press": ("tight", "tighten", "pressor"),
    "pucker": ("kiss", "purse", "puckered"),
    "puff": ("blow", "puffed", "inflate"),
    "right": ("r", "rt", "rgt"),
    "roll": ("suck", "bite"),
    "shrug": ("raise", "raiser"),
    "smile": ("happy", "grin", "corner", "smiling"),
    "sneer": ("wrinkle", "scrunch", "wrinkler"),
    "squint": ("squeeze", "raiser"),
    "stretch": ("stretcher", "widen"),
    "tongue": ("tounge", "toung"),
    "up": ("raise", "raised", "lift"),
    "upper": ("top",),
    "wide": ("widen", "wider", "surprise", "surprised"),
}
"""Other words that rigs use for those of the channels' names."""

_OF_CHANNELS: Final = {channel: frozenset(words_of(channel)) for channel in SHAPES}
_WORDS: Final = sorted(frozenset().union(*_OF_CHANNELS.values()))
_TELLING: Final = {"blink", "squint", "smile", "frown", "pucker", "funnel", "dimple", "sneer", "puff"}
"""Words that say by themselves which part of the face they are of."""
_SIDE_WORDS: Final = {"left", "right"}
_SIDEWAYS: Final = {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}


@dataclass(frozen=True)
class Suggestion:
    """A shape key that might carry a channel. is_alone: nothing else was as likely for this channel on this mesh."""

    channel: str
    mesh: str
    key: str
    gain: float = 1.0
    is_alone: bool = True


def suggest(
    meshes: Mapping[str, Sequence[str]],
    channels: Iterable[str],
    used: Iterable[tuple[str, str]],
    doubts: Iterable[Doubt],
) -> list[Suggestion]:
    """The likeliest shape keys for channels that have none, those that only look odd first.

    used: (mesh, key) that carry a channel already, and are left out.
    """
    taken = set(used)
    unsure = {(doubt.channel, doubt.mesh, doubt.key) for doubt in doubts}
    free = {mesh: [key for key in keys if (mesh, key) not in taken] for mesh, keys in meshes.items()}
    found: list[Suggestion] = []
    for channel in channels:
        for mesh, keys in free.items():
            scores = {
                key: (_CERTAIN if (channel, mesh, key) in unsure else _score(channel, key), _gain(channel, key))
                for key in keys
            }
            best = max((score for score, _ in scores.values()), default=0.0)
            if best < _LEAST:
                continue
            likely = [key for key, (score, _) in scores.items() if score >= best - _CLOSE / 2]
            found.extend(Suggestion(channel, mesh, key, scores[key][1], len(likely) == 1) for key in likely)
    return found


def _score(channel: str, key: str) -> float:
    """The share of words in common, from 0 to 1; 0 where the sides disagree."""
    wanted, meant = _OF_CHANNELS[channel], _meant(key)
    side, other = wanted & _SIDE_WORDS, frozenset().union(*meant) & _SIDE_WORDS if meant else frozenset()
    if side and other and not side & other:
        return 0.0
    if other and not side:
        return 0.0
    if side and not other and channel in _SIDEWAYS:
        return 0.0
    matched = sum(1 for word in meant if word & wanted)
    if not matched:
        return 0.0
    core = wanted if other else wanted - _SIDE_WORDS
    missing = sum(1.5 for word in core if not any(word in options for options in meant))
    if any(word & wanted & _TELLING for word in meant):
        missing /= 4
    return matched / (matched + missing + (len(meant) - matched) / 2)


def _gain(channel: str, key: str) -> float:
    """A key without a side, for a channel that has one, shows half of each side."""
    has_side = any(word & _SIDE_WORDS for word in _meant(key))
    return 1.0 if has_side or not channel.endswith(tuple(SIDES)) or channel in _SIDEWAYS else 0.5


@lru_cache(maxsize=8192)
def _meant(key: str) -> tuple[frozenset[str], ...]:
    """For each word of a key the words of channels that it may be; empty for a word of another subject."""
    return tuple(_options(word) for word in words_of(key) if not word.isdigit())


@lru_cache(maxsize=8192)
def _options(word: str) -> frozenset[str]:
    exact = {known for known in _WORDS if word == known or word in _MEANING.get(known, ())}
    if exact or len(word) < 4:
        return frozenset(exact)
    return frozenset(difflib.get_close_matches(word, _WORDS, n=1, cutoff=_TYPO))
