"""A script performed by its words alone: read, ordered, staged and keyed."""

import re
from collections.abc import Sequence
from dataclasses import replace

from blender_addon.core.anatomy import mended
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Keyframe, Performance, Role, without_still_channels

from .casting import Cast
from .context import BACKGROUND_SHARE, EMOTION_SHARE, colour
from .describing import Beat
from .engine import LONGEST_DURATION
from .events import Event, Group
from .keys import Key, Keys
from .life import LIFE_BEAT, enliven
from .meaning import meaning_search
from .nearest import Nearest
from .on_words import with_words_of_lines_marked
from .ordering import Order
from .reading import Reader
from .screenplay import sentences_of
from .staging import Stage
from .variation import varied


class Performer:
    """Performs any number of scripts. nearest: what is meant by words that the lexicon lacks."""

    def __init__(self, nearest: Nearest | None = None) -> None:
        self._nearest = Nearest(meaning_search()) if nearest is None else nearest

    def perform(  # noqa: PLR0913 - one keyword for each field of a request
        self,
        script: str,
        *,
        background: str,
        emotion: str,
        plays: str,
        duration: float | None,
        seed: int,
        life: bool,
        frames: FrameCount | None,
    ) -> Performance:
        """See ScriptEngine."""
        groups, reader, wait_at_end = self._read(script, frames, plays)
        if not groups and not wait_at_end:
            return Performance((), 0.0, tuple(reader.not_understood), (_NOTHING_UNDERSTOOD, *reader.notes))
        if duration is None and reader.length is not None and 0.2 <= reader.length <= LONGEST_DURATION:
            duration = reader.length
        groups = varied(groups, seed)
        whole = _staged(groups, duration, wait_at_end)
        stage = _played(_without_others(groups, whole.onsets), whole.dwell) if plays else whole
        keys = stage.keys()
        moods, remarks = self._moods(background, emotion)
        colour(keys, moods, stage.forbidden)
        length = max(whole.duration(wait_at_end), keys.last_time)
        length = _fitted(keys, stage.beats, length, duration)
        if life:
            blinks = not {"eyeBlinkLeft", "eyeBlinkRight"} & stage.forbidden
            enliven(keys, length, f"{seed} {script}", blinks=blinks)
        keyframes = without_still_channels(tuple(_keyframes(keys, stage.beats)))
        notes = tuple(dict.fromkeys((*reader.notes, *remarks, *_idle_notes(stage, keyframes))))
        return mended(Performance(keyframes, round(length, 3), tuple(reader.not_understood), notes))

    def _read(
        self, script: str, frames: FrameCount | None = None, plays: str = ""
    ) -> tuple[list[Group], Reader, float]:
        sentences = with_words_of_lines_marked(sentences_of(script))
        cast = Cast(plays, script, sentences)
        reader, order = Reader(script, self._nearest, cast, frames), Order()
        for sentence in sentences:
            order.add(sentence, reader.read(sentence))
        reader.notes.extend(cast.notes())
        return order.groups, reader, order.wait_at_end

    def _moods(self, background: str, emotion: str) -> tuple[list[tuple[Event, float]], list[str]]:
        """The feelings that background and emotion name; an emotion that cannot be read is reported."""
        moods: list[tuple[Event, float]] = []
        remarks: list[str] = []
        for text, share, title in ((emotion, EMOTION_SHARE, "emotion"), (background, BACKGROUND_SHARE, "background")):
            if not re.search(r"\w", text):
                continue
            groups, _, _ = self._read(text)
            found = [event for group in groups for event in group.events if event.entry.whole]
            moods.extend((event, share) for event in found)
            if not found and title == "emotion":
                remarks.append(f'No feeling was found in the emotion "{text.strip()}".')
        return moods, remarks


_NOTHING_UNDERSTOOD = (
    'Nothing in the script was understood. Say in English what the face does, such as "She smiles, then looks down."'
)


def _idle_notes(stage: Stage, keyframes: tuple[Keyframe, ...]) -> list[str]:
    """What the script asks for and what is so already: "she doesn't smile", "he looks at her"."""
    notes = [f'Nothing to do for "{words}": the face is so already.' for words in dict.fromkeys(stage.idle)]
    if not notes and not keyframes:
        notes.append("Nothing moves in this script: it only waits, or says what the face does not do.")
    return notes


def _staged(groups: Sequence[Group], duration: float | None, wait_at_end: float) -> Stage:
    """The groups played; where a longer time is asked for, with longer pauses and not with slower movements."""
    stage = _played(groups, 1.0)
    own_length = stage.duration(wait_at_end)
    if duration is None or duration <= own_length:
        return stage
    stretched = _played(groups, 2.0).duration(wait_at_end)
    return _played(groups, 1.0 + (duration - own_length) / (stretched - own_length))


def _without_others(groups: Sequence[Group], onsets: Sequence[float]) -> list[Group]:
    """The part of one person, at the times of the whole: heads that play the other parts are in step with it."""
    part = []
    for group, onset in zip(groups, onsets, strict=True):
        events = [event for event in group.events if not event.others]
        speech = [line for line in group.speech if not line.others]
        if events or speech:
            part.append(replace(group, events=events, speech=speech, onset=onset))
    return part


def _played(groups: Sequence[Group], dwell: float) -> Stage:
    stage = Stage(dwell)
    stage.play(groups)
    return stage


def _fitted(keys: Keys, beats: list[Beat], length: float, duration: float | None) -> float:
    """Fit the keys to the length that was asked for."""
    if duration is None:
        return length
    if length > duration:
        factor = duration / length
        keys.scaled_in_time(factor)
        beats[:] = [Beat(beat.time * factor, beat.words, beat.source, beat.role) for beat in beats]
    return duration


def _keyframes(keys: Keys, beats: Sequence[Beat]) -> list[Keyframe]:
    """All keys of one time in one keyframe; each beat describes the keyframe nearest to its fullest moment."""
    by_time: dict[float, dict[str, Key]] = {}
    for name, own in keys.by_channel.items():
        for key in own:
            by_time.setdefault(key.time, {})[name] = key
    described = _described(sorted(by_time), beats, by_time)
    return [_keyframe(time, by_time[time], described.get(time, []), beats) for time in sorted(by_time)]


def _described(
    times: list[float], beats: Sequence[Beat], by_time: dict[float, dict[str, Key]]
) -> dict[float, list[int]]:
    own_times: dict[int, list[float]] = {}
    for time in times:
        for key in by_time[time].values():
            own_times.setdefault(key.beat, []).append(time)
    found: dict[float, list[int]] = {}
    for number, beat in enumerate(beats):
        if beat.role is Role.BEAT and times:
            near = min(own_times.get(number) or times, key=lambda time: abs(time - beat.time))
            near = min(times, key=lambda time: abs(time - beat.time)) if abs(near - beat.time) > 0.5 else near
            found.setdefault(near, []).append(number)
    return found


def _keyframe(time: float, own: dict[str, Key], described: list[int], beats: Sequence[Beat]) -> Keyframe:
    channels = {name: round(key.value, 4) for name, key in own.items()}
    if described:
        words = "; ".join(dict.fromkeys(beats[number].words for number in described))
        sources = [source for number in described if (source := beats[number].source)]
        span = (min(s for s, _ in sources), max(e for _, e in sources)) if sources else None
        return Keyframe(time, channels, words, source=span, role=Role.BEAT)
    beat = next((key.beat for key in own.values() if 0 <= key.beat < len(beats)), None)
    if all(key.beat == LIFE_BEAT for key in own.values()):
        return Keyframe(time, channels, "life: blink or shift of the gaze", role=Role.LIFE)
    if beat is None:
        return Keyframe(time, channels, "the mood of the scene", role=Role.PASSING)
    words = beats[beat].words
    role = Role.SPEECH if any(key.role is Role.SPEECH for key in own.values()) else Role.PASSING
    return Keyframe(
        time, channels, words if role is Role.SPEECH else f"on the way: {words}", source=beats[beat].source, role=role
    )
