"""What build.py says while it works, and how it fails.

Everything is said on stderr: stdout belongs to the commands that are run, such as `build.py backend estimate --json`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from .layout import LOGS, shown

Command = list[str | Path]
"""A program and its arguments, none of which goes through a shell."""

_STARTED = time.monotonic()
_LOG_LINES_SHOWN = 25


class BuildError(Exception):
    """Something that the person who runs build.py can mend; shown as it stands."""


def say(text: str) -> None:
    """Tell one step, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def clean_environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a child: none of this Python's own paths, so that each one uses its own packages."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"PYTHONNOUSERSITE": "1"} | dict(extra or {})


def run_logged(command: Command, log_name: str, *, cwd: Path | None = None) -> None:
    """Run a command of a set-up step with its output in `build/logs`; its last lines are shown where it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{log_name}.log"
    with log.open("wb") as output:
        status = subprocess.call(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=clean_environ(),
        )
    if status != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
        raise BuildError("\n".join([f"{Path(command[0]).name} failed ({shown(log)}):", *lines]))


def run_through(command: Command, environ: Mapping[str, str], *, output: IO[bytes] | None = None) -> int:
    """Run a command with this terminal as its own, or with its output in a file, and hand its exit status back."""
    process = subprocess.Popen(list(map(str, command)), env=clean_environ(environ), stdout=output, stderr=output)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child has it too, and ends in its own way


def become(command: Command, environ: Mapping[str, str]) -> int:
    """Be this command from now on, so that what ends this process ends the command, and not only its parent.

    Windows has no such thing: there the command is run, and its exit status handed back.
    """
    if os.name == "posix":
        sys.stdout.flush()
        program, *arguments = map(str, command)
        os.execve(program, [program, *arguments], clean_environ(environ))  # noqa: S606 - no shell is what we want
    return run_through(command, environ)
