"""A child process that ends with its parent, can be ended from another thread, and whose words go into a log."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...core.errors import CancelledError, InstallError

_LAST_LINES = 60

WATCHED = """
import os, sys, threading
def end_with_the_parent():
    while os.read(0, 64):
        pass
    os._exit(1)
threading.Thread(target=end_with_the_parent, daemon=True).start()
"""
"""What a Python child runs first: its standard input ends when the parent does, in whatever way."""


class Child:
    """Runs one command after the other; `end` breaks off the present one and all later ones."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ended = False
        self._guard = threading.Lock()

    def run(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        hear: Callable[[str], None] = lambda _: None,
    ) -> tuple[int, str]:
        """Run a command to its end; its exit status and its last words.

        hear: told every line, the carriage return's included. Raises CancelledError after `end`, InstallError where
        the command can't be started.
        """
        process = self._start([str(word) for word in command], environment)
        last: list[str] = []
        assert process.stdout is not None
        with process.stdout as output, self._log.open("a", encoding="utf-8", errors="replace") as log:
            for raw in output:
                line = raw.decode("utf-8", "replace").rstrip()
                hear(line)
                if line and not line.startswith("Progress "):
                    log.write(line + "\n")
                    last = [*last[1 - _LAST_LINES :], line]
        status = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        with self._guard:
            self._process = None
            if self._is_ended:
                raise CancelledError("Stopped.")
        return status, "\n".join(last)

    def end(self) -> None:
        """Kill what runs; never waits."""
        with self._guard:
            self._is_ended = True
            if self._process is not None:
                with contextlib.suppress(OSError):
                    self._process.kill()

    def _start(self, command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        with self._guard:
            if self._is_ended:
                raise CancelledError("Stopped.")
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    cwd=self._log.parent,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                    start_new_session=os.name == "posix",  # Ctrl-C in Blender's terminal is not meant for it
                )
            except OSError as fault:
                raise InstallError(f"{command[0]} can't be started: {fault.strerror or fault}.") from fault
            return self._process
