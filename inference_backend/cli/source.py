"""What a verb reads: a file, or the standard input under the name `-`."""

import sys
from pathlib import Path

from blender_addon.core.errors import InputError

STANDARD_INPUT = "-"


def bytes_of(name: str, *, noun: str) -> bytes:
    """The whole content; `noun` is what it is called where it can't be read."""
    if name == STANDARD_INPUT and sys.stdin is None:  # closed before the program began
        raise InputError(f"{noun} can't be read: the standard input is closed.", "Feed it in, or name a file.")
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise InputError(f"{noun} can't be read: {reason}.", "Check the path.") from fault
