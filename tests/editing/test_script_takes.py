"""Orders on performances of scripts: what they speak of is found where the take does it, and nothing else changes."""

from functools import cache

import numpy as np
import pytest

from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.performance import Performance
from blender_addon.core.shaping.edits.kinds import Scale
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.word_edits import request_for, with_edits
from inference_backend.editing.reader import read_edits
from inference_backend.script.engine import BuiltInPerformer

from .expectations import Seen, faults
from .takes import FPS

RIGHT_WINK = "She smiles, winks with her right eye, then nods."
LEFT_WINK = "She smiles on the left, then relaxes. She winks with her left eye. She smiles on the left."
SMIRK = "She smirks on the right side, then relaxes. She smiles and winks."
BLINK = "She smiles, then blinks. She nods."
FROWN = "She smiles on the right. Then she frowns angrily. She relaxes."
LAUGH = "She smiles, then laughs. She tilts her head."

ORDERS = [
    # A wink is found on its side and at its moment.
    (
        RIGHT_WINK,
        "remove the wink",
        ["eyeBlinkRight zero", "eyeSquintRight x0.3", "cheekSquintRight x0.55", "rest same"],
    ),
    (RIGHT_WINK, "no wink", ["eyeBlinkRight zero", "mouthSmile same", "rest same @1-25", "rest same @50-113"]),
    (RIGHT_WINK, "half the wink", ["eyeBlinkRight x0.5", "eyeBlinkLeft same", "mouthSmile same"]),
    (RIGHT_WINK, "less wink", ["eyeBlinkRight x0.7", "eyeBlinkLeft same", "head same"]),
    (
        RIGHT_WINK,
        "make the wink slower",
        ["length same", "eyeBlinkRight more @25-50", "eyeBlinkLeft same", "head same"],
    ),
    (
        RIGHT_WINK,
        "move the wink 6 frames later",
        ["eyeBlinkRight zero @28-35", "eyeBlinkRight more @45-49", "head same"],
    ),
    (RIGHT_WINK, "hold the wink longer", ["eyeBlinkRight near1 @36-45", "length same", "head same"]),
    (RIGHT_WINK, "wink with the left eye instead", ["eyeBlinkRight zero", "eyeBlinkLeft near1 @36-39", "head same"]),
    (RIGHT_WINK, "no blinks", ["all same"]),
    (RIGHT_WINK, "no left wink", ["all same"]),
    (LEFT_WINK, "remove the wink", ["eyeBlinkLeft zero", "mouthSmileRight same", "mouthSmileLeft same @1-55"]),
    (BLINK, "half the wink", ["all same"]),
    (BLINK, "make the wink slower", ["all same"]),
    # Other expressions of one side, too.
    (SMIRK, "remove the smirk", ["mouthSmileRight zero @1-40", "mouthSmileLeft same", "eyeBlink same"]),
    (SMIRK, "half the smirk", ["mouthSmileRight x0.5 @1-40", "mouthSmileLeft same", "mouthSmileRight same @75-130"]),
    (SMIRK, "bigger smirk", ["mouthSmileRight up @1-40", "mouthSmileLeft same"]),
    (LAUGH, "remove the laugh", ["jaw zero", "smile same @1-33", "smile same @80-154", "headRoll same"]),
    (LAUGH, "make the laugh slower", ["length longer", "all same @1-34"]),
    (LAUGH, "half the laugh", ["jaw x0.5", "smile same @1-33", "headRoll same"]),
    # Blinks that are there.
    (BLINK, "hold the blink longer", ["length same", "lids more", "rest same"]),
    (BLINK, "blink longer", ["length same", "lids more", "rest same"]),
    (BLINK, "slower blinks", ["length same", "lids change", "rest same"]),
    (BLINK, "blnk longer", ["length same", "lids more", "rest same"]),
    # Degrees, slips of the pen, while something is done.
    (LAUGH, "tilt the head 10 degrees to the left", ["headRoll more", "headYaw same", "smile same"]),
    (LAUGH, "turn the head 10° to the left", ["headYaw more", "headRoll same", "smile same"]),
    (LAUGH, "make the smil smaller", ["smile x0.7", "jaw same"]),
    (LAUGH, "mkae the simle smaller", ["smile x0.7", "jaw same"]),
    (LAUGH, "less smile unitl frame 40", ["smile down @1-38", "smile same @42-154"]),
    (LAUGH, "open the jaw more when he laughs", ["jaw up", "rest same"]),
    (LAUGH, "raise the brows while laughing", ["browOuterUp up @45-65", "brows same @1-30", "brows same @85-154"]),
    (LAUGH, "no squint", ["eyeSquint zero", "rest same"]),
    (LAUGH, "no squint until frame 60", ["eyeSquint zero @1-52", "eyeSquint same @60-154", "rest same"]),
    (LAUGH, "no squint after frame 60", ["eyeSquint zero @68-154", "eyeSquint same @1-60", "rest same"]),
    # Only where, and only as far as is said.
    (FROWN, "more brow", ["browDown same", "browOuterUp up", "browOuterUp zero @1-2", "browOuterUp zero @110-130"]),
    (FROWN, "more brow movement", ["browDown up", "browOuterUp zero", "browInnerUp zero"]),
    (FROWN, "make the frown angrier", ["mouthPress up @50-80", "mouthPress same @1-35", "browDown same @1-35"]),
    (FROWN, "angrier smile", ["browDown up @12-40", "smile same", "browDown same @60-130"]),
    (FROWN, "lower the right corner of the mouth", ["mouthSmileRight x0.46", "mouthFrown zero", "rest same"]),
    (FROWN, "lower the right corner of the mouth by 10%", ["mouthSmileRight x0.85", "mouthFrown zero", "rest same"]),
    (FROWN, "lower the left corner of the mouth", ["mouthFrownLeft up", "mouthSmileRight same", "rest same"]),
    (FROWN, "slower at the end", ["length longer", "smile same @1-60", "brows change @70-130"]),
]


@cache
def _take(script: str) -> Take:
    performance = BuiltInPerformer().perform(script, seed=0)
    assert isinstance(performance, Performance)
    return Take("script", TakeKind.SCRIPT, performance, words=script)


@cache
def _before(script: str) -> Seen:
    return Seen.of(_take(script))


def _edited(script: str, words: str) -> Take:
    reply = read_edits(request_for(_take(script), words, FPS, playhead=1.0))
    assert reply.not_understood == ()
    return with_edits(_take(script), reply.edits, FPS)


def _said(take: Take) -> str:
    return " ".join(sentence for edit in take.shaping.edits for sentence in edit.did)


@pytest.mark.parametrize(("script", "words", "wanted"), ORDERS)
def test_an_order_finds_what_it_speaks_of(script: str, words: str, wanted: list[str]) -> None:
    assert faults(wanted, _before(script), Seen.of(_edited(script, words))) == []


@pytest.mark.parametrize(("script", "words"), [(RIGHT_WINK, "no left wink"), (BLINK, "remove the wink")])
def test_where_there_is_no_wink_it_says_so(script: str, words: str) -> None:
    said = _said(_edited(script, words))
    assert said.startswith("Nothing to do for the winks")
    assert said.endswith("there are none.")


@pytest.mark.parametrize("words", ["make the nod slower", "make the smile slower"])
def test_a_slower_act_is_no_other_act_in_a_slower_take(words: str) -> None:
    reply = read_edits(request_for(_take(LAUGH), words, FPS, playhead=1.0))
    assert (reply.edits, reply.not_understood) == ((), (words,))


def test_a_wink_is_told_with_its_eye_and_its_moment() -> None:
    assert _said(_edited(RIGHT_WINK, "remove the wink")) == "Took out 1 wink of the right eye at frame 38."


def test_the_sentence_says_that_something_was_put_where_there_was_hardly_any() -> None:
    assert "of which there was hardly any" in _said(_edited(FROWN, "more brow"))


def test_calmer_eyes_are_a_calmer_gaze() -> None:
    reply = read_edits(request_for(_take(FROWN), "calm down the eyes", FPS, playhead=1.0))
    (scale,) = reply.edits[0].edits
    assert isinstance(scale, Scale)
    assert {"eyeSquintLeft", "leftEyeYaw", "eyeLookInRight"} <= set(scale.channels)


def test_a_held_smile_is_let_go_in_half_a_second() -> None:
    smile = Seen.of(_edited(FROWN, "hold the smile until 3 seconds")).values[:, INDEX["mouthSmileRight"]]
    held = np.flatnonzero(smile > 0.9 * smile.max())[-1]
    gone = np.flatnonzero(smile > 0.1 * smile.max())[-1]
    assert 5 <= gone - held <= 12
    assert gone <= 73


def test_ten_degrees_are_ten_degrees() -> None:
    roll = INDEX["headRoll"]
    change = (
        Seen.of(_edited(BLINK, "tilt the head 10 degrees to the left")).values[:, roll] - _before(BLINK).values[:, roll]
    )
    assert np.degrees(change.max()) == pytest.approx(10.0, abs=0.6)


@pytest.mark.parametrize("words", ["half the smile", "raise the brows", "more afraid", "angrier", "freeze the face"])
def test_outside_of_its_frames_nothing_changes_at_all(words: str) -> None:
    before, after = _before(FROWN), Seen.of(_edited(FROWN, f"{words} from frame 30 to 55"))
    outside = (before.frames < 30) | (before.frames > 55)
    change = np.abs(before.values - after.values)
    assert change[outside].max() < 1e-5
    assert change[~outside].max() > 0.1
    assert after.values.shape[1] == len(CHANNELS)
