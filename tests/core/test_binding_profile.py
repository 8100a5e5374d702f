"""A binding as a file."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.binding import BindingProfile, Row, TurnSetting, load_presets, read_profile, write_profile
from blender_addon.core.binding.profile import AXES, EYES_BY, TURNS
from blender_addon.core.channels import SHAPES
from blender_addon.core.formats.file_text import FormatError

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(-10, 10)
ROWS = st.builds(Row, st.sampled_from(SHAPES), NAMES, NAMES, NUMBERS, NUMBERS, st.booleans())
SETTINGS = st.builds(
    TurnSetting, NAMES, NAMES, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.sampled_from(AXES), st.sampled_from(AXES)
)
PROFILES = st.builds(
    BindingProfile,
    NAMES,
    NAMES,
    st.lists(ROWS, max_size=6).map(tuple),
    st.dictionaries(st.sampled_from(TURNS), SETTINGS),
    st.sampled_from(EYES_BY),
    st.floats(0, 1),
)


@given(PROFILES)
def test_what_is_read_is_what_was_written(profile):
    assert read_profile(write_profile(profile)) == profile


EXAMPLE = json.loads(write_profile(BindingProfile("Head", "ARKit", (Row("jawOpen", "Face", "Jaw_Open"),))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "mien take"}, "it is no binding of Mien"),
        ({"version": "1"}, "its version is damaged"),
        ({"version": 2}, "newer Mien"),
        ({"rows": None}, "it is damaged: None is not a list"),
        ({"rows": [{"channel": "jawOpen", "mesh": "Face"}]}, "it is damaged: 'key' is missing"),
        ({"rows": [{"channel": "grin", "mesh": "Face", "key": "Grin"}]}, "it is damaged: 'grin' in it is none of"),
        ({"rows": [{"channel": "jawOpen", "mesh": "Face", "key": "A", "gain": True}]}, "True is not a number"),
        ({"turns": {"tail": {"thing": "Rig"}}}, "tail is nothing that angles turn"),
        ({"turns": {"head": {"thing": "Rig", "gains": [1]}}}, "no three gains"),
        ({"turns": {"head": {"thing": "Rig", "up": "Q"}}}, "'Q' in it is none of"),
        ({"eyes_by": "MAGIC"}, "'MAGIC' in it is none of"),
    ],
)
def test_a_damaged_profile_says_what_is_wrong(change, words):
    with pytest.raises(FormatError, match=words) as told:
        read_profile(json.dumps(EXAMPLE | change))
    assert told.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "mien binding"', "Timecode,BlendshapeCount"])
def test_what_is_no_profile_is_refused(text):
    with pytest.raises(FormatError):
        read_profile(text)


def test_a_reader_passes_over_fields_that_it_does_not_know():
    assert read_profile(json.dumps(EXAMPLE | {"colour": "blue"})).rows == (Row("jawOpen", "Face", "Jaw_Open"),)


DOCUMENT = Path(__file__).parents[2] / "docs" / "binding.md"


def test_the_example_of_the_document_is_read():
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    profile = read_profile(example)
    assert profile.rows[0] == Row("jawOpen", "Face", "Jaw_Open", 1.2)
    assert profile.turns["head"] == TurnSetting("Rig", "head")


def test_the_document_names_every_preset_and_how_much_it_binds():
    text = DOCUMENT.read_text(encoding="utf-8")
    for preset in load_presets():
        line = next(line for line in text.splitlines() if line.startswith("|") and preset.name in line.split("|")[1])
        assert f"| {len(preset.shapes)}" in line
