"""What passes between the process that tracks a clip and those that read its pieces: a kind, a length, and bytes."""

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from struct import Struct
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.wire import HeadFrame

_HEADER: Final = Struct("<cQ")


class Kind(Enum):
    """FRAMES: a `LaneFrames`. DONE: the piece is finished. REFUSED: a MienError. FAULT: the traceback of a bug."""

    FRAMES = b"F"
    DONE = b"D"
    REFUSED = b"R"
    FAULT = b"X"


@dataclass(frozen=True, eq=False)
class PieceTask:
    """A piece to read: the stamps of its frames, as `Clip.table` gave them, and the number of the first one."""

    clip: Path
    sequence_fps: float
    head_frame: HeadFrame
    first_index: int
    stamps: NDArray[np.int64]

    def to_line(self) -> bytes:
        """One line of JSON."""
        form = {
            "clip": str(self.clip),
            "sequence_fps": self.sequence_fps,
            "head_frame": self.head_frame.value,
            "first_index": self.first_index,
            "stamps": self.stamps.tolist(),
        }
        return json.dumps(form).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "PieceTask":
        """What `to_line` made."""
        form: dict[str, Any] = json.loads(line)
        return cls(
            Path(form["clip"]),
            form["sequence_fps"],
            HeadFrame(form["head_frame"]),
            form["first_index"],
            np.array(form["stamps"], np.int64),
        )


def send(stream: IO[bytes], kind: Kind, content: bytes = b"") -> None:
    """Write one message."""
    stream.write(_HEADER.pack(kind.value, len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Kind, bytes] | None:
    """Read one message; None where the other side is gone."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    content = stream.read(length)
    return (Kind(kind), content) if len(content) == length else None
