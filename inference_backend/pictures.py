"""From the bytes of a picture file to an upright sRGB picture, or a sentence that says why not."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from blender_addon.core.errors import InputError, TooLargeError

from .engines import RgbPicture

# The size is checked against our own limit below, from the header, before a pixel is decoded;
# Pillow's own guard would warn and refuse at sizes of its choosing.
Image.MAX_IMAGE_PIXELS = None

# What is read at all. Left out on purpose: formats that run another program (EPS) or read other files.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "TGA", "PPM")
# Formats in which a second frame means that the picture moves. (In TIFF it is a page, in JPEG a second view.)
_ANIMATED_FORMATS = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
# What Pillow's decoders raise for a damaged file; found by damaging files of every format.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    struct.error, zlib.error,
)  # fmt: skip
_READABLE_HINT = "Use a PNG, JPEG, WebP, TIFF, AVIF or BMP picture."
# Transparent parts become mid grey: it makes no hard edge around dark or light hair.
_BACKDROP = (128, 128, 128)
_STRIP_PIXELS = 500_000


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may cost. 50 million pixels are 150 MB decoded, more than any phone's photo mode."""

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 50_000_000


DEFAULT_LIMITS = PictureLimits()


def decode_picture(data: bytes, *, limits: PictureLimits = DEFAULT_LIMITS) -> RgbPicture:
    """The upright picture in `data`, uint8 of shape (height, width, 3).

    EXIF rotation is applied, transparency laid over grey; 16-bit, greyscale, palette and CMYK
    pictures become 8-bit RGB. Raises InputError for what is not one still picture, TooLargeError
    for what is beyond `limits`; the pixel limit is checked before any pixel is decoded.
    """
    if not data:
        raise InputError("The picture is empty: the file has 0 bytes.", "Save or export the picture again.")
    if len(data) > limits.max_bytes:
        raise TooLargeError(
            f"The picture file has {len(data) / 1e6:.0f} MB; the limit is {limits.max_bytes / 1e6:.0f} MB.",
            "Save it as JPEG or scale it down.",
        )
    # A damaged file makes Pillow warn as well as raise; the raised fault says enough.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(data)
        _check_still(image)
        _check_size(image, limits)
        return _decode(image)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except _DECODER_FAULTS as fault:
        raise InputError("This is not a picture that can be read.", _READABLE_HINT) from fault


def _check_still(image: Image.Image) -> None:
    if image.format in _ANIMATED_FORMATS and getattr(image, "is_animated", False):
        raise InputError(
            f"This {image.format} is an animation, not one picture.",
            "Save the frame you want as a picture, or use Video.",
        )


def _check_size(image: Image.Image, limits: PictureLimits) -> None:
    if image.width * image.height > limits.max_pixels:
        raise TooLargeError(
            f"The picture has {image.width} x {image.height} pixels; "
            f"the limit is {limits.max_pixels / 1e6:.0f} million in all.",
            "Scale it down: a face needs no more than about 500 pixels.",
        )


def _decode(image: Image.Image) -> RgbPicture:
    try:
        ImageOps.exif_transpose(image, in_place=True)  # else it copies what needs no turning, too
        return _pixels(_as_rgb(image))
    except _DECODER_FAULTS as fault:
        raise InputError(
            "The picture is damaged or cut short and cannot be decoded.", "Save or export the picture again."
        ) from fault


def _pixels(image: Image.Image) -> RgbPicture:
    """The pixels of an RGB image.

    Pillow hands them over by way of two copies. In strips these stay in the processor's cache: 15 ms instead of
    74 for 12 million pixels (measured).
    """
    rows = max(1, _STRIP_PIXELS // image.width)
    if image.height <= rows:
        return np.asarray(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_deep_grey(image)
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        backdrop = Image.new("RGBA", with_alpha.size, (*_BACKDROP, 255))
        return Image.alpha_composite(backdrop, with_alpha).convert("RGB")
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """8 bits from a grey picture of 16 or 32 bits or floats, which Pillow would clip at 255 instead of scaling."""
    grey = np.nan_to_num(np.asarray(image, dtype=np.float64))
    highest = grey.max(initial=0.0)
    if image.mode == "F" and highest <= 1.0:
        white = 1.0
    elif image.mode.startswith("I;16") or highest > 255:
        white = max(65535.0, highest)
    else:
        white = 255.0
    scaled = np.clip(grey * (255.0 / white), 0, 255).round().astype(np.uint8)
    return Image.fromarray(scaled).convert("RGB")
