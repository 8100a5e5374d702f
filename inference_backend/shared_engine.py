"""An engine that many callers share."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import numpy as np

from blender_addon.core.errors import CancelledError, EngineError, TimeLimitError
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from .engines import ImageEngine, RgbPicture

_BLANK_PICTURE = (64, 64, 3)


_Result = TypeVar("_Result")


class AnyEngine(Protocol):
    """What engines of every kind have."""

    name: str

    def status(self) -> EngineStatus:
        """Whether it can be used."""

    def unload(self) -> None:
        """Give its memory back."""


_EngineT = TypeVar("_EngineT", bound=AnyEngine)


class SharedEngine(Generic[_EngineT]):
    """One engine, one caller at a time. Its methods block: call them from a worker thread."""

    def __init__(self, engine: _EngineT) -> None:
        self._engine = engine
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The engine's own name."""
        return self._engine.name

    def status(self) -> EngineStatus:
        """What the engine says of itself; needs no turn."""
        return self._engine.status()

    def in_turn(
        self, work: Callable[[_EngineT], _Result], *, deadline: float | None, abandoned: threading.Event
    ) -> _Result:
        """Wait for the engine, then let it work.

        `deadline` is in seconds of `time.monotonic()`; None waits as long as it takes. A caller who went away sets
        `abandoned`, and the engine is not troubled once its turn comes.
        """
        if not self._turn.acquire(timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic())):
            raise TimeLimitError(
                f"The engine '{self.name}' was in use for too long.", "Try again, or restart the backend."
            )
        try:
            if abandoned.is_set():
                raise CancelledError("The request was withdrawn.")
            return work(self._engine)
        finally:
            self._turn.release()

    def unload(self) -> None:
        """Give the engine's memory back, unless it is at work again."""
        if self._turn.acquire(blocking=False):
            try:
                self._engine.unload()
            finally:
                self._turn.release()


class SharedImageEngine(SharedEngine[ImageEngine]):
    """An image engine that many callers share."""

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame,
        deadline: float,
        abandoned: threading.Event,
    ) -> tuple[FaceEstimate, ...]:
        """Read the picture once the engine is free; see `in_turn`."""
        return self.in_turn(
            lambda engine: engine.estimate(
                picture, max_faces=max_faces, head_frame=head_frame, cancelled=abandoned.is_set
            ),
            deadline=deadline,
            abandoned=abandoned,
        )

    @property
    def is_quick(self) -> bool:
        """See `ImageEngine`."""
        return self._engine.is_quick

    def warm_up(self) -> None:
        """Load the model ahead of the first picture, by reading a blank one."""
        if self.status().state == "ready" and self._turn.acquire(blocking=False):
            try:
                self._engine.estimate(np.zeros(_BLANK_PICTURE, np.uint8), max_faces=1)
            finally:
                self._turn.release()


_SharedT = TypeVar("_SharedT")


def pick_engine(engines: Mapping[str, _SharedT], name: str | None) -> _SharedT:
    """The engine of that name; the first one where no name is given."""
    if name is None:
        return next(iter(engines.values()))
    if name not in engines:
        raise EngineError(f"There is no engine named '{name}'.", f"The engines are: {', '.join(engines)}.")
    return engines[name]
