"""Narrowing unknown input, once, where it comes in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..errors import InputError

SAME_VERSION: Final = "Use a backend of the same version."


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn every way in which unknown input can be wrong into one `InputError`."""
    try:
        yield
    except KeyError as fault:
        raise InputError(f"{what} could not be read: {fault} is missing.", SAME_VERSION) from fault
    except (TypeError, ValueError) as fault:
        raise InputError(f"{what} could not be read: {fault}.", SAME_VERSION) from fault
