"""The add-on's zip: the same bytes on every build and on every system."""

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from . import payload
from .carriers import ensure_example_head
from .environments import BLENDERS, Environment
from .exclusive import only_one
from .layout import ADDON, DIST, shown
from .progress import BuildError, Command, clean_environ, say
from .tree import shipped_files, write_zip


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
        write_zip(unfinished, members())
        if archive.is_file() and archive.read_bytes() == unfinished.read_bytes():
            unfinished.unlink()
        else:
            say(f"Writing {shown(archive)}")
            unfinished.replace(archive)
    return archive


def members() -> Iterator[tuple[str, bytes]]:
    """What goes into the zip, by name, in the order of the names."""
    own = [(name, file.read_bytes()) for name, file in shipped_files(ADDON)]
    carried = [(f"backend/{name}", data) for name, data in payload.members(version())]
    yield from sorted([*own, *carried])


def validate(archive: Path) -> str:
    """Let Blender's own tool judge the zip; tells what judged it, or why nothing could."""
    tool = extension_tool()
    if tool is None:
        return "not validated: no Blender environment is here yet (`python build.py test` makes them)"
    environment, script = tool
    command: Command = [environment.python, script, "validate", archive]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environ())
    if outcome.returncode != 0:
        raise BuildError(f"Blender's validator refuses {shown(archive)}:\n{outcome.stdout}{outcome.stderr}")
    return f"validated by {environment.purpose}'s own tool"


def extension_tool() -> tuple[Environment, Path] | None:
    """Blender's tool for extensions with the environment to run it in, of the newest Blender that is here."""
    for environment in reversed(BLENDERS.values()):
        for script in environment.folder.glob("**/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"):
            return environment, script
    return None
