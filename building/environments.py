"""The virtual environments under `.venv/`: what each holds, and how it is made and kept true to its lock.

An environment is complete when its stamp, which is written last, holds the hash of its lock. One without a stamp was
interrupted (or made by hand) and is made again; one with the stamp of an older lock is brought up to date.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exclusive import only_one
from .interpreters import RUNNING, SUPPORTED, require_python
from .layout import ENVIRONMENTS, REQUIREMENTS, ROOT, shown
from .progress import BuildError, Command, clean_environ, run_logged, say

_STAMP = "mien-complete"


@dataclass(frozen=True)
class Environment:
    """`purpose` is told to whoever lacks the Python; `pythons` are the versions that will do.

    `unlocked` is installed after the lock, without hashes and with what it brings: for what has to fit the machine.
    """

    name: str
    lock_name: str
    purpose: str
    pythons: tuple[str, ...]
    download_mb: int
    unlocked: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return ENVIRONMENTS / self.name

    @property
    def home(self) -> Path:
        """The checkout that it belongs to; nothing outside is ever changed."""
        return ROOT

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def lock(self) -> Path:
        """What it holds, exactly."""
        return REQUIREMENTS / f"{self.lock_name}.lock"


def _blender(version: str, python: str, *, download_mb: int) -> Environment:
    name = f"blender-{version}"
    return Environment(name, name, f"Blender {version}", (python,), download_mb)


BACKEND = Environment("backend", "backend", "the backend", SUPPORTED, download_mb=110)
DEV = Environment("dev", "test", "the checks", SUPPORTED, download_mb=150)
# Which torch is right depends on the machine: with or without CUDA, and from which index.
LANGUAGE = Environment(
    "language", "language", "the language models", SUPPORTED, download_mb=400, unlocked=("torch==2.13.0",)
)
BLENDERS = {
    "4.2": _blender("4.2", "3.11", download_mb=360),
    "4.5": _blender("4.5", "3.11", download_mb=360),
    "5.0": _blender("5.0", "3.11", download_mb=370),
    "5.2": _blender("5.2", "3.13", download_mb=400),
}


def default_blender() -> str:
    """The newest Blender that the running Python can carry: 5.0 on Python 3.11, 5.2 on 3.13."""
    fitting = [version for version, environment in BLENDERS.items() if RUNNING in environment.pythons]
    return fitting[-1] if fitting else "5.2"


def ensure(environment: Environment) -> Path:
    """Make the environment where it is not complete, and return its Python."""
    if _is_complete(environment):
        return environment.python
    _require_own(environment)
    # The lock lies beside the environment, so that whoever reaches the folder, by whatever road, meets it.
    with only_one(environment.name, environment.folder.parent):
        if not _is_complete(environment):  # another build.py may have made it while this one waited
            _make_or_update(environment)
    return environment.python


def _require_own(environment: Environment) -> None:
    """Refuse to touch what a link leads to: it belongs to another checkout, which may have other locks."""
    does_not_fit = f"and does not hold what {shown(environment.lock)} asks for"
    require_inside(environment.folder, environment.home, f"{does_not_fit}. Remove the link")


def require_inside(folder: Path, home: Path, reason_and_remedy: str) -> None:
    """Refuse a folder that a link leads out of `home`; nothing outside is ever changed."""
    place = folder.resolve()
    if not place.is_relative_to(home.resolve()):
        raise BuildError(
            f"{shown(folder)} leads to {place}, outside this checkout, {reason_and_remedy}, "
            "and build.py makes an environment here."
        )


def lock_hash(lock: Path) -> str:
    """What the stamp records; comments do not count."""
    if not lock.is_file():
        raise BuildError(f"{lock} is missing. `python build.py lock` makes it.")
    lines = (line.strip() for line in lock.read_text(encoding="utf-8").splitlines())
    return hashlib.sha256("\n".join(line for line in lines if line and not line.startswith("#")).encode()).hexdigest()


def _stamped_hash(environment: Environment) -> str | None:
    """The lock's hash that the environment was completed with; None where it never was."""
    stamp = environment.folder / _STAMP
    return stamp.read_text().strip() if stamp.is_file() and environment.python.exists() else None


def _is_complete(environment: Environment) -> bool:
    return _stamped_hash(environment) == _content_hash(environment)


def _content_hash(environment: Environment) -> str:
    return "\n".join([lock_hash(environment.lock), *environment.unlocked])


def _make_or_update(environment: Environment) -> None:
    stamp = environment.folder / _STAMP
    if _stamped_hash(environment) is None:
        version, base_python = require_python(environment.pythons, environment.purpose)
        say(f"Making .venv/{environment.name} on Python {version} (downloads about {environment.download_mb} MB, once)")
        shutil.rmtree(environment.folder, ignore_errors=True)
        run_logged([base_python, "-m", "venv", environment.folder], f"{environment.name}-venv")
    else:
        say(f"Bringing .venv/{environment.name} up to date with its lock")
        stamp.unlink()
    _install(environment)
    stamp.write_text(_content_hash(environment) + "\n")


def _install(environment: Environment) -> None:
    pip: Command = [environment.python, "-m", "pip", "--disable-pip-version-check"]
    # Where something follows unlocked, the lock alone leaves needs open that it will fill.
    needs = ["--no-deps"] if environment.unlocked else []
    run_logged(
        [*pip, "install", "--require-hashes", "--only-binary", ":all:", *needs, "-r", environment.lock],
        environment.name,
    )
    if environment.unlocked:
        run_logged([*pip, "install", "--only-binary", ":all:", *environment.unlocked], f"{environment.name}-unlocked")
        return  # what it brought is in no lock, so nothing can be told to be a stray
    if strays := _installed(environment) - _locked(environment):
        run_logged([*pip, "uninstall", "--yes", *sorted(strays)], f"{environment.name}-strays")


def _installed(environment: Environment) -> set[str]:
    """Names of the installed distributions, read from their folders' names."""
    site_packages = environment.folder.glob("**/site-packages/*.dist-info")
    return {_normalised(folder.name.rsplit("-", 2)[0]) for folder in site_packages} - {"pip", "setuptools"}


def _locked(environment: Environment) -> set[str]:
    names = re.findall(r"^([A-Za-z0-9._-]+)==", environment.lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {_normalised(name) for name in names}


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def run_in_backend(script: str, order: Mapping[str, Any], environ: Mapping[str, str], what: str) -> None:
    """Run a script of this folder by the backend's Python, which has PyAV and Pillow, with an order on its stdin.

    Raises BuildError, which calls what the script makes `what`, where it fails.
    """
    outcome = subprocess.run(
        [BACKEND.python, Path(__file__).with_name(script)],
        input=json.dumps(order),
        env=clean_environ(environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise BuildError(f"{what} could not be made:\n{outcome.stderr}")
