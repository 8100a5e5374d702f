"""Spoken words as mouth shapes over time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .entries import Pose, full_pose
from .events import Speech
from .lexicon_files import table
from .mouth import Mouth
from .spoken import COMMA, Pause, Word, is_shouted, spoken

# Seconds; together about 4.5 syllables a second, the rate of quiet conversation.
STRESSED_VOWEL: Final = 0.145
WEAK_VOWEL: Final = 0.095
CONSONANT: Final = 0.07
UNSEEN_CONSONANT: Final = 0.045
IN_CLUSTER: Final = 0.75
"""A consonant next to another is shorter (Klatt 1976)."""
WORDLESS: Final = 0.28
"""The main sound of what has no vowel: "Hmm", "Shh"."""
BEFORE_PAUSE: Final = 1.3
"""The last vowel before a pause is longer (Klatt 1976)."""
LONG_VOWEL: Final = 0.24
"""From here the jaw stays open for a while."""
ONSET: Final = 0.07
CLOSING: Final = 0.14
"""From the last sound to closed lips."""
SETTLE: Final = 0.2
"""From the last sound to the end."""
ANTICIPATION: Final = 0.11
"""Rounded lips are there before their vowel, through consonants that leave them free (Bell-Berti and Harris 1982)."""

JAW_BY_STRESS: Final = {"0": 0.72, "1": 1.15, "2": 0.95}
LOUD: Final = 1.3
"""From here the lips part from the teeth too."""
SHOUT: Final = 1.6
"""A line all in capitals."""
WIDEST: Final = 0.9
OPENED_BY_VOICE: Final = 0.3
"""A raised voice opens the jaw for narrow vowels too, by this much at twice the loudness."""

ROUNDING: Final = ("mouthFunnel", "mouthPucker")
VOWEL_CHANNELS: Final = ("jawOpen", *ROUNDING, "mouthStretch")
"""What every vowel sets, be it to 0. Here a pair goes by one name, as both sides speak alike."""
FREED: Final = frozenset(
    {"mouthClose", "mouthPress", "mouthRollLower", "mouthRollUpper", "mouthShrugUpper", "cheekPuff", "tongueOut"}
).union(ROUNDING)
"""What would keep lips from speaking; it gives way from the first sound to the last."""


@dataclass(frozen=True)
class Utterance:
    """The mouth shapes of a quotation.

    keys: for each channel its (seconds, value) keys; the first and the last are at rest.
    """

    duration: float
    keys: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Sound:
    """A sound, or one half of a diphthong: the shape that it asks for, when, and how strongly.

    open_: the factor on the jaw that stress and weight give.
    """

    pose: Pose
    start: float
    seconds: float
    is_vowel: bool
    weight: float = 1.0
    open_: float = 1.0
    is_silent: bool = False


def utterance_of(speech: Speech) -> Utterance:
    """Mouth shapes for what is said, as few keys as show it."""
    line = speech.token.text
    loudness = SHOUT if is_shouted(line) and speech.loudness == 1.0 else speech.loudness
    mouth, end, free_since = Mouth(loudness), 0.0, 0.0
    for sound in _timed(spoken(line), speech.slowness):
        if sound.is_silent:
            mouth.rest(end + min(CLOSING, 0.6 * sound.seconds))
            continue
        if sound.is_vowel:
            _say_vowel(mouth, sound, loudness, free_since)
        else:
            mouth.to(sound.start + sound.seconds / 2, _consonant(sound, loudness))
        end = sound.start + sound.seconds
        free_since = end if sound.is_vowel or set(ROUNDING) & sound.pose.keys() else free_since
    if not mouth.lines:
        return Utterance(0.0, {})
    mouth.rest(end + CLOSING)
    return Utterance(end + SETTLE, _framed(mouth.keys(), end + SETTLE))


def seconds_before_word(speech: Speech, number: int) -> float:
    """From the beginning of a line to the first sound of a word; `number` words come before it."""
    pieces = spoken(speech.token.text)
    place = next(iter([index for index, piece in enumerate(pieces) if isinstance(piece, Word)][number:]), 0)
    end = ONSET
    for sound in _timed(pieces[:place], speech.slowness):
        end = sound.start + sound.seconds
    return end


def _framed(
    keys: Mapping[str, Sequence[tuple[float, float]]], end: float
) -> Mapping[str, Sequence[tuple[float, float]]]:
    """From rest to rest; what would hold the lips lets go at once, and comes back at the end."""
    framed: dict[str, Sequence[tuple[float, float]]] = {}
    for name in sorted({*keys, *FREED}):
        line = list(keys.get(name, ((end - ONSET, 0.0),)))
        if name in FREED and line[0][0] > ONSET:
            line.insert(0, (ONSET, 0.0))
        framed |= dict.fromkeys(full_pose({name: 0.0}), ((0.0, 0.0), *line, (end, 0.0)))
    return framed


def _say_vowel(mouth: Mouth, sound: Sound, loudness: float, free_since: float) -> None:
    shape = {**dict.fromkeys((*VOWEL_CHANNELS, *mouth.shown()), 0.0), **_lips(sound, loudness)}
    jaw = _jaw(sound, loudness)
    rounded = {name: shape.pop(name) for name in ROUNDING}
    ahead = max(0.0, min(ANTICIPATION, sound.start - free_since))
    for name, value in rounded.items():
        coming = value > mouth.now.get(name, 0.0)
        mouth.to(sound.start - ahead if coming else sound.start + 0.35 * sound.seconds, {name: value})
    shape.pop("jawOpen")
    mouth.to(sound.start + 0.35 * sound.seconds, shape)
    if sound.seconds < LONG_VOWEL:
        mouth.to(sound.start + 0.5 * sound.seconds, {"jawOpen": jaw})
        return
    mouth.to(sound.start + 0.3 * sound.seconds, {"jawOpen": jaw})
    mouth.to(sound.start + 0.8 * sound.seconds, {"jawOpen": jaw})


def _jaw(sound: Sound, loudness: float) -> float:
    wide = sound.pose.get("jawOpen", 0.0) * sound.open_ * loudness
    if sound.open_ >= 1.0:
        wide += OPENED_BY_VOICE * max(0.0, loudness - 1.0)
    return min(WIDEST, wide)


def _lips(sound: Sound, loudness: float) -> dict[str, float]:
    """Half as much as the jaw do the lips follow weight and voice."""
    share = 0.5 + 0.5 * min(1.2, sound.weight * loudness)
    lips = {name: min(1.0, value * share) for name, value in sound.pose.items() if name != "jawOpen"}
    if sound.is_vowel and loudness >= LOUD and sound.open_ >= 1.0:
        bared = {"mouthUpperUp": 0.35 * (loudness - 1.0), "mouthLowerDown": 0.5 * (loudness - 1.0)}
        lips |= {name: max(value, lips.get(name, 0.0)) for name, value in bared.items()}
    return lips


def _consonant(sound: Sound, loudness: float) -> dict[str, float]:
    pose = _lips(sound, min(1.0, loudness))
    if "jawOpen" in sound.pose:
        pose["jawOpen"] = sound.pose["jawOpen"] * min(1.3, loudness)
    return pose


def _timed(pieces: Sequence[Word | Pause], slowness: float) -> Iterator[Sound]:
    """The sounds of a line one after the other, and the silences in which the mouth closes."""
    time = ONSET
    for index, piece in enumerate(pieces):
        if isinstance(piece, Pause):
            if piece.seconds >= COMMA:
                yield Sound({}, time, piece.seconds * slowness, is_vowel=False, is_silent=True)
            time += piece.seconds * slowness
            continue
        last = index + 1 == len(pieces) or isinstance(pieces[index + 1], Pause)
        for sound in _sounds_of(piece, last=last):
            seconds = sound.seconds * slowness
            yield Sound(sound.pose, time, seconds, sound.is_vowel, sound.weight, sound.open_)
            time += seconds


def _sounds_of(word: Word, *, last: bool) -> Iterator[Sound]:
    """The sounds of a word; their `start` is still 0."""
    vowels = [index for index, sound in enumerate(word.sounds) if sound[-1].isdigit()]
    main = next((index for index in vowels if word.sounds[index][-1] == "1"), vowels[0] if vowels else None)
    for index, name in enumerate(word.sounds):
        stress = name[-1] if name[-1].isdigit() else ""
        length = word.drawn if index == main else 1.0
        if last and vowels and index == vowels[-1]:
            length *= BEFORE_PAUSE
        if main is None and index == len(word.sounds) - 1:
            length = WORDLESS / CONSONANT * word.drawn
        if not stress and any(not n[-1].isdigit() for n in _neighbours(word.sounds, index)):
            length *= IN_CLUSTER
        if stress == "1" and word.weight > 1.2:
            length *= word.weight
        for pose, seconds, is_vowel in _parts_of(name):
            open_ = JAW_BY_STRESS.get(stress, 1.0) * word.weight
            yield Sound(pose, 0.0, seconds * length, is_vowel, word.weight, open_)


def _neighbours(sounds: Sequence[str], index: int) -> Sequence[str]:
    return (*sounds[max(0, index - 1) : index], *sounds[index + 1 : index + 2])


@lru_cache(maxsize=256)
def _parts_of(sound: str) -> tuple[tuple[dict[str, float], float, bool], ...]:
    """(pose, seconds, is it a vowel) of each part of a sound."""
    sounds = table("sounds")
    name = sound.rstrip("012")
    length = STRESSED_VOWEL if sound[-1:] in "12" else WEAK_VOWEL
    if name in sounds["diphthong"]:
        return tuple((sounds["vowel"][part], length * 0.75, True) for part in sounds["diphthong"][name].split())
    if name in sounds["vowel"]:
        return ((sounds["vowel"][name], length, True),)
    pose = sounds["consonant"].get(name, {})
    return ((pose, CONSONANT if pose else UNSEEN_CONSONANT, False),)
