"""What an estimate costs by way of an open backend, next to the model calls alone; and how fast a backend starts.

The bare model calls are those that the engine itself makes for the picture: they are recorded once
and then repeated with nothing around them, by interpreters with the engine's threads and by such as
a stranger would make. The target is held against both. All ways take turns in one run, so that a
busy machine slows them alike.
"""

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from PIL import Image

from blender_addon.client.launcher import BackendProcess
from blender_addon.client.transport import BackendClient
from inference_backend.engines import RgbPicture
from inference_backend.face.engine import DEFAULT_THREADS, FaceModelEngine
from inference_backend.face.interpreter import FloatTensor, Model
from inference_backend.face.model_file import load_bundle, model_path
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

STAGES = ("detector", "landmarks", "blendshapes")
"""The three models, as `FaceModels` and `ModelBundle` name them."""

OPEN_BACKEND = "open backend"
OWN_CALLS = "model calls alone"
DEFAULT_CALLS = "model calls, default settings"
WAYS = {
    OPEN_BACKEND: "the add-on's client asks a backend that has answered before; the faces with their words",
    OWN_CALLS: "the invokes that the engine makes, with its threads and its inputs, one by one, nothing around",
    DEFAULT_CALLS: "the same inputs to interpreters made with no setting but the model, which have one thread",
    "decoding, crops and model calls": "what nobody who makes these calls can do without; no head, gaze, words or HTTP",
    "in process": "the engine itself, from the file's bytes to the faces with their words",
}
"""Each way to get from the picture to an answer, and what it is."""

Row = dict[str, Any]
Call = Callable[[FloatTensor], object]


def run() -> list[Row]:
    """The rows of the report."""
    png = astronaut_photo().read_bytes()
    jpeg = _as_jpeg(png)
    with tempfile.TemporaryDirectory() as folder, _backend(Path(folder)) as backend:
        client = backend.wait_until_ready(30)
        rows = [
            # As the add-on asks, and with more faces wanted, for which the engine may search the picture in tiles.
            *_latency("PNG", png, 1, client),
            *_latency("JPEG", jpeg, 1, client),
            *_latency("PNG, up to 8 faces", png, 8, client),
            _health(client.health),
        ]
    return [*rows, *_starts()]


def _as_jpeg(png: bytes) -> bytes:
    jpeg = io.BytesIO()
    Image.open(io.BytesIO(png)).save(jpeg, "JPEG", quality=92)
    return jpeg.getvalue()


class _Recorder:
    """Stands in for a model and remembers what it was asked."""

    def __init__(self, name: str, model: Model, calls: list[tuple[str, FloatTensor]]) -> None:
        self._name, self._model, self._calls = name, model, calls

    def __call__(self, tensor: FloatTensor) -> list[FloatTensor]:
        self._calls.append((self._name, tensor.copy()))
        return self._model(tensor)

    def filled(self, fill: Callable[[FloatTensor], object]) -> list[FloatTensor]:
        def fill_and_remember(tensor: FloatTensor) -> None:
            fill(tensor)
            self._calls.append((self._name, tensor.copy()))

        return self._model.filled(fill_and_remember)


def _latency(title: str, data: bytes, faces: int, client: BackendClient) -> Iterator[Row]:
    engine, models = FaceModelEngine(), FaceModels.load(model_path(), threads=DEFAULT_THREADS)
    calls = _model_calls(decode_picture(data), faces)
    own = {name: getattr(models, name)._model for name in STAGES}
    standard = {name: _default_model(name) for name in STAGES}
    ways: tuple[Callable[[], object], ...] = (
        partial(client.estimate_image, data, max_faces=faces),
        partial(_repeat, calls, own),
        partial(_repeat, calls, standard),
        partial(_least_work, models, data, faces),
        partial(estimate_picture, data, engine.name, partial(engine.estimate, max_faces=faces)),
    )
    seconds = _in_turns(dict(zip(WAYS, ways, strict=True)))
    method = (
        f"astronaut photo, 512 x 512 pixels, {len(data)} bytes, {len(calls)} model calls; "
        f"median of {ROUNDS} rounds, all ways in turns"
    )
    for way, taken in seconds.items():
        yield {
            "name": f"estimate, {title}: {way}",
            "value": 1000 * taken,
            "unit": "ms",
            "method": f"{WAYS[way]}; {method}",
        }
        if way != OPEN_BACKEND:
            yield {
                "name": f"estimate, {title}: {OPEN_BACKEND} against {way}",
                "value": seconds[OPEN_BACKEND] / taken,
                "unit": "times",
                "method": method,
            } | ({"target": RATIO_TARGET, "at_most": True} if way in (OWN_CALLS, DEFAULT_CALLS) else {})


def _model_calls(picture: RgbPicture, faces: int) -> list[tuple[str, FloatTensor]]:
    """Every call of a model that the engine makes for this picture: the model's name and its input."""
    models = FaceModels.load(model_path(), threads=DEFAULT_THREADS)
    calls: list[tuple[str, FloatTensor]] = []
    for name in STAGES:
        stage = getattr(models, name)
        stage._model = _Recorder(name, stage._model, calls)
    _read(models, picture, faces)
    return calls


def _read(models: FaceModels, picture: RgbPicture, faces: int) -> None:
    for face in find_faces(models, picture, wanted=faces):
        models.blendshapes.coefficients(face)


def _least_work(models: FaceModels, data: bytes, faces: int) -> None:
    _read(models, decode_picture(data), faces)


@cache
def _default_model(name: str) -> Call:
    """A model as a stranger would call it: tensors are copied in and out, and nothing else is asked for."""
    interpreter = Interpreter(model_content=getattr(load_bundle(model_path()), name))
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    results = [output["index"] for output in interpreter.get_output_details()]

    def call(tensor: FloatTensor) -> list[FloatTensor]:
        interpreter.set_tensor(source, tensor)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in results]

    return call


def _repeat(calls: list[tuple[str, FloatTensor]], models: Mapping[str, Call]) -> None:
    for name, tensor in calls:
        models[name](tensor)


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
        "method": f"by a connection that is open; median of {ROUNDS}",
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
