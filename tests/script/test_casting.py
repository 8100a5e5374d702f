"""One part of a script that more than one person is in."""

import pytest

from blender_addon.core.errors import InputError
from blender_addon.core.performance import Performance
from inference_backend.script.engine import BuiltInPerformer

SCENE = """
ANNA
(smiling)
I thought you would never come.

BEN
(angry)
I should not have come!

Anna looks down. Ben frowns at her.

ANNA
Please stay.
"""
TOLD = (
    'Anna smiles while Ben frowns. He shakes his head. "Go away," he says. Anna gasps. She looks down. "Why?" she says.'
)
LABELLED = """
MARA: (whispering) We have to go. Now.
JON: (angry) I am not leaving! (beat) Ever.
Mara rolls her eyes. Her brother frowns.
JON: smiles, then looks away
MARA: Fine.
"""


def played(script: str, plays: str) -> Performance:
    return BuiltInPerformer().perform(script, plays=plays, life=False)


def told(script: str, plays: str) -> list[str]:
    return [beat.description for beat in played(script, plays).beats]


def test_cues_say_whose_line_and_whose_aside_it_is() -> None:
    assert told(SCENE, "Anna") == [
        "the corners of the mouth rise",
        'says "I thought you would never come."',
        "the eyes turn down",
        'says "Please stay."',
    ]
    assert told(SCENE, "ben") == ["anger: brows down, eyes hard, lips pressed", 'says "I should not have come!"']


def test_labels_say_it_too() -> None:
    assert told(LABELLED, "Mara") == ['says "We have to go. Now."', "the eyes roll up and round", 'says "Fine."']
    assert told(LABELLED, "JON")[1:] == [
        'says "I am not leaving!"',
        'says "Ever."',
        "the corners of the mouth rise",
        "the eyes turn away",
    ]


def test_names_and_pronouns_say_who_acts_and_who_speaks() -> None:
    assert told(TOLD, "Anna") == ["the corners of the mouth rise", "a gasp", "the eyes turn down", 'says "Why?"']
    assert told(TOLD, "Ben")[1:] == ["the head shakes", 'says "Go away,"']


@pytest.mark.parametrize("script", [SCENE, TOLD, LABELLED])
def test_all_parts_are_in_step_with_the_whole(script: str) -> None:
    whole = played(script, "")
    times = {(beat.description, beat.source): beat.time for beat in whole.beats}
    for name in ("Anna", "Ben", "Mara", "Jon"):
        if name.casefold() in script.casefold():
            part = played(script, name)
            assert part.duration == whole.duration
            assert 0 < len(part.beats) < len(whole.beats)
            for beat in part.beats:
                if (beat.description, beat.source) in times:
                    assert beat.time == pytest.approx(times[beat.description, beat.source], abs=0.02)


def test_the_mouth_rests_while_others_speak() -> None:
    part = played('BEN\nI should not have come!\n\nAnna smiles. BEN\nWhy did I?\n\n"Stay," says Anna.', "Anna")
    own = next(beat.time for beat in part.beats if "says" in beat.description)
    assert all("jawOpen" not in keyframe.channels or keyframe.time > own - 0.5 for keyframe in part.keyframes)


def test_what_others_do_is_told() -> None:
    assert played(SCENE, "Anna").notes == (
        "Silent for a line that others say.",
        'Not acted, since others do it: "Ben frowns at her".',
    )
    many = "Anna smiles. Ben frowns. Ben nods. Ben winks. Ben blinks."
    assert played(many, "Anna").notes == (
        'Not acted, since others do it: "Ben frowns", "Ben nods", "Ben winks" and 1 more.',
    )


def test_what_others_do_that_no_face_can_is_no_fault_of_the_script() -> None:
    assert played("Anna smiles. Ben kicks the door.", "Anna").not_understood == ()
    assert played("Anna smiles. Ben kicks the door.", "Ben").not_understood == ("Ben kicks the door",)


def test_a_pronoun_is_a_part_where_nobody_has_a_name() -> None:
    assert told("She smiles. He winks.", "she") == ["the corners of the mouth rise"]
    assert told("She smiles while he winks.", "He") == told("He winks.", "")


def test_one_of_two_who_share_a_name() -> None:
    script = "OLD ANNA: I was so young!\nYOUNG ANNA: I am so bored."
    assert told(script, "Old Anna") == ['says "I was so young!"']
    assert len(told(script, "Anna")) == 2


def test_what_all_do_everybody_does() -> None:
    assert told("Anna frowns. They smile. Ben winks.", "Ben") == told("Ben smiles. Ben winks.", "Ben")


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match=r'names nobody "Zed"\. It has lines of ANNA, BEN\. Write a name under Plays'):
        played(SCENE, "Zed")
    with pytest.raises(InputError, match='names nobody "he"'):
        played("She smiles.", "he")
