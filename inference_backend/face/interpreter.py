"""One TensorFlow Lite model in memory."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from numpy.typing import NDArray

FloatTensor = NDArray[np.float32]

_log = logging.getLogger(__name__)


class Model:
    """A model with one input, created once and called many times. Not thread-safe."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        with _native_messages_logged():
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def __call__(self, tensor: FloatTensor) -> list[FloatTensor]:
        """The outputs, in the model's own order, as copies."""
        self._interpreter.set_tensor(self._input, tensor)
        return self._outcome()

    def filled(self, fill: Callable[[FloatTensor], object]) -> list[FloatTensor]:
        """As a call with what `fill` writes into the input where it lies; it must write all of it, and not keep it."""
        fill(self._interpreter.tensor(self._input)())
        return self._outcome()

    def _outcome(self) -> list[FloatTensor]:
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


@contextmanager
def _native_messages_logged() -> Iterator[None]:
    """What native code writes to the standard error stream goes to the log.

    TensorFlow Lite says there, where a user of the command line reads errors, which delegate it made.
    """
    try:
        stream = sys.__stderr__.fileno() if sys.__stderr__ is not None else None
        original = os.dup(stream) if stream is not None else None
    except OSError:  # no standard error stream, as under pythonw
        stream = original = None
    if stream is None or original is None:
        yield
        return
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), stream)
        try:
            yield
        finally:
            os.dup2(original, stream)
            os.close(original)
            messages.seek(0)
            for line in messages.read().decode(errors="replace").splitlines():
                _log.debug("%s", line)
