"""The four fields of words follow from the numbers, and the numbers come back from the words."""

import numpy as np
import pytest

from blender_addon.core.anatomy import faults
from blender_addon.core.channels import INDEX, SHAPES, other_side
from blender_addon.core.errors import InputError
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.pose import Pose
from inference_backend.distill.plausible import PlausibleFaces
from inference_backend.distill.rewriting import rewrite
from inference_backend.distill.stage_one import (
    READ_BACK,
    contradictions,
    description_of,
    disagreements,
    pose_of,
    words_of,
)
from inference_backend.language.chat import ChatReply

COUNT = 1000


@pytest.fixture(scope="module")
def poses() -> list[Pose]:
    faces = PlausibleFaces(2603)
    return [faces.draw() for _ in range(COUNT)]


def test_a_thousand_faces_read_back(poses):
    errors = np.array([np.abs(pose_of(words_of(pose)).values - pose.values) for pose in poses])
    assert errors.max() <= READ_BACK + 1e-6
    assert errors.mean() <= 0.05


def test_no_sentence_contradicts_a_number(poses):
    for pose in poses:
        assert contradictions(words_of(pose), pose) == ()
        assert disagreements(words_of(pose), pose) == ()


def test_the_side_that_is_called_stronger_is(poses):
    told = 0
    for pose in poses:
        read = pose_of(words_of(pose))
        for name in SHAPES:
            other = other_side(name)
            if name.endswith("Left") and read[name] != read[other]:
                told += 1
                assert (read[name] > read[other]) == (pose[name] > pose[other])
            elif name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
                assert abs(pose[name] - pose[other]) <= 2 * READ_BACK
    assert told > COUNT  # one-sided faces are among them


def test_the_faces_are_ones_that_can_be_made(poses):
    for pose in poses:
        assert not faults(Performance((Keyframe(0.0, pose.as_mapping()),), duration=1.0))


def test_every_shape_is_seen_strong_and_at_rest(poses):
    table = np.array([pose.values for pose in poses])[:, : len(SHAPES)]
    assert (np.quantile(table, 0.99, axis=0) > 0.4).all()
    assert (np.quantile(table, 0.25, axis=0) < 0.1).all()


def test_the_same_seed_draws_the_same_faces():
    first, second = PlausibleFaces(7), PlausibleFaces(7)
    assert [first.draw() for _ in range(5)] == [second.draw() for _ in range(5)]
    assert PlausibleFaces(8).draw() != PlausibleFaces(7).draw()


def test_drills_show_often_what_acted_faces_rarely_do(poses):
    faces = PlausibleFaces(2603, drills=1.0)
    drills = [faces.draw() for _ in range(400)]
    rare = [INDEX[name] for name in ("jawForward", "jawLeft", "mouthShrugUpper", "mouthRight", "cheekPuff")]

    def share_that_shows(drawn):
        return (np.array([pose.values[rare] for pose in drawn]) > 0.1).mean(axis=0)

    assert (share_that_shows(poses) < 0.1).all()
    assert (share_that_shows(drills) > 0.1).all()
    for pose in drills:
        assert not faults(Performance((Keyframe(0.0, pose.as_mapping()),), duration=1.0))


SMIRK = Pose.from_mapping({"mouthSmileLeft": 0.7, "mouthSmileRight": 0.2, "browInnerUp": 0.5})


def test_the_fields_are_those_of_the_release():
    lines = words_of(SMIRK).splitlines()
    assert lines[0] == "1. **Facial Expression Category**: one-sided smirk"
    assert "   - **Mouth**: left corner strongly up (70%), right slightly (20%)" not in lines  # 20 % is faint
    assert "   - **Mouth**: left corner strongly up (70%), right faintly (20%)" in lines
    assert lines[-1] == "4. **Symmetry**: Stronger on the left: smile."
    assert description_of(words_of(SMIRK)).symmetry == "Stronger on the left: smile."


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("left corner", "right corner"),
        ("strongly up", "slightly up"),
        ("Stronger on the left", "Stronger on the right"),
        ("(70%)", "(40%)"),
        ("one-sided smirk", "broad smile"),
        ("inner ends moderately raised", "inner ends moderately raised and both cheeks lifted"),
        ("inner ends moderately raised", "at rest"),
        ("inner ends moderately raised", "inner ends moderately raised, not lowered"),
        ("possibly contempt", "likely joy"),
    ],
)
def test_words_that_no_longer_agree_are_found(true, false):
    words = words_of(SMIRK)
    assert true in words
    assert disagreements(words.replace(true, false), SMIRK)


def test_free_words_around_the_true_ones_agree():
    words = words_of(SMIRK).replace("left corner", "the smile shows in the left corner", 1)
    assert disagreements(words.replace("the smile shows in the left", "a smile: left"), SMIRK) == ()


@pytest.mark.parametrize("words", ["", "1. **Symmetry**: x", "   - **Tail**: strongly raised"])
def test_what_is_no_description_is_refused(words):
    with pytest.raises(InputError):
        description_of(words)


class Scribe:
    """A language model that says what it is given to say."""

    parallel = 1

    def __init__(self, *replies: ChatReply) -> None:
        self._replies = list(replies)

    def complete(self, request, *, cancelled):
        return self._replies.pop(0)


def test_a_rewriting_that_agrees_is_taken():
    fluent = words_of(SMIRK).replace("left corner", "here the left corner", 1)
    done = rewrite(SMIRK, Scribe(ChatReply(fluent)))
    assert (done.words, done.rejected) == (fluent, ())


def test_a_rewriting_that_lies_is_rejected_with_its_reason():
    lie = words_of(SMIRK).replace("left corner strongly", "right corner strongly")
    done = rewrite(SMIRK, Scribe(ChatReply(lie), ChatReply(words_of(SMIRK), cut_off=True)))
    assert done.words == words_of(SMIRK)
    assert "left corner strongly up (70%)" in done.rejected[0]
    assert done.rejected[1] == "It was cut off."
