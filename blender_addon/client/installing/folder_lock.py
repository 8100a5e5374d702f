"""A lock that the system lets go of when its process ends, however it ends."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_STEP_SECONDS = 0.05

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def hold(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of this file; raise TimeoutError where another holds it for longer than this."""
    with path.open("wb") as file:
        end = time.monotonic() + seconds
        while not _try_lock(file):
            if time.monotonic() > end:
                raise TimeoutError(f"{path} is held")
            time.sleep(_STEP_SECONDS)
        yield
