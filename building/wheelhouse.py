"""Wheels for a machine without a network, and what an installation weighs on each system."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .environments import BACKEND, ensure
from .exclusive import only_one
from .layout import BUILD, DIST, shown
from .payload import LEVELS, SIZES, ensure_pip_wheel, package_list
from .progress import BuildError, Command, clean_environ, run_logged, say

PYTHONS = ("3.11", "3.13", "3.14")
"""The Pythons of Blender 4.2 to 5.0, of 5.1 and later, and of the Blender of the newest Linux distributions."""


@dataclass(frozen=True)
class System:
    """A system that the backend runs on.

    name: as `blender_addon/client/interpreter.py` names it. tags: what its wheels are tagged with, the best first.
    markers: what tells it apart in the lists of packages.
    """

    name: str
    tags: tuple[str, ...]
    markers: dict[str, str]


def _markers(platform: str, os_name: str, system: str, machine: str) -> dict[str, str]:
    return {"sys_platform": platform, "os_name": os_name, "platform_system": system, "platform_machine": machine}


# glibc 2.28 is what Blender itself asks for since 4.2, and macOS 14 what PyAV has wheels for.
SYSTEMS = {
    system.name: system
    for system in (
        System(
            "linux-x86_64",
            (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64"),
            _markers("linux", "posix", "Linux", "x86_64"),
        ),
        System("win32-amd64", ("win_amd64",), _markers("win32", "nt", "Windows", "AMD64")),
        System("darwin-arm64", ("macosx_14_0_arm64",), _markers("darwin", "posix", "Darwin", "arm64")),
    )
}

# Which lines of a list apply is judged by pip's own reader of markers; pip itself only asks the running Python.
_APPLYING = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pip._vendor.packaging.requirements import Requirement
environment = json.loads(sys.argv[2])
requirements = (Requirement(line) for line in sys.stdin.read().splitlines())
chosen = [not one.marker or one.marker.evaluate(environment) for one in requirements]
print(json.dumps(chosen))
"""


def make(version: str, systems: Sequence[str], pythons: Sequence[str], level: str) -> Path:
    """A folder in `dist` with the wheels of a level, for these systems and Pythons."""
    folder = DIST / f"mien-{version}-wheels-{'-'.join([*systems, *([] if level == 'base' else [level])])}"
    with only_one("wheelhouse"):
        for name in systems:
            for python in pythons:
                _fetch(SYSTEMS[name], python, level, folder)
    return folder


def this_system() -> str:
    """The name of the running system among `SYSTEMS`."""
    machine = {"win32": "amd64", "linux": "x86_64", "darwin": "arm64"}.get(sys.platform, "")
    name = f"{sys.platform}-{machine}"
    if name not in SYSTEMS:
        raise BuildError(f"The backend does not run on this system; choose one of {', '.join(SYSTEMS)}.")
    return name


def measure() -> None:
    """Write what each level weighs on each system into requirements/sizes.json; fetches all of it."""
    sizes: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for name, system in SYSTEMS.items():
        for python in PYTHONS:
            for level in LEVELS:
                folder = BUILD / "wheels"
                shutil.rmtree(folder, ignore_errors=True)
                _fetch(system, python, level, folder)
                sizes.setdefault(name, {}).setdefault(python, {})[level] = _weight(folder)
                shutil.rmtree(folder)
    SIZES.write_text(json.dumps(sizes, indent=1) + "\n", encoding="utf-8")


def _weight(folder: Path) -> dict[str, int]:
    wheels = list(folder.glob("*.whl"))
    unpacked = sum(member.file_size for wheel in wheels for member in zipfile.ZipFile(wheel).infolist())
    return {
        "packages": len(wheels),
        "download_bytes": sum(wheel.stat().st_size for wheel in wheels),
        "installed_bytes": unpacked,
    }


def _fetch(system: System, python: str, level: str, folder: Path) -> None:
    packages = _applying(package_list(level, ""), system, python)
    chosen, stamp = (BUILD / "payload" / f"{level}-{system.name}-{python}.txt", folder / f".{system.name}-{python}")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == packages:
        return
    say(f"Fetching the wheels of {level} for {system.name}, Python {python}, into {shown(folder)}")
    folder.mkdir(parents=True, exist_ok=True)
    chosen.write_text(packages, encoding="utf-8")
    pip: Command = [ensure(BACKEND), "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"]
    tags = [word for tag in system.tags for word in ("--platform", tag)]
    where: Command = ["--python-version", python, *tags, "--only-binary", ":all:", "-d", folder]
    run_logged([*pip, "--require-hashes", *where, "-r", chosen], f"wheels-{system.name}-{python}")
    stamp.write_text(packages, encoding="utf-8")


def _applying(packages: str, system: System, python: str) -> str:
    """The part of a list that applies to a system and a Python, without the markers."""
    entries = packages.replace("\\\n", "").splitlines()
    heads = [entry.partition("--hash")[0].strip() for entry in entries]
    environment = {**system.markers, "python_version": python, "python_full_version": f"{python}.0"}
    command: Command = [ensure(BACKEND), "-c", _APPLYING, ensure_pip_wheel(), json.dumps(environment)]
    told = subprocess.run(
        command, input="\n".join(heads), capture_output=True, text=True, check=True, env=clean_environ()
    )
    kept = [entry for entry, applies in zip(entries, json.loads(told.stdout), strict=True) if applies]
    return "".join(f"{_without_marker(entry)}\n" for entry in kept)


def _without_marker(entry: str) -> str:
    head, hashes = entry.split("--hash", 1)
    return f"{head.partition(';')[0].strip()} --hash{hashes}"
