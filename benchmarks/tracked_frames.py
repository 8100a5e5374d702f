"""What the frames of a clip cost on their way from the engine to the add-on."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blender_addon.client.launcher import BackendProcess
from blender_addon.client.track import track_clip_job
from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.clips import TrackRequest
from blender_addon.core.wire.arrays import array_from_text, array_to_text

from ._endless_clip import FRAMES

ROOT = Path(__file__).parents[1]
_AT_ONCE, _ROUNDS, _REPEATS = 16, 7, 200

Row = dict[str, Any]


def run() -> list[Row]:
    """The rows of the report."""
    return [*_form_rows(), *_hour_rows()]


def _form_rows() -> list[Row]:
    values = np.random.default_rng(0).random((_AT_ONCE, CHANNEL_COUNT)).astype(np.float32)
    decimals, ours = _as_decimals(values), json.dumps(array_to_text(values))
    writing = _seconds(lambda: _as_decimals(values)) / _seconds(lambda: json.dumps(array_to_text(values)))
    reading = _seconds(lambda: np.array(json.loads(decimals), np.float32)) / _seconds(
        lambda: array_from_text(json.loads(ours), _AT_ONCE, CHANNEL_COUNT)
    )
    method = "61 values a frame, 16 frames at once, against decimals rounded to five places, beside each other"
    return [
        _row("frames as events: bytes, as a share of decimals", len(ours) / len(decimals), "x", 0.8, at_most=True),
        {**_row("frames as events: written, times faster", writing, "x", 5.0, at_most=False), "method": method},
        {**_row("frames as events: read, times faster", reading, "x", 5.0, at_most=False), "method": method},
    ]


def _hour_rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = ("-m", "benchmarks._endless_clip")
        environ = {"MIEN_WORK_FOLDER": str(folder / "work")}
        backend = BackendProcess.start(Path(sys.executable), ROOT, folder / "log", environ, program=program)
        try:
            backend.wait_until_ready(60)
            before = _peak_mb(backend)
            start = time.perf_counter()
            track = track_clip_job(backend.client, b"an hour", TrackRequest()).result()
            seconds = time.perf_counter() - start
            gained = _peak_mb(backend) - before
        finally:
            backend.stop()
    assert len(track.times) == FRAMES
    return [
        _row("an hour of frames from engine to add-on", FRAMES / seconds, "frames/s", 3000.0, at_most=False),
        _row("an hour of frames: memory that the backend gains", gained, "MB", 50.0, at_most=True),
    ]


def _row(name: str, value: float, unit: str, target: float, *, at_most: bool) -> Row:
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "at_most": at_most}


def _as_decimals(values: NDArray[np.float32]) -> str:
    return json.dumps(np.round(values.astype(np.float64), 5).tolist(), separators=(",", ":"))


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        for _ in range(_REPEATS):
            work()
        return time.perf_counter() - start

    return min(once() for _ in range(_ROUNDS))


def _peak_mb(backend: BackendProcess) -> float:
    """Linux alone tells it of another process."""
    status = Path(f"/proc/{backend._process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return float(line.split()[1]) / 1000
