"""The file that `-o` names: for every verb the one place where it is checked and written."""

import argparse
from collections.abc import Callable, Collection
from pathlib import Path

from blender_addon.core.errors import MienError
from blender_addon.core.formats import file_text


def file_of_form(suffixes: Collection[str]) -> Callable[[str], Path]:
    """The `type` of an argument that names a file, whose suffix says in which form it is written."""

    def checked(name: str) -> Path:
        path = Path(name)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{name!r} ends in none of {', '.join(suffixes)}")
        return path

    return checked


def write_whole(file: Path, text: str) -> None:
    """Write it and the folders above it; what was there before stays where that fails."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file_text.write_whole(file, text)
    except OSError as fault:
        raise MienError(f"{file} can't be written: {fault.strerror}.", "Give another place with -o.") from fault
