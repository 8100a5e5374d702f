"""Files by their content: the right reader, a take, and one sentence where there is none."""

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import InputError, TooLargeError
from blender_addon.core.formats.exchange import (
    FORMS,
    READABLE_SUFFIXES,
    WRITERS,
    ReadingChoices,
    WritingChoices,
    dense,
    open_take,
    read_take,
    write_take,
)
from blender_addon.core.formats.pose_convention import CONVENTIONS
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.shaping import Shaping
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import performance_to_json

from .takes import random_track, same_track
from .test_other_recorders import FACE_CAP, audio2face, face_cap, row
from .test_released_files import RELEASED_FACE, RELEASED_KEYFRAME

TRACK = Take("Smile", TakeKind.VIDEO, random_track(1, 5), engine="face")
PERFORMANCE = Take(
    "Scene",
    TakeKind.SCRIPT,
    Performance((Keyframe(0.5, {"jawOpen": 0.5}, "the jaw drops"), Keyframe(1.5, {"jawOpen": 0.0}, "it shuts")), 2.0),
)
TRACK_JSON = json.dumps({
    "fps": 60.0, "times": [0, 0.5], "channels": CHANNELS, "values": [[0.5] * 61] * 2, "confidence": [1, 0]
})  # fmt: skip
FILES = {
    "a Mien take file": write_take(TRACK, ".mien"),
    "Audio2Face JSON": audio2face(),
    "KeyframeFace JSONL": RELEASED_KEYFRAME,
    "SemanticFace JSONL": RELEASED_FACE,
    "JSON of Mien's command line": json.dumps(performance_to_json(PERFORMANCE.raw)),
    "Face Cap TXT": face_cap(row(0)),
    "Live Link Face CSV": write_take(TRACK, ".csv"),
}


@pytest.mark.parametrize("form", [form.name for form in FORMS])
@pytest.mark.parametrize("suffix", [*READABLE_SUFFIXES, ".bin", ""])
def test_the_content_counts_and_not_the_suffix(form, suffix):
    found = read_take(FILES[form].encode(), f"folder/my take{suffix}")
    assert found.form == form
    assert found.take.name in {"my take", "Smile"}
    assert len(found.take.curves(24.0))


def test_what_others_recorded_is_not_smoothed_and_has_a_name_and_a_day():
    take = read_take(FILES["Face Cap TXT"].encode(), "clip.txt").take
    assert (take.name, take.kind, take.engine, take.source) == ("clip", TakeKind.FILE, "Face Cap", "clip.txt")
    assert take.shaping.smoothing == 0
    assert take.made_at


def test_our_own_tracks_and_estimates_are_read():
    take = read_take(TRACK_JSON.encode(), "clip.json").take
    assert (take.raw.times.tolist(), take.raw.confidence.tolist()) == ([0, 0.5], [1, 0])
    assert read_take(f"[{TRACK_JSON}]".encode(), "clip.json").take.raw.values[0, 0] == 0.5


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.csv", "a.csv can't be read: it is empty."),
        (b" \n", "a.mien", "it is empty"),
        (b"\xff\xfe", "a.csv", "it is empty"),
        (b"hello", "a.csv", "as Live Link Face CSV: its first line names no channel"),
        (b"hello", "a.mien", "as a Mien take file: it holds no JSON"),
        (b"hello", "a.json", "a.json is in no form that can be read. Mien reads a Mien take file, Audio2Face JSON"),
        (b"hello", "a.jsonl", "in no form"),
        (b"hello", "a.mp4", "in no form that can be read"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.png", "neither UTF-8 nor UTF-16"),
        (b"abc\0def", "a.csv", "it is not text"),
        (b"caf\xe9", "a.csv", "Save it as UTF-8."),
        (RELEASED_KEYFRAME.encode()[:99], "a.jsonl", "as KeyframeFace JSONL: none of its lines can be used"),
        (audio2face(numFrames=10**9).encode(), "a.json", "claims 1,000,000,000 frames"),
        (TRACK_JSON.replace("0.5]", '"x"]', 1).encode(), "a.json", "command line"),
        (f"[{TRACK_JSON},{TRACK_JSON}]".encode(), "a.json", "holds 2 results instead of one"),
        (FACE_CAP.encode(), "a.txt", "as Face Cap TXT: it holds no frames"),
        (write_take(TRACK, ".mien").replace('"version": 1', '"version": 9').encode(), "a.mien", "Update Mien."),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(data, name, words):
    with pytest.raises(InputError) as told:
        read_take(data, f"/some/where/{name}")
    assert words in str(told.value)
    assert name in told.value.message
    assert told.value.hint
    assert "\n" not in str(told.value)


def test_a_file_beyond_the_limit_is_not_even_opened(tmp_path):
    path = tmp_path / "a.csv"
    path.touch()
    os.truncate(path, 1 << 30)  # takes no room on the disk
    with pytest.raises(TooLargeError, match=r"a\.csv is larger than 512 MB"):
        open_take(path)


def test_a_file_on_the_disk(tmp_path):
    path = tmp_path / "my take.txt"
    path.write_text(FILES["Face Cap TXT"], encoding="utf-16")
    assert open_take(path).take.name == "my take"
    for missing in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="can't be opened"):
            open_take(missing)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_half_a_file_of_any_form_is_read_or_refused(form, data):
    whole = FILES[form].encode()
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))))
    suffix = data.draw(st.sampled_from(READABLE_SUFFIXES))
    try:
        take = read_take(whole[start:stop], f"a{suffix}").take
    except InputError:
        return
    assert isinstance(take.raw, FaceTrack | Performance)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200), st.sampled_from(READABLE_SUFFIXES))
def test_any_bytes_are_read_or_refused(data, suffix):
    try:
        read_take(data, f"a{suffix}")
    except InputError as told:
        assert told.message.endswith(".")  # noqa: PT017 - what is read is fine too


class TestWriting:
    def test_a_track_as_the_engine_gave_it(self):
        assert same_track(read_take(write_take(TRACK, ".csv").encode(), "a.csv").take.raw, TRACK.raw)

    def test_a_track_as_it_is_shaped(self):
        take = Take("a", TakeKind.VIDEO, TRACK.raw, shaping=Shaping(gain={"jawOpen": 0.0}, whole_frames=True))
        text = write_take(take, ".csv", WritingChoices(rate="30", is_shaped=True))
        shaped = read_take(text.encode(), "a.csv", ReadingChoices(rate="30")).take.raw
        assert shaped.times.tolist() == pytest.approx([0, 1 / 30, 2 / 30])
        assert not shaped.channel("jawOpen").any()

    def test_a_performance_in_frames_goes_through_its_keys(self):
        raw = read_take(write_take(PERFORMANCE, ".csv").encode(), "a.csv").take.raw
        assert len(raw.times) == 121
        assert raw.channel("jawOpen")[[0, 30, 90, 120]].tolist() == [0.5, 0.5, 0, 0]
        assert 0.1 < raw.channel("jawOpen")[60] < 0.4

    @pytest.mark.parametrize("name", CONVENTIONS)
    @pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
    def test_the_convention_is_passed_on(self, name, suffix):
        pose = np.zeros(61)
        pose[-9:] = np.linspace(-0.5, 0.5, 9)
        take = Take("a", TakeKind.IMAGE, FaceTrack([0.0], [pose], [1]), words="a face")
        text = write_take(take, suffix, WritingChoices(convention=CONVENTIONS[name]))
        found = read_take(text.encode(), "a", ReadingChoices(convention=CONVENTIONS[name])).take
        assert same_track(found.raw, take.raw)

    @pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".mien"])
    @pytest.mark.parametrize("form", sorted(FILES))
    def test_what_was_read_is_written_in_every_form_that_can_hold_it(self, form, suffix):
        take = read_take(FILES[form].encode(), "a").take
        if suffix == ".jsonl" and isinstance(take.raw, FaceTrack) and len(take.raw.times) > 1:
            with pytest.raises(InputError, match="holds single poses"):
                write_take(take, suffix)
            return
        again = read_take(write_take(take, suffix).encode(), f"a{suffix}").take
        assert write_take(again, suffix) == write_take(take, suffix) or isinstance(take.raw, Performance)

    def test_what_cannot_be_written_is_told(self):
        with pytest.raises(InputError, match=r"No file in \.docx can be written\. Use one of \.mien, \.csv, \.jsonl\."):
            write_take(TRACK, ".docx")
        empty = Take("a", TakeKind.VIDEO, FaceTrack([], np.empty((0, 61)), []))
        with pytest.raises(InputError, match="there are no frames in it"):
            write_take(empty, ".csv")
        assert list(WRITERS) == [".mien", ".csv", ".jsonl"]

    def test_a_shaped_performance_is_sped_up(self):
        take = Take("a", TakeKind.SCRIPT, PERFORMANCE.raw, shaping=Shaping(speed=2.0))
        assert dense(take, frames_per_second=24.0, is_shaped=True).times[-1] == 1.0
