"""A raw result as few bytes, without any loss, for keeping in a .blend.

    "MIEN" | version | kind | size of what follows, unpacked | zlib

- A track: how many frames; then times (float64), confidence (float32) and, channel after channel, the values
  (float32). Of the values the differences from frame to frame are kept (of their bits, as whole numbers), the
  lowest bytes of all first, then the next: alike bytes stand together, which zlib likes.
- A performance: its JSON (`wire`), times to the millisecond.

10,000 frames of a real clip take 1 MB and are read in 20 ms; what cannot be packed at all would take 2.6 MB.
"""

import json
import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .channels import CHANNEL_COUNT
from .errors import InputError
from .performance import Performance
from .track import FaceTrack
from .wire import performance_from_json, performance_to_json

VERSION: Final = 1

_MAGIC: Final = b"MIEN"
_HEADER: Final = struct.Struct("<4sBBQ")
_COUNT: Final = struct.Struct("<I")
_TRACK, _PERFORMANCE = 1, 2
_PACKING: Final = 1
"""zlib's level: the higher ones take three times as long for 4 % less."""
_BYTES_A_FRAME: Final = 8 + 4 + 4 * CHANNEL_COUNT
_MOST: Final = 1 << 31
"""Bytes; nothing that we write is longer, a damaged header can say so."""


def raw_to_bytes(raw: FaceTrack | Performance) -> bytes:
    """Pack a raw result; `raw_from_bytes` gives the very same numbers."""
    if isinstance(raw, Performance):
        kind, plain = _PERFORMANCE, json.dumps(performance_to_json(raw), separators=(",", ":")).encode()
    else:
        kind, plain = _TRACK, _track_bytes(raw)
    return _HEADER.pack(_MAGIC, VERSION, kind, len(plain)) + zlib.compress(plain, _PACKING)


def holds_performance(packed: bytes) -> bool:
    """Whether packed bytes hold a performance, without unpacking them."""
    return len(packed) >= _HEADER.size and _HEADER.unpack_from(packed)[2] == _PERFORMANCE


def raw_from_bytes(packed: bytes) -> FaceTrack | Performance:
    """Read what `raw_to_bytes` wrote; raise InputError where it is damaged or of a newer version."""
    if len(packed) < _HEADER.size or not packed.startswith(_MAGIC):
        raise _damaged("it is no take of Mien")
    _, version, kind, size = _HEADER.unpack_from(packed)
    if version > VERSION:
        raise InputError(
            f"The take was made by a newer Mien (its data has version {version}, this one reads up to {VERSION}).",
            "Update Mien to open it.",
        )
    if version < 1:
        raise _damaged(f"there is no version {version} of it")
    plain = _unpacked(packed[_HEADER.size :], size)
    if kind == _TRACK:
        return _track_from_bytes(plain)
    if kind == _PERFORMANCE:
        return _performance_from_bytes(plain)
    raise _damaged(f"its kind {kind} is not known")


def _damaged(why: str) -> InputError:
    return InputError(f"The data of the take is damaged: {why}.", "Make the take again, or open a backup of the file.")


def _unpacked(packed: bytes, size: int) -> bytes:
    if size > _MOST:
        raise _damaged("its length is impossible")
    reader = zlib.decompressobj()
    try:
        plain = reader.decompress(packed, size + 1)
    except zlib.error as fault:
        raise _damaged(str(fault)) from fault
    if len(plain) != size or not reader.eof or reader.unused_data:
        raise _damaged("it has been cut off or lengthened")
    return plain


def _track_bytes(track: FaceTrack) -> bytes:
    bits = np.ascontiguousarray(track.values.T).view(np.uint32)
    steps = np.diff(bits, axis=1, prepend=np.uint32(0)).astype("<u4")  # counts round, as `cumsum` does below
    planes = steps.reshape(-1, 1).view(np.uint8).T
    times, confidence = track.times.astype("<f8"), track.confidence.astype("<f4")
    return _COUNT.pack(len(track.times)) + times.tobytes() + confidence.tobytes() + planes.tobytes()


def _track_from_bytes(plain: bytes) -> FaceTrack:
    count = _COUNT.unpack_from(plain)[0] if len(plain) >= _COUNT.size else -1
    if len(plain) != _COUNT.size + max(count, 0) * _BYTES_A_FRAME:
        raise _damaged("its length does not fit its frames")
    times = np.frombuffer(plain, "<f8", count, _COUNT.size)
    confidence = np.frombuffer(plain, "<f4", count, _COUNT.size + 8 * count)
    planes = np.frombuffer(plain, np.uint8, offset=_COUNT.size + 12 * count).reshape(4, -1)
    try:
        return FaceTrack(times, _values(planes, count), confidence)
    except ValueError as fault:
        raise _damaged(str(fault)) from fault


def _values(planes: NDArray[np.uint8], count: int) -> NDArray[np.float32]:
    steps = np.ascontiguousarray(planes.T).view("<u4").reshape(CHANNEL_COUNT, count)
    bits = np.cumsum(steps, axis=1, dtype=np.uint32)
    return bits.view(np.float32).T


def _performance_from_bytes(plain: bytes) -> Performance:
    try:
        return performance_from_json(json.loads(plain))
    except ValueError as fault:  # no JSON, or no text at all
        raise _damaged(str(fault)) from fault
