"""The Python that an installation is made with: Blender's own, or one that the user names."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InstallError

ISOLATED = ("-I", "-X", "utf8")
"""Options of a Python that is led neither by the user's packages and variables nor by the present folder."""

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
"""Those that every package of the lists has a wheel for. Blender's own are 3.11 and 3.13; the Blender of a Linux
distribution runs on the distribution's.
"""

_ANSWER_SECONDS = 30
_HINT = "Choose another Python, 3.11 to 3.14, as Install with in the preferences of Mien; empty is Blender's own."

# A virtual environment's Python answers for the one that it was made with, which is what must stay.
_PROBE = """
import json, platform, sys, venv
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "system": sys.platform + "-" + platform.machine().lower(),
    "base": getattr(sys, "_base_executable", None) or sys.executable,
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that can make environments.

    python: the program. base: the program that environments made with it stand on. version: such as "3.11".
    system: such as "linux-x86_64", "win32-amd64", "darwin-arm64".
    """

    python: Path
    base: Path
    version: str
    system: str


def examine(python: Path) -> Interpreter:
    """Ask a Python what it is; raise InstallError where it will not do."""
    told = _answer(python)
    if told["version"] not in SUPPORTED:
        raise InstallError(f"The backend needs Python 3.11 to 3.14; {python} is {told['version']}.", _HINT)
    return Interpreter(python, Path(told["base"]), told["version"], told["system"])


def without_python_settings(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for a child: what steers Blender's own Python (PYTHONHOME and the like) would mislead it."""
    source = os.environ if environment is None else environment
    return {name: value for name, value in source.items() if not name.startswith("PYTHON")} | {"PYTHONUTF8": "1"}


def _answer(python: Path) -> dict[str, str]:
    try:
        answer = subprocess.run(
            [python, *ISOLATED, "-c", _PROBE],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_ANSWER_SECONDS,
            env=without_python_settings(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=True,
        )
        told = {name: str(value) for name, value in json.loads(answer.stdout).items()}
    except OSError as fault:
        raise InstallError(f"{python} can't be started: {fault.strerror or fault}.", _HINT) from fault
    except subprocess.CalledProcessError as fault:
        said = fault.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = f" ({said[-1]})" if said else ""
        raise InstallError(f"{python} can't make environments{reason}.", _HINT) from fault
    except (ValueError, AttributeError, subprocess.TimeoutExpired) as fault:
        raise InstallError(f"{python} does not answer as a Python does.", _HINT) from fault
    return told
