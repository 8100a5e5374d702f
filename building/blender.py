"""Headless Blender, a version each, with the built add-on in it."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import inside_blender
from .carriers import ensure_face_model
from .environments import BACKEND, BLENDERS, Environment, ensure
from .layout import ROOT
from .packaging import build_zip
from .progress import BuildError, Command, clean_environ, run_through

# What `import bpy` needs of a bare Debian machine, and of its relatives under similar names.
SYSTEM_PACKAGES = (
    "libx11-6 libxi6 libxxf86vm1 libxfixes3 libxrender1 libxext6 libxkbcommon0 libsm6 libice6 "
    "libgl1 libegl1 libgl1-mesa-dri libgomp1"
)


def ensure_blender(version: str) -> Environment:
    """The environment of that Blender, made where needed and seen to load."""
    environment = BLENDERS.get(version)
    if environment is None:
        raise BuildError(f"There is no Blender {version} here; choose one of {', '.join(BLENDERS)}.")
    ensure(environment)
    _require_system_libraries(environment)
    return environment


def backend_environ() -> dict[str, str]:
    """What tells the add-on and the command line where the backend of this working tree is."""
    return {
        "MIEN_BACKEND_PYTHON": str(ensure(BACKEND)),
        "MIEN_BACKEND_ROOT": str(ROOT),
        "MIEN_FACE_MODEL": str(ensure_face_model()),
    }


def run_script(version: str, script: Path, arguments: list[str]) -> int:
    """Run a script with the zip installed and enabled in a throw-away user folder; its exit status."""
    return run_through(script_command(version, script, arguments), backend_environ())


def script_command(version: str, script: Path, arguments: Sequence[str | Path]) -> Command:
    """What `run_script` runs; it wants `backend_environ`."""
    if not script.is_file():
        raise BuildError(f"There is no script {script}.")
    environment, archive = ensure_blender(version), build_zip()
    return [environment.python, inside_blender.__file__, archive, script.resolve(), *arguments]


def _require_system_libraries(environment: Environment) -> None:
    """Say in one sentence what a bare machine lacks, where the loader would only name one file at a time."""
    marker = environment.folder / "mien-loads"
    if marker.exists():
        return
    command: Command = [environment.python, "-c", "import bpy, os; os._exit(0)"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environ())
    if outcome.returncode != 0:
        missing = re.search(r"ImportError: (\S+\.so[.\d]*): cannot open shared object file", outcome.stderr)
        if missing is None:
            raise BuildError(f"{environment.purpose} does not load:\n{outcome.stderr}")
        raise BuildError(
            f"{environment.purpose} needs the system library {missing[1]}, which is not installed. "
            f"Debian and Ubuntu: apt-get install {SYSTEM_PACKAGES}"
        )
    marker.touch()
