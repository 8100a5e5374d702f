"""The file that `-o` names: for every verb the one place where it is checked and written."""

import argparse
import contextlib
import os
import secrets
from collections.abc import Callable, Collection
from pathlib import Path

from blender_addon.core.errors import MienError

_LONGEST_STEM = 200
"""Characters of the name that the unfinished file shares, so that the longest name has room for the rest."""


def file_of_form(suffixes: Collection[str]) -> Callable[[str], Path]:
    """The `type` of an argument that names a file, whose suffix says in which form it is written."""

    def checked(name: str) -> Path:
        path = Path(name)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{name!r} ends in none of {', '.join(suffixes)}")
        return path

    return checked


def write_whole(file: Path, text: str) -> None:
    """Write beside and rename: a full disk or a killed process leaves what was there before, never half a file."""
    place = Path(os.path.realpath(file))  # a link goes on pointing where it did
    # A name of its own, since another run may be writing to the same place.
    unfinished = place.with_name(f"{place.name[:_LONGEST_STEM]}.{secrets.token_hex(4)}.unfinished")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(place)
    except OSError as fault:
        raise MienError(f"{file} can't be written: {fault.strerror}.", "Give another place with -o.") from fault
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
