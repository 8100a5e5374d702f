"""TensorFlow Lite models changed so that they are worked through faster and give the same, to the last bit.

The few fields that are needed are read here: the generated code for all of the format takes ten times as long to import
and to ask, at the start of every process that reads a clip.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

# A FlatBuffer's vectors have their length before their content, and those of tensors lie on a multiple of 16.
_LENGTH: Final = struct.Struct("<I")
_ALIGNMENT: Final = 16
# The places of fields in their tables (TensorFlow's `schema.fbs`).
_CODES_OF_MODEL, _GRAPHS_OF_MODEL, _BUFFERS_OF_MODEL = 1, 2, 4
_TENSORS_OF_GRAPH, _OPERATORS_OF_GRAPH = 0, 3
_SHAPE_OF_TENSOR, _BUFFER_OF_TENSOR = 0, 2
_CODE_OF_OPERATOR, _INPUTS_OF_OPERATOR, _OUTPUTS_OF_OPERATOR = 0, 1, 2
_KIND_OF_CODE = 0
_DATA_OF_BUFFER = 0


class _Kind(IntEnum):
    """What an operator does; those that matter here."""

    CONVOLVE = 3
    DEQUANTIZE = 6
    SLICE = 45
    PRELU = 54


@dataclass(frozen=True, eq=False)
class _Operator:
    """kind: one of `_Kind`, or another number; inputs: numbers of tensors, to be written to; position: in the model."""

    kind: int
    inputs: NDArray[np.int32]
    output: int
    position: int


def with_wide_slopes(model: bytes) -> bytes:
    """The landmark model with the slopes of its PReLU layers repeated for every pixel of a row.

    They are one for a channel, and XNNPACK multiplies by them in runs as long as they are: 8 numbers at a time where a
    map has 8 channels, which takes longer to begin than to do. 69 layers, 6 % of the model's time (measured).
    """
    edited = _EditedModel(model)
    for operator in edited.operators:
        if operator.kind == _Kind.PRELU:
            pixels, slopes = operator.inputs
            width = int(edited.shape(pixels)[2])
            edited.store(slopes, np.tile(edited.stored(slopes), (1, width, 1)))
    return edited.content()


def without_unread_tokens(model: bytes) -> bytes:
    """The blendshape model without what it works out and never reads.

    Of the 97 tokens of its last block it reads the first. So the other ones are let go of before that block's last
    mixing across tokens is added, and not at its end: 17 % of the model's time (measured).
    """
    edited = _EditedModel(model)
    steps = [operator for operator in edited.operators if operator.kind != _Kind.DEQUANTIZE]
    slices = [place for place, step in enumerate(steps) if step.kind == _Kind.SLICE]
    end = slices[1]  # takes two tokens, and the next step one of these
    first, second, head = steps[end : end + 3]
    after = int(first.inputs[0])
    tokens = int(edited.shape(after)[2])
    mixing = max(place for place in range(end) if _gives_channels(edited, steps[place], tokens))
    for constant in steps[mixing].inputs[1:]:
        edited.store(constant, edited.stored(constant)[:1])
    edited.shape(steps[mixing].output)[3] = 1
    for step in steps[mixing + 1 : end]:
        edited.shape(step.output)[2] = 1
    swapped, added = steps[mixing + 1 : mixing + 3]
    (before,) = set(added.inputs.tolist()) - {swapped.output}
    for step, old, new in ((first, after, before), (added, before, second.output), (head, second.output, after)):
        step.inputs[step.inputs == old] = new
    edited.move([first, second], before=added)
    return edited.content()


def _gives_channels(edited: "_EditedModel", operator: _Operator, count: int) -> bool:
    return operator.kind == _Kind.CONVOLVE and int(edited.shape(operator.output)[3]) == count


class _EditedModel:
    """A model of one graph whose weights are float16. It is changed where it stands, and new weights go to its end."""

    def __init__(self, model: bytes) -> None:
        self._content = bytearray(model)
        self._added: list[bytes] = []
        self._end = len(model)
        root = self._follow(0)
        self._buffers = self._tables(root, _BUFFERS_OF_MODEL)
        (self._graph,) = self._tables(root, _GRAPHS_OF_MODEL)
        self._tensors = self._tables(self._graph, _TENSORS_OF_GRAPH)
        kinds = [self._whole(code, _KIND_OF_CODE, size=1) for code in self._tables(root, _CODES_OF_MODEL)]
        self.operators = [self._operator(at, kinds) for at in self._tables(self._graph, _OPERATORS_OF_GRAPH)]
        self._makers = {operator.output: operator for operator in self.operators}

    def content(self) -> bytes:
        """The model as it is now."""
        return b"".join([self._content, *self._added])

    def shape(self, tensor: int) -> NDArray[np.int32]:
        """Of a tensor; a view, which can be written to."""
        return self._numbers(self._tensors[tensor], _SHAPE_OF_TENSOR)

    def stored(self, tensor: int) -> NDArray[np.float16]:
        """The weights that a tensor is made from."""
        source = self._source(tensor)
        length, start = self._vector(self._buffer(source), _DATA_OF_BUFFER)
        return np.frombuffer(self._content, np.float16, length // 2, start).reshape(self.shape(source))

    def store(self, tensor: int, weights: NDArray[np.float16]) -> None:
        """Have a tensor made from other weights, of a shape with as many axes."""
        source = self._source(tensor)
        self.shape(tensor)[:] = self.shape(source)[:] = weights.shape
        start = -(-(self._end + _LENGTH.size) // _ALIGNMENT) * _ALIGNMENT - _LENGTH.size
        self._point(self._field(self._buffer(source), _DATA_OF_BUFFER), start)
        piece = bytes(start - self._end) + _LENGTH.pack(weights.nbytes) + weights.tobytes()
        self._added.append(piece)
        self._end += len(piece)

    def move(self, operators: Sequence[_Operator], *, before: _Operator) -> None:
        """Let operators run before another one."""
        others = [operator for operator in self.operators if operator not in operators]
        place = others.index(before)
        self.operators = [*others[:place], *operators, *others[place:]]
        _, first = self._vector(self._graph, _OPERATORS_OF_GRAPH)
        for number, operator in enumerate(self.operators):
            self._point(first + number * _LENGTH.size, operator.position)

    def _operator(self, at: int, kinds: Sequence[int]) -> _Operator:
        kind = kinds[self._whole(at, _CODE_OF_OPERATOR)]
        outputs = self._numbers(at, _OUTPUTS_OF_OPERATOR)
        return _Operator(kind, self._numbers(at, _INPUTS_OF_OPERATOR), int(outputs[0]), at)

    def _source(self, tensor: int) -> int:
        return int(self._makers[tensor].inputs[0])

    def _buffer(self, tensor: int) -> int:
        return self._buffers[self._whole(self._tensors[tensor], _BUFFER_OF_TENSOR)]

    def _number(self, at: int) -> int:
        return int(_LENGTH.unpack_from(self._content, at)[0])

    def _follow(self, pointer: int) -> int:
        return pointer + self._number(pointer)

    def _point(self, pointer: int, target: int) -> None:
        _LENGTH.pack_into(self._content, pointer, target - pointer)

    def _field(self, table: int, place: int) -> int:
        """Where a field of a table stands; 0 where it is left out."""
        fields = table - int.from_bytes(self._content[table : table + 4], "little", signed=True)
        entry = fields + 4 + 2 * place
        if entry >= fields + int.from_bytes(self._content[fields : fields + 2], "little"):
            return 0
        offset = int.from_bytes(self._content[entry : entry + 2], "little")
        return table + offset if offset else 0

    def _whole(self, table: int, place: int, *, size: int = 4) -> int:
        """A whole number in a table."""
        at = self._field(table, place)
        return int.from_bytes(self._content[at : at + size], "little") if at else 0

    def _vector(self, table: int, place: int) -> tuple[int, int]:
        """How many elements a field has, and where they begin."""
        start = self._follow(self._field(table, place))
        return self._number(start), start + _LENGTH.size

    def _tables(self, table: int, place: int) -> list[int]:
        count, first = self._vector(table, place)
        return [self._follow(first + number * _LENGTH.size) for number in range(count)]

    def _numbers(self, table: int, place: int) -> NDArray[np.int32]:
        count, first = self._vector(table, place)
        return np.frombuffer(self._content, np.int32, count, first)
