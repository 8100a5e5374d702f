"""One TensorFlow Lite model in memory."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from numpy.typing import NDArray

FloatTensor = NDArray[np.float32]


class Model:
    """A model with one input, created once and called many times. Not thread-safe."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def __call__(self, tensor: FloatTensor) -> list[FloatTensor]:
        """The outputs, in the model's own order, as copies."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]
