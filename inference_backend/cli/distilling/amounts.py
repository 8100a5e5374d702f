"""The `type` of options that are numbers: what is none, or out of range, is told in words."""

import argparse
import math
from collections.abc import Callable

LARGEST_SEED = 2**32 - 1
MOST_THREADS = 1024
MOST = 10**9


def whole(least: int, most: int = MOST) -> Callable[[str], int]:
    """A whole number within these."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return number

    return read


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return number


def minutes(text: str) -> float:
    """A number above 0."""
    number = _number(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes above 0")
    return number


def rate(text: str) -> float:
    """A finite number above 0."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number above 0")
    return number


def _number(text: str) -> float:
    """What it says; NaN, which lies in no range, where it is no number."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
