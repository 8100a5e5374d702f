"""What a press of the button will do, looked at and told before anything is changed."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ...core.errors import InstallError
from .interpreter import Interpreter, examine
from .payload import Level, Payload, Weight
from .pip_command import package_index
from .place import InstallPlace

_MEGABYTE = 1_000_000
_GIGABYTE = 1_000_000_000

# Beyond the packages: the environment itself, what Python compiles of them, and some room to live.
_ROOM_BYTES = 100 * _MEGABYTE


@dataclass(frozen=True)
class InstallPlan:
    """What will be installed, where, and from what.

    wheelhouse: a folder of wheels that takes the package index's place.
    """

    payload: Payload
    place: InstallPlace
    interpreter: Interpreter
    level: Level
    wheelhouse: Path | None
    weight: Weight

    @classmethod
    def make(
        cls, payload: Payload, place: InstallPlace, python: Path, level: Level, wheelhouse: Path | None, *, online: bool
    ) -> Self:
        """Look at what is there; raise InstallError where it can't be done, with nothing changed.

        online: whether the package index may be asked.
        """
        if wheelhouse is not None and not any(wheelhouse.glob("*.whl")):
            raise InstallError(
                f"There are no wheels in {wheelhouse}.",
                "Choose the folder that `python build.py addon --wheelhouse` made.",
            )
        if wheelhouse is None and not online:
            raise InstallError(
                "Blender is set to stay offline.",
                "Allow Online Access in Blender's preferences, or name a Folder of Wheels in those of Mien.",
            )
        interpreter = examine(python)
        plan = cls(payload, place, interpreter, level, wheelhouse, payload.weight(level, interpreter))
        plan.require_room()
        return plan

    @property
    def needed_bytes(self) -> int:
        """What the disk must hold at the fullest moment: pip keeps what it fetches, and reads a copy of it."""
        fetched = 0 if self.wheelhouse else 2 * self.weight.download_bytes
        return self.weight.installed_bytes + fetched + _ROOM_BYTES

    def require_room(self) -> None:
        """Raise InstallError where the disk has too little room."""
        folder = self.place.folder
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        unfinished = (self.place.downloads, self.place.temporary, self.place.environment(self.payload, self.level))
        if free + sum(map(_size_of, unfinished)) < self.needed_bytes:
            raise InstallError(
                f"The disk is too full: {size_words(free)} are free, and installing needs "
                f"{size_words(self.needed_bytes)}.",
                f"Make room on the disk of {self.place.folder}.",
            )

    def words(self) -> list[str]:
        """What it will do, in sentences, for whoever is asked."""
        weight, python = self.weight, self.interpreter
        if self.wheelhouse:
            source = f"taken from the folder {self.wheelhouse}"
        else:
            source = f"fetched from the package index: {package_index(python.python, self.payload.pip())}"
        return [
            self.level.purpose,
            f"{weight.packages} packages, {size_words(weight.download_bytes)}, are {source}",
            "Each is checked against a hash that this version of Mien knows",
            f"They take {size_words(weight.installed_bytes)} in {self.place.folder}",
            f"They run on Python {python.version}: {python.python}",
            "Blender's own files stay as they are, and Uninstall Backend removes all of it",
        ]


def size_words(size: int) -> str:
    """A size as a person reads it."""
    return f"{size / _GIGABYTE:.1f} GB" if size >= _GIGABYTE else f"{max(1, round(size / _MEGABYTE))} MB"


def _size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
