"""KeyframeFace (arXiv 2512.11321): the words and the replies of its released adapter.

A request shows the whole sequence of keyframe descriptions and asks for one of them; the reply is
`{"Keyframe_one": {61 values}}`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..channels import SHAPES
from .model_reply import Range, ReplyError, find_object, holds_any, read_numbers
from .pose_convention import RELEASED_NAMES

# The adapter was trained on these very words; they are its interface, not prose of ours.
SYSTEM_PROMPT: Final = (
    "You are a professional facial animator. Generate all 61 ARKit facial parameters for exactly one requested "
    "semantic keyframe. The first 52 blendshapes are in [0,1], and the final 9 head/eye pose parameters are in "
    '[-1,1]. Return strict JSON only in the form {"Keyframe_x":{...}}.'
)

RANGES: Final[Mapping[str, Range]] = {
    name: (0.0, 1.0) if index < len(SHAPES) else (-1.0, 1.0) for index, name in enumerate(RELEASED_NAMES)
}
"""The range of each value, by its released name, as the system prompt states it."""

UNSTATED: Final = "Not specified."
"""Stands where the writer gave no background or emotion; the release always has both."""

MOST_KEYFRAMES: Final = 99

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def ordinal_word(number: int) -> str:
    """The number of a keyframe as the release writes it in a reply: 1 -> "one", 21 -> "twenty-one"."""
    if not 1 <= number <= MOST_KEYFRAMES:
        raise ValueError(f"keyframes are numbered from 1 to {MOST_KEYFRAMES}, not {number}")
    if number < len(_ONES):
        return _ONES[number]
    tens = _TENS[number // 10 - 2]
    return f"{tens}-{_ONES[number % 10]}" if number % 10 else tens


def reply_key(number: int) -> str:
    """The one key of the reply for a keyframe, numbered from 1."""
    return f"Keyframe_{ordinal_word(number)}"


def user_prompt(descriptions: Sequence[str], number: int, *, background: str, emotion: str) -> str:
    """The request for one keyframe, numbered from 1, in the released form."""
    sequence = "\n".join(
        f"- Keyframe {_title(index)}: {_one_line(text)}" for index, text in enumerate(descriptions, start=1)
    )
    return (
        f"Keyframe Description Sequence:\n{sequence}\n\n"
        f"Background: {_one_line(background) or UNSTATED}\nEmotion: {_one_line(emotion) or UNSTATED}\n\n"
        f"Task Instruction: Generate the facial expression parameters for Keyframe {_title(number)}."
    )


def read_reply(text: str, number: int) -> dict[str, float]:
    """The 61 numbers of the reply for one keyframe, by their released names; raise ReplyError otherwise."""
    data = find_object(text, _is_answer).data
    keys = [key for key in data if _names_keyframe(key)]
    if not keys:
        return read_numbers(data, RANGES)
    if len(data) > 1:
        raise ReplyError(f"it answers {len(data)} keyframes instead of one")
    if _plain(keys[0]) not in {_plain(reply_key(number)), f"keyframe{number}"}:
        raise ReplyError(f"it answers {keys[0][:40]} instead of {reply_key(number)}")
    values = data[keys[0]]
    if not isinstance(values, dict):
        raise ReplyError(f"{keys[0][:40]} holds no values")
    return read_numbers(values, RANGES)


def _is_answer(data: Mapping[str, Any]) -> bool:
    """A wrapped answer, or the bare values: where the last brace was cut off, they are all there is."""
    return any(_names_keyframe(key) for key in data) or holds_any(data, RELEASED_NAMES)


def _names_keyframe(key: str) -> bool:
    return _plain(key).startswith("keyframe")


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _title(number: int) -> str:
    """As the prompt writes it: "One", "Twenty-One"."""
    return ordinal_word(number).title()


def _one_line(text: str) -> str:
    return " ".join(text.split())
