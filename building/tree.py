"""Which files of a folder are shipped, and zips whose bytes depend on their content alone."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_LEFT_OUT_FOLDERS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_LEFT_OUT_SUFFIXES = {".pyc", ".pyo"}
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell
_FILE_MODE = 0o644
_UNIX = 3


def shipped_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What of a folder is shipped, by its name within it, in the order of the names."""
    for file in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = file.relative_to(folder)
        hidden = any(part in _LEFT_OUT_FOLDERS or part.startswith(".") for part in name.parts)
        if file.is_file() and not hidden and file.suffix not in _LEFT_OUT_SUFFIXES:
            yield name.as_posix(), file


def write_zip(archive: Path, content: Iterable[tuple[str, bytes]]) -> None:
    """Write these members in this order.

    Stored, not deflated: what deflating gives depends on the zlib of the machine.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, data in content:
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE << 16
            file.writestr(entry, data)
