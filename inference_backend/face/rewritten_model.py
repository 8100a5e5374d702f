"""TensorFlow Lite models changed so that they are worked through faster and give the same, to the last bit."""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]
from numpy.typing import NDArray

# How a vector lies in a FlatBuffer: its length before its content, and of a tensor's the latter on a multiple of 16.
_LENGTH: Final = struct.Struct("<I")
_ALIGNMENT: Final = 16
# Where the generated code, which only reads, finds these in their tables.
_DATA_OF_BUFFER: Final = 4
_OPERATORS_OF_GRAPH: Final = 10


def with_wide_slopes(model: bytes) -> bytes:
    """The landmark model with the slopes of its PReLU layers repeated for every pixel of a row.

    They are one for a channel, and XNNPACK multiplies by them in runs as long as they are: 8 numbers at a time where a
    map has 8 channels, which takes longer to begin than to do. 69 layers, 6 % of the model's time (measured).
    """
    edited = _EditedModel(model)
    for operator in edited.operators:
        if edited.kind(operator) == schema.BuiltinOperator.PRELU:
            width = int(edited.shape(operator.Inputs(0))[2])
            edited.store(operator.Inputs(1), np.tile(edited.stored(operator.Inputs(1)), (1, width, 1)))
    return edited.content()


def without_unread_tokens(model: bytes) -> bytes:
    """The blendshape model without what it works out and never reads.

    Of the 97 tokens of its last block it reads the first. So the other ones are let go of before that block's last
    mixing across tokens is added, and not at its end: 17 % of the model's time (measured).
    """
    edited = _EditedModel(model)
    steps = [operator for operator in edited.operators if edited.kind(operator) != schema.BuiltinOperator.DEQUANTIZE]
    kinds = [edited.kind(operator) for operator in steps]
    choices = [place for place, kind in enumerate(kinds) if kind == schema.BuiltinOperator.STRIDED_SLICE]
    end = choices[1]  # the first two tokens, and then of these the first; before that all landmarks were taken
    tokens = int(edited.shape(steps[end].Inputs(0))[2])
    mixing = max(place for place in range(end) if _gives_channels(edited, steps[place], tokens))
    for constant in (steps[mixing].Inputs(1), steps[mixing].Inputs(2)):
        edited.store(constant, edited.stored(constant)[:1])
    edited.shape(steps[mixing].Outputs(0))[3] = 1
    for operator in steps[mixing + 1 : end]:
        edited.shape(operator.Outputs(0))[2] = 1
    swapped, added = steps[mixing + 1], steps[mixing + 2]
    (before,) = {added.Inputs(0), added.Inputs(1)} - {swapped.Outputs(0)}
    after, chosen = steps[end].Inputs(0), steps[end + 1].Outputs(0)
    for operator, old, new in ((steps[end], after, before), (added, before, chosen), (steps[end + 2], chosen, after)):
        inputs = operator.InputsAsNumpy()
        inputs[inputs == old] = new
    edited.move([steps[end], steps[end + 1]], before=added)
    return edited.content()


def _gives_channels(edited: "_EditedModel", operator: schema.Operator, count: int) -> bool:
    is_convolution = edited.kind(operator) == schema.BuiltinOperator.CONV_2D
    return is_convolution and int(edited.shape(operator.Outputs(0))[3]) == count


class _EditedModel:
    """A model of one graph whose weights are float16. It is changed where it stands, and new weights go to its end."""

    def __init__(self, model: bytes) -> None:
        self._content = bytearray(model)
        self._added = b""
        self._model = schema.Model.GetRootAs(self._content)
        self._graph = self._model.Subgraphs(0)
        self.operators = [self._graph.Operators(place) for place in range(self._graph.OperatorsLength())]
        self._makers = {operator.Outputs(0): operator for operator in self.operators}

    def content(self) -> bytes:
        """The model as it is now."""
        return bytes(self._content) + self._added

    def kind(self, operator: schema.Operator) -> int:
        """One of `schema.BuiltinOperator`."""
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        return int(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))  # the latter is all that older files have

    def shape(self, tensor: int) -> NDArray[np.int32]:
        """Of a tensor; a view, which can be written to."""
        shape: NDArray[np.int32] = self._graph.Tensors(tensor).ShapeAsNumpy()
        return shape

    def stored(self, tensor: int) -> NDArray[np.float16]:
        """The weights that a tensor is made from."""
        source = self._source(tensor)
        data: NDArray[np.float16] = self._buffer(source).DataAsNumpy().view(np.float16)
        return data.reshape(self.shape(source))

    def store(self, tensor: int, weights: NDArray[np.float16]) -> None:
        """Have a tensor made from other weights, of a shape with as many axes."""
        source = self._source(tensor)
        self.shape(tensor)[:] = self.shape(source)[:] = weights.shape
        table = self._buffer(source)._tab
        pointer = table.Pos + table.Offset(_DATA_OF_BUFFER)
        end = len(self._content) + len(self._added)
        start = -(-(end + _LENGTH.size) // _ALIGNMENT) * _ALIGNMENT - _LENGTH.size
        _LENGTH.pack_into(self._content, pointer, start - pointer)
        self._added += bytes(start - end) + _LENGTH.pack(weights.nbytes) + weights.tobytes()

    def move(self, operators: Sequence[schema.Operator], *, before: schema.Operator) -> None:
        """Let operators run before another one."""
        others = [operator for operator in self.operators if operator not in operators]
        place = others.index(before)
        self.operators = [*others[:place], *operators, *others[place:]]
        table = self._graph._tab
        first = table.Vector(table.Offset(_OPERATORS_OF_GRAPH))
        for number, operator in enumerate(self.operators):
            pointer = first + number * _LENGTH.size
            _LENGTH.pack_into(self._content, pointer, operator._tab.Pos - pointer)

    def _source(self, tensor: int) -> int:
        return int(self._makers[tensor].Inputs(0))

    def _buffer(self, tensor: int) -> schema.Buffer:
        return self._model.Buffers(self._graph.Tensors(tensor).Buffer())
