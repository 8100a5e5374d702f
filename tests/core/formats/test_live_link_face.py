"""Live Link Face CSV: what is written is read, in any order, unit and spelling; damage is told in a sentence."""

import codecs
import csv
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.formats.file_text import FormatError, text_of
from blender_addon.core.formats.live_link_face import is_live_link_face, read_live_link_face, write_live_link_face
from blender_addon.core.formats.pose_convention import ANGLE_UNITS, CONVENTIONS, PoseConvention
from blender_addon.core.formats.timecode import RATES
from blender_addon.core.shaping import Shaping
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack

from .takes import random_track, same_track, tracks

HEADER = "Timecode,BlendshapeCount,JawOpen,HeadYaw"
ANY_CONVENTION = st.builds(PoseConvention, st.sampled_from(sorted(ANGLE_UNITS)), *[st.booleans()] * 6)


def read(text, **choices):
    return read_live_link_face(text, **choices)


def jaw(text, **choices):
    return read(text, **choices).raw.channel("jawOpen").tolist()


@settings(deadline=None)
@given(tracks(), ANY_CONVENTION)
def test_writing_and_reading_gives_the_very_same_numbers(track, convention):
    text = write_live_link_face(track, convention=convention)
    found = read(text, convention=convention, from_midnight=True, rate="60")
    assert same_track(found.raw, track)
    assert write_live_link_face(found.raw, convention=convention) == text


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(sorted(RATES)), st.floats(0, 86_000), st.integers(0, 99))
def test_times_come_back_to_a_millionth_of_a_frame(rate, start, seed):
    track = random_track(seed, 5, fps=23.976)
    found = read(write_live_link_face(track, rate=rate, start=start), rate=rate).raw
    np.testing.assert_allclose(found.times, track.times - track.times[0], atol=1e-6)
    assert np.array_equal(found.values, track.values)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_units_and_signs_are_a_choice(name):
    track = random_track(1)
    text = write_live_link_face(track, convention=CONVENTIONS[name])
    first = next(csv.DictReader(io.StringIO(text)))
    factor = CONVENTIONS[name].factors[INDEX["leftEyePitch"]]
    assert float(first["LeftEyePitch"]) == pytest.approx(track.channel("leftEyePitch")[0] / factor)
    assert same_track(read(text, convention=CONVENTIONS[name]).raw, track)


@given(st.permutations(range(63)), st.sampled_from([str.lower, str.upper, str.title, str]))
@settings(max_examples=20, deadline=None)
def test_columns_stand_in_any_order_and_case(order, spell):
    track = random_track(2, 4)
    rows = [[row[place] for place in order] for row in csv.reader(io.StringIO(write_live_link_face(track)))]
    rows[0] = [f" {spell(name)}" for name in rows[0]]
    assert same_track(read("\n".join(map(",".join, rows))).raw, track)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end(encoding, line_end):
    track = random_track(3, 3)
    data = write_live_link_face(track).replace("\n", line_end).encode(encoding)
    assert same_track(read(text_of(data)).raw, track)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_spreadsheets_with_decimal_commas(delimiter):
    track = random_track(4, 3)
    text = write_live_link_face(track).replace(",", delimiter).replace(".", ",")
    assert same_track(read(text).raw, track)
    assert same_track(read("sep=;\n" + text.replace(delimiter, ";")).raw, track)


def test_quoted_decimal_commas():
    assert jaw(f'{HEADER}\n00:00:00:00.000,61,"0,5",0\n') == [0.5]


def test_missing_columns_are_0_and_named():
    found = read(f"{HEADER}\n00:00:00:00.000,61,0.5,0.25\n")
    assert found.raw.values.sum() == 0.75
    assert "EyeBlinkLeft" in found.notes[0]
    assert "and 55 more" in found.notes[0]


def test_angles_that_cannot_be_radians_are_told():
    text = f"{HEADER}\n0:0:0:0,61,0,-25\n"
    assert any("reach 25, which is too much for radians" in note for note in read(text).notes)
    assert len(read(text, convention=CONVENTIONS["degrees"]).notes) == 1


def test_columns_that_are_no_channels_are_named():
    assert any("Nonsense" in note.title() for note in read(f"{HEADER},Nonsense\n0:0:0:0,61,0,0,7\n").notes)


def test_values_outside_0_to_1_are_kept():
    assert jaw(f"{HEADER}\n0:0:0:0,61,-0.03125,0\n0:0:0:1,61,1.125,0\n") == [-0.03125, 1.125]


@pytest.mark.parametrize("empty", ["", " ", "NaN", "nan", "null"])
def test_an_empty_cell_takes_its_value_from_the_rows_around(empty):
    found = read(f"{HEADER}\n0:0:0:0,61,0,1\n0:0:0:1,61,{empty},1\n0:0:0:2,61,1,1\n")
    assert found.raw.channel("jawOpen").tolist() == [0, 0.5, 1]
    assert found.raw.confidence.tolist() == [1, 1, 1]
    assert any("1 empty cell took" in note for note in found.notes)


@pytest.mark.parametrize("row", ["0:0:0:1,0", "0:0:0:1,0,,", "0:0:0:1,61,,"])
def test_a_row_without_a_face(row):
    found = read(f"{HEADER}\n0:0:0:0,61,0.5,1\n{row}\n0:0:0:2,61,0.5,1\n")
    assert found.raw.confidence.tolist() == [1, 0, 1]
    assert found.raw.channel("jawOpen").tolist() == [0.5, 0, 0.5]


def test_time_counts_from_the_first_row_and_over_midnight():
    rows = ["23:59:59:59.500", "00:00:00:00.500", "00:00:00:01.000"]
    text = "\n".join([HEADER, *(f"{code},61,0,0" for code in rows)])
    np.testing.assert_allclose(read(text).raw.times, [0, 1 / 60, 1.5 / 60])


def test_thirty_labels_for_sixty_rows():
    rows = [f"00:00:{n // 60:02d}:{n % 60 // 2:02d},61,0,0" for n in range(120)]
    found = read("\n".join([HEADER, *rows]))
    np.testing.assert_allclose(found.raw.times, np.arange(120) / 60, atol=1e-5)
    assert "Its timecode was read at 30 frames a second." in found.notes


def test_a_last_line_that_is_cut_off_is_left_out():
    whole = write_live_link_face(random_track(5, 4))
    found = read(whole[: whole.rstrip().rindex(",0.")])
    assert len(found.raw.times) == 3
    assert "Its last line is cut off and was left out." in found.notes


def test_our_own_plain_table_with_seconds():
    found = read("time,confidence,jawOpen\n0.5,1,0.25\n0.75,0.5,0.5\n").raw
    assert (found.times.tolist(), found.confidence.tolist()) == ([0.5, 0.75], [1, 0.5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (HEADER, "holds no frames"),
        (HEADER + "\n", "holds no frames"),
        ("Frame,Sound\n1,2\n", "names no channel"),
        ("JawOpen,HeadYaw\n1,2\n3,4\n", "no column Timecode"),
        ("Timecode,JawOpen,jawopen\n0:0:0:0,1,2\n", "jawopen has more than one column"),
        (f"{HEADER}\n0:0:0:0,61,0.5\n", "line 2 has 3 cells under 4 names"),
        (f"{HEADER}\n0:0:0:0,61,0.5\n0:0:0:1,61,0,0\n", "line 2 has 3 cells"),
        (f"{HEADER}\n0:0:0:0,61,0,5,0,2\n", "line 2 has 6 cells"),
        (f"{HEADER}\n0:0:0:0,61,much,0\n", "jawopen in line 2 is 'much'"),
        (f"{HEADER}\n0:0:0:0,61,inf,0\n", "not a number"),
        (f"{HEADER}\n0:0:0:0,61,1e300,0\n", "not a number"),
        (f"{HEADER}\n0:0:0:0,61,1e999999999,0\n", "not a number"),
        (f"{HEADER}\nnoon,61,0,0\n", "in line 2 'noon' is no timecode"),
        (f"{HEADER}\n,61,0,0\n", "no timecode"),
        (f"{HEADER}\n0:0:5:0,61,0,0\n0:0:1:0,61,0,0\n", "runs back at row 2"),
        (f'{HEADER}\n0:0:0:0,61,"0.5,0\n', "line"),
        ("Time,JawOpen\n1,0\n1,0\n", "does not rise"),
    ],
)
def test_damage_is_told(text, words):
    with pytest.raises(FormatError, match=words):
        read(text)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_file_that_was_cut_or_changed_anywhere_is_read_or_refused(data):
    whole = write_live_link_face(random_track(6, 3))
    place = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.text(max_size=5))
    text = data.draw(st.sampled_from([whole[:place], whole[:place] + junk + whole[place:], whole[:place] + junk]))
    with suppress(FormatError):
        assert isinstance(read(text).raw, FaceTrack)


def test_only_such_tables_are_taken_for_one():
    assert is_live_link_face(write_live_link_face(random_track(7, 1)))
    assert is_live_link_face(",".join(CHANNELS))
    for text in ("", "name,age\nann,3\n", "{}", "Timecode,Sound\n", codecs.BOM_UTF8.decode() + "x"):
        assert not is_live_link_face(text)


def test_moments_too_near_or_before_midnight_cannot_be_written():
    values = np.zeros((2, 61))
    with pytest.raises(FormatError, match="too near"):
        write_live_link_face(FaceTrack([0, 1e-9], values, [1, 1]))
    with pytest.raises(FormatError, match="before midnight"):
        write_live_link_face(FaceTrack([-1, 0], values, [1, 1]))


def test_a_recording_at_60_keeps_its_peaks_in_a_scene_at_24():
    times = np.arange(600) / 60
    tops = times[[70, 171, 282, 403, 555]]
    values = np.zeros((600, 61))
    values[:, INDEX["jawOpen"]] = np.exp(-(((times[:, np.newaxis] - tops) / 0.08) ** 2)).max(axis=1)
    text = write_live_link_face(FaceTrack(times, values, np.ones(600)), start=43_200)
    take = Take("a", TakeKind.FILE, read(text).raw, shaping=Shaping(smoothing=0))
    curve = take.curves(24.0)["jawOpen"]
    for top in tops:
        near = np.abs(curve.times - top) <= 0.1
        assert abs(curve.times[near][np.argmax(curve.values[near])] - top) <= 0.5 / 24 + 1e-9
