"""Processes that read the pieces of one clip side by side; what they read comes out in the clip's order."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Final

from blender_addon.core.errors import CancelledError, EngineError, MienError
from blender_addon.core.wire import error_from_json

from ..engines import Cancelled
from .lane_frames import LaneFrames
from .piece_messages import Kind, PieceTask, receive

_PACKAGE_ROOT: Final = Path(__file__).parents[2]
_POLL_SECONDS: Final = 0.1
_SECONDS_TO_END: Final = 2.0
# Asks the C library of Linux for memory in pages of 2 MB, where the system gives them to who asks: fewer places to look
# up, 6 and 12 % of a frame's time in two pairs of runs on a virtual machine. Other systems don't read it.
_TUNABLES: Final = "GLIBC_TUNABLES"
_LARGE_PAGES: Final = "glibc.malloc.hugetlb=1"

_Result = LaneFrames | BaseException | None
"""Frames, what went wrong, or None at a piece's end."""


class PiecePool:
    """Use it in a `with` statement: leaving that ends the processes, whatever they are doing."""

    def __init__(self, tasks: Sequence[PieceTask], *, workers: int, model: Path) -> None:
        self._tasks = tasks
        self._results = [SimpleQueue[_Result]() for _ in tasks]
        self._next = iter(range(len(tasks)))
        self._next_lock = threading.Lock()
        # Pieces that may be begun before earlier ones have been handed on: bounds the memory where the caller is slow.
        self._room = threading.Semaphore(2 * workers)
        self._ended = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []
        try:
            for _ in range(workers):
                self._start(model)
        except OSError as fault:
            self.close()
            raise EngineError(
                f"The processes that read the clip could not be started: {fault.strerror}.", "Close other programs."
            ) from fault

    def __enter__(self) -> "PiecePool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def results(self, piece: int, cancelled: Cancelled) -> Iterator[LaneFrames]:
        """The frames of a piece, as they come. Ask for the pieces in their order."""
        while True:
            if cancelled():
                raise CancelledError("The tracking was cancelled.")
            try:
                result = self._results[piece].get(timeout=_POLL_SECONDS)
            except Empty:
                continue
            if isinstance(result, BaseException):
                raise result
            if result is None:
                self._room.release()
                return
            yield result

    def close(self) -> None:
        """End the processes."""
        self._ended.set()
        self._room.release(len(self._tasks))
        for process in self._processes:
            with contextlib.suppress(OSError):  # its end of the pipe may be gone
                _pipe(process.stdin).close()  # which ends it
        for process in self._processes:
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            _pipe(process.stdout).close()

    def _start(self, model: Path) -> None:
        environ = dict(os.environ)
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), environ.get("PYTHONPATH"))))
        for threads in ("OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):  # NumPy's, kornia-rs's
            environ[threads] = "1"  # each process has a core, and what they work on is small
        environ[_TUNABLES] = ":".join(filter(None, (environ.get(_TUNABLES), _LARGE_PAGES)))
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.piece_worker", str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # native libraries chat there; faults come as messages
            env=environ,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._processes.append(process)
        thread = threading.Thread(target=self._feed, args=(process,), name="clip pieces", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _feed(self, process: "subprocess.Popen[bytes]") -> None:
        """Give a process one piece after another, and pass on what it reads."""
        while (piece := self._claim()) is not None:
            results = self._results[piece]
            try:
                _pipe(process.stdin).write(self._tasks[piece].to_line())
                _pipe(process.stdin).flush()
                self._pass_on(process, results)
            except (OSError, ValueError, EOFError):  # the pipe is gone, or closed by `close`
                results.put(_lost(process))
                return

    def _claim(self) -> int | None:
        self._room.acquire()
        with self._next_lock:
            return None if self._ended.is_set() else next(self._next, None)

    def _pass_on(self, process: "subprocess.Popen[bytes]", results: "SimpleQueue[_Result]") -> None:
        """The messages of one piece."""
        while True:
            message = receive(_pipe(process.stdout))
            if message is None:
                raise EOFError
            kind, content = message
            if kind is Kind.FRAMES:
                results.put(LaneFrames.from_bytes(content))
                continue
            results.put(None if kind is Kind.DONE else _fault(kind, content))
            return


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # each process was started with both
    return pipe


def _fault(kind: Kind, content: bytes) -> MienError | RuntimeError:
    if kind is Kind.REFUSED:
        return error_from_json(json.loads(content))
    return RuntimeError(f"in a process that reads a clip:\n{content.decode()}")


def _lost(process: "subprocess.Popen[bytes]") -> EngineError:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_TO_END)
    return EngineError(
        f"A process that reads the clip ended unexpectedly (status {process.returncode}).",
        "Free some memory and track the rest of the clip again.",
    )
