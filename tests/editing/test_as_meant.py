"""Orders that must do what is said, only that and only there: each kind in several wordings, on a take of a script."""

import json
from functools import cache

import numpy as np
import pytest

from blender_addon.core.channels import INDEX
from blender_addon.core.happenings import happenings_of
from blender_addon.core.performance import Performance
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.wire import EditReply, edit_reply_from_json, edit_reply_to_json
from blender_addon.core.wire.edits import edit_request_from_json, edit_request_to_json
from blender_addon.core.word_edits import request_for, with_edits
from inference_backend.editing.reader import read_edits
from inference_backend.script.engine import BuiltInPerformer

from .expectations import Seen, faults
from .takes import FPS, talk

SCRIPT = (
    "She smiles warmly, then glances to the left. She nods twice. "
    '"I think we should go," she says. She frowns and shakes her head. '
    "Then she looks down, sad, and winks with her right eye.\n"
)
"""Smile from frame 10 to 192, glance to the left 36 to 52, two nods 76 to 106, a blink at 71, the line 129 to 160, a
blink at 162, frown from 186 on, head shake 198 to 222, wink at 250, sad and eyes down from 246 on; 301 frames."""


@cache
def take() -> Take:
    performance = BuiltInPerformer().perform(SCRIPT, seed=0)
    assert isinstance(performance, Performance)
    return Take("script", TakeKind.SCRIPT, performance, words=SCRIPT)


@cache
def before() -> Seen:
    return Seen.of(take())


def read(words: str) -> EditReply:
    return read_edits(request_for(take(), words, FPS, playhead=1.0))


def edited(words: str) -> Take:
    reply = read(words)
    assert reply.not_understood == ()
    return with_edits(take(), reply.edits, FPS)


def said(words: str) -> str:
    return " ".join(sentence for edit in edited(words).shaping.edits for sentence in edit.did)


def check(words: str, wanted: list[str]) -> None:
    assert faults(wanted, before(), Seen.of(edited(words))) == []


@pytest.mark.parametrize(
    "words",
    [
        "bigger smile but not on the left",
        "bigger smile, not on the left",
        "bigger smile, but not on the left side",
        "more smile except on the left",
        "more smile but never on the left",
        "bigger smile everywhere but on the left",
        "smile more but leave the left side alone",
        "smile more, only on the right",
        "smile more, but only on the right",
        "bigger smile only on the right",
    ],
)
def test_a_side_that_is_left_out_stays(words: str) -> None:
    check(words, ["mouthSmileRight up", "cheekSquintRight up", "rest same"])


@pytest.mark.parametrize("words", ["more brows but not the left one", "raise the brows, but not the left one"])
def test_one_of_two_that_is_left_out_stays(words: str) -> None:
    check(words, ["browOuterUpRight up", "browDownLeft same", "browOuterUpLeft same", "browInnerUp same", "smile same"])


@pytest.mark.parametrize(
    "words",
    [
        "less smile except at the end",
        "less smile, apart from the end",
        "less smile but not at the end",
        "except at the end, less smile",
        "less smile but not after frame 230",
        "less smile, though not at the end",
    ],
)
def test_a_time_that_is_left_out_stays(words: str) -> None:
    check(words, ["mouthSmileLeft x0.7", "smile down @1-229", "cheekSquint down @1-229", "all same @232-301"])


def test_the_last_second_that_is_left_out_stays() -> None:
    check("twice the smile apart from the last second", ["smile up @1-276", "cheekSquint up", "all same @278-301"])


@pytest.mark.parametrize(
    "words",
    [
        "tone down the mouth by half except when talking",
        "half the mouth outside of the line",
        "half the mouth when she isn't talking",
        "half the mouth while she is silent",
        "half the mouth, just not when she talks",
    ],
)
def test_what_is_not_for_the_line_leaves_the_line(words: str) -> None:
    check(words, ["mouthSmileLeft x0.5 @1-110", "jawOpen same @135-156", "mouthPucker same @135-156", "brows same"])


@pytest.mark.parametrize(
    "words",
    [
        "everything but the head 20% stronger",
        "everything except her head 20 % stronger",
        "make everything 20% stronger, apart from the head",
        "make everything 20 % stronger but leave the head alone",
        "make everything 20 % stronger and don't touch the head",
    ],
)
def test_everything_but_the_head_is_all_the_rest(words: str) -> None:
    check(words, ["mouthSmileLeft x1.2", "browDownLeft x1.2", "head same"])


@pytest.mark.parametrize(
    "words",
    ["exaggerate everything except the mouth and the brows", "make everything but the brows and the mouth bigger"],
)
def test_several_parts_are_left_out(words: str) -> None:
    check(words, ["mouth same", "brows same", "cheekSquint up", "leftEyeYaw change"])


@pytest.mark.parametrize(
    "words",
    [
        "stronger frown but keep the mouth",
        "stronger frown and leave the mouth alone",
        "stronger frown, but leave the mouth as it is",
        "stronger frown without moving the mouth",
        "don't touch the mouth, but a stronger frown",
    ],
)
def test_a_part_that_is_kept_is_left_alone(words: str) -> None:
    check(words, ["browDown up", "rest same"])


@pytest.mark.parametrize(
    "words",
    [
        "don't keep the head still",
        "don't stop smiling",
        "don't make the head so still",
        "keep the first nod, remove the second",
        "keep the nods",
        "raise the brows twice",
        "remove all blinks but one",
        "change nothing but the smile",
        "calmer, but leave the wink alone",
        "never freeze the head",
        "stop holding the head still",
        "don't keep the mouth closed",
        "never smooth the head",
        "don't make the smile smaller",
        "do not remove the smile",
        "don't remove the blinks",
        "don't drop the smile",
        "don't make her sadder",
        "don't blink less",
        "slower but leave the mouth alone",
        "keep the head the same",
        "only the eyes, no mouth",
        "less angry frown, not less sad",
    ],
)
def test_what_would_be_the_opposite_is_not_done(words: str) -> None:
    assert read(words).edits == ()
    assert read(words).not_understood


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ('close the eyes on "should"', ["eyeBlink up @144-153", "lids same @1-140", "lids same @156-301", "rest same"]),
        ('raise the eyebrows on "go"', ["browOuterUp up @150-162", "brows same @1-146", "brows same @165-301"]),
        ('raise the brows on the word "go"', ["browOuterUp up @150-162", "brows same @1-146", "brows same @165-301"]),
        ("raise the brows on the word go", ["browOuterUp up @150-162", "brows same @1-146", "brows same @165-301"]),
        ('brows up when she says "go"', ["browOuterUp up @150-162", "brows same @1-146", "brows same @165-301"]),
        ("wider eyes on 'go'", ["eyeWide up @150-162", "eyeWide same @1-146", "eyeWide same @165-301"]),
        ('blink on "think"', ["lids up @134-144", "lids same @1-130", "lids same @150-301", "rest same"]),
        ('half the smile until "think"', ["smile down @1-130", "smile same @140-301"]),
        ("no smile before the line", ["smile zero @1-124", "smile same @131-301", "brows same"]),
        ("less smile after the line", ["smile same @1-159", "smile down @165-190"]),
        ("bigger smile until she nods", ["smile up @1-74", "smile same @77-301"]),
        (
            "raise the brows during the second nod",
            ["browOuterUp up @94-104", "brows same @1-90", "brows same @108-301"],
        ),
    ],
)
def test_it_acts_on_the_word_that_is_named(words: str, wanted: list[str]) -> None:
    check(words, wanted)


@pytest.mark.parametrize(
    "words",
    ['close the eyes on "banana"', 'wider eyes on "banana"', "nod on 'banana'", 'raise the brows before "soon"'],
)
def test_a_word_that_no_line_has_is_refused(words: str) -> None:
    assert read(words).edits == ()
    assert read(words).not_understood == (words,)


def test_a_take_without_lines_refuses_their_words() -> None:
    reply = read_edits(request_for(talk(), 'raise the brows on "go"', FPS, playhead=1.0))
    assert reply.edits == ()


def test_an_order_in_quotation_marks_is_an_order() -> None:
    check('"half the smile"', ["mouthSmileLeft x0.5", "brows same"])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("nod three times", ["headPitch less @1-46", "headPitch same @50-301", "rest same"]),
        ("two more nods", ["headPitch same @1-105", "headPitch less @108-134", "headPitch same @137-301", "rest same"]),
        ("nod once more", ["headPitch same @1-105", "headPitch less @108-119", "headPitch same @123-301", "rest same"]),
        ("another nod", ["headPitch same @1-105", "headPitch less @108-119", "headPitch same @123-301", "rest same"]),
        ("only one nod", ["headPitch same @1-90", "headPitch zero @93-103", "headPitch same @107-301", "rest same"]),
        ("nod only once", ["headPitch same @1-90", "headPitch zero @93-103", "headPitch same @107-301", "rest same"]),
        ("remove one nod", ["headPitch same @1-90", "headPitch zero @93-103", "headPitch same @107-301", "rest same"]),
        ("one nod less", ["headPitch same @1-90", "headPitch zero @93-103", "headPitch same @107-301", "rest same"]),
        ("remove the first nod", ["headPitch zero @78-88", "headPitch same @92-301", "rest same"]),
        ("make the second nod bigger", ["headPitch same @1-90", "headPitch less @94-99", "rest same"]),
        ("remove the nods", ["headPitch zero @76-106", "headPitch same @112-301", "rest same"]),
        ("one more blink", ["lids change", "rest same"]),
        ("remove the first blink", ["lids zero @66-76", "lids same @78-301", "rest same"]),
        ("no blinks except the last one", ["lids zero @66-76", "lids same @78-301", "rest same"]),
        ("fewer nods", ["headPitch same @1-90", "headPitch zero @93-103", "headPitch same @107-301", "rest same"]),
        ("no blinks but the last", ["lids zero @66-76", "lids same @78-301", "rest same"]),
        ("one blink only", ["lids same @1-158", "lids zero @161-165", "lids same @168-301", "rest same"]),
        ("just one blink", ["lids same @1-158", "lids zero @161-165", "lids same @168-301", "rest same"]),
    ],
)
def test_a_number_counts(words: str, wanted: list[str]) -> None:
    check(words, wanted)


@pytest.mark.parametrize(("words", "count"), [("one more blink", 3), ("add two blinks", 4), ("remove one blink", 1)])
def test_so_many_blinks_and_no_more(words: str, count: int) -> None:
    reply = with_edits(take(), read(words).edits, FPS)
    request = request_for(reply, "blink", FPS, playhead=1.0)
    assert sum(one.kind.value == "blink" for one in request.happenings) == count


@pytest.mark.parametrize("words", ["remove the third nod", "only two shrugs", "remove three nods"])
def test_what_there_is_not_so_often_is_refused(words: str) -> None:
    assert read(words).edits == ()


@pytest.mark.parametrize("words", ["three times the smile", "three times as much smile"])
def test_a_multiple_is_no_count(words: str) -> None:
    check(words, ["smile up", "head same"])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("don't smile so much", ["mouthSmileLeft x0.7", "brows same", "head same"]),
        ("never smile too broadly", ["mouthSmileLeft x0.7", "brows same"]),
        ("she shouldn't smile that much", ["mouthSmileLeft x0.7", "brows same"]),
        ("don't frown so hard", ["browDownLeft x0.7", "smile same"]),
        ("don't look down so far", ["leftEyePitch x0.7", "leftEyeYaw same", "head same"]),
        ("don't exaggerate the smile so much", ["mouthSmileLeft x0.7", "brows same", "head same"]),
        ("don't be so sad", ["browInnerUp x0.7", "smile same"]),
        ("don't open the mouth so wide", ["jawOpen x0.7", "smile same"]),
        ("don't shake the head so violently", ["headYaw x0.7", "headPitch same"]),
        ("don't blink so often", ["blinks fewer"]),
    ],
)
def test_not_so_much_is_less(words: str, wanted: list[str]) -> None:
    check(words, wanted)


def test_a_tilt_that_is_not_to_be_so_strong_is_not_taken_out() -> None:
    reply = read_edits(request_for(talk(), "don't tilt the head so much at the end", FPS, playhead=1.0))
    after = Seen.of(with_edits(talk(), reply.edits, FPS))
    assert faults(["headRoll x0.7 @105-120", "headRoll same @1-70", "headYaw same"], Seen.of(talk()), after) == []


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("don't blink while she talks", ["lids same @1-125", "lids down @158-168", "rest same"]),
        ("no blinks while talking", ["lids same @1-125", "lids down @158-168", "rest same"]),
        ("no blinks during the line", ["lids same @1-125", "lids down @158-168", "rest same"]),
        ("remove the glance", ["leftEyeYaw zero @36-52", "gaze same @60-301", "rest same"]),
        ("half the glance", ["leftEyeYaw x0.5 @36-52", "gaze same @60-301", "rest same"]),
        ("not so sad", ["browInnerUp x0.7", "browDown same @1-238", "all same @1-238"]),
        ("less sad, but keep the eyes down", ["browInnerUp x0.7", "gaze same", "lids same", "all same @1-238"]),
        (
            "smile 50% stronger at the beginning and 50% weaker at the end",
            ["mouthSmileLeft up @10-36", "all same @40-229", "cheekSquintRight x0.5 @235-270", "brows same"],
        ),
        ("more smile at first, less at the end", ["smile up @10-36", "brows same", "head same", "gaze same"]),
        ("eyes a touch more open", ["eyeWide up", "lids same @60-80", "lids same @155-170", "lids same @247-252"]),
        ("wider eyes", ["eyeWide up", "lids same @60-80", "lids same @155-170"]),
        ("lips slightly apart throughout", ["mouthLowerDown up", "jawOpen more @1-120", "jawOpen same @150-153"]),
        ("keep the lips slightly parted", ["mouthLowerDown up", "jawOpen more @1-120", "brows same"]),
        ("make the smile asymmetrical", ["mouthSmileLeft same", "mouthSmileRight down @10-190", "brows same"]),
        ("a more lopsided smile", ["mouthSmileLeft same", "mouthSmileRight down @10-190", "brows same"]),
        ("don't raise the brows", ["browInnerUp zero", "browDown same", "rest same"]),
        ("don't turn the head", ["headYaw zero", "rest same"]),
        ("no head movement except the nods", ["headPitch same @78-104", "headYaw zero", "smile same", "brows same"]),
        ("she should smile less but still nod", ["mouthSmileLeft x0.7", "head same", "brows same"]),
        ("slower without blinks", ["blinks 0", "length x1.33"]),
    ],
)
def test_it_reaches_no_further_than_was_said(words: str, wanted: list[str]) -> None:
    check(words, wanted)


@pytest.mark.parametrize("words", ["hold the look", "hold the look for a second", "hold that expression"])
def test_a_look_is_not_held_in_the_middle_of_a_word(words: str) -> None:
    after = Seen.of(edited(words))
    still = np.abs(np.diff(after.values, axis=0)).max(axis=1) < 1e-3
    held = next(place for place in range(20, len(still)) if still[place - 20 : place].all())
    assert after.values[held].max() > 0.3
    assert after.values[held, INDEX["jawOpen"]] < 0.05
    assert not 129 <= held - 20 <= 160


@pytest.mark.parametrize("words", ["freeze the last frame for two seconds", "hold the last frame for 2 seconds"])
def test_the_last_frame_stays_for_as_long_as_is_said(words: str) -> None:
    assert edited(words).shown_duration == pytest.approx(take().shown_duration + 2.0, abs=1e-6)


def test_no_channel_is_named_while_something_acts() -> None:
    assert "while she frowns" in said("no head movement while she frowns")
    assert "while the frown shows" in said("make the frown angrier")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("slower nod", ["length longer", "smile same @1-75"]),
        ("make the nod slower", ["length longer", "smile same @1-75"]),
        ("faster head shake", ["length shorter", "all same @1-197"]),
        ("hold the sad look a second longer", ["length +1", "all same @1-270"]),
        ("a longer glance", ["length +0.5", "all same @1-40"]),
        ("a little pause before the nod", ["length +0.4", "all same @1-75"]),
        ("wink earlier", ["length same", "eyeBlinkRight more @242-246", "head same"]),
        ("wink with the other eye", ["eyeBlinkLeft near1 @250-252", "head same", "brows same"]),
        ("look right instead of left", ["leftEyeYaw less @38-50", "all same @60-301", "head same"]),
        ("make the smile start later", ["smile change", "brows same", "head same"]),
        ("end on a neutral face", ["browInnerUp zero @287-301", "mouthFrown zero @287-301", "all same @1-276"]),
    ],
)
def test_everyday_orders(words: str, wanted: list[str]) -> None:
    check(words, wanted)


def test_the_hint_names_the_word_that_failed() -> None:
    reply = read("let her look down sooner")
    assert reply.edits == ()
    assert '"sooner"' in reply.hint


def test_what_happens_comes_back_from_its_json() -> None:
    request = request_for(take(), "remove the first blink", FPS, playhead=1.0)
    assert request.happenings
    assert edit_request_from_json(json.loads(json.dumps(edit_request_to_json(request)))) == request


@pytest.mark.parametrize(
    "words", ["less smile except at the end", "half the mouth except when talking", "add two blinks"]
)
def test_its_edits_come_back_from_their_json(words: str) -> None:
    reply = read(words)
    assert edit_reply_from_json(json.loads(json.dumps(edit_reply_to_json(reply)))) == reply


def test_what_happens_is_told_with_its_time() -> None:
    frames = [
        (one.does.partition(",")[0], round(1 + one.start * FPS), round(1 + one.end * FPS))
        for one in happenings_of(take())
    ]
    assert [one for one in frames if one[0] == "the head nods"] == [
        ("the head nods", 76, 91),
        ("the head nods", 91, 106),
    ]
    assert ("one eye winks", 246, 260) in frames
    assert ("the head shakes", 198, 222) in frames


def test_a_clip_tells_nothing_but_its_blinks() -> None:
    assert happenings_of(talk()) == ()
    assert len(request_for(talk(), "remove the first blink", FPS, playhead=1.0).happenings) == 4
