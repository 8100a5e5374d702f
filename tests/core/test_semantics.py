"""The words follow from the numbers, and the numbers come back from the words."""

import re

import numpy as np
import pytest
from hypothesis import given

from blender_addon.core.channels import ANGLES, INDEX, SHAPES
from blender_addon.core.errors import InputError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description, Region
from blender_addon.core.semantics.observation import amount_of, observe
from blender_addon.core.semantics.phrases import read_phrases
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.vocabulary import VOCABULARY
from blender_addon.core.semantics.writer import pose_from_description

from .poses import FACES, face, mirror, near_symmetric_poses, plausible_pose, poses, symmetric_poses

SIDES = re.compile(r"\b(left|right)\b")
READ_BACK = 0.1 + 1e-6


def words(name: str) -> dict[str, str]:
    return {region.value: text for region, text in describe(FACES[name]).movements.items()}


def swap_sides(text: str) -> str:
    return SIDES.sub(lambda found: {"left": "right", "right": "left"}[found.group()], text)


def claims(description: Description):
    """What a description says: (channel direction, scale, lowest and highest amount, is said of several)."""
    for region, text in description.movements.items():
        for observation in read_phrases(region, text):
            scale = observation.movement.scale
            for side, amount in observation.parts:
                directions = observation.movement.directions_of(side)
                for direction in directions:
                    yield direction, scale, *scale.word_range(scale.word(amount)), len(directions) > 1


def test_a_smile():
    assert words("smile") == {
        "eyes": "slightly squinted",
        "cheeks": "moderately raised",
        "mouth": "corners fully up, upper lip slightly raised, lower lip faintly lowered",
        "jaw": "faintly dropped",
    }


def test_a_smirk_names_its_side():
    assert words("smirk")["mouth"] == "left corner moderately up, right faintly, left corner slightly tucked in"
    assert describe(FACES["smirk"]).symmetry == "Stronger on the left: smile, dimple."


def test_what_moves_together_is_said_once():
    assert words("surprise")["brows"] == "fully raised"
    assert words("sadness")["brows"] == "faintly lowered, inner ends strongly raised"


def test_gaze_and_head():
    assert words("sadness")["gaze"] == "slightly down, eyeballs slightly down (12°)"
    assert words("sadness")["head"] == "slightly lowered (18°)"
    aside = face(eyeLookOutLeft=0.5, eyeLookInRight=0.5, leftEyeYaw=20, rightEyeYaw=20, headYaw=15, headRoll=-8)
    assert describe(aside).movements == {
        Region.GAZE: "moderately to the left, eyeballs moderately to the left (20°)",
        Region.HEAD: "slightly turned left (15°), faintly tilted right (8°)",
    }


def test_one_eye_aside_is_not_a_squint():
    assert describe(face(eyeLookInLeft=0.13)).movements == {Region.GAZE: "left eye faintly inwards"}


def test_a_faint_difference_names_no_side():
    assert describe(face(mouthSmileLeft=0.14, mouthSmileRight=0.02)).movements == {Region.MOUTH: "corners faintly up"}


def test_numbers_are_said_where_they_are_asked_for():
    described = describe(FACES["smirk"], numbers=True)
    assert described.movements[Region.MOUTH].startswith("left corner moderately up (60%), right faintly (12%)")


def test_a_resting_face_moves_nothing():
    assert describe(Pose.neutral()) == Description("neutral", {}, "no clear emotion", "")


def test_regions_come_in_the_order_of_the_face():
    every = describe(Pose(np.full(61, 0.5)))
    assert list(every.movements) == list(Region)


def test_the_region_that_does_most_comes_first():
    pose = face(browInnerUp=0.2, both_eyeSquint=0.4, both_mouthSmile=0.9, headYaw=60, leftEyeYaw=40, rightEyeYaw=40)
    assert list(describe(pose).movements) == [Region.MOUTH, Region.EYES, Region.BROWS, Region.GAZE, Region.HEAD]


def test_a_description_begins_with_what_it_comes_to():
    assert describe(FACES["smile"]).sentences()[0] == "open smile; likely joy"


def test_sides_that_are_alike_need_no_sentence():
    assert describe(FACES["smile"]).symmetry == ""
    assert "" not in describe(FACES["smile"]).sentences()


@given(poses())
def test_the_same_pose_has_the_same_words(pose):
    assert describe(pose) == describe(Pose(pose.values))


@given(poses())
def test_everything_that_moves_is_told_once(pose):
    told = [direction for direction, *_ in claims(describe(pose))]
    assert len(told) == len(set(told))
    for movement in VOCABULARY:
        for direction in movement.directions:
            if amount_of(pose, direction, movement.scale) >= movement.scale.threshold:
                assert direction in told


@given(poses() | near_symmetric_poses())
def test_no_word_contradicts_a_number(pose):
    for direction, scale, low, high, of_several in claims(describe(pose)):
        # Of several channels that are told as one, each lies near the range of the word.
        tolerance = max(scale.side_difference / 2, scale.threshold) if of_several else 0.0
        assert low - tolerance <= amount_of(pose, direction, scale) <= high + tolerance


@given(symmetric_poses())
def test_a_symmetric_face_has_no_sides(pose):
    assert not SIDES.search(" ".join(describe(pose).sentences()))


@given(near_symmetric_poses() | poses())
def test_sides_are_named_only_where_they_differ_noticeably(pose):
    for observation in observe(pose):
        movement = observation.movement
        if observation.names_a_side and not movement.independent and movement.region is not Region.GAZE:
            left, right = (amount_of(pose, direction, movement.scale) for direction in movement.directions)
            assert abs(left - right) >= movement.scale.side_difference


@given(poses())
def test_the_symmetry_sentence_agrees_with_the_sides(pose):
    description = describe(pose)
    face_words = [text for region, text in description.movements.items() if region.value not in ("gaze", "head")]
    assert bool(SIDES.search(description.symmetry)) == bool(SIDES.search(" ".join(face_words)))


@given(poses() | near_symmetric_poses())
def test_a_mirrored_face_has_mirrored_words(pose):
    mirrored = describe(mirror(pose)).sentences()
    assert mirrored == [swap_sides(sentence) for sentence in describe(pose).sentences()]


@given(poses() | near_symmetric_poses())
def test_words_with_numbers_read_back_within_a_tenth(pose):
    read = pose_from_description(describe(pose, numbers=True))
    assert np.abs(read.values - pose.values).max() <= READ_BACK


@given(poses() | near_symmetric_poses())
def test_words_alone_read_back_within_their_step(pose):
    read = pose_from_description(describe(pose))
    # At most: "faintly" (0.19) is said of both sides where the weaker one is at rest.
    assert np.abs(read.values - pose.values)[: len(SHAPES)].max() <= 0.19 + 1e-5
    assert np.abs(read.values - pose.values)[len(SHAPES) :].max() <= READ_BACK


@given(poses())
def test_reading_back_our_own_words_gives_the_centre_of_each_word(pose):
    description = describe(pose)
    read = pose_from_description(description)
    for direction, scale, low, high, _ in claims(description):
        if not scale.always_numbered:
            centre = (low + min(high, scale.usual_maximum)) / 2
            assert amount_of(read, direction, scale) == pytest.approx(centre)


def test_a_thousand_plausible_faces_read_back():
    random = np.random.default_rng(2603)
    errors = []
    for _ in range(1000):
        pose = plausible_pose(random)
        read = pose_from_description(describe(pose, numbers=True))
        errors.append(np.abs(read.values - pose.values))
    assert np.max(errors) <= READ_BACK
    assert np.mean(errors) <= 0.05


@given(poses())
def test_a_description_survives_json(pose):
    description = describe(pose)
    assert Description.from_json(description.to_json()) == description


def test_a_pose_beyond_the_range_is_told_and_doubted():
    description = describe(face(jawOpen=1.3, both_mouthSmile=-0.4))
    assert description.movements == {Region.JAW: "fully dropped"}
    assert description.uncertain == ("Outside the range 0 to 1: jawOpen, mouthSmileLeft, mouthSmileRight.",)


@pytest.mark.parametrize(
    "movements",
    [
        {Region.BROWS: "strongly raised, inner ends slightly raised"},
        {Region.HEAD: "slightly turned left (15°), slightly turned right (15°)"},
        {Region.EYES: "fully closed, left slightly closed"},
    ],
)
def test_a_channel_told_twice_is_refused(movements):
    with pytest.raises(InputError, match="is described twice"):
        pose_from_description(Description("", movements, "", ""))


def test_all_channels_come_back_from_words():
    pose = face(jawLeft=0.55, tongueOut=0.91, headYaw=-20, rightEyePitch=10)
    read = pose_from_description(describe(pose))
    assert read["jawLeft"] == pytest.approx(0.55)
    assert read["tongueOut"] == pytest.approx(0.91)
    assert [read[name] for name in ANGLES] == pytest.approx(pose.values[INDEX["headYaw"] :].tolist(), abs=0.01)
