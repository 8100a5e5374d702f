"""The folder of the installation: what is in it, which of it is complete, and how it goes.

    FOLDER/
      <version>-<digest>/      an environment, complete when `mien-complete.json`, written last, is in it
      downloads/ temporary/    only while an installation is not complete
      work/                    clips while the backend reads them
      install.log installing.lock

The digest is that of the list of packages; so another list is another folder, the former one works until the new one
is complete, and no folder is ever moved.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ...core.errors import InstallError
from .folder_lock import hold
from .interpreter import Interpreter
from .payload import Level, Payload

_MARKER = "mien-complete.json"
_LOCK_SECONDS = 5.0


class InstallState(Enum):
    """What a press of the button finds. Only `INSTALLED` can be started."""

    NOTHING = "not installed"
    INCOMPLETE = "incomplete"
    OTHER_VERSION = "other version"
    INSTALLED = "installed"


@dataclass(frozen=True)
class Installed:
    """A complete environment: for which version of the add-on, with which level, made with which Python."""

    folder: Path
    version: str
    level: Level
    base_python: Path

    @property
    def python(self) -> Path:
        """Its own interpreter."""
        return python_of(self.folder)

    def is_whole(self) -> bool:
        """Whether its Python, and the one that it stands on, are still there."""
        return self.python.is_file() and self.base_python.is_file()


@dataclass(frozen=True)
class InstallPlace:
    """The folder that holds all that is installed, and nothing else."""

    folder: Path

    @property
    def log(self) -> Path:
        """What was said while installing."""
        return self.folder / "install.log"

    @property
    def downloads(self) -> Path:
        """What has been fetched by an installation that is not complete."""
        return self.folder / "downloads"

    @property
    def temporary(self) -> Path:
        """Where pip keeps what it is just reading."""
        return self.folder / "temporary"

    @property
    def work(self) -> Path:
        """Where the backend keeps clips while it reads them."""
        return self.folder / "work"

    def environment(self, payload: Payload, level: Level) -> Path:
        """The folder for just these packages."""
        return self.folder / payload.name(level)

    def installed(self, payload: Payload) -> Installed | None:
        """What fits this add-on, with the most in it; None where nothing does."""
        for level in reversed(Level):
            if payload.packages(level).is_file():
                found = _read(self.environment(payload, level))
                if found is not None and found.is_whole():
                    return found
        return None

    def state(self, payload: Payload) -> InstallState:
        """What is there; quick enough to be asked at every redraw."""
        if self.installed(payload) is not None:
            return InstallState.INSTALLED
        environments = self._environments()
        if any((found := _read(folder)) is not None and found.is_whole() for folder in environments):
            return InstallState.OTHER_VERSION
        is_begun = environments or self.downloads.is_dir() or self.temporary.is_dir()
        return InstallState.INCOMPLETE if is_begun else InstallState.NOTHING

    def complete(self, folder: Path, payload: Payload, level: Level, interpreter: Interpreter) -> Installed:
        """Mark an environment as complete, and remove the former ones and what was only needed on the way."""
        marker = {"version": payload.version, "level": level.value, "base_python": str(interpreter.base)}
        unfinished = folder / f"{_MARKER}.unfinished"
        unfinished.write_text(json.dumps(marker), encoding="utf-8")
        unfinished.replace(folder / _MARKER)
        for other in self._environments():
            if other != folder:  # one that a running backend holds open goes the next time
                shutil.rmtree(other, ignore_errors=True)
        self.clear_way()
        return Installed(folder, payload.version, level, interpreter.base)

    def clear_way(self) -> None:
        """Remove what is only needed on the way."""
        for folder in (self.downloads, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; raise InstallError where another Blender does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with hold(self.folder / "installing.lock", _LOCK_SECONDS):
                yield
        except TimeoutError as fault:
            raise InstallError(
                "Another Blender is installing the backend.", "Wait until it has ended, or stop it there."
            ) from fault

    def remove(self) -> None:
        """Remove the folder with all that is in it; raise InstallError where something in it is in use."""
        if not self.folder.exists():
            return
        with self.alone():
            for folder in self._environments():
                with suppress(OSError):  # no longer complete, also where the rest of it can't be removed
                    (folder / _MARKER).unlink(missing_ok=True)
            _empty(self.folder, keep="installing.lock")
        try:
            shutil.rmtree(self.folder)
        except OSError as fault:
            raise _in_use(fault) from fault

    def _environments(self) -> list[Path]:
        others = {self.downloads, self.temporary, self.work}
        try:
            return sorted(path for path in self.folder.iterdir() if path.is_dir() and path not in others)
        except OSError:
            return []


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _read(environment: Path) -> Installed | None:
    """What the marker says; None where there is none, or one that nobody here wrote."""
    try:
        marker = json.loads((environment / _MARKER).read_text(encoding="utf-8"))
        return Installed(environment, str(marker["version"]), Level(marker["level"]), Path(marker["base_python"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _empty(folder: Path, *, keep: str) -> None:
    try:
        for path in folder.iterdir():
            if path.name == keep:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as fault:
        raise _in_use(fault) from fault


def _in_use(fault: OSError) -> InstallError:
    return InstallError(
        f"The backend can't be removed: {fault.strerror or fault} ({fault.filename}).",
        "Close other Blenders and programs that use this folder, then uninstall again.",
    )
