"""`build.py test`: every check in one run, each with what came of it, and a closing count.

A check that cannot run on this machine is left out with its reason; on CI (`CI=true`) that is a failure.
"""

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import wheelhouse
from .blender import backend_environ, ensure_blender
from .carriers import ensure_all_carriers
from .environments import BLENDERS, DEV, LANGUAGE, ensure
from .exclusive import only_one
from .interpreters import RUNNING, find_python
from .layout import BUILD, ROOT
from .packaging import build_zip, members, validate
from .packaging import version as addon_version
from .progress import BuildError, Command, clean_environ, say
from .tree import write_zip
from .wheelhouse import this_system
from .window import missing

_RESULTS = BUILD / "test"
SUITES = {
    "house": "tests/test_boundaries.py",
    "core": "tests/core",
    "client": "tests/client",
    "backend": "tests/backend",
    "face": "tests/face",
    "script": "tests/script",
    "editing": "tests/editing",
    "distill": "tests/distill",
    "language": "tests/language",
    "head": "tests/example_head",
    "build": "tests/building",
    "docs": "tests/docs",
    "add-on": "tests/blender/inside",
    "window": "tests/gui",
}
"""Which tests each check runs; together they are all there are."""

_PLAIN = ("house", "core", "client", "backend", "face", "script", "editing", "distill")
"""Those that pytest runs in the environment of the checks, before what takes longer to make."""

_LANES = 2
"""Checks that run side by side. Each of them keeps about one core busy."""

_TIME_LIMIT_S = 25 * 60  # a check that hangs, as a Blender can at its exit, must not hold the run for ever


@dataclass(frozen=True)
class Outcome:
    """What came of one check; `left_out` says why it did not run at all."""

    check: str
    passed: int = 0
    failed: int = 0
    skipped: tuple[str, ...] = ()
    left_out: str = ""
    duration_s: float = 0.0


class LeftOutError(Exception):
    """This machine lacks what the check needs; the text says what."""


def run_all(chosen: list[str]) -> int:
    """Run the checks whose names start with one of the chosen words, or all; 0 where nothing failed."""
    checks = {name: run for name, run in _checks().items() if not chosen or name.startswith(tuple(chosen))}
    if not checks:
        raise BuildError(f"There is no check {' or '.join(chosen)}; choose from {', '.join(_checks())}.")
    # Started in the background, as CI may do it, a shell has this signal ignored, and all children with it; the
    # checks press Ctrl-C on some of theirs.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ensure(DEV)
    ensure_all_carriers()
    with ThreadPoolExecutor(_LANES) as lanes:
        outcomes = list(lanes.map(timed, checks.keys(), checks.values()))
    print("\n".join(summary(outcomes)), flush=True)
    return int(any(outcome.failed for outcome in outcomes))


def _checks() -> dict[str, Callable[[str], Outcome]]:
    """All checks in the order in which they start.

    The quick ones that find the most come first; then the long ones, so that at the end no core waits for one of them
    alone; some short ones are left for that.
    """
    return {
        "lint": _command("ruff", "check", "."),
        "format": _command("ruff", "format", "--check", "."),
        "types": _command("mypy"),
        **{name: _pytest(name) for name in _PLAIN},
        "zip": _zip,
        "language": _language,
        "window": _window,
        **{f"add-on in Blender {version}": _addon_in_blender(version) for version in BLENDERS},
        "build": _pytest("build"),
        "docs": _pytest("docs"),
        **{f"core in Blender {version}": _core_in_blender(version) for version in ("4.2", "5.2")},
        "head": _pytest("head"),
    }


def timed(name: str, run: Callable[[str], Outcome]) -> Outcome:
    """Run one check with its time; where it is left out on CI, it has failed."""
    say(f"Check: {name}")
    started = time.monotonic()
    try:
        outcome = run(name)
    except LeftOutError as reason:
        on_ci = os.environ.get("CI") == "true"
        outcome = Outcome(name, failed=int(on_ci), left_out=str(reason))
    except BuildError as error:
        print(f"{name}: {error}", file=sys.stderr)
        outcome = Outcome(name, failed=1)
    return Outcome(name, outcome.passed, outcome.failed, outcome.skipped, outcome.left_out, time.monotonic() - started)


def _command(tool: str, *arguments: str) -> Callable[[str], Outcome]:
    def run(name: str) -> Outcome:
        failed = _run(name, [DEV.python, "-m", tool, *arguments]) != 0
        return Outcome(name, passed=int(not failed), failed=int(failed))

    return run


def _pytest(suite: str) -> Callable[[str], Outcome]:
    def run(name: str) -> Outcome:
        return _counted(name, [DEV.python, "-m", "pytest", SUITES[suite]], backend_environ())

    return run


def _language(name: str) -> Outcome:
    """The engines of the extra "language", in an environment that has torch."""
    return _counted(name, [ensure(LANGUAGE), "-m", "pytest", SUITES["language"]], backend_environ())


def _core_in_blender(version: str) -> Callable[[str], Outcome]:
    """The pure core on the Python and numpy that this Blender carries."""

    def run(name: str) -> Outcome:
        environment = _blender_or_left_out(version)
        return _counted(name, [environment, "-m", "pytest", SUITES["core"]], {})

    return run


def _addon_in_blender(version: str) -> Callable[[str], Outcome]:
    def run(name: str) -> Outcome:
        python = _blender_or_left_out(version)
        with only_one("add-on-checks"):  # what all of them share is made by the first
            command: Command = [python, "tests/blender/run_in_blender.py", "--zip", build_zip()]
            wheels = wheelhouse.make(addon_version(), [this_system()], BLENDERS[version].pythons, "base")
            environ = backend_environ() | {"MIEN_WHEELS": str(wheels)}
        return _counted(name, [*command, SUITES["add-on"]], environ)

    return run


def _blender_or_left_out(version: str) -> Path:
    environment = BLENDERS[version]
    if not environment.python.exists() and not any(map(find_python, environment.pythons)):
        raise LeftOutError(f"Python {' or '.join(environment.pythons)} is not on this machine")
    return ensure_blender(version).python


def _zip(name: str) -> Outcome:
    archive = build_zip()
    again = _RESULTS / "built-again.zip"  # beside the other, which the checks of the add-on may be reading
    write_zip(again, members())
    same = again.read_bytes() == archive.read_bytes()
    again.unlink()
    say(f"{archive.name}: {validate(archive)}; built again: {'the same bytes' if same else 'OTHER BYTES'}")
    return Outcome(name, passed=1 + same, failed=int(not same))


def _window(name: str) -> Outcome:
    if reason := missing():
        raise LeftOutError(reason)
    return _counted(name, [DEV.python, "-m", "pytest", SUITES["window"]], {})


def _counted(name: str, command: Command, environ: dict[str, str]) -> Outcome:
    """Run pytest, or what ends in it, and read the counts from its report rather than from its words."""
    report = _words_of(name).with_suffix(".xml")
    report.unlink(missing_ok=True)
    status = _run(name, [*command, f"--junitxml={report}", "-q"], environ)
    if not report.is_file():
        print(f"{name}: ended with status {status} before any result", file=sys.stderr)
        return Outcome(name, failed=1)
    passed, failed, skipped = read_report(report)
    # A run may also fail outside its tests: none collected, or a crash after the report.
    return Outcome(name, passed, max(failed, int(status != 0)), skipped)


def _run(name: str, command: Command, environ: dict[str, str] | None = None) -> int:
    """Its exit status. What it says is shown when it has ended, since another check speaks meanwhile."""
    with _words_of(name).open("w+", encoding="utf-8", errors="replace") as words:
        try:
            status = subprocess.run(
                list(map(str, command)),
                cwd=ROOT,
                env=clean_environ(environ),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                timeout=_TIME_LIMIT_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            words.write(f"stopped after {_TIME_LIMIT_S // 60} minutes\n")
            status = 124
        words.seek(0)
        print(f"{name}:\n{words.read()}", flush=True)
    return status


def _words_of(name: str) -> Path:
    """The file that holds what a check says."""
    _RESULTS.mkdir(parents=True, exist_ok=True)
    return _RESULTS / f"{name.replace(' ', '-')}.log"


def read_report(report: Path) -> tuple[int, int, tuple[str, ...]]:
    """How many tests of a JUnit file passed and failed, and which were skipped, with the reason."""
    verdicts: dict[tuple[str | None, str | None], str] = {}
    reasons = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest a moment ago
        test = (case.get("classname"), case.get("name"))
        found = {child.tag for child in case}
        if found & {"failure", "error"}:
            verdicts[test] = "failed"  # also where it passed and only its clean-up failed, which is told apart
        elif "skipped" in found:
            verdicts[test] = "skipped"
            reasons.append(f"{case.get('name')}: {next(case.iter('skipped')).get('message')}")
        else:
            verdicts.setdefault(test, "passed")
    told = list(verdicts.values())
    return told.count("passed"), told.count("failed"), tuple(reasons)


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """The lines of the closing table; the last one is the plain count."""
    width = max(len(outcome.check) for outcome in outcomes)
    yield f"\n{'check':{width}}  passed  failed  skipped  seconds   (Python {RUNNING})"
    for outcome in outcomes:
        row = f"{outcome.check:{width}}  {outcome.passed:6}  {outcome.failed:6}  {len(outcome.skipped):7}"
        yield f"{row}  {outcome.duration_s:7.1f}" + (f"   LEFT OUT: {outcome.left_out}" if outcome.left_out else "")
    for outcome in outcomes:
        yield from (f"  skipped in {outcome.check}: {reason}" for reason in outcome.skipped)
    yield ""
    skipped = sum(len(outcome.skipped) for outcome in outcomes)
    passed, failed = sum(outcome.passed for outcome in outcomes), sum(outcome.failed for outcome in outcomes)
    yield f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
