"""What a language model answered, narrowed to named numbers or refused with a reason.

What surrounds the answer (a code fence, an introduction, a thinking block) is left aside. Nothing is
ever made up: a value that is missing, doubled, not a number or out of range refuses the whole reply.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Range = tuple[float, float]

MAX_REPLY_CHARS = 200_000

_SLACK = 1e-6  # a value printed from float32 may lie this far outside its range
_LISTED = 4
"""So many names are listed in a sentence before it says how many more there are."""


class ReplyError(ValueError):
    """The reply can't be used; the message says why, as the end of a sentence."""


def find_object(text: str, wanted: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """The one JSON object in a reply that is `wanted`; raise ReplyError where there is none, or several."""
    if len(text) > MAX_REPLY_CHARS:
        raise ReplyError(f"it is longer than {MAX_REPLY_CHARS:,} characters")
    answer = text.rpartition("</think>")[2]
    found = [data for data in _objects(answer) if wanted(data)]
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
    raise ReplyError("its JSON is not of the form that was asked for")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every whole JSON object in a text, outermost first; an object that is cut off may hold whole ones."""
    # All numbers as float: an integer of a thousand digits becomes infinite, and is refused as such.
    decoder = json.JSONDecoder(object_pairs_hook=_without_doubles, parse_constant=_no_number, parse_int=float)
    start = text.find("{")
    while start >= 0:
        try:
            data, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError:
            end = start + 1
        except RecursionError:
            raise ReplyError("its JSON is nested too deeply") from None
        else:
            yield data
        start = text.find("{", end)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ReplyError(f"it names {listed(sorted({n for n in names if names.count(n) > 1}))} more than once")
    return data


def _no_number(constant: str) -> float:
    raise ReplyError(f"{constant} is not a number that a face can have")


def read_numbers(data: Mapping[str, Any], ranges: Mapping[str, Range], *, complete: bool = True) -> dict[str, float]:
    """The numbers of a JSON object whose keys are those of `ranges`; raise ReplyError otherwise.

    complete: every key has to be there. Unknown keys are refused either way.
    """
    missing = [name for name in ranges if name not in data]
    if complete and missing:
        raise ReplyError(f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    unknown = [name for name in data if name not in ranges]
    if unknown:
        raise ReplyError(f"{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not asked for")
    return {name: _number(name, data[name], bounds) for name, bounds in ranges.items() if name in data}


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
