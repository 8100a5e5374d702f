"""Words about what an engine read in a picture: calm faces are calm, and nothing is told twice or too firmly."""

import numpy as np
import pytest
from hypothesis import given

from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Region
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.sight import PERFECT_SIGHT, Sight
from blender_addon.core.semantics.telling import worth_telling
from blender_addon.core.semantics.writer import pose_from_description

from .poses import face, poses

RESTING = Sight(resting={"eyeSquintLeft": 0.6, "eyeSquintRight": 0.6})
EYEBALLS = Sight(eyeballs_lead=True)
CLOSED_SMILE = face(both_mouthSmile=0.6)
LIPS = "The lips look parted, though the shapes hardly open them."
LIDS = "The two eyes look alike; that one lid is lower is uncertain."


def gaze_of(sight: Sight = EYEBALLS, **channels: float) -> str | None:
    return describe(face(**channels), sight=sight).movements.get(Region.GAZE)


@given(poses())
def test_all_of_a_pose_that_nobody_had_to_see_is_told(pose: Pose) -> None:
    assert np.array_equal(worth_telling(pose, PERFECT_SIGHT).values, pose.values)


def test_what_an_engine_reads_on_calm_faces_is_not_told() -> None:
    calm = face(both_eyeSquint=0.55)
    assert describe(calm).expression == "narrowed eyes"
    assert describe(calm, sight=RESTING).expression == "neutral"
    assert describe(calm, sight=RESTING).movements == {}


def test_what_stands_out_is_told_with_its_own_number() -> None:
    told = describe(face(both_eyeSquint=0.75), sight=RESTING, numbers=True)
    assert told.movements == {Region.EYES: "strongly squinted (75%)"}
    assert pose_from_description(told)["eyeSquintLeft"] == pytest.approx(0.75)


def test_a_pair_is_judged_by_its_mean() -> None:
    assert describe(face(eyeSquintLeft=0.65, eyeSquintRight=0.5), sight=RESTING).movements == {}
    assert describe(face(eyeSquintLeft=0.9, eyeSquintRight=0.4), sight=RESTING).movements != {}


def test_a_resting_level_does_not_make_anger_of_lowered_brows() -> None:
    stern = face(both_browDown=0.5, both_eyeSquint=0.55)
    assert describe(stern).emotion == "possibly anger"
    assert describe(stern, sight=RESTING).emotion == "no clear emotion"


def test_eyeballs_say_where_a_face_looks() -> None:
    assert gaze_of(both_eyeLookUp=0.15, leftEyePitch=-6, rightEyePitch=-7) == "eyeballs faintly down (6°)"


def test_the_two_eyes_look_one_way() -> None:
    assert gaze_of(leftEyeYaw=14, rightEyeYaw=8) == "eyeballs slightly to the left (11°)"
    assert gaze_of(eyeLookOutLeft=0.5, eyeLookInRight=0.3) == "slightly to the left"


def test_eyes_that_are_far_apart_are_told_apart() -> None:
    words = gaze_of(leftEyeYaw=-9, rightEyeYaw=9)
    assert words is not None
    assert "crossed" in words


def test_lids_say_it_where_the_eyeballs_rest() -> None:
    assert gaze_of(both_eyeLookDown=0.7, both_eyeLookUp=0.1, leftEyePitch=2, rightEyePitch=1) == "strongly down"


def test_closed_eyes_look_nowhere() -> None:
    closed = face(both_eyeBlink=0.9, both_eyeLookDown=0.9, leftEyeYaw=10, rightEyeYaw=10)
    told = describe(closed, sight=EYEBALLS)
    assert list(told.movements) == [Region.EYES]
    assert told.uncertain == ("With the eyes closed, the gaze is a guess.",)


def test_lids_and_eyeballs_that_disagree_are_one_doubt() -> None:
    told = describe(face(both_eyeLookUp=0.6, leftEyePitch=-8, rightEyePitch=-8), sight=EYEBALLS)
    assert told.movements == {Region.GAZE: "eyeballs slightly down (8°)"}
    assert told.uncertain == ("Lids and eyeballs look different ways.",)


def test_lids_that_look_alike_are_no_wink() -> None:
    half_down = face(eyeBlinkLeft=0.7, eyeBlinkRight=0.25)
    assert describe(half_down).expression == "wink"
    told = describe(half_down, sight=Sight(lids_alike=True))
    assert told.expression == "half-closed eyes"
    assert told.movements == {Region.EYES: "moderately closed"}
    assert told.uncertain == (LIDS,)


def test_lids_that_look_unlike_may_wink() -> None:
    told = describe(face(eyeBlinkLeft=0.7, eyeBlinkRight=0.1), sight=Sight(lids_alike=False))
    assert told.expression == "wink"
    assert LIDS not in told.uncertain


def test_a_smile_is_not_called_closed_where_the_lips_look_parted() -> None:
    assert describe(CLOSED_SMILE).expression == "closed smile"
    assert describe(CLOSED_SMILE, sight=Sight(lips_parted=False)).expression == "closed smile"
    told = describe(CLOSED_SMILE, sight=Sight(lips_parted=True))
    assert told.expression == "smile, lips parted"
    assert told.uncertain == (LIPS,)


def test_parted_lips_are_not_doubted_where_the_shapes_part_them() -> None:
    told = describe(with_jaw(CLOSED_SMILE, 0.3), sight=Sight(lips_parted=True))
    assert told.expression == "open smile"
    assert told.uncertain == ()


def with_jaw(pose: Pose, amount: float) -> Pose:
    return Pose.from_mapping(pose.as_mapping() | {"jawOpen": amount})


def test_parted_lips_of_a_face_that_does_nothing_else() -> None:
    assert describe(face(), sight=Sight(lips_parted=True)).expression == "parted lips"


def test_a_sight_names_channels() -> None:
    with pytest.raises(ValueError, match="not a channel: cheekpuff, jawopen"):
        Sight(weak=("cheekpuff",), resting={"jawopen": 0.1})


def test_a_side_is_told_as_a_closer_look_saw_it() -> None:
    lopsided = face(mouthSmileLeft=0.7, mouthSmileRight=0.4)
    assert "left" in describe(lopsided).symmetry
    alike = describe(lopsided, sight=Sight(sides={"mouthSmileLeft": 0.0}))
    assert alike.symmetry == ""
    assert alike.movements[Region.MOUTH] == "corners moderately up"
    assert "right" in describe(lopsided, sight=Sight(sides={"mouthSmileLeft": -0.4})).symmetry


def test_a_shift_that_a_closer_look_did_not_see_is_no_shift_both_ways() -> None:
    shifted = face(mouthLeft=0.4)
    assert describe(shifted, sight=Sight(sides={"mouthLeft": 0.0})).movements == {}
    assert "to the right" in describe(shifted, sight=Sight(sides={"mouthLeft": -0.4})).movements[Region.MOUTH]
