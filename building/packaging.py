"""The add-on's zip: the same bytes on every build and on every system."""

import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .carriers import ensure_example_head
from .environments import BLENDERS, Environment
from .exclusive import only_one
from .layout import ADDON, DIST, shown
from .progress import BuildError, Command, clean_environ, say

_LEFT_OUT_FOLDERS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_LEFT_OUT_SUFFIXES = {".pyc", ".pyo"}
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell
_FILE_MODE = 0o644
_UNIX = 3


def version() -> str:
    """The one version number, which the manifest holds."""
    manifest = tomllib.loads((ADDON / "blender_manifest.toml").read_text(encoding="utf-8"))
    return str(manifest["version"])


def build_zip() -> Path:
    """Write `dist/mien-<version>.zip`; where nothing changed, nothing is written."""
    ensure_example_head()
    archive = DIST / f"mien-{version()}.zip"
    with only_one("addon"):
        DIST.mkdir(exist_ok=True)
        unfinished = archive.with_suffix(".unfinished")
        _write(unfinished)
        if archive.is_file() and archive.read_bytes() == unfinished.read_bytes():
            unfinished.unlink()
        else:
            say(f"Writing {shown(archive)}")
            unfinished.replace(archive)
    return archive


def members() -> Iterator[tuple[str, Path]]:
    """What goes into the zip, by name, in the order of the names."""
    for file in sorted(ADDON.rglob("*"), key=lambda path: path.relative_to(ADDON).as_posix()):
        name = file.relative_to(ADDON)
        hidden = any(part in _LEFT_OUT_FOLDERS or part.startswith(".") for part in name.parts)
        if file.is_file() and not hidden and file.suffix not in _LEFT_OUT_SUFFIXES:
            yield name.as_posix(), file


def validate(archive: Path) -> str:
    """Let Blender's own tool judge the zip; tells what judged it, or why nothing could."""
    tool = _extension_tool()
    if tool is None:
        return "not validated: no Blender environment is here yet (`python build.py test` makes them)"
    environment, script = tool
    command: Command = [environment.python, script, "validate", archive]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environ())
    if outcome.returncode != 0:
        raise BuildError(f"Blender's validator refuses {shown(archive)}:\n{outcome.stdout}{outcome.stderr}")
    return f"validated by {environment.purpose}'s own tool"


def _write(archive: Path) -> None:
    # Stored, not deflated: what deflating gives depends on the zlib of the machine, and the one large member, the
    # head, is compressed already.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as content:
        for name, file in members():
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE << 16
            content.writestr(entry, file.read_bytes())


def _extension_tool() -> tuple[Environment, Path] | None:
    for environment in reversed(BLENDERS.values()):
        for script in environment.folder.glob("**/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"):
            return environment, script
    return None
