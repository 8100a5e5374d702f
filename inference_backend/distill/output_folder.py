"""The folder that a course writes to: what fails there is told in a sentence."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from blender_addon.core.errors import MienError


def make_folder(folder: Path, noun: str) -> None:
    """Make it, with those above it, and try that files can be written there; raise MienError where that fails.

    noun: what is to be written there, such as "student".
    """
    with writing_to(folder, noun):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


@contextmanager
def writing_to(folder: Path, noun: str) -> Iterator[None]:
    """Raise MienError for what fails meanwhile: a full disk, a folder that is gone."""
    try:
        yield
    except (OSError, SafetensorError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise MienError(
            f"The {noun} can't be written to {folder}: {reason}.", "Give another folder with -o."
        ) from fault
