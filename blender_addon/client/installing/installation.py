"""The installation itself, on a thread of its own; pressed again after whatever ended it, it goes on."""

import json
import shutil
from pathlib import Path

from ...core.errors import InstallError
from ..job import Job, Say
from .child import WATCHED, Child
from .interpreter import ISOLATED, without_python_settings
from .pip_command import pip_command, pip_environment
from .pip_words import PipProgress, explain
from .place import Installed, python_of
from .plan import InstallPlan, size_words

_MEGABYTE = 1_000_000

_TRIAL = f"""{WATCHED}
import runpy
sys.argv[0] = "mien"
runpy.run_module("inference_backend", run_name="__main__", alter_sys=True)
"""

# Where on the bar the packages are fetched, and where they are in their place; what follows is the trial.
_FETCHED, _PLACED = 0.7, 0.95


class Installation:
    """A running installation, looked at from any thread. Begins at once."""

    def __init__(self, plan: InstallPlan) -> None:
        self._plan = plan
        self._pip = PipProgress()
        self._children: list[Child] = []
        self._environment = plan.place.environment(plan.payload, plan.level)
        self._stage = ""
        self.job: Job[Installed] = Job(self._install, on_cancel=self._break_off)

    @property
    def fraction(self) -> float:
        """How much is done, 0..1."""
        weight = self._plan.weight
        if self._stage:
            return _PLACED
        if self._pip.is_placing:
            placed = sum(1 for _ in self._environment.glob("[Ll]ib/**/site-packages/*.dist-info"))
            return _FETCHED + (_PLACED - _FETCHED) * min(1.0, placed / weight.packages)
        return _FETCHED * min(1.0, self._pip.fetched_bytes / weight.download_bytes)

    @property
    def words(self) -> str:
        """What is being done, in a line."""
        if self._stage or self._pip.is_placing:
            return self._stage or "Unpacking the packages"
        fetched, all_of_it = self._pip.fetched_bytes, size_words(self._plan.weight.download_bytes)
        doing = "Fetching" if self._plan.wheelhouse is None else "Reading"
        return f"{doing} {self._pip.package or 'packages'}, {fetched // _MEGABYTE} of {all_of_it}"

    def cancel(self) -> None:
        """Stop; what has been fetched stays for the next press."""
        self.job.cancel()

    def _break_off(self) -> None:
        for child in self._children:
            child.end()

    def _install(self, say: Say) -> Installed:
        plan, place = self._plan, self._plan.place
        try:
            with place.alone():
                say("Installing")
                place.log.write_text(f"Mien {plan.payload.version}, {plan.level.value}\n", encoding="utf-8")
                child = Child(place.log)
                self._children.append(child)
                say("Installing")  # stops here where the user has, before there was a child to end
                self._make_environment(child)
                self._fill(child)
                self._stage = "Trying the backend"
                self._try(child)
                return place.complete(self._environment, plan.payload, plan.level, plan.interpreter)
        except OSError as fault:
            raise _in_words(fault) from fault

    def _make_environment(self, child: Child) -> None:
        """An empty environment, also where an interrupted installation has left half of one."""
        place = self._plan.place
        for folder in (self._environment, place.temporary):
            if folder.exists():
                shutil.rmtree(folder)
        place.temporary.mkdir()
        command: list[str | Path] = [
            self._plan.interpreter.python,
            *ISOLATED,
            "-m",
            "venv",
            "--without-pip",
            self._environment,
        ]
        status, said = child.run(command, without_python_settings())
        if status != 0:
            raise explain(said, wheelhouse=None)

    def _fill(self, child: Child) -> None:
        plan, place = self._plan, self._plan.place
        options: list[str | Path] = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"]
        options += ["--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--progress-bar", "raw"]
        options += ["--retries", "3", "--cache-dir", place.downloads, "--find-links", plan.payload.folder]
        if plan.wheelhouse is not None:
            options += ["--isolated", "--no-index", "--find-links", plan.wheelhouse]
        packages: list[str | Path] = ["-r", plan.payload.packages(plan.level)]
        command = pip_command(python_of(self._environment), plan.payload.pip(), "install", *options, *packages)
        status, said = child.run(command, pip_environment(place.temporary), self._pip.hear)
        if status != 0:
            raise explain(said, wheelhouse=plan.wheelhouse)

    def _try(self, child: Child) -> None:
        """Nothing is complete that has not been seen to work: a virus scanner may have taken a library away."""
        python, lines = python_of(self._environment), list[str]()
        command: list[str | Path] = [python, *ISOLATED, "-c", _TRIAL, "engines", "--json"]
        status, said = child.run(command, without_python_settings(), lines.append)
        if status != 0 or not _is_ready("\n".join(lines)):
            reason = said.splitlines()[-1].strip().rstrip(".") if said and status else "its face engine is not ready"
            raise InstallError(
                f"The backend was installed, but does not run: {reason}.",
                "A virus scanner may have removed a part of it; Install Backend installs it anew.",
            )


def _is_ready(said: str) -> bool:
    """Whether the list of engines says that faces can be read."""
    try:
        engines = json.loads(said)["engines"]
        return any(engine["name"] == "face" and engine["state"] == "ready" for engine in engines)
    except (ValueError, KeyError, TypeError):
        return False


def _in_words(fault: OSError) -> InstallError:
    """What a file refused outside of pip, by the same table."""
    return explain(f"ERROR: {fault}", wheelhouse=None)
