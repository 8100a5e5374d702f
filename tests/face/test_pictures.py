"""Every kind of picture becomes an upright RGB picture; everything else a clear sentence."""

import collections
import io
import random
import struct
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from PIL import GifImagePlugin, Image

from blender_addon.core.errors import InputError, TooLargeError
from inference_backend import pictures
from inference_backend.engines import RgbPicture
from inference_backend.pictures import PictureLimits, decode_picture
from inference_backend.plain_pictures import plain_pixels
from tests.carriers import carrier
from tests.photos import astronaut

WIDTH, HEIGHT = 48, 32
DAMAGED_OF_EACH = 400


def gradient() -> Image.Image:
    """No two rows or columns are alike, so that every rotation and flip shows."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return Image.fromarray(np.stack([x * 5, y * 7, np.full_like(x, 60)], axis=2).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def distance(first: RgbPicture, second: RgbPicture) -> float:
    assert first.shape == second.shape
    return float(np.abs(first.astype(float) - second.astype(float)).mean())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "TGA"])
def test_lossless_formats_come_back_exactly(kind: str) -> None:
    picture = decode_picture(encoded(gradient(), kind))
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, np.asarray(gradient()))


@pytest.mark.parametrize("size", [(999, 1501), (600_001, 3), (3, 600_001)])
def test_a_large_picture_comes_back_exactly(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    assert np.array_equal(decode_picture(encoded(Image.fromarray(pixels), "BMP")), pixels)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "JPEG2000"])
def test_lossy_formats_come_back_nearly(kind: str) -> None:
    assert distance(decode_picture(encoded(gradient(), kind)), np.asarray(gradient())) < 6


# EXIF orientation -> what was done to the upright picture before it was stored.
STORED_AS = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_rotation_is_undone(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(STORED_AS[orientation](gradient()), kind, exif=exif)
    assert distance(decode_picture(stored), np.asarray(gradient())) < 6


def test_greyscale_becomes_three_equal_channels() -> None:
    picture = decode_picture(encoded(gradient().convert("L")))
    assert np.array_equal(picture[..., 0], np.asarray(gradient().convert("L")))
    assert (picture == picture[..., :1]).all()


def test_16_bit_greyscale_is_scaled_not_clipped() -> None:
    grey = np.asarray(gradient().convert("L"))
    picture = decode_picture(encoded(Image.fromarray(grey.astype(np.uint16) * 257)))
    assert distance(picture[..., 0], grey) < 1


def test_16_bit_rgb_png_is_scaled() -> None:
    assert distance(decode_picture(png_of_16_bits(np.asarray(gradient()))), np.asarray(gradient())) < 1


def png_of_16_bits(picture: RgbPicture) -> bytes:
    """Pillow writes no 16-bit RGB: header, rows of big-endian samples without a filter, end."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    height, width = picture.shape[:2]
    rows = (picture.astype(">u2") * 257).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_float_tiff_is_scaled() -> None:
    grey = np.asarray(gradient().convert("L"))
    picture = decode_picture(encoded(Image.fromarray(grey.astype(np.float32) / 255), "TIFF"))
    assert distance(picture[..., 0], grey) < 1


@pytest.mark.parametrize("beyond", [1.3, 40.0, 1e6, np.inf, np.nan])
def test_a_glint_does_not_blacken_a_float_picture(beyond: float) -> None:
    grey = np.asarray(gradient().convert("L"))
    floats = grey.astype(np.float32) / 255
    floats[3, 5] = beyond
    picture = decode_picture(encoded(Image.fromarray(floats), "TIFF"))
    assert picture[3, 5, 0] == (0 if np.isnan(beyond) else 255)
    assert distance(picture[..., 0], grey) < 1


@pytest.mark.parametrize("white", [255, 65535])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_the_ranges_of_8_and_16_bits_are_known_in_floats_and_32_bits(white: int, kind: type) -> None:
    grey = np.asarray(gradient().convert("L")).copy()
    grey[8:] = 0  # a face before black is judged by itself
    grey[0, :16] = 255
    stored = Image.fromarray((grey.astype(np.float64) * white / 255).astype(kind))
    assert distance(decode_picture(encoded(stored, "TIFF"))[..., 0], grey) < 1


def test_a_large_16_bit_picture_takes_little_more_than_its_result() -> None:
    """12 million pixels: 36 MB of result. Pillow's own memory, here 24 MB, is not counted."""
    data = encoded(Image.fromarray(np.full((3000, 4000), 40_000, np.uint16)))
    tracemalloc.start()
    try:
        picture = decode_picture(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (picture == 156).all()
    assert peak < 2 * picture.nbytes


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "L", "1", "I;16", "F"])
def test_strips_join_without_a_seam(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = gradient().quantize(200) if mode == "P" else gradient().convert("L" if mode in ("I;16", "F") else mode)
    if mode in ("I;16", "F"):
        grey = np.asarray(image)
        image = Image.fromarray(grey.astype(np.uint16) * 257 if mode == "I;16" else grey.astype(np.float32) / 255)
    data = encoded(image, "TIFF" if mode in ("CMYK", "F") else "PNG")
    whole = decode_picture(data)
    monkeypatch.setattr(pictures, "_STRIP_PIXELS", 5 * WIDTH)
    assert np.array_equal(decode_picture(data), whole)


def test_palette_becomes_rgb() -> None:
    assert distance(decode_picture(encoded(gradient().quantize(256))), np.asarray(gradient())) < 12


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(kind: str) -> None:
    assert distance(decode_picture(encoded(gradient().convert("CMYK"), kind)), np.asarray(gradient())) < 6


def test_black_and_white_becomes_rgb() -> None:
    picture = decode_picture(encoded(gradient().convert("1")))
    assert set(np.unique(picture)) == {0, 255}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_grey_and_opaque_ones_stay(mode: str) -> None:
    image = gradient().convert("RGBA")
    image.putalpha(Image.fromarray(np.repeat(np.array([[0], [255]], np.uint8), 16, axis=0).repeat(WIDTH, axis=1)))
    picture = decode_picture(encoded(image.convert(mode) if mode != "P" else image.quantize(200)))
    assert (picture[:15] == 128).all()
    opaque = gradient().convert("L").convert("RGB") if mode == "LA" else gradient()
    assert distance(picture[17:], np.asarray(opaque)[17:]) < 12


def test_a_tiff_of_several_pages_gives_its_first() -> None:
    pages = carrier("scikit-image") / "skimage" / "data" / "multipage.tif"
    assert decode_picture(pages.read_bytes()).ndim == 3


@pytest.mark.parametrize("data", [b"", b"\0" * 1000, b"not a picture", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        decode_picture(data)
    assert refused.value.hint


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_refused(kind: str) -> None:
    frames = [gradient(), gradient().rotate(90, expand=False)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(InputError, match="animation"):
        decode_picture(data)


def test_a_jpeg_with_a_second_view_gives_its_first() -> None:
    data = encoded(gradient(), "MPO", save_all=True, append_images=[gradient().rotate(90)])
    assert distance(decode_picture(data), np.asarray(gradient())) < 6


def test_a_real_animated_gif_is_refused_and_a_still_one_is_read() -> None:
    moving = carrier("scikit-image") / "skimage" / "data" / "no_time_for_that_tiny.gif"
    with pytest.raises(InputError, match="animation"):
        decode_picture(moving.read_bytes())
    assert decode_picture(encoded(gradient(), "GIF")).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    data = encoded(Image.fromarray(astronaut()[:256, :256]), kind)
    with pytest.raises(InputError):
        decode_picture(data[: int(len(data) * share)])


def huge_png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ihdr = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    body = zlib.compress(b"\0" * 1000)
    idat = struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    return b"\x89PNG\r\n\x1a\n" + ihdr + idat


def test_60000_by_60000_pixels_are_refused_from_the_header() -> None:
    with pytest.raises(TooLargeError, match="60000 x 60000"):
        decode_picture(huge_png_header(60_000, 60_000))  # decoding it would tell of the missing pixels


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    """10,000 x 10,000 white pixels in a file of a few kilobytes; decoded they are 300 MB."""
    data = encoded(Image.new("1", (10_000, 10_000), 1))
    assert len(data) < 100_000
    for sent in (data, data[: len(data) // 2]):  # decoding the second would tell that it is truncated
        with pytest.raises(TooLargeError):
            decode_picture(sent)


def test_limits_can_be_set() -> None:
    data = encoded(gradient())
    with pytest.raises(TooLargeError, match="48 x 32"):
        decode_picture(data, limits=PictureLimits(max_pixels=WIDTH * HEIGHT - 1))
    with pytest.raises(TooLargeError, match="MB"):
        decode_picture(data, limits=PictureLimits(max_bytes=len(data) - 1))
    assert decode_picture(data, limits=PictureLimits(len(data), WIDTH * HEIGHT)).shape == (HEIGHT, WIDTH, 3)


def seeds() -> list[bytes]:
    """A picture of every kind that is read, in the variants that have code of their own."""
    small, other = gradient(), gradient().rotate(90, expand=False)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "x" * 50
    kinds = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "TGA", "PPM")
    moving = {"save_all": True, "append_images": [other]}
    return [
        *(encoded(small, kind) for kind in kinds),
        *(encoded(small, kind, exif=exif) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF")),
        *(encoded(small, "TIFF", compression=how) for how in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")),
        *(encoded(small, kind, **moving) for kind in ("GIF", "MPO", "WEBP", "PNG", "AVIF")),
        *(encoded(small.convert("P"), kind) for kind in ("PNG", "BMP")),
        *(encoded(small.convert(mode), "TIFF") for mode in ("I", "F")),
        encoded(small.convert("LA"), "PNG"),
        encoded(small.convert("P"), "TGA", compression="tga_rle"),
    ]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut short, or with some bytes changed; mostly in the header, where the structure is."""
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    reach = min(len(data), 200) if chance.random() < 0.7 else len(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(reach)] = chance.choice((0, 255, 1, 127, 128, chance.randrange(256)))
    return bytes(changed)


def test_a_damaged_picture_is_read_or_refused_but_nothing_else() -> None:
    chance, outcomes = random.Random(5), collections.Counter[str]()
    undamaged = seeds()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in undamaged * DAMAGED_OF_EACH:
            try:
                picture = decode_picture(damaged(data, chance), limits=PictureLimits(max_pixels=1_000_000))
            except InputError:
                outcomes["refused"] += 1
            else:
                assert picture.shape[2:] == (3,)
                outcomes["read"] += 1
    assert min(outcomes["refused"], outcomes["read"]) > len(undamaged) * DAMAGED_OF_EACH / 10


@pytest.mark.parametrize("fault", [RuntimeError, IndexError, struct.error])
def test_damage_that_shows_at_the_count_of_frames_is_told(fault: type[Exception], monkeypatch) -> None:
    def count(_image: object) -> bool:
        raise fault

    monkeypatch.setattr(GifImagePlugin.GifImageFile, "is_animated", property(count))
    with pytest.raises(InputError, match="damaged"):
        decode_picture(encoded(gradient(), "GIF"))


def png_with(chunk: bytes, content: bytes, *, behind_the_pixels: bool) -> bytes:
    data = encoded(gradient(), "PNG")
    place = data.rindex(b"IEND") - 4 if behind_the_pixels else data.index(b"IDAT") - 4
    framed = struct.pack(">I", len(content)) + chunk + content + struct.pack(">I", zlib.crc32(chunk + content))
    return data[:place] + framed + data[place:]


@pytest.mark.parametrize("behind_the_pixels", [False, True])
def test_a_png_is_turned_wherever_it_says_so(behind_the_pixels: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = exif.tobytes().removeprefix(b"Exif\0\0")
    turned = decode_picture(png_with(b"eXIf", content, behind_the_pixels=behind_the_pixels))
    assert np.array_equal(turned, np.rot90(np.asarray(gradient()), -1))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB")])
def test_the_quick_decoder_gives_what_pillow_gives_and_leaves_the_rest_to_it(kind: str, mode: str) -> None:
    data = encoded(gradient().convert(mode), kind)
    pixels = plain_pixels(data, most_pixels=WIDTH * HEIGHT)
    assert pixels is not None
    assert np.array_equal(pixels, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    for other in (encoded(gradient().convert("L"), kind), data[:-20]):
        assert plain_pixels(other, most_pixels=WIDTH * HEIGHT) is None
    assert plain_pixels(data, most_pixels=WIDTH * HEIGHT - 1) is None


def exif_behind_the_size(jpeg: bytes) -> bytes:
    """The same picture with its first APP1 segment in front of the scan."""
    start = jpeg.index(b"\xff\xe1")
    end = start + 2 + int.from_bytes(jpeg[start + 2 : start + 4])
    rest = jpeg[:start] + jpeg[end:]
    scan = rest.index(b"\xff\xda")
    return rest[:scan] + jpeg[start:end] + rest[scan:]


def unusual() -> dict[str, bytes]:
    """Pictures that begin as plain ones do."""
    exif = Image.Exif()
    exif[0x0112] = 6
    moving = {"save_all": True, "append_images": [gradient().rotate(90, expand=False)]}
    return {
        "turned PNG": encoded(gradient(), "PNG", exif=exif),
        "PNG with a colour seen through": encoded(gradient(), "PNG", transparency=(0, 0, 60)),
        "moving PNG": encoded(gradient(), "PNG", **moving),
        "turned JPEG": encoded(gradient(), "JPEG", exif=exif),
        "JPEG with two views": encoded(gradient(), "MPO", **moving),
        "CMYK JPEG": encoded(gradient().convert("CMYK"), "JPEG"),
        "JPEG in RGB": encoded(gradient(), "JPEG", keep_rgb=True),
        "progressive JPEG": encoded(gradient(), "JPEG", progressive=True),
        "JPEG that tells a turn behind its size": exif_behind_the_size(encoded(gradient(), "JPEG", exif=exif)),
        "JPEG of nothing but its start": b"\xff\xd8",
        "PNG of nothing but its signature": encoded(gradient())[:8],
    }


@pytest.mark.parametrize("kind", unusual())
def test_what_is_not_plain_is_left_to_pillow(kind: str) -> None:
    assert plain_pixels(unusual()[kind], most_pixels=WIDTH * HEIGHT) is None
