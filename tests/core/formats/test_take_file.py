"""Mien's take file: the very same take, and a sentence for every damage."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS
from blender_addon.core.formats.file_text import FormatError
from blender_addon.core.formats.take_file import VERSION, is_take_file, read_take_file, write_take_file
from blender_addon.core.performance import Performance
from blender_addon.core.shaping import Neutral, Shaping
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack

from .takes import performances, random_track, same_track, tracks

SHAPINGS = st.sampled_from([
    Shaping(),
    Shaping(mirrored=True, neutral=Neutral.CHOSEN, neutral_time=1 / 3, gain={"mouth": 1.5}, regions=("mouth",)),
    Shaping(ranges={"head": (-float("inf"), 0.5)}, speed=0.7),
])  # fmt: skip
TAKES = st.builds(
    Take,
    name=st.text(max_size=20),
    kind=st.sampled_from(TakeKind),
    raw=st.one_of(tracks(), performances()),
    engine=st.text(max_size=5),
    source=st.text(max_size=20),
    words=st.text(max_size=40),
    span=st.tuples(st.floats(0, 99), st.none() | st.floats(0, 1e6)),
    resume_at=st.none() | st.floats(0, 1e6),
    made_at=st.just("2026-02-03T04:05:06+00:00"),
    shaping=SHAPINGS,
    frame_start=st.floats(-1e5, 1e5),
)
TRACK = Take("Smile", TakeKind.VIDEO, random_track(1, 3), engine="face", source="a.mp4", words="a smile")


@settings(deadline=None)
@given(TAKES)
def test_writing_and_reading_gives_the_very_same_take(take):
    text = write_take_file(take)
    found = read_take_file(text)
    if isinstance(take.raw, FaceTrack):
        assert isinstance(found.raw, FaceTrack)
        assert same_track(found.raw, take.raw)
        found = replace(found, raw=take.raw)
    assert found == take
    assert write_take_file(found) == text
    assert is_take_file(text)
    assert json.loads(text)["version"] == VERSION


def test_any_json_writer_will_do():
    fields = {
        "version": 1,
        "kind": "video",
        "name": "Jaw",
        "track": {
            "values": [[0, 1], [0.5, 0]],
            "channels": ["jawOpen", "headYaw"],
            "confidence": [1, 0],
            "times": [0, 1],
        },
        "format": "mien take",
        "made by": "a program that adds a field of its own",
    }
    found = read_take_file(json.dumps(fields))
    assert found.raw.channel("jawOpen").tolist() == [0, 0.5]
    assert found.raw.channel("mouthLeft").tolist() == [0, 0]
    assert found == Take("Jaw", TakeKind.VIDEO, found.raw)


def test_a_newer_version_is_refused_with_what_to_do():
    text = write_take_file(TRACK).replace('"version": 1', '"version": 2')
    with pytest.raises(FormatError, match=r"written by a newer Mien \(version 2, this one reads up to 1\)") as told:
        read_take_file(text)
    assert told.value.hint == "Update Mien."


def changed(path, value):
    data = json.loads(write_take_file(TRACK))
    *parents, last = path
    place = data
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[]", "no take of Mien"),
        ("{}", "no take of Mien"),
        (write_take_file(TRACK)[:-200], "cut off"),
        (write_take_file(TRACK)[:900], "JSON is"),
        (changed(["format"], "other"), "no take of Mien"),
        (changed(["version"], "1"), "version is damaged"),
        (changed(["version"], True), "version is damaged"),
        (changed(["version"], 0), "version is damaged"),
        (changed(["name"], None), "damaged: 'name' is missing"),
        (changed(["kind"], "song"), "damaged: 'song'"),
        (changed(["words"], 5), "damaged: 5 is not a text"),
        (changed(["shaping"], {"speed": -1}), "damaged: the speed is above 0"),
        (changed(["shaping"], {"sparkle": 1}), "damaged: sparkle"),
        (changed(["span"], [1]), "damaged"),
        (changed(["track"], None), "no raw result"),
        (changed(["performance"], {"duration": 1, "keyframes": []}), "no raw result, or two"),
        (changed(["track", "times"], [0, 0, 1]), "rise"),
        (changed(["track", "times"], [0, 1]), "times need values"),
        (changed(["track", "times"], None), "'times' is missing"),
        (changed(["track", "channels"], ["ear"] * 61), "not those of a face"),
        (changed(["track", "channels"], [*CHANNELS[:60], CHANNELS[0]]), "not those of a face"),
        (changed(["track", "values", 1], [0.5]), "row 1 of its numbers is not a list of 61"),
        (changed(["track", "values", 1, 7], "0.5"), "row 1 holds something that is no number"),
        (changed(["track", "values", 1, 7], True), "row 1 holds something that is no number"),
        (changed(["track", "values", 1, 7], 1e300), "too large"),
        (changed(["track", "values", 1, 7], 10**400), "too large"),
        (changed(["track", "confidence", 0], float("nan")), "NaN in it is not a number"),
        ('{"format": "mien take", "version": 1, "version": 1}', "a name twice"),
        ("[" * 50_000, "nested|broken|cut"),
    ],
)
def test_damage_is_told(text, words):
    with pytest.raises(FormatError, match=words):
        read_take_file(text)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_file_that_was_cut_or_changed_anywhere_is_read_or_refused(data):
    whole = write_take_file(TRACK)
    place = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.text("0123456789,.-[]{}\"'e \n", max_size=3))
    with suppress(FormatError):
        assert isinstance(read_take_file(whole[:place] + junk + whole[place:]), Take)
    with pytest.raises(FormatError):
        read_take_file(whole[: min(place, len(whole) - 3)])


def test_a_damaged_performance_is_told():
    text = write_take_file(Take("a", TakeKind.SCRIPT, Performance((), 1.0))).replace('"duration"', '"durance"')
    with pytest.raises(FormatError, match="damaged: 'duration' is missing"):
        read_take_file(text)


def test_ten_thousand_frames_are_under_10_mb():
    times = np.arange(10_000) / 60
    values = np.random.default_rng(0).random((10_000, 61)).astype(np.float32)
    assert len(write_take_file(Take("a", TakeKind.VIDEO, FaceTrack(times, values, np.ones(10_000))))) < 10e6


def test_the_example_of_the_documentation_is_one():
    page = Path(__file__).parents[3] / "docs" / "take-file.md"
    example = page.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    found = read_take_file(example)
    assert (found.name, found.kind) == ("Nod", TakeKind.FILE)
    assert found.raw.channel("headPitch").tolist() == pytest.approx([0, -0.3, 0])
