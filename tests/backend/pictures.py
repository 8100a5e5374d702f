"""Picture files made on the spot, good and bad."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def png(*, width: int = 32, height: int = 32, brightness: int = 204) -> bytes:
    return encoded(Image.new("RGB", (width, height), (brightness,) * 3), "PNG")


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def truncated_jpeg() -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    whole = encoded(Image.fromarray(noise), "JPEG")
    return whole[: len(whole) // 3]


def huge_png() -> bytes:
    """A true header of 60,000 x 60,000 pixels, and hardly any data."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def animated_gif() -> bytes:
    frames = [Image.new("L", (16, 16), shade) for shade in (10, 100, 200)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


# What is wrong, the file, the error's code, and words that its sentence must have.
BAD_PICTURES = {
    "not an image": (b"%PDF-1.7 this is a document", "bad_input", "not a picture"),
    "text": ("héllo".encode(), "bad_input", "not a picture"),
    "truncated": (truncated_jpeg(), "bad_input", "damaged or cut short"),
    "0 bytes": (b"", "bad_input", "empty"),
    "60,000 x 60,000": (huge_png(), "too_large", "60000 x 60000"),
    "animated GIF": (animated_gif(), "bad_input", "animation"),
    "no face": (png(brightness=0), "no_face", "No face was found"),
}
