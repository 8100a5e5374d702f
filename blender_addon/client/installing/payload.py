"""What the add-on carries for installing its backend: wheels, lists of packages with their hashes, and their weight."""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ...core.errors import InstallError
from .interpreter import Interpreter

_DIGEST_LETTERS = 8


class Level(Enum):
    """How much of the backend is installed; each level holds the one before.

    There is one level above the base: nearly all that teaching and language models weigh is the torch of both.
    """

    BASE = "base"
    FULL = "full"

    @property
    def purpose(self) -> str:
        """What it is for, in words for whoever chooses."""
        return _PURPOSES[self]


_PURPOSES = {
    Level.BASE: "For pictures, clips and the built-in performer of scripts",
    Level.FULL: "Also for language models in the backend itself, and for teaching it to read your own character",
}


@dataclass(frozen=True)
class Weight:
    """What a level weighs on one system: how many packages, bytes fetched, bytes on disk."""

    packages: int
    download_bytes: int
    installed_bytes: int


@dataclass(frozen=True)
class Payload:
    """The folder `backend` of the add-on, and the add-on's version."""

    folder: Path
    version: str

    def packages(self, level: Level) -> Path:
        """The list of all packages of a level."""
        return self.folder / f"{level.value}.txt"

    def pip(self) -> Path:
        """The wheel of pip; raise InstallError where the add-on came without it."""
        wheel = next(iter(sorted(self.folder.glob("pip-*.whl"))), None)
        if wheel is None:
            raise InstallError(
                "This copy of the add-on holds no backend.",
                "Install the add-on from its zip; a checkout makes it with `python build.py addon`.",
            )
        return wheel

    def name(self, level: Level) -> str:
        """What an installation of just these packages is called: the version and the beginning of their digest."""
        return f"{self.version}-{_digest(self.packages(level))}"

    def weight(self, level: Level, interpreter: Interpreter) -> Weight:
        """What a level weighs there; raise InstallError for a system that the backend does not run on."""
        by_python = _sizes(self.folder / "sizes.json").get(interpreter.system)
        if by_python is None:
            raise InstallError(
                f"The backend does not run on this system ({interpreter.system}).",
                "It runs on Linux x86-64, Windows x86-64 and macOS on Apple chips.",
            )
        levels = by_python.get(interpreter.version) or by_python[max(by_python)]
        return Weight(**levels[level.value])


@functools.cache
def _digest(packages: Path) -> str:
    return hashlib.sha256(packages.read_bytes()).hexdigest()[:_DIGEST_LETTERS]


@functools.cache
def _sizes(file: Path) -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]:
    sizes: Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]] = json.loads(file.read_text(encoding="utf-8"))
    return sizes
