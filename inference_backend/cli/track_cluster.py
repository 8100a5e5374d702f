"""`track --ray`: the clips of one call on the computers of a Ray cluster, which reads each of them on one core.

Ray hands the clips out, and a clip anew where the process or the computer that read it has died. All computers see the
clips and the folder of the results under the same paths, and have the same version of Mien.
"""

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from blender_addon.core.clips import TrackRequest
from blender_addon.core.errors import EngineError

from ..engines import CLIP_ENGINES, ClipEngine
from ..face.tracker import WORKERS_SETTING
from .track_clip import keep, track_clip
from .track_output import Outcome

_OTHER_TRIES = 3
"""How often a clip is begun anew after those who read it have died; one that kills them all is given up."""
_KNOCK_SECONDS = 10.0
_SETTINGS = ("MIEN_", "PYTHONPATH")
"""What the workers take over of this process's environment, by its beginning."""
_INSTALL_HINT = "Install the backend's extra `ray`, here and on the cluster."


def tracked_on(
    address: str, engine: str, orders: Sequence[tuple[Path, Path]], request: TrackRequest
) -> Iterator[Outcome]:
    """What became of each clip, in the order in which they are done; their files are written by then.

    address: of the cluster, as `ray.init` takes it: "auto", "HOST:PORT", or "local" for one on this computer.
    orders: each clip with the file of its track.
    Raises EngineError where the cluster can't be reached.
    """
    ray = _connected(address)
    try:
        read = ray.remote(num_cpus=1, max_retries=_OTHER_TRIES, retry_exceptions=False)(_track_to_file)
        waiting = {read.remote(engine, clip.absolute(), output.absolute(), request): clip for clip, output in orders}
        while waiting:
            (done, *_), _ = ray.wait(list(waiting), num_returns=1)
            yield _outcome(ray, done, waiting.pop(done))
    finally:
        ray.shutdown()


def _track_to_file(engine: str, clip: Path, output: Path, request: TrackRequest) -> Outcome:
    """Runs on the cluster; a process reads one clip after the other with the same models."""
    return Outcome.of(keep(track_clip(_engine(engine), clip, request, lambda _info, _frames: None), output))


@cache
def _engine(name: str) -> ClipEngine:
    return CLIP_ENGINES[name]()


def _connected(address: str) -> Any:  # noqa: ANN401 - Ray's own types are not strict
    try:
        import ray
    except ImportError as fault:
        raise EngineError(f"Ray is not installed: {fault}.", _INSTALL_HINT) from fault
    taken = {name: value for name, value in os.environ.items() if name.startswith(_SETTINGS)}
    environment = {"env_vars": {**taken, WORKERS_SETTING: "1"}}
    try:
        _knock(address)
        ray.init(address, runtime_env=environment, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError) as fault:
        reason = str(fault).strip().splitlines() or ["it gives no reason"]
        raise EngineError(
            f"The Ray cluster at {address} can't be reached: {reason[0]}",
            "Start it with `ray start`, or ask who runs it.",
        ) from fault
    return ray


def _knock(address: str) -> None:
    """Raise OSError where nothing listens at HOST:PORT; Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()


def _outcome(ray: Any, done: Any, clip: Path) -> Outcome:  # noqa: ANN401 - as above
    try:
        outcome: Outcome = ray.get(done)
    except ray.exceptions.RayTaskError:  # a bug of ours, with its traceback
        raise
    except ray.exceptions.RayError as fault:
        lost = EngineError(f"The workers that read it died: {type(fault).__name__}.", "Ray's log tells more.")
        return Outcome.lost(clip.absolute(), lost)
    return outcome
