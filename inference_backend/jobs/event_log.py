"""The events of one job, kept so that any reader can read them again from any of them.

They lie in a file, one line each, and only where each line ends is kept in memory: the frames of an hour are 35 MB
there and 100 kB here. The last event is kept in memory, so that a full disk can still be told. The few events of a
job that has no files of its own are all in memory, and it needs no disk.
"""

import errno
import io
import json
import threading
from array import array
from bisect import bisect_right
from pathlib import Path

from blender_addon.core.wire import Ended, JobEvent, JobPhase, event_to_json

from ..failures import DiskFullError

_READ_BYTES = 256 * 1024


class EventLog:
    """For any thread; the events have the numbers from 1 on."""

    def __init__(self, path: Path | None) -> None:
        """path: of its file; None keeps it in memory."""
        self._path = path
        # Without a buffer, which would hold back what the disk has no room for.
        self._file: io.BytesIO | io.FileIO = io.BytesIO() if path is None else io.FileIO(path, "w+")
        self._ends = array("Q", [0])
        self._last = b""
        self._guard = threading.Lock()

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._ends) - 1 + bool(self._last)

    @property
    def is_complete(self) -> bool:
        """Whether the last event is there."""
        return bool(self._last)

    def append(self, event: JobEvent) -> bool:
        """Add an event; False where the last one has been told already. Raise OSError where the disk is full."""
        with self._guard:
            if self._last:
                return False
            line = _line(self.count + 1, event)
            if isinstance(event, Ended):
                self._last = line
                if self._path is not None:
                    self._file.close()  # many ended jobs are kept, and few files may be open
            else:
                self._write(line)
            return True

    def read(self, after: int) -> tuple[bytes, int]:
        """Some of the lines behind event number `after`, as they are sent, and the number of the last of them."""
        with self._guard:
            in_file = len(self._ends) - 1
            if after >= in_file:
                return (self._last, in_file + 1) if self._last and after == in_file else (b"", after)
            begin = self._ends[after]
            upto = max(after + 1, bisect_right(self._ends, begin + _READ_BYTES) - 1)
            try:
                return self._stretch(begin, self._ends[upto]), upto
            except FileNotFoundError:
                return _line(after + 1, _LOST), self.count

    def close(self) -> None:
        """Let go of the file, which may be removed now; reading ends."""
        with self._guard:
            self._file.close()
            self._ends = array("Q", [0])

    def _stretch(self, begin: int, end: int) -> bytes:
        if self._file.closed and self._path is not None:
            with self._path.open("rb") as file:
                file.seek(begin)
                return file.read(end - begin)
        self._file.seek(begin)
        return self._file.read(end - begin)

    def _write(self, line: bytes) -> None:
        self._file.seek(self._ends[-1])  # over what an earlier write may have left half
        if self._file.write(line) != len(line):
            raise OSError(errno.ENOSPC, "No space left on device")
        self._ends.append(self._ends[-1] + len(line))


_LOST = Ended(
    JobPhase.FAILED, DiskFullError("The backend's files of this job have been removed.", "Ask for it once more.")
)


def _line(number: int, event: JobEvent) -> bytes:
    return json.dumps(event_to_json(number, event), separators=(",", ":")).encode() + b"\n"
