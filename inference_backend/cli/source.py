"""What a verb reads: a file, or the standard input under the name `-`."""

import sys
from pathlib import Path

from blender_addon.core.errors import InputError, TooLargeError

STANDARD_INPUT = "-"


def bytes_of(name: str, *, noun: str, most: int) -> bytes:
    """The whole content, of `most` bytes; `noun` is what it is called where it can't be read."""
    if name == STANDARD_INPUT and sys.stdin is None:  # closed before the program began
        raise InputError(f"{noun} can't be read: the standard input is closed.", "Feed it in, or name a file.")
    try:
        data = _beginning(name, most + 1)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise InputError(f"{noun} can't be read: {reason}.", "Check the path.") from fault
    if len(data) > most:
        raise TooLargeError(f"{noun} is larger than {most / 1e6:.0f} MB.", "Check that it is the right one.")
    return data


def _beginning(name: str, most: int) -> bytes:
    """No more than so many bytes: a pipe or device may never end."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)
