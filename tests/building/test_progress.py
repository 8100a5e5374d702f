"""Commands that run side by side: as soon as one fails, or somebody stops the run, none goes on."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from building.progress import BuildError, Job, run_side_by_side

LASTS_LONG = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"


def job(folder: Path, title: str, program: str) -> Job:
    return Job(title, [sys.executable, "-c", program, folder / f"{title}.pid"], os.environ, folder / f"{title}.out")


def is_running(folder: Path, title: str) -> bool:
    try:
        os.kill(int((folder / f"{title}.pid").read_text()), 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):  # not there, not written yet, over
        return False
    return True


def test_each_has_its_output_in_a_file_of_its_own(tmp_path):
    program = "import sys; print({0!r}); print({0!r}, file=sys.stderr)"
    jobs = [job(tmp_path, name, program.format(name)) for name in ("one", "two")]
    run_side_by_side(jobs)
    assert [each.output.read_text().strip() for each in jobs] == ["one", "two"]
    assert [each.errors.read_text().strip() for each in jobs] == ["one", "two"]


def test_where_one_fails_the_other_is_ended_and_its_last_lines_are_told(tmp_path):
    started = time.monotonic()
    with pytest.raises(BuildError, match=r"(?s)The short one failed .*: no such luck"):
        run_side_by_side(
            [
                job(tmp_path, "long", LASTS_LONG),
                job(
                    tmp_path,
                    "The short one",
                    "import time; time.sleep(1); raise SystemExit('RuntimeError: no such luck')",
                ),
            ]
        )
    assert time.monotonic() - started < 30
    assert not is_running(tmp_path, "long")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_run_stops_them_all(tmp_path, by):
    def stop() -> None:
        while not (is_running(tmp_path, "one") and is_running(tmp_path, "two")):
            time.sleep(0.05)
        os.kill(os.getpid(), by)

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=stop, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            run_side_by_side([job(tmp_path, "one", LASTS_LONG), job(tmp_path, "two", LASTS_LONG)])
    finally:
        signal.signal(signal.SIGINT, usual)
    assert not is_running(tmp_path, "one")
    assert not is_running(tmp_path, "two")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
