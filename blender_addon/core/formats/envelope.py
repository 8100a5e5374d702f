"""What Mien's own JSON files have in common: they name their format and its version before anything else."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import InputError
from .file_text import FormatError, json_of

Read = TypeVar("Read")


def read_envelope(text: str, noun: str, version: int, hint: str, read: Callable[[Mapping[str, Any]], Read]) -> Read:
    """Read a file of Mien's with the version of this Mien, or an older one.

    noun: what it holds, a "take" or a "binding". read: makes that of the file's object; it may raise KeyError,
        TypeError, ValueError, InputError or FormatError where it is damaged.

    Raises FormatError, with the hint, where it is none, damaged or of a newer version.
    """
    data = json_of(text)
    if not isinstance(data, Mapping) or data.get("format") != f"mien {noun}":
        raise FormatError(f"it is no {noun} of Mien", hint)
    _check_version(data.get("version"), version, hint)
    try:
        return read(data)
    except KeyError as fault:
        raise FormatError(f"it is damaged: {fault} is missing", hint) from None
    except InputError as fault:
        why = fault.message.partition(": ")[2] or fault.message
        raise FormatError(f"it is damaged: {why.rstrip('.')}", hint) from None
    except (TypeError, ValueError) as fault:
        raise FormatError(f"it is damaged: {fault}", hint) from None


def _check_version(written: object, version: int, hint: str) -> None:
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise FormatError("its version is damaged", hint)
    if written > version:
        raise FormatError(
            f"it was written by a newer Mien (version {written}, this one reads up to {version})", "Update Mien."
        )
