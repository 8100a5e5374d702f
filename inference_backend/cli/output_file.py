"""The file that `-o` names."""

from pathlib import Path

from blender_addon.core.errors import MienError
from blender_addon.core.formats import file_text


def write_whole(file: Path, text: str) -> None:
    """Write it and the folders above it; what was there before stays where that fails."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file_text.write_whole(file, text)
    except OSError as fault:
        raise MienError(f"{file} can't be written: {fault.strerror}.", "Give another place with -o.") from fault
