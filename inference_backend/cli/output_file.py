"""The file that `-o` names."""

import contextlib
from pathlib import Path

from blender_addon.core.errors import MienError


def write_whole(file: Path, text: str) -> None:
    """Write beside and rename: a full disk or a killed process leaves what was there before, never half a file."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(file)
    except OSError as fault:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise MienError(f"{file} can't be written: {fault.strerror}.", "Give another place with -o.") from fault
