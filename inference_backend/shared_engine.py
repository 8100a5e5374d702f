"""An engine that many callers share."""

import threading
import time
from collections.abc import Mapping

import numpy as np

from blender_addon.core.errors import CancelledError, EngineError, TimeLimitError
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from .engines import ImageEngine, RgbPicture

_BLANK_PICTURE = (64, 64, 3)


class SharedEngine:
    """One engine, one caller at a time. Its methods block: call them from a worker thread."""

    def __init__(self, engine: ImageEngine) -> None:
        self._engine = engine
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The engine's own name."""
        return self._engine.name

    def status(self) -> EngineStatus:
        """What the engine says of itself; needs no turn."""
        return self._engine.status()

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame,
        deadline: float,
        abandoned: threading.Event,
    ) -> tuple[FaceEstimate, ...]:
        """Wait for the engine, then read the picture.

        `deadline` is in seconds of `time.monotonic()`. A caller who went away sets `abandoned`, and
        the engine is not troubled once its turn comes.
        """
        if not self._turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimeLimitError(
                f"The engine '{self.name}' was in use for too long.", "Try again, or restart the backend."
            )
        try:
            if abandoned.is_set():
                raise CancelledError("The request was withdrawn.")
            return self._engine.estimate(picture, max_faces=max_faces, head_frame=head_frame)
        finally:
            self._turn.release()

    def warm_up(self) -> None:
        """Load the model ahead of the first picture, by reading a blank one."""
        if self.status().state == "ready" and self._turn.acquire(blocking=False):
            try:
                self._engine.estimate(np.zeros(_BLANK_PICTURE, np.uint8), max_faces=1)
            finally:
                self._turn.release()

    def unload(self) -> None:
        """Give the engine's memory back, unless it is at work again."""
        if self._turn.acquire(blocking=False):
            try:
                self._engine.unload()
            finally:
                self._turn.release()


def pick_engine(engines: Mapping[str, SharedEngine], name: str | None) -> SharedEngine:
    """The engine of that name; the first one where no name is given."""
    if name is None:
        return next(iter(engines.values()))
    if name not in engines:
        raise EngineError(f"There is no engine named '{name}'.", f"The engines are: {', '.join(engines)}.")
    return engines[name]
