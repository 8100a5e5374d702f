"""Writes pictures as PNG, the one format that needs no library: what is in Blender's memory goes to the backend so."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {3: 2, 4: 6}
_FASTEST = 1  # the bytes go to the same computer: time counts, size does not


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """PNG bytes of a picture of shape (height, width, 3 or 4), top row first (PNG specification, third edition)."""
    height, width, samples = picture.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[samples], 0, 0, 0)
    rows = np.zeros((height, 1 + width * samples), dtype=np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = picture.reshape(height, -1)
    data = zlib.compress(rows.tobytes(), _FASTEST)
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def srgb_from_linear(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sRGB transfer function (IEC 61966-2-1), of values cut to 0..1."""
    cut = np.clip(light, 0.0, 1.0)
    return np.where(cut <= 0.0031308, cut * 12.92, 1.055 * np.power(cut, 1 / 2.4) - 0.055).astype(np.float32)
