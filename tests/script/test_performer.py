"""What holds for every script: the same again, quickly, sparse, and something said of every word."""

import json
import random
from contextlib import suppress

import numpy as np
import pytest

from benchmarks.perform_latency import SCENE, keys_a_second
from blender_addon.core.anatomy import OPPOSED, faults
from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.errors import InputError, TooLargeError
from blender_addon.core.performance import Performance, Role
from blender_addon.core.wire import performance_from_json, performance_to_json
from inference_backend.engines import SCRIPT_ENGINES
from inference_backend.script.engine import LONGEST_SCRIPT, BuiltInPerformer
from inference_backend.script.entries import entries, patterns_by_first_slot
from inference_backend.script.lexicon_files import table

from .test_corpus import cases

MINUTE = SCENE * 3


@pytest.fixture(scope="module")
def performer() -> BuiltInPerformer:
    return BuiltInPerformer()


def form(performance: Performance) -> str:
    return json.dumps(performance_to_json(performance))


def _columns(performance: Performance) -> list[tuple[str, np.ndarray]]:
    return list(zip(CHANNELS, performance.sampled(np.arange(0, performance.duration, 0.02)).T, strict=True))


class TestSameAgain:
    def test_the_same_input_gives_the_same_bytes(self, performer: BuiltInPerformer) -> None:
        first = performer.perform(MINUTE, background="a funeral", emotion="anger", seed=3)
        again = SCRIPT_ENGINES["performer"]().perform(MINUTE, background="a funeral", emotion="anger", seed=3)
        assert form(first) == form(again)

    def test_another_seed_is_another_take_of_the_same_acts(self, performer: BuiltInPerformer) -> None:
        script = 'She smiles, then frowns. She turns her head to the left and says "No."'
        plain, *takes = (performer.perform(script, seed=seed) for seed in range(6))
        assert len({form(performance) for performance in (plain, *takes)}) == 6
        for take in takes:
            assert [(beat.source, beat.description) for beat in take.beats] == [
                (beat.source, beat.description) for beat in plain.beats
            ]
            assert not faults(take)
            fullest = {name: np.abs(column).max() for name, column in _columns(plain)}
            for name, column in _columns(take):
                if fullest[name] > 0.2:
                    assert 0.7 * fullest[name] < np.abs(column).max() < 1.3 * fullest[name]

    def test_the_wire_loses_nothing_that_shows(self, performer: BuiltInPerformer) -> None:
        performance = performer.perform(MINUTE)
        back = performance_from_json(json.loads(form(performance)))
        times = np.arange(0, performance.duration, 0.05)
        assert np.abs(back.sampled(times) - performance.sampled(times)).max() < 0.01


class TestSound:
    def test_no_face_is_asked_for_the_impossible_between_keys_either(self, performer: BuiltInPerformer) -> None:
        for case in [*cases("script"), MINUTE]:
            text = case if isinstance(case, str) else case.values[0]["text"]
            if not any(character.isalpha() for character in text):
                continue
            performance = performer.perform(text)
            assert not faults(performance)
            table_ = performance.sampled(np.arange(0, performance.duration, 1 / 60))
            for first, second in OPPOSED:
                both = np.minimum(table_[:, INDEX[first]], table_[:, INDEX[second]]).max(initial=0.0)
                assert both < 0.2, (text, first, second, both)
            assert (table_[:, INDEX["mouthClose"]] <= table_[:, INDEX["jawOpen"]] + 1e-6).all()

    def test_every_keyed_channel_moves(self, performer: BuiltInPerformer) -> None:
        performance = performer.perform(MINUTE, emotion="worried")
        for name, curve in performance.to_curves():
            assert np.ptp(curve.values) > 0.004, name

    def test_every_keyframe_is_described_and_points_into_the_script(self, performer: BuiltInPerformer) -> None:
        for keyframe in performer.perform(MINUTE).keyframes:
            assert keyframe.description
            if keyframe.role in (Role.BEAT, Role.SPEECH):
                assert keyframe.source is not None
                assert MINUTE[slice(*keyframe.source)].strip()

    def test_the_words_that_made_a_beat(self, performer: BuiltInPerformer) -> None:
        script = "She smiles, then slowly raises one eyebrow."
        smile, brow = performer.perform(script).beats
        assert "smiles" in script[slice(*smile.source)]
        assert "raises one eyebrow" in script[slice(*brow.source)]

    @pytest.mark.parametrize("life", [True, False])
    @pytest.mark.parametrize("line", ["Hello there, my friend.", "Hmm.", "I " + "really " * 30 + "mean it!"])
    def test_a_spoken_line_is_a_beat_where_it_begins(
        self, performer: BuiltInPerformer, line: str, *, life: bool
    ) -> None:
        script = f'She frowns. "{line}" Then she winks and says "..."'
        performance = performer.perform(script, life=life)
        frown, said, wink = performance.beats
        assert script[slice(*said.source)] == f'"{line}"'
        assert said.description == f'says "{line}"' or (len(line) > 48 and said.description.endswith('..."'))
        assert frown.time < said.time < wink.time
        lips = [keyframe.time for keyframe in performance.keyframes if keyframe.role is Role.SPEECH]
        assert said.time < min(lips) < said.time + 0.3


class TestLife:
    def test_blinks_come_at_a_human_rate(self, performer: BuiltInPerformer) -> None:
        performance = performer.perform("She smiles.", duration=120.0)
        lids = performance.sampled(np.arange(0, 120, 0.01))[:, INDEX["eyeBlinkLeft"]] > 0.5
        blinks = int((lids[1:] & ~lids[:-1]).sum())
        assert 20 <= blinks <= 44  # 10 to 22 a minute

    def test_none_without_it_and_none_where_the_script_forbids(self, performer: BuiltInPerformer) -> None:
        for performance in (
            performer.perform("She smiles.", duration=30.0, life=False),
            performer.perform("He stares without blinking.", duration=30.0),
        ):
            assert "eyeBlinkLeft" not in performance.to_curves()

    def test_closed_eyes_stay_closed(self, performer: BuiltInPerformer) -> None:
        performance = performer.perform("She closes her eyes.", duration=30.0)
        lids = performance.sampled(np.arange(2, 30, 0.01))[:, INDEX["eyeBlinkLeft"]]
        assert lids.min() == 1.0


class TestLimits:
    def test_few_keys(self) -> None:
        assert keys_a_second(life=False) <= 8
        assert keys_a_second(life=True) <= 8

    @pytest.mark.parametrize("duration", [0.0, -3.0, 1e9, float("nan")])
    def test_a_length_that_makes_no_sense_is_refused(self, performer: BuiltInPerformer, duration: float) -> None:
        with pytest.raises(InputError):
            performer.perform("She smiles.", duration=duration)

    def test_a_script_beyond_measure_is_refused(self, performer: BuiltInPerformer) -> None:
        with pytest.raises(TooLargeError):
            performer.perform("a" * (LONGEST_SCRIPT + 1))

    def test_twenty_thousand_characters(self, performer: BuiltInPerformer) -> None:
        script = (SCENE * 60)[:20_000]
        performance = performer.perform(script)
        assert performance.duration > 300
        assert not faults(performance)

    @pytest.mark.parametrize(
        "text", ["(((((", '"""', "*" * 500 + "a", "She smiles" + "," * 3000, "\x00\x07 smile", "🙂 smile"]
    )
    def test_odd_characters_do_no_harm(self, performer: BuiltInPerformer, text: str) -> None:
        with suppress(InputError):  # refused in plain words, or performed; never anything else
            performer.perform(text)

    @pytest.mark.parametrize("act", ["smiles slightly", "looks up", "keeps nodding", "is sad"])
    def test_no_ending_of_a_sentence_brings_it_down(self, performer: BuiltInPerformer, act: str) -> None:
        for link in (", then ", ", ", " and ", " but ", " while ", " until ", ". Then "):
            for rest in ENDINGS.split("|"):
                performer.perform(f"She {act}{link}{rest}.", life=False)

    def test_no_heap_of_fragments_brings_it_down(self, performer: BuiltInPerformer) -> None:
        choose, fragments = random.Random(9), FRAGMENTS.split("|")
        for _ in range(400):
            script = " ".join(choose.choice(fragments) for _ in range(choose.randint(1, 10)))
            with suppress(InputError):
                performer.perform(script, life=False)


ENDINGS = (
    "broadly|very slightly|more strongly|less|a little|a bit more|wider|40 %|100% for 2 seconds|again|back|the other"
    "|the left|slowly|twice|for two seconds|from 1s to 2s|until the end|over one second|on 'never'|stops"
)
FRAGMENTS = (
    f"{ENDINGS}|then|,|.|;|(|)|-|and|but|while|with|until|into|not|never|keeps|holds|it|takes|her|to|he|she|eyes|brows"
    '|smiles|frowns|nods|looks|up|down|left|mouths|screams|laughs|relaxes|opens|"I never said that."|"never"|"'
    "|on the word never|at 2 seconds|24 fps|from frame 10 to frame 30"
)


class TestLexicon:
    def test_it_is_large_enough(self) -> None:
        known = entries().values()
        assert sum(not entry.emotion for entry in known) >= 250
        assert sum(entry.emotion for entry in known) >= 60
        assert len(table("modifiers")["degree"]) == 5

    def test_every_entry_can_be_asked_for_and_does_something(self) -> None:
        asked = {pattern.entry.name for patterns in patterns_by_first_slot().values() for pattern in patterns}
        assert asked == set(entries())
        still = {"hold", "wait", "unchanged"}
        for entry in entries().values():
            assert entry.pose or entry.steps or entry.rest or entry.name in still, entry.name
            assert entry.does

    def test_every_class_that_a_pattern_names_exists(self) -> None:
        classes = {f"@{name}" for name in table("words")["classes"]}
        slots = {slot for patterns in patterns_by_first_slot().values() for p in patterns for slot in p.slots}
        assert {slot for slot in slots if slot.startswith("@")} <= classes

    def test_gestures_go_forward_in_time_and_come_home(self) -> None:
        for entry in entries().values():
            times = [moment for moment, _ in entry.steps]
            assert times == sorted(set(times)), entry.name


@pytest.mark.parametrize(("seconds", "pulses", "length"), [("four", 7, 5.8), ("eight", 16, 9.8)])
def test_laughter_pulses_as_long_as_the_script_says(
    performer: BuiltInPerformer, seconds: str, pulses: int, length: float
) -> None:
    performance = performer.perform(f"He laughs for {seconds} seconds.", life=False)
    jaw = [frame.channels["jawOpen"] for frame in performance.keyframes if "jawOpen" in frame.channels]
    peaks = sum(before < value > after for before, value, after in zip(jaw, jaw[1:], jaw[2:], strict=False))
    assert peaks >= pulses
    assert performance.duration == pytest.approx(length, abs=0.05)  # with the rest at both ends
