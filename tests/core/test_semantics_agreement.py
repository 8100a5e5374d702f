"""Words of a model against its numbers: what they refute is found, and what they bear out is let be."""

import pytest

from blender_addon.core.pose import Pose
from blender_addon.core.semantics.agreement import check_words
from blender_addon.core.semantics.own_words import Contradiction, OwnWords
from blender_addon.core.semantics.reader import describe
from tests.core.poses import FACES

FROWN = {"mouthFrownLeft": 0.2, "mouthFrownRight": 0.2}
SMILE = {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}
HALF_SMILE = {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.1}
SHRUG = {"mouthShrugLower": 0.3, "mouthShrugUpper": 0.2}

REFUTED = [
    ("- **Mouth**: Slight corner elevation.", SHRUG, "no smile but chin raise of 0.3 and upper lip push of 0.2"),
    ("- **Mouth**: Slight elevation of the mouth corners.", SHRUG, "no smile but chin raise of 0.3"),
    ("- **Mouth**: Upturned corners.", SHRUG, "the numbers show no smile"),
    ("   • Mouth: Moderate upward pull of the corners.", SHRUG, "the numbers show no smile"),
    ("- **Mouth**: A one-sided smirk on the right.", SMILE, "left and right are equal in the smile"),
    ("Symmetry: Slight differences between the left and right sides.", SMILE, "left and right are equal in the whole"),
    ("Symmetry: Slight asymmetry in the smile.", SMILE, "left and right are equal in the smile: left 0.5, right 0.5"),
    ("Symmetry: The smile is uneven, stronger on the left.", SMILE, "left and right are equal in the smile"),
    ("Symmetry: Slightly more pronounced on the right side.", SMILE, "left and right are equal in the whole face"),
    ("Symmetry: The smile is stronger on the right.", HALF_SMILE, "the other side is ahead in the smile"),
    ("Symmetry: The face is mostly symmetric.", HALF_SMILE, "the numbers differ in the smile: left 0.6, right 0.1"),
    ("symmetry: no notable asymmetry", HALF_SMILE, "the numbers differ in the smile"),
    ("- **Mouth**: A broad smile.", {}, "the numbers show no smile"),
    ("The corners of the mouth are strongly raised.", {"mouthSmileLeft": 0.1, "mouthSmileRight": 0.1}, "only 0.1"),
    ("A faint smile.", {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}, "smile of 0.9"),
    ("- **Jaw**: Not open.", {"jawOpen": 0.6}, "jaw drop of 0.6"),
    ("- **Eyes**: The left eye is closed.", {"eyeBlinkRight": 0.9}, "no lid closure on the left"),
    ("- **Mouth**: The tongue is out.", SMILE, "no tongue out"),
    ("- **Brows**: Furrowed brows.", {"browOuterUpLeft": 0.5}, "no brow lowering"),
]

BORNE_OUT = [
    ("Symmetry: The smile is asymmetrical (left side more pronounced).", HALF_SMILE),
    ("Symmetry: mostly symmetric, with the left corner higher than the right.", SMILE | {"mouthFrownRight": 0.1}),
    ("Symmetry: The face is symmetric.", SMILE),
    ("symmetry: no notable asymmetry", SMILE),
    ("- **Mouth**: A moderate smile, the jaw is slightly open.", SMILE | {"jawOpen": 0.2}),
    ("- **Cheeks**: Subtle squinting.", {"cheekSquintLeft": 0.1, "cheekSquintRight": 0.1}),
    ("- **Eyes**: The right eye is closed.", {"eyeBlinkRight": 0.9}),
    ("- **Jaw**: Not open, no forward thrust.", {}),
    ("- **Mouth**: The corners are slightly lowered and the upper lip is raised.", FROWN | {"mouthUpperUpLeft": 0.2}),
    (
        "- **Brows**: Slight inner brow raise with moderate outer brow lowering.",
        {"browInnerUp": 0.2, "browDownLeft": 0.4},
    ),
    ("- **Mouth**: Moderate upward pull of the corners.", SMILE),
    ("- **Eyes**: Raised inner corners of the eyes.", {}),
    ("Symmetry: No significant left-right differences.", SMILE),
    ("Emotional Implication: A wide smile could suggest joy.", {}),
]


@pytest.mark.parametrize(("words", "channels", "told"), REFUTED)
def test_what_the_numbers_refute_is_told_with_the_numbers(words, channels, told):
    agreement = check_words(words, Pose.from_mapping(channels))
    (fault,) = agreement.contradictions
    assert told in fault.numbers
    assert fault.quote in words
    assert agreement.share < 1


@pytest.mark.parametrize(("words", "channels"), BORNE_OUT)
def test_what_the_numbers_bear_out_is_let_be(words, channels):
    agreement = check_words(words, Pose.from_mapping(channels))
    assert agreement.contradictions == ()
    assert agreement.share == 1


def test_words_that_say_nothing_of_the_face_claim_nothing():
    assert (
        check_words("It was a sunny day, and the left bank of the river lay in the shade.", Pose.neutral()).claims == 0
    )


@pytest.mark.parametrize("name", FACES)
def test_our_own_words_never_contradict_the_numbers(name):
    """The faithful description of many faces, read as if a model had written it."""
    pose = FACES[name]
    words = "\n".join(f"{region.value}: {text}" for region, text in describe(pose).movements.items())
    assert check_words(words, pose).contradictions == ()


def test_the_lines_of_the_words_are_marked_where_they_are_refuted():
    text = "1. **Category**: A grin.\n   - **Mouth**: The tongue is  out."
    own = OwnWords(text, (Contradiction("The tongue is  out", "the numbers show no tongue out"),))
    assert own.lines() == [("1. Category: A grin.", False), ("- Mouth: The tongue is out.", True)]
    assert OwnWords.from_json(own.to_json()) == own
    assert str(own.contradictions[0]) == '"The tongue is  out": the numbers show no tongue out.'
