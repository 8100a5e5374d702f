"""Acts that fall on a word of a line."""

import numpy as np
import pytest

from blender_addon.core.channels import INDEX
from blender_addon.core.performance import Performance
from inference_backend.script.engine import BuiltInPerformer
from inference_backend.script.events import Speech
from inference_backend.script.speech import seconds_before_word, utterance_of
from inference_backend.script.words import quote_token


@pytest.fixture(scope="module")
def performer() -> BuiltInPerformer:
    return BuiltInPerformer()


def lines_of(performance: Performance) -> list[float]:
    return [beat.time for beat in performance.beats if beat.description.startswith("says")]


def onset(performance: Performance, channel: str) -> float:
    """Seconds at which a channel sets out."""
    times = np.arange(0, performance.duration, 0.01)
    return float(times[int((np.abs(performance.sampled(times)[:, INDEX[channel]]) > 0.02).argmax())])


def word_start(line: str, word: str) -> float:
    """Seconds from the beginning of a line to one of its words."""
    before = line[: line.lower().index(word.lower())].split()
    return seconds_before_word(Speech(quote_token(line, 0, len(line))), len(before))


@pytest.mark.parametrize(
    ("script", "line", "word", "channel"),
    [
        ('"Hello," he says, tilting his head on "hello".', "Hello,", "hello", "headRoll"),
        ('"I never said that." His brows go up as he says "never".', "I never said that.", "never", "browOuterUpLeft"),
        ('"I never said that." On "never" her brows go up.', "I never said that.", "never", "browOuterUpLeft"),
        ('"I never said that." Her brows go up on "never".', "I never said that.", "never", "browOuterUpLeft"),
        ('"I never said that," he says, raising his brows on "said".', "I never said that,", "said", "browOuterUpLeft"),
        ("She says \"I never said that\" and on 'never' her brows go up.", "I never said that", "never", "browInnerUp"),
        ('On "never" her brows go up: "I never said that."', "I never said that.", "never", "browOuterUpLeft"),
        (
            'She says "You were never there" and blinks on the word never.',
            "You were never there",
            "never",
            "eyeBlinkLeft",
        ),
        (
            'On the word "truth" he winks. "Tell me the truth, old man."',
            "Tell me the truth, old man.",
            "truth",
            "eyeBlinkLeft",
        ),
        ('"Are you quite sure?" she asks, tilting her head on "sure".', "Are you quite sure?", "sure", "headRoll"),
        (
            "At the words 'not guilty' he looks away: \"We find him not guilty.\"",
            "We find him not guilty.",
            "not",
            "leftEyeYaw",
        ),
        ('ANN: "We won the whole game." He frowns, on "whole".', "We won the whole game.", "whole", "browDownLeft"),
    ],
)
def test_an_act_falls_on_the_word_of_the_line(
    performer: BuiltInPerformer, script: str, line: str, word: str, channel: str
) -> None:
    performance = performer.perform(script, life=False)
    (spoken,) = lines_of(performance)
    assert not performance.not_understood
    assert onset(performance, channel) == pytest.approx(spoken + word_start(line, word), abs=0.25)


def test_the_occurrence_that_is_named(performer: BuiltInPerformer) -> None:
    line = "Come on, come here, come!"
    first, second, last = (
        onset(performer.perform(f'"{line}" On the {which} "come" she winks.', life=False), "eyeBlinkLeft")
        for which in ("first", "second", "last")
    )
    assert first + 0.3 < second < last - 0.3


def test_what_is_taken_up_on_a_word_stays_to_the_end_of_the_line_and_after_it(performer: BuiltInPerformer) -> None:
    performance = performer.perform('She says "We won the whole game today" and smiles on "won".', life=False)
    smile = performance.sampled(np.arange(1.2, performance.duration, 0.02))[:, INDEX["mouthSmileLeft"]]
    assert smile.min() > 0.4


def test_what_colours_a_soft_line_gives_way_to_brows_that_go_up_on_a_word(performer: BuiltInPerformer) -> None:
    performance = performer.perform('He says softly "I never saw her before" and on "saw" his brows go up.', life=False)
    brows = performance.sampled(np.arange(1.5, performance.duration, 0.02))[:, INDEX["browInnerUp"]]
    assert brows.min() > 0.4


@pytest.mark.parametrize("script", ['He smiles on "yes".', '"No, no." He nods on "yes".'])
def test_a_quotation_that_no_line_has_is_a_line(performer: BuiltInPerformer, script: str) -> None:
    assert len(lines_of(performer.perform(script, life=False))) == script.count('"') // 2


def test_words_of_a_line_come_in_order_before_its_end() -> None:
    speech = Speech(quote_token("Well... I never, ever said that.", 0, 32))
    starts = [seconds_before_word(speech, number) for number in range(6)]
    assert starts == sorted(starts)
    assert starts[1] > starts[0] + 0.7  # the pause after "Well..."
    assert starts[-1] < utterance_of(speech).duration
