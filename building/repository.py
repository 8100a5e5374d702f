"""The extension repository: plain files that Blender installs and updates the add-on from, wherever they lie."""

import shutil
import subprocess
from pathlib import Path

from .exclusive import only_one
from .layout import DIST
from .packaging import extension_tool
from .progress import BuildError, Command, clean_environ

FOLDER = DIST / "repository"
INDEX = "index.json"


def make_repository(archive: Path) -> Path | None:
    """Put the zip and Blender's own listing of it into `dist/repository`; None where no Blender is here to list it.

    Hosted by any web server, or on a disk that a studio shares (`file://`), its `index.json` is the address to enter in
    Blender's preferences. A new version replaces the old one there.
    """
    tool = extension_tool()
    if tool is None:
        return None
    environment, script = tool
    with only_one("repository"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        shutil.copyfile(archive, FOLDER / archive.name)
        command: Command = [environment.python, script, "server-generate", "--repo-dir", FOLDER]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environ())
        if outcome.returncode != 0 or not (FOLDER / INDEX).is_file():
            raise BuildError(f"Blender's tool could not list {archive.name}:\n{outcome.stdout}{outcome.stderr}")
    return FOLDER / INDEX
