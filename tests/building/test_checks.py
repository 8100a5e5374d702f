"""The summary of `build.py test` counts what happened, and a check that did not run is never a pass."""

import os
import subprocess
import sys

import pytest

from building.checks import SUITES, LeftOutError, Outcome, _checks, read_report, summary, timed
from building.layout import ROOT

SUITE = """
import pytest

def test_good(): pass
def test_bad(): assert False
@pytest.mark.skip(reason="not today")
def test_left(): pass
@pytest.fixture
def breaks():
    yield
    raise RuntimeError
def test_breaks_afterwards(breaks): pass
"""


def test_counts_are_those_of_the_report(tmp_path):
    (tmp_path / "test_suite.py").write_text(SUITE)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", tmp_path, f"--junitxml={report}"]
    subprocess.run([*command, tmp_path / "test_suite.py"], capture_output=True, check=False)
    assert read_report(report) == (1, 2, ("test_left: not today",))


def left_out(_name: str) -> Outcome:
    raise LeftOutError("no such thing here")


def test_a_left_out_check_is_told_and_fails_on_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert timed("window", left_out).failed == 1
    monkeypatch.delenv("CI")
    outcome = timed("window", left_out)
    assert (outcome.passed, outcome.failed) == (0, 0)
    assert "LEFT OUT: no such thing here" in "\n".join(summary([outcome]))


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([Outcome("a", passed=3), Outcome("b", passed=2)], "5 passed, 0 failed"),
        ([Outcome("a", passed=1, failed=2, skipped=("c: why",))], "1 passed, 2 failed, 1 skipped"),
    ],
)
def test_the_last_line_is_the_plain_count(outcomes, line):
    assert list(summary(outcomes))[-1] == line


def test_every_test_file_belongs_to_a_check():
    files = list((ROOT / "tests").rglob("test_*.py"))
    homeless = [file for file in files if not any(file.is_relative_to(ROOT / path) for path in SUITES.values())]
    assert files
    assert homeless == []


def test_every_suite_is_run_by_a_check_and_is_there():
    names = _checks()
    for suite, path in SUITES.items():
        assert (ROOT / path).exists()
        assert any(name.startswith(suite) for name in names)
