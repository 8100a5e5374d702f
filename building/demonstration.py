"""`build.py demo`: the main job on a real photo and a real clip, from nothing, with pictures and a summary."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

from .blender import backend_environ, script_command
from .carriers import ASTRONAUT, ensure_carrier
from .clip_demonstration import finish_clip, tracking_job
from .environments import BACKEND, default_blender, run_in_backend
from .layout import BUILD, ROOT, shown
from .progress import Command, Job, run_side_by_side, say

FOLDER = BUILD / "demo"
_SCRIPT = ROOT / "examples" / "demo.py"
_ESTIMATE = "estimate.json"
_CHANNELS_TOLD = 6


def run_demo(docs_picture: Path | None = None) -> int:
    """Key the photo and a script on one head and the clip on another, prove it, show it; 0 where all of it came true.

    The picture of both goes to `docs_picture` too where that is asked for.
    """
    started = time.monotonic()
    ensure_carrier("scikit-image")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    version, environ = default_blender(), backend_environ()
    say(f"Keying {ASTRONAUT.name} on the example head in headless Blender {version}")
    # Side by side: each of them uses one core for most of its time.
    jobs = (_keying_job(version, environ), _estimating_job(environ), tracking_job(FOLDER, version, environ))
    run_side_by_side(jobs)
    told = json.loads((FOLDER / "demo.json").read_text(encoding="utf-8"))
    estimate = json.loads((FOLDER / _ESTIMATE).read_text(encoding="utf-8"))
    outputs = [FOLDER / "side-by-side.png", *([docs_picture] if docs_picture else [])]
    _compose(told, estimate["faces"][0]["box"], outputs, environ)
    clip = finish_clip(FOLDER, environ)
    for job in jobs:
        job.output.unlink()
    print(_summary(told, estimate))
    print(clip)
    say(f"Done in {time.monotonic() - started:.1f} s")
    return 0


def _keying_job(version: str, environ: dict[str, str]) -> Job:
    command = script_command(version, _SCRIPT, [ASTRONAUT, FOLDER])
    return Job("Keying the photo", command, environ, FOLDER / "photo.out")


def _estimating_job(environ: dict[str, str]) -> Job:
    """The same photo through the command line: the faces and where they are."""
    command: Command = [BACKEND.python, "-m", "inference_backend", "estimate", ASTRONAUT, "--json"]
    return Job("`build.py backend estimate`", command, environ | {"PYTHONPATH": str(ROOT)}, FOLDER / _ESTIMATE)


def _compose(told: dict[str, Any], face_box: list[float], outputs: list[Path], environ: dict[str, str]) -> None:
    """Put photo and head side by side, with the words."""
    order = {
        "photo": str(ASTRONAUT),
        "face_box": face_box,
        "head": str(FOLDER / "head.png"),
        "expression": told["expression"],
        "words": told["words"],
        "outputs": [str(output) for output in outputs],
    }
    run_in_backend("side_by_side.py", order, environ, "The side-by-side picture")


def _summary(told: dict[str, Any], estimate: dict[str, Any]) -> str:
    strongest = sorted(told["shapes"].items(), key=lambda item: -item[1])[:_CHANNELS_TOLD]
    faces = len(estimate["faces"])
    turns = ", ".join(f"{angle:+.1f}" for angle in told["head_bone_degrees"])
    results = sorted(path for path in FOLDER.iterdir() if path.suffix in {".blend", ".png"})
    lines = [
        "",
        f"{shown(ASTRONAUT)}: {faces} face{'' if faces == 1 else 's'}",
        told["expression"],
        *(f"  {words}" for words in (*told["words"], *told["uncertain"])),
        f"strongest channels: {', '.join(f'{name} {value:.2f}' for name, value in strongest)}",
        f"keyed in Blender {told['blender']}: {len(told['shapes'])} shape keys, head bone at {turns} degrees",
        f"performed: {told['script']}",
        *(f"  {beat}" for beat in told["beats"]),
        *(f"  {seconds:6.2f} s  {what}" for what, seconds in told["times_s"].items()),
        *(shown(path) for path in results),
    ]
    return "\n".join(lines)
