"""Where students live: a folder each, in the user's data folder."""

import hashlib
import os
from pathlib import Path
from typing import Final

import platformdirs

from .card import CARD_NAME

PATH_SETTING: Final = "MIEN_STUDENT"
_LONGEST_NAME: Final = 40


def students_folder() -> Path:
    """Where students are written that were given no other place."""
    return Path(platformdirs.user_data_dir("mien", appauthor=False)) / "students"


def folder_for(character: str) -> Path:
    """Where a character's student is written: no other's, whatever signs the name has."""
    name = "".join(sign if sign.isalnum() else "-" for sign in character[:_LONGEST_NAME]).strip("-")
    digest = hashlib.sha256(character.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return students_folder() / f"{name or 'student'}-{digest}"


def student_folder() -> Path | None:
    """The student that is used: the setting's, else the one that was trained last; None where there is none."""
    setting = os.environ.get(PATH_SETTING)
    if setting:
        return Path(setting)
    cards = sorted(students_folder().glob(f"*/{CARD_NAME}"), key=lambda card: card.stat().st_mtime)
    return cards[-1].parent if cards else None
