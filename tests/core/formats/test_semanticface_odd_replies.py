"""Replies that are not quite of either shape: read where nothing has to be guessed, and else refused."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.formats.model_reply import ReplyError
from blender_addon.core.formats.semanticface import read_face_reply
from blender_addon.core.formats.semanticface_file import read_faces
from tests.face_replies import NAMES, VALUES, WORDS, markdown, strict

BARE = json.dumps(VALUES)
CAMEL = json.dumps({name[0].lower() + name[1:]: value for name, value in VALUES.items()})
MARKS = "Commas or quotation marks of the reply were not JSON's."

READ = {
    "a comma behind the last value": (f"{WORDS}\n\n{BARE[:-1]},}}", WORDS, MARKS),
    "commas behind both last values": (strict().replace('"}, ', '",}, ')[:-2] + ",},}", "A cheerful grin.", MARKS),
    "single quotes": (f"{WORDS}\n\n{VALUES}", WORDS, MARKS),
    "single quotes around an apostrophe": (
        str({"analysis": {"symmetry": "the subject's smile"}, "arkit": VALUES}),
        "symmetry: the subject's smile",
        MARKS,
    ),
    "names as ARKit writes them": (f"{WORDS}\n\n{CAMEL}", WORDS, ""),
    "names in capitals": (BARE.upper(), "", ""),
    "names of the strict form in capitals": (
        strict().replace("arkit", "ARKit").replace("analysis", "Analysis"),
        "",
        "",
    ),
    "values first": (f"```json\n{BARE}\n```\n\n{WORDS}", WORDS, ""),
    "a fence in capitals, and words behind it": (f"{WORDS}\n```JSON\n{BARE}\n```\nNote {{sic}}: done.", WORDS, ""),
    "lines of another system": (markdown().replace("\n", "\r\n"), WORDS.replace("\n", "\r\n"), ""),
    "values under another name": (json.dumps({"analysis": {}, "blendshapes": VALUES}), "", ""),
    "fields that are missing": (
        json.dumps({"analysis": {"symmetry": "Even."}, "arkit": VALUES}),
        "symmetry: Even.",
        "",
    ),
    "no analysis": (json.dumps({"arkit": VALUES}), "", ""),
    "an analysis that is a sentence": (json.dumps({"analysis": "A grin.", "arkit": VALUES}), "A grin.", ""),
    "a list around it": (f"[{strict()}]", "", ""),
}
"""By what is odd about it: the reply, what of its words has to come back, and what has to be told."""

REFUSED = {
    "a number without its nought": (
        markdown().replace('"JawOpen": 0.3', '"JawOpen": .3'),
        r'read at "\.3, "MouthClose"',
    ),
    "a plus": (markdown().replace('"JawOpen": 0.3', '"JawOpen": +0.3'), r'read at "\+0\.3'),
    "a decimal comma": (markdown().replace('"JawOpen": 0.3', '"JawOpen": 0,3'), 'read at "3, "MouthClose"'),
    "percent": (markdown().replace('"JawOpen": 0.3', '"JawOpen": 30%'), 'read at "%, "MouthClose"'),
    "a remark": (markdown().replace('"JawOpen": 0.3,', '"JawOpen": 0.3, // open'), 'read at "// open'),
    "dots for the rest": (f'{WORDS}\n\n{{"EyeBlinkLeft": 0.0, ...}}', r'read at "\.\.\.'),
    "a name twice in other capitals": (markdown({"jawopen": 0.4}), "JawOpen more than once"),
    "sixty-two in single quotes": (str(VALUES | {"Happiness": 1.0}), "Happiness is not asked for"),
    "a word in single quotes": (str(VALUES | {"JawOpen": "0.3"}), 'JawOpen is "0.3", not a number'),
    "single quotes, cut off": (str(VALUES)[:-40], "it is cut off before its end"),
    "values by region": (
        json.dumps({"arkit": {"jaw": {"JawOpen": 0.3}, "rest": VALUES}}),
        "EyeBlinkLeft, .* are missing",
    ),
    "a list of pairs": (
        json.dumps([{"name": name, "value": value} for name, value in VALUES.items()]),
        "not of the form",
    ),
    "below 0": (markdown({"JawOpen": -0.2}), "JawOpen is -0.2, outside 0 to 1"),
    "degrees": (markdown({"HeadYaw": -12.5}), "HeadYaw is -12.5, outside -1.57"),
    "a text in a text": (json.dumps(BARE), "not of the form|can.t be read at"),
}
"""By what is wrong with it: the reply, and what has to be told."""


@pytest.mark.parametrize(("text", "words", "told"), READ.values(), ids=READ)
def test_what_needs_no_guess_is_read(text, words, told):
    reply = read_face_reply(text)
    assert reply.values == VALUES
    assert words in reply.words
    assert "{" not in reply.words
    assert "`" not in reply.words
    assert reply.mended == told


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_would_need_one_is_refused(text, reason):
    with pytest.raises(ReplyError, match=reason):
        read_face_reply(text)


def test_what_was_mended_in_a_file_is_noted():
    faces, notes = read_faces(json.dumps({"response": f"{WORDS}\n\n{VALUES}"}))
    assert (faces[0].words, notes) == (WORDS, [f"Line 1: {MARKS}"])


def numbers_in(text: str, name: str) -> list[float]:
    """Every number that stands behind a name in a text, found without the code that is tested."""
    pattern = rf"""["']{name}["']\s*:\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?=\s*[,}}])"""
    return [float(number) for number in re.findall(pattern, text, re.IGNORECASE)]


@pytest.mark.parametrize("shape", [markdown, strict, lambda: f"{WORDS}\n\n{VALUES}"])
@given(data=st.data())
def test_no_damage_makes_a_number_that_does_not_stand_there(shape, data):
    """A few letters are lost, doubled or changed, wherever; then each number that is read stands behind its name."""
    text = shape()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 60))
        text = text[:place] + data.draw(st.text("{}\",:0.5-'`\n eN", max_size=3)) + text[place + length :]
    try:
        values = read_face_reply(text).values
    except ReplyError:
        return
    assert list(values) == NAMES
    assert all(value in numbers_in(text, name) for name, value in values.items())
