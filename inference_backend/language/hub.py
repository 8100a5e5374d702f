"""From a name that the user gives to a folder on this computer."""

import re
from pathlib import Path

from blender_addon.core.errors import EngineError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_WANTED = ("*.safetensors", "*.json", "*.txt", "*.jinja")
"""Weights, settings and vocabulary; never pickles or code."""


def folder_of(name: str, *, download: bool) -> Path:
    """The folder of a model: a local one, or that of a name on the model hub.

    Only `download` lets it use the network; without it, what was fetched earlier is found.
    """
    folder = Path(name).expanduser()
    if folder.is_dir() or not _HUB_NAME.fullmatch(name):
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_WANTED), local_files_only=not download))
    except LocalEntryNotFoundError as fault:
        if download:
            raise _not_fetched(name, fault) from fault
        raise EngineError(
            f"{name} is not on this computer.",
            "Set MIEN_LANGUAGE_DOWNLOAD=1 to fetch it from the model hub, or name a local folder.",
        ) from fault
    except (HfHubHTTPError, OSError, ValueError) as fault:
        raise _not_fetched(name, fault) from fault


def _not_fetched(name: str, fault: Exception) -> EngineError:
    reason = (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200].rstrip(".")
    return EngineError(f"{name} could not be fetched from the model hub: {reason}.", "Check the name and the network.")
