"""Writes a student whole: until its card is there, the folder holds the former one, and then the new one."""

import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

from safetensors.torch import save

from ..output_folder import make_folder, writing_to
from .card import WEIGHTS_PATTERN, StudentCard
from .network import Student

NOUN: Final = "student"


def keep(student: Student, card: StudentCard, folder: Path) -> StudentCard:
    """Write it, and remove the weights of a former one; the card as it was written. Raise MienError where it fails.

    The weights have a name of their own, which tells their content and stands in the card: one rename, the card's,
    puts the new student in the place of the former.
    """
    weights = save({name: tensor.contiguous() for name, tensor in student.state_dict().items()})
    written = replace(card, weights=f"student-{hashlib.sha256(weights).hexdigest()[:16]}.safetensors")
    make_folder(folder, NOUN)
    with writing_to(folder, NOUN):
        unfinished = folder / f"{written.weights}.unfinished"
        unfinished.write_bytes(weights)
        unfinished.replace(folder / written.weights)
        written.write(folder)
    for former in folder.glob(WEIGHTS_PATTERN):
        if former.name != written.weights:
            with contextlib.suppress(OSError):  # it may be in use; it does no harm
                former.unlink()
    return written
