"""Orders that can be read but not done, and numbers below 0."""

from dataclasses import replace

import pytest

from blender_addon.core.errors import InputError
from blender_addon.core.shaping.edits.kinds import Pause, Scale, Span
from blender_addon.core.word_edits import request_for, with_edits
from inference_backend.editing.reader import read_edits

from .takes import FPS, TAKES


def read(words: str, *, frame_start: float = 1.0, limits: tuple[float | None, float | None] = (None, None)):
    take = replace(TAKES["talk"](), frame_start=frame_start)
    return read_edits(request_for(take, words, FPS, playhead=frame_start, limits=limits))


def span_of(words: str, frame_start: float) -> tuple[float | None, ...]:
    """The frames of the one change that the words come to."""
    (edit,) = (edit for order in read(words, frame_start=frame_start).edits for edit in order.edits)
    assert isinstance(edit, Scale)
    span: Span = edit.span
    return tuple(None if end is None else round(frame_start + end * FPS, 6) for end in (span.start, span.end))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("at 0 % speed", "stand still"),
        ("0 times faster", "stand still"),
        ("0 times slower", "stand still"),
        ("faster by 0.0", "stand still"),
        ("100 % slower", "stand still"),
        ("120 % slower", "stand still"),
        ("slower by 100 %", "stand still"),
        ("100 % shorter", "no time for the take"),
        ("150 % shorter", "no time for the take"),
        ("make it 100 percent shorter", "no time for the take"),
        ("10 seconds shorter", "no time for the take"),
        ("1001 times faster", "no time for the take"),
        ("0 times more smile", "names no amount"),
        ("0 times more blinks", "names no amount"),
        ("0 times faster blink", "length that none can have"),
        ("make the blinks 100 % shorter", "length that none can have"),
        ("hold it for 0 seconds", "no time at all"),
        ("half the smile after frame 50 until frame 10", "ends before it begins"),
    ],
)
def test_what_no_take_can_do_is_refused_in_one_sentence(words: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(words)
    assert told in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint.startswith("Say such as ")


@pytest.mark.parametrize(
    "words",
    ["{} seconds longer", "half the smile after frame {}", "freeze from 5 to {}", "turn the head {} degrees"],
)
@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 400])
def test_too_large_a_number_is_refused(words: str, number: str) -> None:
    with pytest.raises(InputError, match=r"^999999999999999… is too large a number for a take\. Say such as "):
        read(words.format(number))


def test_one_clause_that_cannot_be_done_refuses_the_order() -> None:
    with pytest.raises(InputError, match=r'^"at 0 % speed" would make the take stand still'):
        read("half the smile, no blinks, at 0 % speed")


def test_half_of_no_seconds_is_half_a_second() -> None:
    assert read("for 0 seconds and a half more jaw").not_understood == ("for 0 seconds and a half more jaw",)
    for words, seconds in (("hold it for 0 seconds and a half", 0.5), ("hold it for 2 seconds and a half", 2.5)):
        (pause,) = read(words).edits[0].edits
        assert isinstance(pause, Pause)
        assert pause.seconds == seconds


@pytest.mark.parametrize(
    ("words", "frames"),
    [
        ("half the smile from frame -10 to 20", (-10, 20)),
        ("half the smile from frame −10 to frame 20", (-10, 20)),
        ("half the smile from -10 to 20", (-10, 20)),
        ("half the smile from frame -20 to -10", (-20, -10)),
        ("half the smile between -20 and -10", (-20, -10)),
        ("half the smile, frames -20--10", (-20, -10)),
        ("half the smile, frames -20 - 10", (-20, 10)),
        ("from frame 10 to -5 half the smile", (-5, 10)),
        ("half the smile before frame -5", (None, -5)),
        ("half the smile after frame -5", (-5, None)),
        ("half the smile until -5", (None, -5)),
        ("half the smile, frames 10-20", (10, 20)),
        ("half the smile frames 10 - 20", (10, 20)),
        ("half the smile frames 10 -20", (10, 20)),
        ("half the smile from 10–20", (10, 20)),
        ("half the smile from 10f -20f", (10, 20)),
    ],
)
def test_frames_below_zero_and_ranges_with_a_dash(words: str, frames: tuple[float | None, ...]) -> None:
    assert span_of(words, -30.0) == frames


@pytest.mark.parametrize("words", ["smile -20%", "smile to -0.5", "no smile after -2 s", "no smile from -2 to 1 s"])
def test_no_sign_is_passed_over(words: str) -> None:
    reply = read(words)
    assert reply.edits == ()
    assert reply.not_understood == (words,)


def test_frames_that_may_change_and_run_backwards_are_refused() -> None:
    with pytest.raises(InputError, match="From frame 50 to 10 runs backwards"):
        read("half the smile", limits=(50.0, 10.0))


def test_a_time_outside_of_the_frames_that_may_change_is_refused() -> None:
    assert read("half the smile after frame 40", limits=(10.0, 50.0)).edits
    with pytest.raises(InputError, match=r'^"half the smile after frame 60" is about a time outside of the frames'):
        read("half the smile after frame 60", limits=(10.0, 50.0))


def test_numbers_are_told_as_people_write_them() -> None:
    take = TAKES["talk"]()
    for words, told in (
        ("1000 times slower", "Played it 1,000 times slower; "),
        ("2 times slower", "Played it 2 times slower; "),
        ("hold the smile for 2000 seconds", "Held the smile for 2,000 s at "),
        ("10000 frames later", "Moved the take 417 s (10,000 frames) later."),
    ):
        (edit,) = with_edits(take, read(words).edits, FPS).shaping.edits
        assert edit.did[0].startswith(told)
