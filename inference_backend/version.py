"""The one version number, from wherever this code runs."""

import importlib.metadata
import tomllib
from pathlib import Path

_MANIFEST = Path(__file__).parents[1] / "blender_addon" / "blender_manifest.toml"


def version() -> str:
    """The number in the extension manifest; the wheel's own metadata where only the wheel is installed."""
    if _MANIFEST.is_file():
        return str(tomllib.loads(_MANIFEST.read_text(encoding="utf-8"))["version"])
    return importlib.metadata.version("mien")
