"""From the bytes of a picture file to an upright sRGB picture, or a sentence that says why not."""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from blender_addon.core.errors import InputError, TooLargeError

from .engines import RgbPicture
from .limits import PICTURE_BYTES
from .plain_pictures import plain_pixels

# The size is checked against our own limit below, from the header, before a pixel is decoded;
# Pillow's own guard would warn and refuse at sizes of its choosing.
Image.MAX_IMAGE_PIXELS = None

# What is read at all. Left out on purpose: formats that run another program (EPS) or read other files.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "TGA", "PPM")
# Formats in which a second frame means that the picture moves. (In TIFF it is a page, in JPEG a second view.)
_ANIMATED_FORMATS = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
# What Pillow's decoders raise for a damaged file; found by damaging files of every format, as the tests do again.
# They raise it at any moment: at opening, at the count of the frames, at the pixels.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, RuntimeError,
    struct.error, zlib.error,
)  # fmt: skip
_READABLE_HINT = "Use a PNG, JPEG, WebP, TIFF, AVIF or BMP picture."
# Transparent parts become mid grey: it makes no hard edge around dark or light hair.
_BACKDROP = (128, 128, 128)
_STRIP_PIXELS = 500_000
_WHITE_OF_16_BITS = 65535.0
# A float picture whose middle is above this does not run from 0 to 1: twice white, for the generous exposures of HDR.
_MOST_MIDDLE_OF_UNIT_RANGE = 2.0
_SAMPLE_SIDE = 512
# Decoding a big one takes hundreds of megabytes for a second; several are decoded one after another.
_BIG_PIXELS = 16_000_000
_big_picture_turn = threading.Lock()


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may cost. 50 million pixels are 150 MB decoded, more than any phone's photo mode."""

    max_bytes: int = PICTURE_BYTES
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
    pixels = plain_pixels(data, most_pixels=limits.max_pixels)
    if pixels is not None:
        return pixels
    # A damaged file makes Pillow warn as well as raise; the raised fault says enough.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(data)
        with _damage_told():
            _check_size(image, limits)
            _check_still(image)
            with _turn_of(image):
                return _decode(image)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except _DECODER_FAULTS as fault:
        raise InputError(
            "The picture is damaged or cut short and cannot be decoded.", "Save or export the picture again."
        ) from fault


def _turn_of(image: Image.Image) -> AbstractContextManager[object]:
    return _big_picture_turn if image.width * image.height > _BIG_PIXELS else nullcontext()


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except _DECODER_FAULTS as fault:
        raise InputError("This is not a picture that can be read.", _READABLE_HINT) from fault


def _check_still(image: Image.Image) -> None:
    if image.format in _ANIMATED_FORMATS and getattr(image, "is_animated", False):
        raise InputError(
            f"This {image.format} is an animation, not one picture.",
            "Save the frame you want as a picture.",
        )


def _check_size(image: Image.Image, limits: PictureLimits) -> None:
    if image.width * image.height > limits.max_pixels:
        raise TooLargeError(
            f"The picture has {image.width} x {image.height} pixels; "
            f"the limit is {limits.max_pixels / 1e6:.0f} million in all.",
            "Scale it down: a face needs no more than about 500 pixels.",
        )


def _decode(image: Image.Image) -> RgbPicture:
    ImageOps.exif_transpose(image, in_place=True)  # else it copies what needs no turning, too
    image.load()
    return _in_strips(image, _deep_grey_as_rgb(image) if _is_deep_grey(image) else _as_rgb)


def _in_strips(image: Image.Image, as_rgb: Callable[[Image.Image], RgbPicture]) -> RgbPicture:
    """The pixels of a loaded image.

    Every conversion and the way out of Pillow make copies. In strips these stay in the processor's cache, 15 ms
    instead of 74 for 12 million pixels (measured), and a large picture never lies in memory several times.
    """
    rows = max(1, _STRIP_PIXELS // image.width)
    if image.height <= rows:
        return as_rgb(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        pixels[top:bottom] = as_rgb(image.crop((0, top, image.width, bottom)))
    return pixels


def _as_rgb(image: Image.Image) -> RgbPicture:
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        backdrop = Image.new("RGBA", with_alpha.size, (*_BACKDROP, 255))
        image = Image.alpha_composite(backdrop, with_alpha)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _is_deep_grey(image: Image.Image) -> bool:
    """Grey of 16 or 32 bits or floats, which Pillow would clip at 255 instead of scaling."""
    return image.mode == "F" or image.mode.startswith("I")


def _deep_grey_as_rgb(image: Image.Image) -> Callable[[Image.Image], RgbPicture]:
    """What turns strips of this deep grey image into 8 bits: all on one scale."""
    white = _WHITE_OF_16_BITS if image.mode.startswith("I;16") else _white_of(image)

    def as_rgb(strip: Image.Image) -> RgbPicture:
        grey = np.nan_to_num(np.asarray(strip, dtype=np.float32), nan=0.0, posinf=white, neginf=0.0)
        scaled = np.clip(grey * np.float32(255.0 / white), 0, 255).round().astype(np.uint8)
        return np.repeat(scaled[..., np.newaxis], 3, axis=2)

    return as_rgb


def _white_of(image: Image.Image) -> float:
    """What counts as white in an image of floats or 32 bits, whose file does not say so.

    Floats run from 0 to 1, or else over the range of 8 or 16 bits. A few pixels beyond, such as glints, do not
    decide it: the range is told by the middle and the 99th percentile of what is not black.
    """
    sample = np.asarray(
        image.resize((min(image.width, _SAMPLE_SIDE), min(image.height, _SAMPLE_SIDE)), Image.Resampling.NEAREST),
        dtype=np.float64,
    )
    lit = sample[np.isfinite(sample) & (sample > 0)]
    if lit.size == 0:
        return 1.0
    middle, bright = np.percentile(lit, (50, 99))
    if image.mode == "F" and middle <= _MOST_MIDDLE_OF_UNIT_RANGE:
        return 1.0
    return 255.0 if bright <= 255 else max(_WHITE_OF_16_BITS, float(bright))
