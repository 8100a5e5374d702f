"""Spoken words as mouth shapes over time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .entries import Pose, full_pose
from .events import Speech
from .lexicon_files import table
from .pronouncing import phonemes_of

# Seconds; together about 4.5 syllables a second, the rate of quiet conversation.
STRESSED_VOWEL: Final = 0.145
WEAK_VOWEL: Final = 0.095
CONSONANT: Final = 0.062
UNSEEN_CONSONANT: Final = 0.045
COMMA: Final = 0.22
FULL_STOP: Final = 0.42
SETTLE: Final = 0.16
"""From the last shape back to rest."""
TOLERANCE: Final = 0.055
"""A key of the mouth is left out where the straight line through its neighbours is this near."""

LIPS: Final = frozenset(full_pose(dict.fromkeys(("jawOpen", "mouthFunnel", "mouthPucker", "mouthStretch"), 0.0)))
"""What every vowel sets, be it to 0."""

Shape = tuple[float, Pose, str]
"""Seconds from the start, the channels set there, and the word that is said."""


@dataclass(frozen=True)
class Utterance:
    """The mouth shapes of a quotation.

    keys: for each channel its (seconds, value) keys; the first and the last are at rest.
    """

    duration: float
    keys: Mapping[str, Sequence[tuple[float, float]]]
    words: Sequence[tuple[float, str]]


def utterance_of(speech: Speech) -> Utterance:
    """Mouth shapes for what is said, as few keys as show it."""
    shapes = list(_shapes(speech.token.text, speech.slowness))
    if not shapes:
        return Utterance(0.0, {}, ())
    end = shapes[-1][0] + SETTLE
    names = sorted({name for _, pose, _ in shapes for name in pose})
    keys = {}
    for name in names:
        line = [
            (0.0, 0.0),
            *((time, _voiced(name, pose[name], speech)) for time, pose, _ in shapes if name in pose),
            (end, 0.0),
        ]
        keys[name] = _thinned(line)
    words: list[tuple[float, str]] = []
    for time, _, word in shapes:
        if not words or words[-1][1] != word:
            words.append((time, word))
    return Utterance(end, keys, tuple(words))


def _voiced(name: str, value: float, speech: Speech) -> float:
    """Loud speech opens the jaw further, a whisper less; the lips follow half as much."""
    factor = speech.loudness if name == "jawOpen" else 0.5 + 0.5 * speech.loudness
    return min(1.0, value * factor)


def _shapes(text: str, slowness: float) -> Iterator[Shape]:
    time = 0.07
    shown: set[str] = set()
    for piece in re.findall(r"[^\W_]+(?:['’][^\W_]+)*|[,;:—–-]|[.!?…]+", text):
        if not piece[0].isalnum():
            time += (COMMA if piece[0] in ",;:—–-" else FULL_STOP) * slowness
            if shown:
                yield time - 0.08 * slowness, dict.fromkeys(sorted(shown), 0.0), piece
                shown = set()
            continue
        for sound in phonemes_of(piece):
            for pose, seconds, is_vowel in _parts_of(sound):
                middle = time + seconds * slowness / 2
                time += seconds * slowness
                shape = {**dict.fromkeys(sorted(LIPS | shown), 0.0), **pose} if is_vowel else pose
                shown = set(shape) if is_vowel else shown | shape.keys()
                if shape:
                    yield middle, shape, piece


@lru_cache(maxsize=256)
def _parts_of(sound: str) -> tuple[tuple[dict[str, float], float, bool], ...]:
    """(pose, seconds, is it a vowel) of each part of a sound."""
    sounds = table("sounds")
    stressed = sound[-1:] in "12"
    name = sound.rstrip("012")
    length = STRESSED_VOWEL if stressed or not sound[-1].isdigit() else WEAK_VOWEL
    if name in sounds["diphthong"]:
        return tuple(
            (full_pose(sounds["vowel"][part]), length * 0.75, True) for part in sounds["diphthong"][name].split()
        )
    if name in sounds["vowel"]:
        return ((full_pose(sounds["vowel"][name]), length, True),)
    pose = full_pose(sounds["consonant"].get(name, {}))
    return ((pose, CONSONANT if pose else UNSEEN_CONSONANT, False),)


def _thinned(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Fewer keys that stay within the tolerance (Ramer 1972, Douglas and Peucker 1973)."""
    if len(line) < 3:
        return line
    kept = [0, *_needed(line, 0, len(line) - 1), len(line) - 1]
    thin = [line[index] for index in sorted(set(kept))]
    return [key for index, key in enumerate(thin) if not _is_flat(thin, index)]


def _needed(line: list[tuple[float, float]], first: int, last: int) -> list[int]:
    found: list[int] = []
    spans = [(first, last)]
    while spans:
        start, end = spans.pop()
        (t0, v0), (t1, v1) = line[start], line[end]
        worst, where = TOLERANCE, -1
        for index in range(start + 1, end):
            time, value = line[index]
            off = abs(value - (v0 + (v1 - v0) * (time - t0) / (t1 - t0)))
            if off > worst:
                worst, where = off, index
        if where >= 0:
            found.append(where)
            spans += [(start, where), (where, end)]
    return found


def _is_flat(line: list[tuple[float, float]], index: int) -> bool:
    """A key in the middle of a stretch at rest says nothing."""
    return 0 < index < len(line) - 1 and all(v == line[index][1] for _, v in line[index - 1 : index + 2])
