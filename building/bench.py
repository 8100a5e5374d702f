"""`build.py bench`: every module in `benchmarks/`, what the install weighs, and the demo's second run, in one report.

A benchmark is a module with `run() -> list[dict]`; each row has `name`, `value`, `unit`, and where there is a target
also `target` and `at_most` (False where more is better) and `method`, a sentence on how it was measured.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .blender import backend_environ
from .carriers import ensure_all_carriers
from .demonstration import run_demo
from .environments import BACKEND, DEV, LANGUAGE, ensure
from .layout import BUILD, ROOT, shown
from .progress import BuildError, clean_environ, say

REPORT = BUILD / "bench"
_MODULES = ROOT / "benchmarks"
_BASE_INSTALL_TARGET_MB = 250
_SECOND_DEMO_TARGET_S = 30
_MEGABYTE = 1_000_000

Row = dict[str, Any]


def run_all(chosen: list[str]) -> int:
    """Measure, write both reports, and print the table; 0 also where a target is missed, which the report says."""
    ensure(DEV)
    ensure_all_carriers()
    rows = [row for module in _modules(chosen) for row in _run_module(module)]
    if not chosen:
        rows += [_base_install(), _second_demo()]
    report = {"machine": _machine(), "rows": rows}
    REPORT.mkdir(parents=True, exist_ok=True)
    (REPORT / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (REPORT / "report.md").write_text(_as_markdown(report), encoding="utf-8")
    print(_as_markdown(report))
    say(f"Wrote {shown(REPORT)}/report.json and report.md")
    return 0


def _modules(chosen: list[str]) -> list[str]:
    files = sorted(file.relative_to(_MODULES) for file in _MODULES.rglob("*.py") if not file.stem.startswith("_"))
    names = [".".join(file.with_suffix("").parts) for file in files]
    kept = [name for name in names if not chosen or name in chosen]
    if chosen and len(kept) != len(chosen):
        raise BuildError(f"There is no such benchmark; choose from {', '.join(names)}.")
    return kept


def _run_module(name: str) -> list[Row]:
    """Run one in a process of its own, so that none is slowed by what another left in memory.

    Those in the folder `language` run where torch is.
    """
    say(f"Benchmark: {name}")
    rows_file = REPORT / f"{name}.json"
    rows_file.parent.mkdir(parents=True, exist_ok=True)
    program = (
        f"import json, sys; from benchmarks.{name} import run; rows = run(); "
        "json.dump(rows, open(sys.argv[1], 'w', encoding='utf-8'))"
    )
    environ = clean_environ(backend_environ() | {"PYTHONPATH": str(ROOT)})
    python = ensure(LANGUAGE if name.startswith("language.") else DEV)
    status = subprocess.run([python, "-c", program, rows_file], cwd=ROOT, env=environ, check=False).returncode
    if status != 0:
        raise BuildError(f"The benchmark {name} ended with status {status}; see above.")
    rows: list[Row] = json.loads(rows_file.read_text(encoding="utf-8"))
    return rows


def _base_install() -> Row:
    """What the backend's packages weigh on disk, without the pip that put them there and the extra "video"."""
    ensure(BACKEND)
    without = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "av")
    (site_packages,) = BACKEND.folder.glob("**/site-packages")
    size = sum(
        file.lstat().st_size
        for file in site_packages.rglob("*")
        if re.split(r"[-.]", file.relative_to(site_packages).parts[0])[0] not in without
    )
    return {
        "name": "base install",
        "value": round(size / _MEGABYTE, 1),
        "unit": "MB",
        "target": _BASE_INSTALL_TARGET_MB,
        "method": "Sum of the file sizes in the backend environment, pip, setuptools and PyAV left out",
    }


def _second_demo() -> Row:
    run_demo()
    started = time.monotonic()
    if run_demo() != 0:
        raise BuildError("The demo failed; see above.")
    return {
        "name": "demo, second run",
        "value": round(time.monotonic() - started, 1),
        "unit": "s",
        "target": _SECOND_DEMO_TARGET_S,
        "method": "`build.py demo` once more after a first one, wall-clock time",
    }


def _machine() -> Row:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
    }


def _processor() -> str:
    description = Path("/proc/cpuinfo")
    if description.is_file():
        for line in description.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError):  # no sysconf on Windows, no such name elsewhere
        return None


def _as_markdown(report: dict[str, Any]) -> str:
    machine = report["machine"]
    lines = [
        "# Benchmarks",
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB of memory, {machine['system']}, "
        f"Python {machine['python']}.",
        "",
        "| what | measured | target | met | how |",
        "|---|---|---|---|---|",
    ]
    lines += [table_row(row) for row in report["rows"]]
    return "\n".join(lines) + "\n"


def table_row(row: Row) -> str:
    """One row of the Markdown table."""
    measured = f"{row['value']:.4g} {row.get('unit', '')}".strip()
    target = row.get("target")
    if target is None:
        return f"| {row['name']} | {measured} | | | {row.get('method', '')} |"
    at_most = row.get("at_most", True)
    met = row["value"] <= target if at_most else row["value"] >= target
    wanted = f"{'at most' if at_most else 'at least'} {target:g}"
    return f"| {row['name']} | {measured} | {wanted} | {'yes' if met else 'NO'} | {row.get('method', '')} |"
