"""Timecode: every rate, drop-frame, midnight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.formats.file_text import FormatError
from blender_addon.core.formats.row_times import spread
from blender_addon.core.formats.timecode import PARTS, RATES, Timecode, formatted, rate_of, since_first


def seconds(text, rate):
    return RATES[rate].seconds(Timecode.parse(text).position(RATES[rate]))


@pytest.mark.parametrize(
    ("text", "rate", "expected"),
    [
        ("00:00:01:30.500", "60", 1 + 30.5 / 60),
        ("01:00:00:00", "60", 3600.0),
        ("01:00:00:00.000", "59.94", 3603.6),
        ("00:00:10:15", "30", 10.5),
        ("00:00:01:12,5", "25", 1.5),
        ("01:00:00;00", "29.97 drop", 3599.9964),  # 107,892 frames (SMPTE 12M)
        ("00:01:00;02", "29.97 drop", 1800 * 1001 / 30000),
        ("00:01:00;04.000", "59.94 drop", 3600 * 1001 / 60000),
        ("00:10:00;00", "29.97 drop", 17982 * 1001 / 30000),
        ("00:00:75:00.000", "60", 75.0),  # as KeyframeFace's converter counts on
    ],
)
def test_what_a_timecode_means(text, rate, expected):
    assert seconds(text, rate) == pytest.approx(expected, abs=1e-9)


@given(st.sampled_from(sorted(RATES)), st.data())
def test_what_is_written_is_read(rate, data):
    clock = RATES[rate]
    parts = data.draw(st.integers(0, clock.day - 1))
    assert Timecode.parse(formatted(parts, clock)).position(clock) == parts


@pytest.mark.parametrize("rate", ["29.97 drop", "59.94 drop"])
def test_dropped_labels_are_never_written(rate):
    clock = RATES[rate]
    minute = 60 * clock.labels
    for frame in range(minute - 2, 12 * minute, 7):
        code = Timecode.parse(formatted(frame * PARTS, clock))
        dropped = code.seconds == 0 and code.minutes % 10 and code.frames < clock.labels // 15
        assert not dropped
    assert clock.seconds(clock.day) == pytest.approx(86_400, abs=0.1)


@pytest.mark.parametrize("text", ["", "12:34:56", "aa:bb:cc:dd", "-1:00:00:00", "1:2:3:4:5", "1e3:0:0:0", "٣:00:00:00"])
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(FormatError, match="no timecode such as"):
        Timecode.parse(text)


def codes(labels, seconds_count, *, mark=":"):
    return [Timecode.parse(f"00:00:{s:02d}{mark}{f:02d}") for s in range(seconds_count) for f in range(labels)]


@pytest.mark.parametrize(
    ("found", "rate"),
    [
        (codes(60, 2), "60"),
        (codes(30, 2), "30"),
        (codes(25, 2), "25"),
        (codes(24, 2), "24"),
        (codes(30, 2, mark=";"), "29.97 drop"),
        (codes(60, 1, mark=";"), "59.94 drop"),
        (codes(12, 1), "60"),
        ([Timecode.parse(f"00:00:{s:02d}:00.000") for s in range(9)], "60"),
        (codes(120, 1), "120"),
    ],
)
def test_the_labels_tell_the_rate(found, rate):
    assert rate_of(found) == rate


@pytest.mark.parametrize("rate", sorted(RATES))
def test_a_take_goes_on_over_midnight(rate):
    clock = RATES[rate]
    before, after = (Timecode.parse(t).position(clock) for t in ("23:59:59:10", "00:00:00:10"))
    first, second = (clock.seconds(parts) for parts in since_first([before, after], clock))
    assert (first, second) == (0.0, pytest.approx(clock.labels / clock.frames_per_second))


def test_rows_of_one_label_stand_evenly_between():
    assert spread([0, 0, 10, 10, 20], step=10) == ([0, 5, 10, 15, 20], 2)
    assert spread([0, 10, 10], step=99) == ([0, 10, 15], 1)


def test_time_that_runs_back_is_refused():
    with pytest.raises(FormatError, match="runs back at row 3"):
        spread([0, 5, 3], step=1)
