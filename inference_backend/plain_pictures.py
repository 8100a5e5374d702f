"""A quicker way to the pixels of the pictures that are sent most: upright JPEG and PNG files with 8 bits a colour.

A PNG takes a quarter of the time that it takes with Pillow, a JPEG three quarters. The decoder is strict: what is
damaged in any way is left to Pillow, which says what is wrong or makes the best of it.
"""

from contextlib import suppress
from typing import Final

from kornia_rs.io import decode_image_jpegturbo, decode_image_png_u8
from PIL import ExifTags, Image

from .engines import RgbPicture

# The decoder lets no other thread run meanwhile: up to 0.1 s at this size.
_MOST_PIXELS: Final = 4_000_000
_UPRIGHT: Final = 1
# How the chunks begin in which a PNG may tell its turn; behind their length, of four bytes.
_TURNING: Final = (b"eXIf", b"tEXtRaw profile type", b"zTXtRaw profile type", b"iTXtXML:com.adobe.xmp")
_PNG_SIGNATURE_BYTES, _CHUNK_FRAME_BYTES = 8, 12


def plain_pixels(image: Image.Image, data: bytes) -> RgbPicture | None:
    """The pixels of the picture file `data`, which Pillow has opened as `image`; None where this is not the way."""
    if image.mode != "RGB" or image.has_transparency_data or image.width * image.height > _MOST_PIXELS:
        return None
    pixels: RgbPicture | None = None
    with suppress(Exception):  # it raises nothing more precise
        if image.format == "JPEG" and image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT) == _UPRIGHT:
            pixels = decode_image_jpegturbo(data, "rgb")
        elif image.format == "PNG" and not _may_be_turned(data):
            pixels = decode_image_png_u8(data, (image.height, image.width), "rgb")
    return pixels


def _may_be_turned(png: bytes) -> bool:
    """Whether any chunk may tell a turn. It may come behind the pixels, and Pillow would decode these to get to it."""
    place = _PNG_SIGNATURE_BYTES
    while place < len(png):
        if png.startswith(_TURNING, place + 4):
            return True
        place += int.from_bytes(png[place : place + 4]) + _CHUNK_FRAME_BYTES
    return False
