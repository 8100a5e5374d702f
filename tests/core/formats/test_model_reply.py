"""Replies of language models are read, or refused with a reason; nothing is made up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.formats.model_reply import MAX_REPLY_CHARS, ReplyError, find_object, listed, read_numbers

RANGES = {"a": (0.0, 1.0), "b": (-1.0, 1.0)}


def read(text: str) -> dict[str, float]:
    return read_numbers(find_object(text, lambda data: "a" in data).data, RANGES)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 0.25, "b": -1}',
        '```json\n{"a": 0.25, "b": -1}\n```',
        'Here it is:\n\n{"a": 0.25, "b": -1}\nI hope that helps {smile}.',
        '<think>first {"a": 0.9, "b": 0} then {</think>{"a": 0.25, "b": -1}',
        '{"note": {"c": 1}} {"a": 0.25, "b": -1}',
        '{"answer": {"a": 0.25, "b": -1}',  # the last brace is cut off, the answer within is whole
    ],
)
def test_the_answer_is_found_whatever_stands_around_it(text: str) -> None:
    assert read(text) == {"a": 0.25, "b": -1.0}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("<think>so</think>  ", "it is empty"),
        ("I can't do that.", "it holds no JSON"),
        ('{"a": 0.25, "b"', "it is cut off"),
        ("{}", "not of the form"),
        ('{"a": 0.1, "b": 0} or {"a": 0.2, "b": 0}', "it holds 2 answers"),
        ('{"a": 0.1}', "b is missing"),
        ('{"a": 0.1, "b": 0, "c": 1}', "c is not asked for"),
        ('{"a": 0.1, "a": 0.2, "b": 0}', "names a more than once"),
        ('{"a": NaN, "b": 0}', "NaN is not a number"),
        ('{"a": -Infinity, "b": 0}', "-Infinity is not a number"),
        ('{"a": 1e999, "b": 0}', "not a finite number"),
        ('{"a": ' + "9" * 5000 + ', "b": 0}', "not a finite number"),
        ('{"a": 1.7, "b": 0}', "a is 1.7, outside 0 to 1"),
        ('{"a": 0.5, "b": -1.01}', "b is -1.01, outside -1 to 1"),
        ('{"a": "0.3", "b": 0}', 'a is "0.3", not a number'),
        ('{"a": "NaN", "b": 0}', "not a number"),
        ('{"a": true, "b": 0}', "not a number"),
        ('{"a": null, "b": 0}', "not a number"),
        ('{"a": [0.1], "b": 0}', "not a number"),
        ('{"a":' * 50_000, "longer than"),
        ('{"a":' * 20_000, "nested too deeply"),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        read(text)


def test_a_value_that_lost_its_last_bits_is_taken_as_the_end_of_the_range() -> None:
    assert read('{"a": 1.0000001, "b": -1.0000001}') == {"a": 1.0, "b": -1.0}


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.floats(0, 1), min_size=2))
def test_numbers_come_out_as_they_went_in(numbers: dict[str, float]) -> None:
    assert read(json.dumps(numbers)) == numbers


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        numbers = read(text)
    except ReplyError:
        return
    assert set(numbers) == set(RANGES)


def test_no_text_is_read_without_end() -> None:
    with pytest.raises(ReplyError, match="longer"):
        read("x" * (MAX_REPLY_CHARS + 1))


def test_long_lists_of_names_are_cut() -> None:
    assert listed(list("abcdef")) == "a, b, c, d and 2 more"
