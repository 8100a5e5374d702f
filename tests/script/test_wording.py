"""What the performer tells of its work: the words of its beats, and its notes."""

from collections import Counter

from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Performance
from inference_backend.script.addressing import TWO_PEOPLE
from inference_backend.script.describing import LONGEST_QUOTATION
from inference_backend.script.engine import BuiltInPerformer
from inference_backend.script.frames import RATE_WANTED
from inference_backend.script.lexicon_files import table


def performed(script: str, frames: FrameCount | None = None) -> Performance:
    return BuiltInPerformer().perform(script, life=False, frames=frames)


def told(script: str) -> list[str]:
    return [beat.description for beat in performed(script).beats]


def test_what_fades_is_said_as_what_it_is() -> None:
    assert told("Her smile fades.") == ["the smile fades"]
    assert told("The anger drains from her face.") == ["the anger fades"]
    assert told("He laughs, then stops.") == ["a laugh", "a laugh ends"]
    assert told("Her raised brows are no longer raised. She raises her brows. Her brows are no longer raised.")[-1] == (
        "no longer: the eyebrows rise"
    )


def test_degree_side_and_count_follow_what_is_seen() -> None:
    assert told("She faintly raises her left eyebrow.") == ["the eyebrows rise, faintly, on the left"]
    assert told("He blinks twice.") == ["the eyes blink, 2 times"]


def test_a_long_quotation_is_cut_between_words() -> None:
    (line,) = told('"I never wanted any of this to happen to the two of us, believe me," she says.')
    assert line.endswith('..."')
    said = line.removeprefix('says "').removesuffix('..."')
    assert len(said) <= LONGEST_QUOTATION
    assert "I never wanted any of this to happen to the two of us".startswith(said)
    assert not said.endswith(" ")


def test_a_script_that_only_waits_says_so() -> None:
    performance = performed("(beat)")
    assert performance.notes == ("Nothing moves in this script: it only waits, or says what the face does not do.",)
    assert performance.duration > 0


def test_two_people_on_one_head_are_noted_once() -> None:
    notes = performed("She smiles. He frowns. She winks.").notes
    assert notes.count(TWO_PEOPLE) == 1
    assert TWO_PEOPLE not in performed("She smiles. She frowns at him.").notes


def test_what_does_not_happen_is_no_clause_that_was_not_understood() -> None:
    performance = performed("He opens his mouth, but no sound emerges.")
    assert performance.not_understood == ()
    assert performance.notes == ('Nothing to do for "no sound emerges": it says what does not happen.',)


def test_a_speaker_without_a_line_is_asked_for_it() -> None:
    performance = performed("She nods. He answers her.")
    assert '"He answers her" gives no words to speak: write them in quotation marks.' in performance.notes
    assert performance.not_understood == ()


def test_what_was_done_is_not_noted_as_already_so() -> None:
    assert performed("She looks to her left, then snaps her eyes back to camera.").notes == ()


def test_frames_are_counted_as_the_scene_counts_them() -> None:
    performance = performed("At frame 51 she smiles.", FrameCount(25.0, first=1))
    assert RATE_WANTED not in performance.notes
    assert performance.not_understood == ()
    first_key = min(frame.time for frame in performance.keyframes)
    assert abs(first_key - 2.0) < 0.15
    assert FrameCount(25.0, first=60).seconds(51) == 0.0


def test_a_rate_in_the_script_goes_before_that_of_the_scene() -> None:
    performance = performed("50 fps. At frame 100 she smiles.", FrameCount(25.0))
    assert abs(min(frame.time for frame in performance.keyframes) - 2.0) < 0.15


def test_a_word_names_one_emotion() -> None:
    words = [word for entry in table("emotions").values() for word in entry.get("words", "").split()]
    assert [word for word, count in Counter(words).items() if count > 1] == []
