"""Writes a student whole: until its card is there, the folder holds the former one, and then the new one."""

import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save

from blender_addon.core.errors import MienError

from .card import WEIGHTS_PATTERN, StudentCard
from .network import Student


def make_folder(folder: Path) -> None:
    """Make it, with those above it; raise MienError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _unwritable(folder, fault) from fault


def keep(student: Student, card: StudentCard, folder: Path) -> StudentCard:
    """Write it, and remove the weights of a former one; the card as it was written. Raise MienError where it fails.

    The weights have a name of their own, which tells their content and stands in the card: one rename, the card's,
    puts the new student in the place of the former.
    """
    weights = save({name: tensor.contiguous() for name, tensor in student.state_dict().items()})
    written = replace(card, weights=f"student-{hashlib.sha256(weights).hexdigest()[:16]}.safetensors")
    make_folder(folder)
    try:
        unfinished = folder / f"{written.weights}.unfinished"
        unfinished.write_bytes(weights)
        unfinished.replace(folder / written.weights)
        written.write(folder)
    except OSError as fault:
        raise _unwritable(folder, fault) from fault
    for former in folder.glob(WEIGHTS_PATTERN):
        if former.name != written.weights:
            with contextlib.suppress(OSError):  # it may be in use; it does no harm
                former.unlink()
    return written


def _unwritable(folder: Path, fault: OSError) -> MienError:
    return MienError(f"The student can't be written to {folder}: {fault.strerror}.", "Give another folder with -o.")
