"""How lines are said and what is seen of them; what is expected stands in lines/*.toml."""

import re
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from blender_addon.core.anatomy import faults
from blender_addon.core.channels import INDEX
from blender_addon.core.errors import EngineError
from blender_addon.core.performance import Role
from inference_backend.script import espeak
from inference_backend.script.engine import BuiltInPerformer
from inference_backend.script.espeak import letter_to_sound
from inference_backend.script.events import Speech
from inference_backend.script.pronouncing import is_english, phonemes_of
from inference_backend.script.speech import utterance_of
from inference_backend.script.spoken import Pause, Word, spoken
from inference_backend.script.words import quote_token

from .expectations import Seen, failure

LINES = Path(__file__).parent / "lines"


def data(name: str) -> dict:
    return tomllib.loads((LINES / f"{name}.toml").read_text(encoding="utf-8"))


WORDS, SPOKEN, LIPS = data("words")["words"], data("spoken"), data("lips")
LIP_CLASSES = {"B": ("P", "B", "M"), "F": ("F", "V"), "S": ("SH", "CH", "JH", "ZH"), "W": ("W",)}
LIP_CLASS = {sound: name for name, sounds in LIP_CLASSES.items() for sound in sounds}


def bare(sounds: Sequence[str]) -> list[str]:
    return [sound.rstrip("012") for sound in sounds]


def is_said(word: str, wanted: str) -> bool:
    *lips, syllables = wanted.split()
    sounds = phonemes_of(word)
    seen = [LIP_CLASS[sound] for sound in bare(sounds) if sound in LIP_CLASS]
    return seen == lips and abs(sum(sound[-1].isdigit() for sound in sounds) - int(syllables)) <= 1


class TestPronouncing:
    def test_words_in_no_dictionary_have_their_lip_sounds_and_syllables(self) -> None:
        wrong = {word: phonemes_of(word) for word, wanted in WORDS.items() if not is_said(word, wanted)}
        assert len(wrong) <= 0.03 * len(WORDS), wrong

    def test_the_words_are_news_to_the_dictionary(self) -> None:
        assert sum(not is_english(word.lower()) for word in WORDS) >= 50

    def test_the_order_of_asking_changes_nothing(self) -> None:
        forth = {word: letter_to_sound(word) for word in WORDS}
        back = {word: letter_to_sound(word) for word in reversed(WORDS)}
        assert forth == back
        assert all(forth.values())

    def test_many_may_ask_at_once(self) -> None:
        alone = [letter_to_sound(word) for word in WORDS]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(letter_to_sound, WORDS)) == alone

    def test_a_library_that_is_not_there_is_told_in_plain_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: "nowhere/espeak")
        espeak._ipa_of.cache_clear()
        with pytest.raises(EngineError, match="eSpeak NG cannot be loaded") as caught:
            letter_to_sound("glorp")
        assert "Install" in caught.value.hint
        monkeypatch.undo()
        assert letter_to_sound("glorp")

    @pytest.mark.parametrize(("written", "sounds"), SPOKEN["interjections"])
    def test_an_interjection_is_its_sounds(self, written: str, sounds: str) -> None:
        assert bare(phonemes_of(written)) == sounds.split()

    @pytest.mark.parametrize("text", ["вода", "日本", "\0", "é", "ß", "ﬁ", "x" * 3000, "q"])
    def test_any_text_is_survived(self, text: str) -> None:
        assert all(re.fullmatch(r"[A-Z]{1,2}[012]?", sound) for sound in phonemes_of(text))


def words_of(line: str) -> list[Word]:
    return [piece for piece in spoken(line) if isinstance(piece, Word)]


def said(line: str) -> list[str]:
    return [sound for word in words_of(line) for sound in bare(word.sounds)]


def unreduced(sounds: list[str]) -> list[str]:
    """What differs from one saying to the next: the vowel of "and" and "at", the T of "thirty"."""
    same = {"AE": "AH", "IH": "AH", "D": "T"}
    return [same.get(sound, sound) for sound in sounds]


class TestSpoken:
    @pytest.mark.parametrize(("written", "meant"), SPOKEN["same"])
    def test_what_is_written_short_is_said_in_full(self, written: str, meant: str) -> None:
        assert unreduced(said(written)) == unreduced(said(meant))

    @pytest.mark.parametrize(("line", "least"), SPOKEN["pauses"])
    def test_punctuation_is_silence(self, line: str, least: list[float]) -> None:
        pauses = [piece.seconds for piece in spoken(line) if isinstance(piece, Pause)]
        assert len(pauses) == len(least)
        assert all(pause >= wanted for pause, wanted in zip(pauses, least, strict=True))

    @pytest.mark.parametrize(("line", "word", "sign"), SPOKEN["weights"])
    def test_some_words_weigh_more(self, line: str, word: str, sign: str) -> None:
        weight = next(piece.weight for piece in words_of(line) if piece.text == word)
        assert {"+": weight > 1, "-": weight < 1, "=": weight == 1}[sign]

    @pytest.mark.parametrize(("line", "sound", "times"), SPOKEN["stammers"])
    def test_a_stammer_repeats_its_first_sound(self, line: str, sound: str, times: int) -> None:
        assert said(line).count(sound) == times


performer = BuiltInPerformer()


def seen_of(text: str) -> Seen:
    performance = performer.perform(text, life=False)
    assert not faults(performance)
    assert not performance.not_understood
    return Seen(performance)


def closures(seen: Seen) -> int:
    """How often the lips meet between two moments at which the mouth is open."""
    met, opened, count = False, False, 0
    for jaw, press in zip(seen.line("jawOpen"), seen.line("mouthPressLeft"), strict=True):
        if jaw < 0.06 and press > 0.15:
            met = True
        elif jaw > 0.08:
            count += met and opened
            met, opened = False, True
    return count


def openings_a_second(seen: Seen) -> float:
    jaw = seen.line("jawOpen")
    inner = jaw[1:-1]
    peaks = (inner > jaw[:-2]) & (inner >= jaw[2:]) & (inner > 0.05)
    speaking = np.flatnonzero(jaw > 0.01)
    return float(peaks.sum() / (seen.times[speaking[-1]] - seen.times[speaking[0]]))


def unmet(seen: Seen, claim: str) -> str | None:
    kind, *numbers = claim.split()
    if kind == "closes":
        count, wanted = closures(seen), int(numbers[0].rstrip("+"))
        return None if count == wanted or (count > wanted and numbers[0].endswith("+")) else f"{count} times"
    if kind == "rate":
        rate = openings_a_second(seen)
        return None if float(numbers[0]) <= rate <= float(numbers[1]) else f"{rate:.1f} a second"
    return failure(seen, claim)


class TestLips:
    @pytest.mark.parametrize("line", LIPS["line"], ids=lambda line: line["text"])
    def test_what_is_seen_of_a_line(self, line: dict) -> None:
        seen = seen_of(line["text"])
        assert not [f"{claim}: {why}" for claim in line["expect"] if (why := unmet(seen, claim))]

    @pytest.mark.parametrize("pair", LIPS["longer"], ids=lambda pair: pair["more"])
    def test_some_lines_take_longer(self, pair: dict) -> None:
        short, long = (seen_of(pair[key]).performance.duration for key in ("less", "more"))
        assert long > short + 0.15

    @pytest.mark.parametrize("pair", LIPS["wider"], ids=lambda pair: pair["more"])
    def test_some_lines_open_wider(self, pair: dict) -> None:
        little, much = (seen_of(pair[key]).line("jawOpen").max() for key in ("less", "more"))
        assert much > 1.08 * little

    @pytest.mark.parametrize("pair", LIPS["alike"], ids=lambda pair: pair["one"])
    def test_some_lines_are_said_alike(self, pair: dict) -> None:
        one, other = (
            [
                frame.channels
                for frame in performer.perform(pair[key], life=False).keyframes
                if frame.role is Role.SPEECH
            ]
            for key in ("one", "other")
        )
        assert one
        assert one == other

    def test_rounding_is_there_before_its_vowel_through_what_leaves_the_lips_free(self) -> None:
        def rounded_before_open(line: str) -> float:
            """Seconds by which the lips are half round before the jaw is half open."""
            seen = seen_of(f'"{line}"')
            round_, jaw = (seen.line(name) for name in ("mouthFunnel", "jawOpen"))
            first = [int((values >= values.max() / 2).argmax()) for values in (round_, jaw)]
            return float(seen.times[first[1]] - seen.times[first[0]])

        assert rounded_before_open("Goal.") > 0.04

    def test_a_line_begins_and_ends_at_rest(self) -> None:
        line = "Mr. Fox, who saw 42 WOMEN... N-no! Hmm."
        utterance = utterance_of(Speech(quote_token(line, 0, len(line))))
        for name, keys in utterance.keys.items():
            times = [time for time, _ in keys]
            assert keys[0][1] == keys[-1][1] == 0.0, name
            assert times == sorted(times)
            assert times[-1] == utterance.duration
            assert all(0.0 <= value <= 1.0 for _, value in keys)

    def test_no_channel_is_keyed_in_a_storm(self) -> None:
        rates = []
        for case in LIPS["line"]:
            performance = performer.perform(case["text"], life=False)
            times = [frame.time for frame in performance.keyframes if frame.role is Role.SPEECH]
            for name in INDEX:
                count = sum(name in frame.channels for frame in performance.keyframes)
                if count:
                    rates.append(count / (times[-1] - times[0] + 0.3))
        assert np.median(rates) <= 8.0
        assert max(rates) <= 14.0
