"""Where students live: a folder each, in the user's data folder."""

import os
from pathlib import Path
from typing import Final

import platformdirs

from .card import CARD_NAME

PATH_SETTING: Final = "MIEN_STUDENT"


def students_folder() -> Path:
    """Where students are written that were given no other place."""
    return Path(platformdirs.user_data_dir("mien", appauthor=False)) / "students"


def student_folder() -> Path | None:
    """The student that is used: the setting's, else the one that was trained last; None where there is none."""
    setting = os.environ.get(PATH_SETTING)
    if setting:
        return Path(setting)
    cards = sorted(students_folder().glob(f"*/{CARD_NAME}"), key=lambda card: card.stat().st_mtime)
    return cards[-1].parent if cards else None
