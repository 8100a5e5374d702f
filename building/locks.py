"""Remaking `requirements/*.lock` from the pins in pyproject.toml.

The locks are universal (one file for every system), carry the hash of every file, and name no index. They are made
from the default index alone: the settings of pip and uv on the machine are left aside.
"""

import os
import re
import subprocess

from .environments import BLENDERS, require_inside
from .interpreters import SUPPORTED, require_python
from .layout import ENVIRONMENTS, ROOT
from .progress import BuildError, clean_environ, run_logged, say

_UV = "uv==0.13.9"


def remake(*, upgrade: bool) -> None:
    """Resolve every lock; versions already locked stay while they fit, or are all looked up anew."""
    uv = [_uv(), "pip", "compile", *(["--upgrade"] if upgrade else [])]
    _compile(uv, "backend", "3.11", "pyproject.toml", "--extra", "video")
    # The checks run on the very packages that the backend has.
    checked = ("pyproject.toml", "--extra", "video", "--extra", "ray", "--group", "test")
    _compile(uv, "test", "3.11", *checked, "--constraints", "requirements/backend.lock")
    _compile(uv, "carriers", "3.11", "--group", "carriers", "--no-deps")
    _compile(uv, "installer", "3.11", "--group", "installer")
    extra = ("pyproject.toml", "--extra", "language", "--group", "language-test")
    left_out = [argument for name in _torch_and_what_it_brings() for argument in ("--no-emit-package", name)]
    _compile(uv, "language", "3.11", *extra, "--constraints", "requirements/backend.lock", *left_out)
    # What users get: torch too, with its hashes, for every system.
    installed = ("pyproject.toml", "--extra", "video", "--extra", "language", "--extra", "student")
    _compile(uv, "full", "3.11", *installed, "--constraints", "requirements/backend.lock")
    for version, environment in BLENDERS.items():
        group = f"blender-{version.replace('.', '-')}"
        _compile(uv, environment.lock.stem, environment.pythons[0], "--group", group)


def _torch_and_what_it_brings() -> list[str]:
    """What the lock of the language models leaves out; the list stands at its own end, written by uv."""
    lock = (ROOT / "requirements" / "language.lock").read_text(encoding="utf-8")
    _, _, listed = lock.partition("excluded from the output")
    return re.findall(r"^# ([a-z0-9-]+)$", listed, re.MULTILINE)


def _uv() -> str:
    folder = ENVIRONMENTS / "lock"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    require_inside(folder, ROOT, "where nothing may be installed. Remove the link")
    if not python.exists():
        _, base_python = require_python(SUPPORTED, "making the locks")
        run_logged([base_python, "-m", "venv", folder], "lock-venv")
    run_logged([python, "-m", "pip", "install", "--disable-pip-version-check", _UV], "lock")
    return str(python.with_name("uv"))


def _compile(uv_compile: list[str], name: str, python_version: str, *sources: str) -> None:
    output = f"requirements/{name}.lock"
    say(f"Resolving {output}")
    command = [*uv_compile, *sources, "--universal", "--generate-hashes", "--no-config", "--quiet"]
    command += ["--python-version", python_version, "--output-file", output]
    command += ["--constraints", "requirements/constraints.txt", "--custom-compile-command", "python build.py lock"]
    environ = {name: value for name, value in clean_environ().items() if not name.startswith("UV_")}
    outcome = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise BuildError(f"{output} could not be resolved:\n{outcome.stderr}")
