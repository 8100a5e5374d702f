"""Where things lie in the working tree."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".venv"
BUILD = ROOT / "build"
DIST = ROOT / "dist"
REQUIREMENTS = ROOT / "requirements"
ADDON = ROOT / "blender_addon"
CARRIERS = BUILD / "carriers"
FACE_MODEL = BUILD / "models" / "face_landmarker.task"
LOGS = BUILD / "logs"


def shown(path: Path) -> str:
    """The path as a person at the root would type it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
