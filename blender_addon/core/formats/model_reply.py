"""What a language model answered, narrowed to named numbers or refused with a reason.

What surrounds the answer (a code fence, an introduction, a thinking block) is left aside. Nothing is
ever made up: a value that is missing, doubled, not a number or out of range refuses the whole reply.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Range = tuple[float, float]

MAX_REPLY_CHARS = 200_000

Wanted = Callable[[Mapping[str, Any]], bool]
"""Whether an object is the answer."""

_SLACK = 1e-6  # a value printed from float32 may lie this far outside its range
_LISTED = 4
"""So many names are listed in a sentence before it says how many more there are."""


_FENCE_BEFORE = re.compile(r"```(?:json)?\s*$", re.IGNORECASE)
_FENCE_AFTER = re.compile(r"^\s*```")
_MARKS = re.compile(r""""(?:\\.|[^"\\])*"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<comma>,)(?=\s*[}\]])""", re.DOTALL)
"""A whole text in JSON's quotes, one in others, and a comma behind which nothing comes."""


class ReplyError(ValueError):
    """The reply can't be used; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Answer:
    """data: the object that was looked for. before, after: what the reply says around it, without code fences.

    mended: what had to be made up for in its form, as a sentence; empty where nothing had to.
    """

    data: dict[str, Any]
    before: str
    after: str
    mended: str = ""


def find_object(text: str, wanted: Wanted) -> Answer:
    """The one JSON object in a reply that is `wanted`; raise ReplyError where there is none, or several.

    One whose commas or quotation marks are not JSON's is read too, where nothing else is wrong with it.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise ReplyError(f"it is longer than {MAX_REPLY_CHARS:,} characters")
    answer = text.rpartition("</think>")[2]
    found = list(_answers(answer, wanted))
    if not found and (mended := _with_json_marks(answer)) != answer:
        told = "Commas or quotation marks of the reply were not JSON's."
        found = [replace(one, mended=told) for one in _answers(mended, wanted)]
    if len(found) > 1:
        raise ReplyError(f"it holds {len(found)} answers instead of one")
    if found:
        return found[0]
    if not answer.strip():
        raise ReplyError("it is empty")
    if "{" not in answer:
        raise ReplyError("it holds no JSON")
    if answer.count("{") > answer.count("}"):
        raise ReplyError("it is cut off before its end")
    raise ReplyError(_what_is_wrong(answer))


def _answers(text: str, wanted: Wanted) -> Iterator[Answer]:
    for whole, start, end in _objects(text):
        before, after = _FENCE_BEFORE.sub("", text[:start]), _FENCE_AFTER.sub("", text[end:])
        for data in _wanted_in(whole, wanted):
            yield Answer(data, before.strip(), after.strip())


def _wanted_in(data: dict[str, Any], wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The object itself, or those in it, whatever a model called what it wrapped its answer in."""
    if wanted(data):
        yield data
    else:
        for inner in data.values():
            if inner and isinstance(inner, dict):
                yield from _wanted_in(inner, wanted)


def _objects(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Every whole JSON object in a text with its place, outermost first; one that is cut off may hold whole ones."""
    start = text.find("{")
    while start >= 0:
        try:
            data, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:
            end = start + 1
        except RecursionError:
            raise ReplyError("its JSON is nested too deeply") from None
        else:
            yield data, start, end
        start = text.find("{", end)


def _with_json_marks(text: str) -> str:
    """The text with the marks of JSON from its first brace to its last one: no comma at an end, double quotes."""
    start, end = text.find("{"), text.rfind("}") + 1
    return text[: max(start, 0)] + _MARKS.sub(_json_mark, text[max(start, 0) : end]) + text[end:] if end else text


def _json_mark(found: re.Match[str]) -> str:
    if found["comma"]:
        return ""
    if found["single"] is None:
        return found[0]
    return '"' + found["single"].replace("\\'", "'").replace('"', '\\"') + '"'


def _what_is_wrong(text: str) -> str:
    """Where the last object stops being JSON, as the end of a sentence."""
    try:
        _DECODER.raw_decode(text, text.rfind("{"))
    except json.JSONDecodeError as fault:
        return f'its JSON can\'t be read at "{" ".join(text[fault.pos : fault.pos + 40].split())}"'
    return "its JSON is not of the form that was asked for"


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ReplyError(f"it names {listed(sorted({n for n in names if names.count(n) > 1}))} more than once")
    return data


def _no_number(constant: str) -> float:
    raise ReplyError(f"{constant} is not a number that a face can have")


# All numbers as float: an integer of a thousand digits becomes infinite, and is refused as such.
_DECODER = json.JSONDecoder(object_pairs_hook=_without_doubles, parse_constant=_no_number, parse_int=float)


def read_numbers(data: Mapping[str, Any], ranges: Mapping[str, Range], *, complete: bool = True) -> dict[str, float]:
    """The numbers of a JSON object whose keys are those of `ranges`, in any capitals; raise ReplyError otherwise.

    complete: every key has to be there. Unknown keys are refused either way.
    """
    names = {name.lower(): name for name in ranges}
    unknown = [key for key in data if key.lower() not in names]
    values: dict[str, Any] = {}
    for key, value in data.items():
        name = names.get(key.lower(), key)
        if name in values:
            raise ReplyError(f"it names {name} more than once")
        values[name] = value
    missing = [name for name in ranges if name not in values]
    if complete and missing:
        raise ReplyError(f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    if unknown:
        raise ReplyError(f"{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not asked for")
    return {name: _number(name, values[name], bounds) for name, bounds in ranges.items() if name in values}


def holds_any(data: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether an object has one of these keys, in any capitals."""
    return not {key.lower() for key in data}.isdisjoint(name.lower() for name in names)


def _number(name: str, value: object, bounds: Range) -> float:
    if not isinstance(value, float):  # the decoder makes every number a float; true is none
        raise ReplyError(f"{name} is {json.dumps(value)[:40]}, not a number")
    if not math.isfinite(value):
        raise ReplyError(f"{name} is not a finite number")
    low, high = bounds
    if not low - _SLACK <= value <= high + _SLACK:
        raise ReplyError(f"{name} is {value:.6g}, outside {low:g} to {high:g}")
    return min(max(float(value), low), high)


def listed(names: Sequence[str]) -> str:
    """A few names in a sentence: "jawOpen, jawLeft and 3 more"."""
    shown = ", ".join(name[:40] for name in names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"
