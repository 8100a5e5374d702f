"""Where this Blender's backend is, or will be installed: by the preferences, the environment, or in its own folder."""

import functools
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from ..client.installing.payload import Payload
from ..client.installing.place import InstallPlace
from ..core.errors import BackendError, InstallError

ADDON = (__package__ or "").rpartition(".")[0]
"""The name under which Blender knows the add-on, such as "bl_ext.user_default.mien"."""

_FOLDER = Path(__file__).parents[1]
_WORK_FOLDER = "MIEN_WORK_FOLDER"


@dataclass(frozen=True)
class BackendPlace:
    """Where a backend is.

    package_root: the folder of its package where that is not installed for `python`. environment: variables for it.
    """

    python: Path
    package_root: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)


def preferences() -> Any:
    """The add-on's preferences; None where it is not enabled."""
    addon: Any = bpy.context.preferences.addons.get(ADDON)
    return addon.preferences if addon else None


def find_backend() -> BackendPlace | None:
    """The backend that the preferences or the environment name, else the one that was installed."""
    if not (chosen := chosen_python()):
        return _installed()
    root = getattr(preferences(), "backend_root", "") or os.environ.get("MIEN_BACKEND_ROOT", "")
    python = Path(bpy.path.abspath(chosen))
    return BackendPlace(python, Path(root) if root else None) if python.is_file() else None


def chosen_python() -> str:
    """The Python of a backend that somebody made by hand; empty where there is none."""
    return getattr(preferences(), "backend_python", "") or os.environ.get("MIEN_BACKEND_PYTHON", "")


@functools.cache
def payload() -> Payload:
    """What the add-on carries for installing its backend."""
    manifest = tomllib.loads((_FOLDER / "blender_manifest.toml").read_text(encoding="utf-8"))
    return Payload(_FOLDER / "backend", str(manifest["version"]))


def install_place() -> InstallPlace:
    """The folder of the installation, in the add-on's own place; raise InstallError where Blender gives none."""
    folder = bpy.utils.extension_path_user(ADDON)
    if not folder:
        raise InstallError("Blender has no folder for the add-on's files.", "Make Blender's user folder writable.")
    return InstallPlace(Path(folder) / "backend")


def log_folder() -> Path:
    """The folder of the backend's logs; Blender gives an empty path where it cannot be made."""
    folder = bpy.utils.extension_path_user(ADDON, path="logs", create=True)
    if not folder:
        raise BackendError(
            "The folder of the backend's logs can't be made.",
            "Make Blender's user folder writable and remove what stands in the place of Mien's logs.",
        )
    return Path(folder)


def remove_empty_folders() -> None:
    """Take away the add-on's own place, and what Blender made above it, where nothing is left in them."""
    place = install_place().folder.parent  # extensions/.user/<repository>/mien
    for folder in (place, place.parent, place.parent.parent):
        try:
            folder.rmdir()
        except OSError:  # something else is in it, or it is gone
            return


def blenders_python() -> Path:
    """Blender's own Python, or the one that the preferences name to install with."""
    named = getattr(preferences(), "install_python", "")
    return Path(bpy.path.abspath(named) if named else sys.executable)


def _installed() -> BackendPlace | None:
    place = install_place()
    installed = place.installed(payload())
    if installed is None:
        return None
    # Clips that are being read stay in the folder that uninstalling removes.
    work = {} if _WORK_FOLDER in os.environ else {_WORK_FOLDER: str(place.work)}
    return BackendPlace(installed.python, None, work)
