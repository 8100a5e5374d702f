"""The backend as one wheel: the same bytes on every build, made without any build tool.

What goes into it is said once, in pyproject.toml, so that a wheel that hatchling makes of this tree holds the same.
"""

import base64
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .layout import ADDON, ROOT
from .tree import shipped_files, write_zip


def wheel_name(version: str) -> str:
    """The wheel's file name: pure Python, for every system."""
    return f"mien-{version}-py3-none-any.whl"


def write_wheel(wheel: Path, version: str) -> None:
    """Write the backend's wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    content = [(name, file.read_bytes()) for package in packages for name, file in _files_of(package)]
    about = f"mien-{version}.dist-info"
    content += [
        (f"{about}/METADATA", _metadata(project["project"], version).encode()),
        (f"{about}/WHEEL", b"Wheel-Version: 1.0\nGenerator: mien\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (f"{about}/entry_points.txt", _entry_points(project["project"]).encode()),
        (f"{about}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes()),
    ]
    record = f"{about}/RECORD"
    lines = [f"{name},sha256={_record_hash(data)},{len(data)}\n" for name, data in content]
    write_zip(wheel, [*content, (record, "".join([*lines, f"{record},,\n"]).encode())])


def _files_of(package: str) -> Iterator[tuple[str, Path]]:
    """One entry of pyproject.toml: a folder with all that is shipped of it, or a file."""
    path = ADDON.parent / package if package.startswith(ADDON.name) else ROOT / package
    if path.is_file():
        yield package, path
    for name, file in shipped_files(path):
        yield f"{package}/{name}", file


def _metadata(project: dict[str, Any], version: str) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {need}" for need in project["dependencies"]),
    ]
    for extra, needs in project["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f"Requires-Dist: {need} ; extra == '{extra}'" for need in needs)]
    return "\n".join(lines) + "\n"


def _entry_points(project: dict[str, Any]) -> str:
    scripts = "".join(f"{name} = {target}\n" for name, target in project["scripts"].items())
    return f"[console_scripts]\n{scripts}"


def _record_hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
