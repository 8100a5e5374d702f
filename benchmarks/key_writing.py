"""10,000 frames of a real clip into F-curves of the example head, in every Blender, beside `keyframe_insert`.

What is timed are the functions that the operators call, with everything that they look at and keep. The example head
has several meshes, so that the 61 channels are more than twice as many F-curves, the head bone's among them; a head of
one mesh has as many as there are channels that it shows.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._clip_tracks import clip_track
from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.raw_bytes import raw_from_bytes, raw_to_bytes
from blender_addon.core.track import FaceTrack
from building import inside_blender
from building.blender import backend_environ, ensure_blender
from building.environments import BLENDERS
from building.packaging import build_zip
from building.progress import clean_environ

FRAMES = 10_000
CLIP, CLIP_RATE = "franck", 25.0

_SHAPED = f"`apply_take`: {FRAMES} frames shaped, reduced and written to the example head"

Row = dict[str, Any]


def run() -> list[Row]:
    """The rows of the report."""
    track = _long_track()
    rows = list(_packing_rows(track))
    for version in BLENDERS:
        rows += _rows(version, _in_blender(version, track))
    return rows


def _long_track() -> FaceTrack:
    """A clip again and again, until it has enough frames."""
    clip = clip_track(CLIP)
    times = -(-FRAMES // len(clip.times))
    values = np.tile(clip.values, (times, 1))[:FRAMES]
    return FaceTrack(np.arange(FRAMES) / CLIP_RATE, values, np.tile(clip.confidence, times)[:FRAMES])


def _packing_rows(track: FaceTrack) -> Iterator[Row]:
    packed = raw_to_bytes(track)
    again = raw_from_bytes(packed)
    if not isinstance(again, FaceTrack) or not np.array_equal(again.values, track.values):
        raise RuntimeError("what was read is not what was packed")
    method = f"{FRAMES} frames of the clip {CLIP}, without loss"
    yield {"name": "take in the file", "value": len(packed) / 1e6, "unit": "MB", "target": 5, "method": method}
    seconds = _best_reading(packed)
    yield {"name": "take read from the file", "value": seconds, "unit": "s", "target": 0.1, "method": method}


def _best_reading(packed: bytes, *, rounds: int = 5) -> float:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        raw_from_bytes(packed)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _in_blender(version: str, track: FaceTrack) -> dict[str, dict[str, float]]:
    script = Path(__file__).with_name("_blender_key_writing.py")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "track.npz", Path(folder) / "found.json"
        np.savez(source, times=track.times, values=track.values, confidence=track.confidence)
        command = [ensure_blender(version).python, inside_blender.__file__, build_zip(), script, source, target]
        subprocess.run(command, check=True, timeout=900, env=clean_environ(backend_environ()))
        found: dict[str, dict[str, float]] = json.loads(target.read_text(encoding="utf-8"))
        return found


def _dense_row(name: str, dense: dict[str, float]) -> Row:
    method = (
        f"{FRAMES} frames x {CHANNEL_COUNT} channels, {dense['fcurves']:.0f} F-curves, {dense['keys']:.0f} keys; "
        f"`write_curves`, best of several; {dense['again']:.2f} s onto keys that are there"
    )
    return {"name": name, "value": dense["seconds"], "unit": "s", "method": method}


def _rows(version: str, found: dict[str, dict[str, float]]) -> Iterator[Row]:
    dense, take, insert = found["dense"], found["take"], found["insert"]
    label = f"Blender {version}"
    yield _dense_row(f"{label}: a key for every frame", found["one mesh"]) | {"target": 0.5}
    yield _dense_row(f"{label}: a key for every frame, on all meshes of the example head", dense)
    method = f"{FRAMES} frames x {CHANNEL_COUNT} channels, {dense['fcurves']:.0f} F-curves, {dense['keys']:.0f} keys"
    one_by_one = insert["seconds"] / insert["keys"] * dense["keys"]
    yield {
        "name": f"{label}: speed against keyframe_insert",
        "value": one_by_one / dense["seconds"],
        "unit": "times",
        "target": 100,
        "at_most": False,
        "method": f"{method}; one channel by keyframe_insert takes {insert['seconds']:.1f} s in the same run",
    }
    yield {"name": f"{label}: a take for the first time", "value": take["first"], "unit": "s", "method": _SHAPED}
    for slider in ("gain", "smoothing"):
        yield {
            "name": f"{label}: {slider} slider, while dragged",
            "value": take[f"{slider}, while dragged"],
            "unit": "s",
            "target": 0.3,
            "method": f"{_SHAPED}; the keys stay where they are",
        }
        yield {
            "name": f"{label}: {slider} slider, let go",
            "value": take[f"{slider}, let go"],
            "unit": "s",
            "method": f"{_SHAPED}; full key reduction of what has changed",
        }
