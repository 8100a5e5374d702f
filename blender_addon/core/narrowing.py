"""Narrows values that came from outside to what they should be: TypeError or ValueError says what is wrong."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any


def as_mapping(value: object) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{_shown(value)} is not an object")
    return value


def as_list(value: object) -> Sequence[Any]:
    """A JSON array; a text is none."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{_shown(value)} is not a list")
    return value


def as_text(value: object) -> str:
    """A JSON string."""
    if not isinstance(value, str):
        raise TypeError(f"{_shown(value)} is not a text")
    return value


def as_number(value: object) -> float:
    """A finite JSON number; neither true nor "0.5" is one."""
    if type(value) is float and isfinite(value):  # nearly all are
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{_shown(value)} is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise ValueError(f"{_shown(value)} is not a finite number")
    return number


def as_numbers(value: object) -> dict[str, float]:
    """A JSON object of finite JSON numbers, as an object of its own."""
    named = as_mapping(value)
    if {*map(type, named.values())} == {float} and all(map(isfinite, named.values())):  # nearly all are so
        return dict(named)
    return {name: as_number(number) for name, number in named.items()}


def as_integer(value: object) -> int:
    """A whole JSON number."""
    number = as_number(value)
    if number != int(number):
        raise ValueError(f"{_shown(value)} is not a whole number")
    return int(number)


def as_truth(value: object) -> bool:
    """JSON's true or false."""
    if not isinstance(value, bool):
        raise TypeError(f"{_shown(value)} is neither true nor false")
    return value


def _shown(value: object) -> str:
    """The value as it may stand in a sentence: a reply can hold megabytes."""
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
