"""The benchmarks run, and the report says honestly what was met."""

import json
import subprocess
import sys

import pytest

from building.bench import REPORT, table_row
from building.layout import ROOT


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"name": "a", "value": 1.23456, "unit": "ms"}, "| a | 1.235 ms | | |  |"),
        ({"name": "a", "value": 2, "unit": "s", "target": 1}, "| a | 2 s | at most 1 | NO |  |"),
        ({"name": "a", "value": 2, "target": 2, "at_most": False, "method": "m"}, "| a | 2 | at least 2 | yes | m |"),
    ],
)
def test_a_row_tells_whether_its_target_was_met(row, line):
    assert table_row(row) == line


def test_a_benchmark_is_measured_and_reported():
    command = [sys.executable, ROOT / "build.py", "bench", "perform_latency"]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    report = json.loads((REPORT / "report.json").read_text(encoding="utf-8"))
    assert {"processor", "cores", "memory_gb", "system", "python"} == set(report["machine"])
    assert all(row["value"] > 0 for row in report["rows"])
    table = (REPORT / "report.md").read_text(encoding="utf-8")
    assert all(f"| {row['name']} |" in table for row in report["rows"])


def test_an_unknown_benchmark_is_refused():
    outcome = subprocess.run(
        [sys.executable, ROOT / "build.py", "bench", "no_such"], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 1
    assert "There is no such benchmark" in outcome.stderr
