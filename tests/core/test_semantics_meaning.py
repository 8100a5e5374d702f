"""Expression, emotion and doubts: what is made of a pose beyond its movements."""

import pytest

from blender_addon.core.semantics.doubts import doubts_about
from blender_addon.core.semantics.emotion import emotion_of
from blender_addon.core.semantics.expression import expression_of
from blender_addon.core.semantics.sight import Sight

from .poses import FACES, face

NOT_SEEN = ("noseSneerLeft", "noseSneerRight", "cheekPuff", "jawRight")


@pytest.mark.parametrize(
    ("name", "expression", "emotion"),
    [
        ("neutral", "neutral", "no clear emotion"),
        ("smile", "open smile", "likely joy"),
        ("smirk", "one-sided smirk", "possibly contempt"),
        ("surprise", "open-mouthed surprise", "likely surprise"),
        ("wink", "smiling wink", "a hint of joy"),
        ("snarl", "snarl", "likely anger"),
        ("disgust", "disgusted grimace", "likely disgust"),
        ("sadness", "sad frown", "likely sadness"),
        ("fear", "fearful stare", "likely fear"),
        ("anger", "tight-lipped scowl", "likely anger"),
        ("pout", "pout", "no clear emotion"),
        ("tongue", "tongue out", "no clear emotion"),
    ],
)
def test_named_faces(name, expression, emotion):
    assert expression_of(FACES[name]) == expression
    assert emotion_of(FACES[name]) == emotion


@pytest.mark.parametrize(
    ("pose", "expression"),
    [
        (face(both_mouthSmile=0.5), "closed smile"),
        (face(both_mouthSmile=0.25), "slight smile"),
        (face(both_mouthSmile=0.7, jawOpen=0.6), "laughing smile"),
        (face(both_mouthSmile=0.5, tongueOut=0.8, jawOpen=0.4), "smiling, tongue out"),
        (face(browInnerUp=0.5, both_browOuterUp=0.5, both_eyeWide=0.5), "raised-brow surprise"),
        (face(both_noseSneer=0.5), "wrinkled nose"),
        (face(both_eyeBlink=0.9), "closed eyes"),
        (face(eyeBlinkLeft=0.65, eyeBlinkRight=0.45), "half-closed eyes"),
        (face(both_browDown=0.5), "lowered brows"),
        (face(both_eyeBlink=0.15), "nearly neutral"),
        (face(mouthLeft=0.25), "no distinct expression"),
        (face(jawOpen=0.5, mouthClose=0.5), "no distinct expression"),
        (face(jawOpen=0.5), "open mouth"),
        (face(browOuterUpLeft=0.6, browOuterUpRight=0.1), "one raised brow"),
        (face(cheekPuff=0.8), "puffed cheeks"),
        (face(both_eyeLookDown=0.8, headYaw=30), "neutral"),
    ],
)
def test_other_expressions(pose, expression):
    assert expression_of(pose) == expression


def test_the_wording_grows_with_the_evidence():
    wordings = [emotion_of(face(both_mouthSmile=smile, both_cheekSquint=smile / 2)) for smile in (0.1, 0.25, 0.4, 0.8)]
    assert wordings == ["no clear emotion", "a hint of joy", "possibly joy", "likely joy"]


def test_a_sign_that_the_engine_cannot_see_is_not_held_to_be_missing():
    smile = face(both_mouthSmile=0.5)
    assert emotion_of(smile) == "possibly joy"
    assert emotion_of(smile, unseen=("cheekSquintLeft", "cheekSquintRight")) == "likely joy"


def test_a_smile_over_shut_eyes_may_be_crying():
    crying = face(both_mouthSmile=0.9, eyeBlinkLeft=0.84, eyeBlinkRight=0.62)
    assert emotion_of(crying, unseen=("cheekSquintLeft", "cheekSquintRight")) == "possibly joy"
    assert "may as well be crying or pain" in " ".join(doubts_about(crying))
    smiling = face(both_mouthSmile=0.9, both_eyeBlink=0.2)
    assert emotion_of(smiling) == "likely joy"
    assert "crying" not in " ".join(doubts_about(smiling))


def test_an_open_jaw_alone_is_no_surprise():
    assert emotion_of(face(jawOpen=1.0)) == "no clear emotion"


@pytest.mark.parametrize(
    ("pose", "doubt"),
    [
        (face(both_eyeBlink=0.7, both_eyeWide=0.5), "Each eye is closed and widened at once."),
        (face(eyeBlinkLeft=0.9, eyeSquintLeft=0.7), "The left eye is shut and squinted; the lids may cross."),
        (face(eyeLookUpRight=0.5, eyeLookDownRight=0.4), "The right eye looks up and down at once."),
        (face(eyeLookInLeft=0.5, eyeLookOutLeft=0.4), "The left eye looks in and out at once."),
        (face(both_mouthSmile=0.5, both_mouthFrown=0.4), "Each lip corner goes up and down at once."),
        (face(mouthLeft=0.5, mouthRight=0.5), "The mouth is pulled both ways at once."),
        (face(jawLeft=0.5, jawRight=0.5), "The jaw is pulled both ways at once."),
        (face(mouthFunnel=0.5, mouthRollUpper=0.5), "The lips roll in and funnel out at once."),
        (face(mouthClose=0.4, jawOpen=0.2), "The lips close further than the jaw is open."),
        (face(tongueOut=0.6), "The tongue is out of a closed mouth."),
        (face(both_eyeBlink=0.7), "With the eyes closed, the gaze is a guess."),
        (face(eyeBlinkRight=0.7), "With the right eye closed, its gaze is a guess."),
        (face(eyeLookUpLeft=0.5, leftEyePitch=-10), "Lids and eyeballs look different ways."),
        (face(eyeLookOutRight=0.5, rightEyeYaw=10), "Lids and eyeballs look different ways."),
        (face(headYaw=40), "The head's turn hides much of the left side."),
        (face(headYaw=-40), "The head's turn hides much of the right side."),
        (face(headPitch=-20), "With the head so low, brows and lids are less certain."),
        (face(headPitch=20), "With the head so high, brows and lids are less certain."),
    ],
)
def test_doubts(pose, doubt):
    assert doubt in doubts_about(pose)


@pytest.mark.parametrize(
    "pose",
    [
        face(),
        face(jawOpen=0.5, mouthClose=0.5),
        face(tongueOut=0.8, jawOpen=0.4),
        face(both_eyeBlink=0.4, both_eyeSquint=0.7),
        face(eyeLookUpLeft=0.5, leftEyePitch=10, eyeLookUpRight=0.5, rightEyePitch=10),
        face(eyeLookOutRight=0.5, rightEyeYaw=-15, eyeLookInLeft=0.5, leftEyeYaw=-15),
        face(headYaw=20, headPitch=10, headRoll=30),
        face(both_mouthSmile=1.0, both_cheekSquint=1.0),
    ],
)
def test_no_doubt_without_a_reason(pose):
    assert doubts_about(pose) == ()


def test_what_the_engine_cannot_see_is_one_sentence():
    told = doubts_about(face(), Sight(weak=NOT_SEEN))
    assert told == ("This engine hardly sees: cheek puff; nose; jaw shift.",)


def test_lowered_or_raised_brows_alone_are_no_emotion():
    assert emotion_of(face(both_browDown=0.7)) == "no clear emotion"
    assert emotion_of(face(both_browDown=0.7, both_mouthPress=0.4)) == "likely anger"
    assert emotion_of(face(browInnerUp=0.7, both_browOuterUp=0.7)) == "no clear emotion"
    assert emotion_of(face(browInnerUp=0.7, both_browOuterUp=0.7, jawOpen=0.4)) == "likely surprise"
