"""What an estimate costs by way of an open backend, next to the model calls alone; and how fast a backend starts.

The bare model calls are those that the engine itself makes for the picture: they are recorded once
and then repeated with nothing around them. Both sides take turns in one run, so that a busy machine
slows both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from blender_addon.client.launcher import BackendProcess
from inference_backend.engines import RgbPicture
from inference_backend.face.engine import DEFAULT_THREADS, FaceModelEngine
from inference_backend.face.interpreter import FloatTensor, Model
from inference_backend.face.model_file import model_path
from inference_backend.face.models import FaceModels
from inference_backend.face.search import find_faces
from inference_backend.picture_estimate import estimate_picture
from inference_backend.pictures import decode_picture
from tests.carriers import astronaut_photo

ROOT = Path(__file__).parents[1]
ROUNDS = 60
STARTS = 5

RATIO_TARGET = 1.3
READY_TARGET_S = 1.5

Row = dict[str, Any]


def run() -> list[Row]:
    """The rows of the report."""
    data = astronaut_photo().read_bytes()
    with tempfile.TemporaryDirectory() as folder, _backend(Path(folder)) as backend:
        client = backend.wait_until_ready(30)
        rows = [*_latency(data, partial(client.estimate_image, data)), _health(client.health)]
    return [*rows, *_starts()]


class _Recorder:
    """Stands in for a model and remembers what it was asked."""

    def __init__(self, model: Model, calls: list[tuple[Model, FloatTensor]]) -> None:
        self._model, self._calls = model, calls

    def __call__(self, tensor: FloatTensor) -> list[FloatTensor]:
        self._calls.append((self._model, tensor.copy()))
        return self._model(tensor)


def _latency(data: bytes, ask_backend: Callable[..., object]) -> Iterator[Row]:
    """One face, as the add-on asks for it, and up to eight, for which the engine may search the picture in tiles."""
    engine = FaceModelEngine()
    picture = decode_picture(data)
    for faces, words in ((1, "one face"), (8, "up to 8 faces")):
        calls = _model_calls(picture, faces)
        ways: dict[str, Callable[[], object]] = {
            "model calls alone": partial(_repeat, calls),
            "in process, from the file's bytes": partial(
                estimate_picture, data, engine.name, partial(engine.estimate, max_faces=faces)
            ),
            "by an open backend": partial(ask_backend, max_faces=faces),
        }
        seconds = _in_turns(ways)
        method = (
            f"astronaut photo, {len(data)} bytes of PNG, {len(calls)} model calls; median of {ROUNDS} rounds in turns"
        )
        for way, taken in seconds.items():
            yield {"name": f"estimate, {words}: {way}", "value": 1000 * taken, "unit": "ms", "method": method}
        for way, target in (("model calls alone", RATIO_TARGET), ("in process, from the file's bytes", None)):
            yield {
                "name": f"estimate, {words}: open backend against {way}",
                "value": seconds["by an open backend"] / seconds[way],
                "unit": "times",
                "method": method,
            } | ({} if target is None else {"target": target, "at_most": True})


def _model_calls(picture: RgbPicture, faces: int) -> list[tuple[Model, FloatTensor]]:
    """Every call of a model that the engine makes for this picture, with its input."""
    models = FaceModels.load(model_path(), threads=DEFAULT_THREADS)
    calls: list[tuple[Model, FloatTensor]] = []
    for stage in (models.detector, models.landmarks, models.blendshapes):
        stage._model = _Recorder(stage._model, calls)  # type: ignore[assignment]
    for face in find_faces(models, picture, wanted=faces):
        models.pose(face, (picture.shape[1], picture.shape[0]))
    return calls


def _repeat(calls: list[tuple[Model, FloatTensor]]) -> None:
    for model, tensor in calls:
        model(tensor)


def _in_turns(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each way."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _health(ask: Callable[[], object]) -> Row:
    seconds = _in_turns({"health": ask})["health"]
    return {
        "name": "a request that asks for nothing but the backend's health",
        "value": 1000 * seconds,
        "unit": "ms",
        "method": f"a new connection each; median of {ROUNDS}",
    }


def _starts() -> Iterator[Row]:
    yield _start_row("start of a backend until it has answered", [_seconds_to_answer() for _ in range(STARTS)])
    with _busy_cores():
        times = [_seconds_to_answer() for _ in range(STARTS)]
    yield _start_row("start of a backend until it has answered, every core busy", times)


def _start_row(name: str, seconds: list[float]) -> Row:
    return {
        "name": name,
        "value": statistics.median(seconds),
        "unit": "s",
        "target": READY_TARGET_S,
        "at_most": True,
        "method": f"from the launch to the first reply; median of {len(seconds)}, the worst {max(seconds):.2f} s",
    }


def _seconds_to_answer() -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with _backend(Path(folder)) as backend:
            backend.wait_until_ready(60).health()
            return time.perf_counter() - start


@contextmanager
def _backend(folder: Path) -> Iterator[BackendProcess]:
    backend = BackendProcess.start(Path(sys.executable), ROOT, folder / "backend.log")
    try:
        yield backend
    finally:
        backend.stop()


@contextmanager
def _busy_cores() -> Iterator[None]:
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in load:
            process.kill()
            process.wait()
