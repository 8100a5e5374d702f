"""Starts a backend as a child process, watches it, and ends it.

The token goes over the child's standard input, which then stays open: when this program ends, in
whatever way, the system closes it, and the child ends as well. The child takes a free port by
itself and tells it in one line. So two Blenders never share a port, a token or a log.
"""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Self

from ..core.errors import BackendError
from ..core.wire import PROTOCOL_VERSION
from .connections import KeptConnections
from .transport import BackendClient

SERVE = ("-m", "inference_backend", "serve", "--port", "0", "--attached")
"""What the child's Python runs."""

# Blender's window stands still meanwhile, and a backend has nothing to save.
_POLITE_SECONDS = 0.7
_TERMINATE_SECONDS = 0.3
_KILL_SECONDS = 0.5

# The ready line is far shorter; a program that writes without end must not fill the memory.
_READY_LINE_BYTES = 4096

# What Python's own output still holds when it has ended is read in no time, unless another process holds it open.
_LAST_OUTPUT_SECONDS = 1.0

# The end of a log that is searched for the reason of a crash.
_TAIL_BYTES = 4096

_LOGS_KEPT = 6
_OWN_LOG = re.compile(r"backend-\d+\.log(\.previous)?")

# What a Python before 3.11 says to the option -P; the words changed in 3.10.
_TOO_OLD = re.compile(r"^unknown option:? -P", re.IGNORECASE | re.MULTILINE)


class BackendState(Enum):
    """Where a backend process stands. Only `READY` answers requests."""

    STARTING = "starting"
    READY = "ready"
    CRASHED = "crashed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class _Ready:
    """The line with which the child says that it answers."""

    port: int
    version: str


class BackendProcess:
    """One child. Made by `start`; every method may be called from any thread, none but the waits blocks."""

    def __init__(self, process: "subprocess.Popen[bytes]", token: str, log: Path) -> None:
        self._process = process
        self._token = token
        self.log = log
        self._connections = KeptConnections()
        self._ready: _Ready | None = None
        self._misfit: BackendError | None = None
        self._stopping = False
        self._settled = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="backend-watch", daemon=True).start()

    @classmethod
    def start(
        cls,
        python: Path,
        package_root: Path | None,
        log: Path,
        environment: Mapping[str, str] | None = None,
        *,
        program: Sequence[str] = SERVE,
    ) -> Self:
        """Start a backend and return at once.

        python: the interpreter of the backend's environment.
        package_root: the folder that holds `inference_backend`; None where it is installed for `python`.
        log: the file for all that the child says; an earlier one is kept once, as `<name>.previous`.
        environment: variables for the child, over those of this process.
        """
        token = secrets.token_urlsafe(32)
        try:
            _make_room_for(log)
            with log.open("wb") as log_file:
                process = _spawn([str(python), "-P", "-s", *program], log, log_file, package_root, environment or {})
        except OSError as fault:
            raise BackendError(
                f"The backend can't be started: {fault.strerror or fault} ({fault.filename or python}).",
                "Install the backend again.",
            ) from fault
        _hand_over(process, token)
        return cls(process, token, log)

    @property
    def state(self) -> BackendState:
        """Where the backend stands now."""
        if self._ended.is_set():
            return BackendState.STOPPED if self._stopping else BackendState.CRASHED
        return BackendState.STARTING if self._ready is None else BackendState.READY

    def client(self) -> BackendClient:
        """A new client of this backend; raise BackendError where it does not answer requests."""
        if self.state is BackendState.READY and self._ready is not None:
            return BackendClient(f"http://127.0.0.1:{self._ready.port}", self._token, self._connections)
        raise BackendError(self._why_not_ready(), f"The log is {self.log}.")

    def wait_until_ready(self, timeout: float) -> BackendClient:
        """Wait at most `timeout` seconds for the backend, and give a client; raise BackendError otherwise."""
        self._settled.wait(timeout)
        return self.client()

    def why_it_ended(self) -> str:
        """One sentence for the user; empty while the backend runs."""
        if not self._ended.is_set():
            return ""
        if self._stopping:
            return "The backend was stopped."
        if self._misfit is not None:
            return self._misfit.message
        said = _end_of(self.log)
        if _TOO_OLD.search(said):
            return "The Python of the backend is too old: it must be 3.11 or newer."
        reason = _last_words(said)
        return (
            f"The backend ended by itself ({_exit_words(self._process.returncode)}){': ' + reason if reason else ''}."
        )

    def stop(self) -> None:
        """End the backend and all that it started, within 1.5 seconds. May be called again."""
        self._stopping = self._stopping or not self._ended.is_set()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()  # asks the child to end
        if self._ended.wait(_POLITE_SECONDS):
            return
        with contextlib.suppress(OSError):
            self._process.terminate()
        if not self._ended.wait(_TERMINATE_SECONDS):
            self._kill()
            self._ended.wait(_KILL_SECONDS)

    def _why_not_ready(self) -> str:
        if self.state is BackendState.STARTING:
            return "The backend is still starting."
        return self.why_it_ended()

    def _watch(self) -> None:
        """On a thread of its own: stay until the child is gone, so that it is always reaped.

        Reading is another thread's: a process that the child started can hold the output open for ever.
        """
        reading = threading.Thread(target=self._read, name="backend-read", daemon=True)
        reading.start()
        self._process.wait()
        _kill_group(self._process.pid)
        reading.join(_LAST_OUTPUT_SECONDS)
        self._connections.close()
        self._ended.set()
        self._settled.set()

    def _read(self) -> None:
        """Learn the port; nothing more is agreed on, but a full pipe would stop the child."""
        assert self._process.stdout is not None
        with self._process.stdout as output:
            self._read_ready_line(output.readline(_READY_LINE_BYTES))
            while output.read1(4096):  # type: ignore[attr-defined]  # a BufferedReader
                pass

    def _read_ready_line(self, line: bytes) -> None:
        if not line:
            return  # the child ended before it was ready
        try:
            said = json.loads(line)
            ready, protocol = _Ready(_port(said["port"]), str(said["version"])), said["protocol"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._give_up("The program that was started is no backend of Mien")
            return
        if protocol != PROTOCOL_VERSION:
            self._give_up(f"The backend is version {ready.version}, which does not fit this add-on")
            return
        self._ready = ready
        self._settled.set()

    def _give_up(self, reason: str) -> None:
        self._misfit = BackendError(f"{reason}.")
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()


def _port(said: object) -> int:
    if isinstance(said, int) and 0 < said < 1 << 16:
        return said
    raise ValueError(f"{said!r} is no port")


def _kill_group(group: int) -> None:
    """End what a child left behind; it was the first of its own group (`start_new_session`)."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def fresh_log_path(folder: Path) -> Path:
    """A log of this process's own in `folder`, so that two Blenders never write to one.

    The oldest logs of earlier Blenders are removed, and no other file. Raises BackendError where the
    folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logs = sorted((path for path in folder.iterdir() if _OWN_LOG.fullmatch(path.name)), key=_modified)
    except OSError as fault:
        raise BackendError(
            f"The folder of the backend's logs can't be used: {fault.strerror or fault} ({folder}).",
            "Make it writable or remove what stands in its place.",
        ) from fault
    for old in logs[: -_LOGS_KEPT + 1]:
        with contextlib.suppress(OSError):  # on Windows a log in use can't be removed
            old.unlink()
    return folder / f"backend-{os.getpid()}.log"


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another Blender removed it just now
        return 0.0


def _make_room_for(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".previous"))


def _spawn(
    command: list[str], log: Path, log_file: IO[bytes], package_root: Path | None, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log_file,
        env=child_environment(package_root, environment),
        cwd=log.parent,  # not the package: Windows would not let an update replace a folder in use
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        start_new_session=True,  # Ctrl-C in Blender's terminal is not meant for the backend; no effect on Windows
    )


def child_environment(package_root: Path | None, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a Python of the backend; those in `environment` over those of this process."""
    # What steers Blender's own Python (PYTHONHOME and the like) would mislead the backend's.
    child = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    child["PYTHONUTF8"] = "1"
    if package_root is not None:
        child["PYTHONPATH"] = str(package_root)
    return child | dict(environment)


def _hand_over(process: "subprocess.Popen[bytes]", token: str) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # a child that is gone already: the watch will say so
        process.stdin.write(json.dumps({"token": token}).encode() + b"\n")
        process.stdin.flush()


def _exit_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _end_of(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _last_words(said: str) -> str:
    """The last line that says something, without the period."""
    telling = [line.strip() for line in said.splitlines() if line.strip()]
    return telling[-1].rstrip(".") if telling else ""
