"""What is suggested for names that no preset knows."""

import pytest

from blender_addon.core.binding import recognise, suggest
from blender_addon.core.channels import SHAPES


def suggestions(*names, channels=SHAPES):
    found = recognise({"Face": names})
    used = [(row.mesh, row.key) for row in found.rows if not row.is_approximated]
    return suggest({"Face": names}, channels, used, found.doubts)


@pytest.mark.parametrize(
    ("key", "channel"),
    [
        ("LeftEyeClosed", "eyeBlinkLeft"),
        ("eyeBlnkRight", "eyeBlinkRight"),
        ("Open Mouth", "jawOpen"),
        ("kiss", "mouthPucker"),
        ("Smile_Left", "mouthSmileLeft"),
        ("happy.R", "mouthSmileRight"),
        ("eyebrows_down_l", "browDownLeft"),
        ("cheeks puffed", "cheekPuff"),
        ("tounge out", "tongueOut"),
        ("jawOpen_fix", "jawOpen"),
    ],
)
def test_a_likely_name_is_suggested(key, channel):
    found = suggestions("Basis_2", key, "mouthClose", "noseFlare")
    assert (channel, key) in [(suggestion.channel, suggestion.key) for suggestion in found]


def test_nothing_is_suggested_for_the_wrong_side():
    assert {suggestion.channel for suggestion in suggestions("Smile_Left")} == {"mouthSmileLeft"}


def test_a_key_of_both_sides_is_suggested_with_half_its_strength():
    found = {suggestion.channel: suggestion.gain for suggestion in suggestions("Smile")}
    assert found == {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}


def test_what_is_bound_is_not_suggested():
    assert [s for s in suggestions("jawOpen", "mouthClose", channels=["mouthFunnel"]) if s.key == "jawOpen"] == []


def test_foreign_names_suggest_nothing():
    assert suggestions("Basis", "Breathe", "Muscular", "A", "viseme_sil", "Height +", "まばたき") == []


def test_two_that_are_as_likely_are_no_clear_choice():
    found = [suggestion for suggestion in suggestions("JawOpen", "jaw_open") if suggestion.channel == "jawOpen"]
    assert [suggestion.is_alone for suggestion in found] == [False, False]


def test_a_rig_with_hundreds_of_names_is_read():
    names = [f"body_morph_{index}" for index in range(900)]
    found = suggestions(*names, "LeftEyeClosed")
    assert [(suggestion.channel, suggestion.key) for suggestion in found] == [("eyeBlinkLeft", "LeftEyeClosed")]
