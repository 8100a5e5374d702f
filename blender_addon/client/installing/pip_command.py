"""How pip is run: the one that the add-on carries, in the environment's own Python, ended with its parent."""

import re
import subprocess
from pathlib import Path

from .child import WATCHED
from .interpreter import ISOLATED, without_python_settings

_PIP = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
sys.argv[:2] = ["pip"]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""

# These would have pip install elsewhere, or other things; where the packages come from stays the user's choice.
_MISLEADING = frozenset(
    "PIP_" + name
    for name in (
        *("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "REQUIRE_VIRTUALENV", "CONSTRAINT", "NO_DEPS", "DRY_RUN"),
        *("CACHE_DIR", "NO_CACHE_DIR", "LOG", "QUIET", "VERBOSE"),
    )
)
_ASK_SECONDS = 10


def pip_command(python: Path, pip: Path, *arguments: str | Path) -> list[str | Path]:
    """The command that runs the wheel `pip` in that Python."""
    return [python, *ISOLATED, "-c", WATCHED + _PIP, pip, *arguments]


def pip_environment(temporary: Path | None = None) -> dict[str, str]:
    """The variables of pip: the user's, but for those that mislead; `temporary` holds what it is just reading."""
    kept = {name: value for name, value in without_python_settings().items() if name not in _MISLEADING}
    return kept | ({name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")} if temporary else {})


def package_index(python: Path, pip: Path) -> str:
    """Where pip is set to fetch packages from, in words and without passwords."""
    try:
        asked = subprocess.run(
            [str(word) for word in (python, *ISOLATED, "-c", _PIP, pip, "config", "list")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=pip_environment(),
            timeout=_ASK_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the one that pip is set to"
    said = asked.stdout.decode("utf-8", "replace")
    settings = re.findall(r"\.(index-url|extra-index-url)='([^'\n]*)'", said)
    addresses = [re.sub(r"(?<=://)[^/\s@]+@", "", address) for _, value in settings for address in value.split()]
    usual = [] if any(name == "index-url" for name, _ in settings) else ["the usual one of pip"]
    return " and ".join([*usual, *addresses])
