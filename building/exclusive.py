"""One maker at a time: two build.py at once must not make the same folder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .layout import BUILD
from .progress import say

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(file: IO[str]) -> None:
        while not _try_lock(file):
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            except OSError:
                continue
            return

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def only_one(subject: str, folder: Path = BUILD / "locks") -> Iterator[None]:
    """Hold the lock of `subject`; the system lets go of it when the process ends, however it ends.

    folder: where its file lies; all who may make the subject have to name the same one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{subject}.lock").open("w") as file:
        if not _try_lock(file):
            say(f"Waiting for another build.py that is making {subject}")
            _wait_for_lock(file)
        yield
