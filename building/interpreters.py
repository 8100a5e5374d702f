"""Finding the Python that a Blender version needs: each `bpy` wheel is made for one Python."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .progress import BuildError

SUPPORTED = ("3.11", "3.12", "3.13")
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"

_PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


def preferred_first(versions: tuple[str, ...]) -> tuple[str, ...]:
    """The same versions with the running one, which is surely here, in front."""
    return tuple(sorted(versions, key=lambda version: version != RUNNING))


@cache
def find_python(version: str) -> Path | None:
    """A Python of that version that can make virtual environments, or None."""
    return next((path for path in _candidates(version) if _answers(path, version)), None)


def require_python(versions: tuple[str, ...], purpose: str) -> tuple[str, Path]:
    """The first of these versions that is here, and where."""
    for version in preferred_first(versions):
        if path := find_python(version):
            return version, path
    wanted = " or ".join(versions)
    raise BuildError(
        f"Python {wanted} is needed for {purpose} and was not found on PATH, under pyenv, by the py launcher or by uv. "
        f"Install it with its venv module (Debian: python{versions[0]}-venv; pyenv: `pyenv install {versions[0]}`)."
    )


def _candidates(version: str) -> Iterator[Path]:
    if version == RUNNING:
        yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    yield from _pyenv_pythons(version)
    if launcher := shutil.which("py"):
        yield from _told_by(launcher, f"-{version}", "-c", "import sys; print(sys.executable)")
    if uv := shutil.which("uv"):
        yield from _told_by(uv, "python", "find", "--no-python-downloads", version)


def _pyenv_pythons(version: str) -> Iterator[Path]:
    # The shims on PATH answer only for the activated versions; the installed ones lie here.
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((root / "versions").glob(f"{version}.*"), reverse=True):
        yield folder / "bin" / "python"


def _told_by(*command: str) -> Iterator[Path]:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode == 0 and answer.stdout.strip():
        yield Path(answer.stdout.strip())


def _answers(python: Path, version: str) -> bool:
    try:
        answer = subprocess.run([python, "-I", "-c", _PROBE], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version
