"""One model in memory at a time, and none when it is not needed for a while."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from blender_addon.core.errors import CancelledError

from ..engines import Cancelled

_Model = TypeVar("_Model")

_POLL_SECONDS = 0.1


class Residence:
    """Holds at most one loaded model, whichever engine it belongs to. Thread-safe.

    A model that has not been used for `idle_seconds` is let go.
    """

    def __init__(self, *, idle_seconds: float = 600.0) -> None:
        self._idle_seconds = idle_seconds
        self._turn = threading.Lock()
        self._key: object = None
        self._model: Any = None
        self._leaving: threading.Timer | None = None

    def holds(self, key: object) -> bool:
        """Whether the model of this key is loaded."""
        return self._key is not None and self._key == key

    @contextmanager
    def model(self, key: object, load: Callable[[], _Model], *, cancelled: Cancelled) -> Iterator[_Model]:
        """The model of this key, loaded if need be in place of the one before, for one caller at a time."""
        while not self._turn.acquire(timeout=_POLL_SECONDS):
            if cancelled():
                raise CancelledError("The request was cancelled.")
        try:
            self._stay()
            if not self.holds(key):
                self._let_go()  # before loading: there may not be room for both
                self._model = load()
                self._key = key
            yield self._model
        finally:
            self._leave_later()
            self._turn.release()

    def vacate(self) -> None:
        """Give the memory back, unless the model is at work."""
        if self._turn.acquire(blocking=False):
            try:
                self._stay()
                self._let_go()
            finally:
                self._turn.release()

    def _let_go(self) -> None:
        if self._model is not None:
            self._key = self._model = None
            release_memory()

    def _stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _leave_later(self) -> None:
        if self._model is not None:
            self._leaving = threading.Timer(self._idle_seconds, self.vacate)
            self._leaving.daemon = True
            self._leaving.start()


def release_memory() -> None:
    """Hand back what a dropped model held; does nothing where torch was never loaded."""
    import gc
    import sys

    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
