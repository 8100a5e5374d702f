"""What build.py says while it works, and how it fails.

Everything is said on stderr: stdout belongs to the commands that are run, such as `build.py backend estimate --json`.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .layout import LOGS, shown

Command = list[str | Path]
"""A program and its arguments, none of which goes through a shell."""

_STARTED = time.monotonic()
_LOG_LINES_SHOWN = 25
_POLL_SECONDS = 0.05
_SECONDS_TO_END = 5


class BuildError(Exception):
    """Something that the person who runs build.py can mend; shown as it stands."""


def say(text: str) -> None:
    """Tell one step, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def clean_environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a child: none of this Python's own paths, so that each one uses its own packages.

    A child may keep the bytecode of what it imports, even where this Python may not: the tests alone start the backend
    a hundred times, and with its modules to compile each start takes half as long again.
    """
    paths = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    dropped = paths | {"PYTHONDONTWRITEBYTECODE"}
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
        raise BuildError(f"{Path(command[0]).name} failed ({shown(log)}):\n{_tail(log)}")


def run_through(command: Command, environ: Mapping[str, str]) -> int:
    """Run a command with this terminal as its own, and hand its exit status back."""
    process = subprocess.Popen(list(map(str, command)), env=clean_environ(environ))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child has it too, and ends in its own way


@dataclass(frozen=True, eq=False)
class Job:
    """One of several commands that run at once. title: what it is called where it fails; output: file of its stdout."""

    title: str
    command: Command
    environ: Mapping[str, str]
    output: Path

    @property
    def errors(self) -> Path:
        """The file of its stderr."""
        return self.output.with_suffix(".log")


def run_side_by_side(jobs: Iterable[Job]) -> None:
    """Run all at once; raise BuildError as soon as one fails. However this ends, none of them goes on."""
    with ExitStack() as running:
        usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
        running.callback(signal.signal, signal.SIGTERM, usual)
        waiting = {job: running.enter_context(_started(job)) for job in jobs}
        while waiting:
            for job in [job for job, process in waiting.items() if process.poll() is not None]:
                if waiting.pop(job).returncode != 0:
                    raise BuildError(f"{job.title} failed ({shown(job.errors)}):\n{_tail(job.errors)}")
            time.sleep(_POLL_SECONDS)


@contextmanager
def _started(job: Job) -> "Iterator[subprocess.Popen[bytes]]":
    with job.output.open("wb") as output, job.errors.open("wb") as errors:
        process = subprocess.Popen(
            list(map(str, job.command)),
            env=clean_environ(job.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:])


def become(command: Command, environ: Mapping[str, str]) -> int:
    """Be this command from now on, so that what ends this process ends the command, and not only its parent.

    Windows has no such thing: there the command is run, and its exit status handed back.
    """
    if os.name == "posix":
        sys.stdout.flush()
        program, *arguments = map(str, command)
        os.execve(program, [program, *arguments], clean_environ(environ))  # noqa: S606 - no shell is what we want
    return run_through(command, environ)
