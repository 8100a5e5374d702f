"""A private folder on disk that lasts as long as its process, and what killed processes left of theirs.

Beside each folder lies a file that its process holds locked. The system lets go of the lock when the process ends,
however it ends; so whoever gets the lock knows that the folder is nobody's.
"""

import errno
import logging
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import platformdirs

from ..failures import DiskFullError

FOLDER_SETTING = "MIEN_WORK_FOLDER"

_log = logging.getLogger(__name__)

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}

_LOCK_SUFFIX = ".lock"
_GUARD_SECONDS = 5.0
_GUARD_STEP_SECONDS = 0.02


def work_place() -> Path:
    """Where backends keep clips while they work: the setting where it is given, else the user's cache.

    Not the system's folder for temporary files: that one is often kept in memory, and a clip can be larger.
    """
    setting = os.environ.get(FOLDER_SETTING)
    return Path(setting) if setting else platformdirs.user_cache_path("mien", appauthor=False) / "jobs"


class WorkFolder:
    """The folder of one backend under `place`; made when it is first needed. Every method may raise OSError."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._own: tuple[Path, BinaryIO] | None = None

    def make(self, name: str) -> Path:
        """A new folder in it."""
        if self._own is not None and not self._own[0].is_dir():  # somebody has emptied the cache meanwhile
            self.close()
        if self._own is None:
            self._own = self._begun()
        folder = self._own[0] / name
        folder.mkdir(mode=0o700)
        return folder

    def free_bytes(self) -> int:
        """How much more fits on its disk."""
        return shutil.disk_usage(self._place if self._own is None else self._own[0]).free

    def clear_stale(self) -> None:
        """Remove what backends left that ended without removing it."""
        if not self._place.is_dir():
            return
        with _guarded(self._place):
            for folder in {path.with_suffix("") for path in self._place.iterdir() if _is_of_a_backend(path)}:
                _remove_if_nobodys(folder)

    def close(self) -> None:
        """Remove it with all that is in it."""
        if self._own is None:
            return
        folder, lock = self._own
        self._own = None
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()
        with suppress(OSError):
            Path(lock.name).unlink()

    def _begun(self) -> tuple[Path, BinaryIO]:
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = self._place / secrets.token_hex(8)
        with _guarded(self._place):  # no other backend may come between the lock and the folder
            lock = _lock_of(folder).open("wb")
            if not _takes_lock(lock):
                raise OSError(f"{lock.name} can't be locked")
            folder.mkdir(mode=0o700)
        return folder, lock


def disk_fault(fault: OSError) -> DiskFullError:
    """What to tell the user of a file that can't be written."""
    if fault.errno in _DISK_FULL:
        return DiskFullError(
            "The disk on which the backend works is full.",
            f"Free some space, or set {FOLDER_SETTING} to a folder on another disk.",
        )
    return DiskFullError(
        f"The backend can't write to its disk: {fault.strerror or fault}.", f"Set {FOLDER_SETTING} to another folder."
    )


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK_SUFFIX)


def _is_of_a_backend(path: Path) -> bool:
    return path.is_dir() or path.suffix == _LOCK_SUFFIX


def _remove_if_nobodys(folder: Path) -> None:
    path = _lock_of(folder)
    with suppress(OSError):
        with path.open("ab") as lock:
            if not _takes_lock(lock):
                return
        _log.info("removing what an earlier backend left in %s", folder)
        if folder.is_dir():  # of one that was killed while it was removed, the lock alone is left
            shutil.rmtree(folder)
        path.unlink()


@contextmanager
def _guarded(place: Path) -> Iterator[None]:
    """Let one process at a time make or judge folders; a guard that is held for long is passed by."""
    with (place / "guard").open("ab") as guard:
        end = time.monotonic() + _GUARD_SECONDS
        while not _takes_lock(guard) and time.monotonic() < end:
            time.sleep(_GUARD_STEP_SECONDS)
        yield


def _takes_lock(file: BinaryIO) -> bool:
    """Lock a file until it is closed; False where another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
