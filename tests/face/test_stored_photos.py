"""How a photo is stored (its colours, depth and turn) changes little in what is read from it."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from inference_backend.engines import RgbPicture
from inference_backend.face.engine import FaceModelEngine
from inference_backend.pictures import decode_picture
from tests.face.single_face import only_face
from tests.face.test_pictures import encoded, png_of_16_bits
from tests.photos import photo


def as_greyscale(picture: RgbPicture) -> bytes:
    return encoded(Image.fromarray(picture).convert("L"))


def as_16_bit_greyscale(picture: RgbPicture) -> bytes:
    return encoded(Image.fromarray(np.asarray(Image.fromarray(picture).convert("L")).astype(np.uint16) * 257))


def as_cmyk(picture: RgbPicture) -> bytes:
    return encoded(Image.fromarray(picture).convert("CMYK"), "JPEG", quality=95)


def with_alpha(picture: RgbPicture) -> bytes:
    image = Image.fromarray(picture).convert("RGBA")
    image.putalpha(255)
    return encoded(image)


def turned_by_exif(orientation: int, turn: Image.Transpose) -> Callable[[RgbPicture], bytes]:
    def turned(picture: RgbPicture) -> bytes:
        exif = Image.Exif()
        exif[0x0112] = orientation
        return encoded(Image.fromarray(picture).transpose(turn), "JPEG", quality=95, exif=exif)

    return turned


VARIANTS = {
    "greyscale": as_greyscale,
    "16-bit greyscale": as_16_bit_greyscale,
    "16-bit RGB": png_of_16_bits,
    "CMYK": as_cmyk,
    "alpha": with_alpha,
    "lying on its side": turned_by_exif(6, Image.Transpose.ROTATE_90),
    "upside down": turned_by_exif(3, Image.Transpose.ROTATE_180),
    "on its other side": turned_by_exif(8, Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", ["astronaut.png", "single_face.jpg", "franck_02159.jpg"])
def test_how_a_photo_is_stored_changes_little(engine: FaceModelEngine, name: str, variant: str) -> None:
    picture = photo(name).picture
    as_it_is = only_face(engine, picture).pose
    stored = only_face(engine, decode_picture(VARIANTS[variant](picture))).pose
    assert np.abs(stored.values - as_it_is.values).mean() < 0.02
