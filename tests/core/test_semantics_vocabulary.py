import itertools

import pytest

from blender_addon.core.channels import ANGLES, CHANNELS, SHAPES
from blender_addon.core.errors import InputError
from blender_addon.core.semantics.description import Region
from blender_addon.core.semantics.phrases import read_phrases
from blender_addon.core.semantics.scale import COEFFICIENT, EYE_ANGLE, HEAD_ANGLE, INTENSITY_WORDS
from blender_addon.core.semantics.vocabulary import VOCABULARY, Side

SCALES = (COEFFICIENT, HEAD_ANGLE, EYE_ANGLE)

# Melinda Ozel's cheat sheet; the whole table of the shapes that have a unit.
ACTION_UNITS = {
    "browInnerUp": {1},
    "browOuterUp": {2},
    "browDown": {4},
    "eyeWide": {5},
    "cheekSquint": {6},
    "eyeSquint": {7},
    "mouthClose": {8},
    "noseSneer": {9},
    "mouthUpperUp": {10},
    "mouthSmile": {12},
    "mouthDimple": {14},
    "mouthFrown": {15},
    "mouthLowerDown": {16},
    "mouthShrug": {17},
    "mouthPucker": {18},
    "tongueOut": {19},
    "mouthStretch": {20},
    "mouthFunnel": {22},
    "mouthPress": {24},
    "jawOpen": {26, 27},
    "mouthRoll": {28},
    "jawForward": {29},
    "jawLeft": {30},
    "jawRight": {30},
    "cheekPuff": {34},
    "eyeBlink": {45},
}


def phrases_of(movement):
    """Everything that can be said of one movement with one word, and what it should be read as."""
    word = INTENSITY_WORDS[2]
    yield movement.together.format(how=word), [Side.BOTH]
    if movement.has_sides:
        for side, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
            first = movement.apart.format(how=word, side=side.value)
            yield first, [side]
            yield f"{first}, {movement.after.format(how=word, side=other.value)}", [side, other]


@pytest.mark.parametrize("movement", VOCABULARY, ids=lambda movement: movement.noun)
def test_every_phrase_is_read_as_its_own_movement(movement):
    for phrase, sides in phrases_of(movement):
        [observation] = read_phrases(movement.region, phrase)
        assert observation.movement is movement
        assert [side for side, _ in observation.parts] == sides


def test_every_phrase_is_said_of_one_movement_only():
    said = [(m.region, phrase) for m in VOCABULARY for phrase, sides in phrases_of(m)]
    assert len(said) == len(set(said))


def test_every_channel_has_a_word_of_its_own_in_both_directions():
    alone = {
        (direction.channel, direction.sign)
        for movement in VOCABULARY
        if movement.has_sides or len(movement.directions) == 1
        for direction in movement.directions
    }
    wanted = {(name, 1) for name in SHAPES} | set(itertools.product(ANGLES, (1, -1)))
    assert alone == wanted


def test_the_table_names_channels_only():
    assert {way.channel for movement in VOCABULARY for way in movement.directions} == set(CHANNELS)


def test_sides_are_left_then_right():
    for movement in VOCABULARY:
        if movement.has_sides:
            left, right = (direction.channel for direction in movement.directions)
            assert "left" in left.lower()
            assert right == left.replace("Left", "Right").replace("left", "right")


def test_nouns_are_unique():
    nouns = [movement.noun for movement in VOCABULARY]
    assert len(nouns) == len(set(nouns))


@pytest.mark.parametrize("movement", VOCABULARY, ids=lambda movement: movement.noun)
def test_action_units_are_those_of_the_cheat_sheet(movement):
    if movement.noun == "brow raise" or any(way.channel.startswith("eyeLook") for way in movement.directions):
        return  # two units that have rows of their own; gaze, which the cheat sheet leaves to 61-64
    for direction in movement.directions:
        units = [units for stem, units in ACTION_UNITS.items() if direction.channel.startswith(stem)]
        if units:
            assert set(movement.action_units) == units[0]


@pytest.mark.parametrize("scale", SCALES)
def test_the_five_words_share_the_whole_range(scale):
    ranges = [scale.word_range(word) for word in INTENSITY_WORDS]
    assert ranges[0][0] == scale.threshold
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(ranges))
    assert ranges[-1][1] == float("inf")


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("word", INTENSITY_WORDS)
def test_a_word_holds_its_first_amount_and_its_centre(scale, word):
    assert scale.word(scale.word_range(word)[0]) == word
    assert scale.word(scale.word_centre(word)) == word


def test_a_word_is_within_a_tenth_of_every_coefficient_it_is_used_for():
    for percent in range(10, 101):
        assert abs(COEFFICIENT.word_centre(COEFFICIENT.word(percent)) - percent) <= 9


def test_words_rank_by_amount():
    assert [COEFFICIENT.word(percent) for percent in (15, 30, 50, 70, 90)] == list(INTENSITY_WORDS)


@pytest.mark.parametrize(
    ("region", "text", "channel", "amount"),
    [
        (Region.JAW, "strongly dropped", "jawOpen", 73),
        (Region.JAW, "strongly dropped (66%)", "jawOpen", 66),
        (Region.JAW, "slightly to the left", "jawLeft", 37),
        (Region.HEAD, "slightly turned right (20°)", "headYaw", 20),
        (Region.MOUTH, "chin fully pushed up (100%)", "mouthShrugLower", 100),
    ],
)
def test_phrases_are_read(region, text, channel, amount):
    [observation] = read_phrases(region, text)
    [(side, read)] = observation.parts
    assert observation.movement.directions_of(side)[0].channel == channel
    assert read == amount


def test_the_second_side_may_be_short():
    smile, squint = read_phrases(Region.EYES, "left fully closed, right slightly, right faintly squinted")
    assert [(side.value, amount) for side, amount in smile.parts] == [("left", 91), ("right", 37)]
    assert [(side.value, amount) for side, amount in squint.parts] == [("right", 19)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dropped",
        "greatly dropped",
        "strongly raised",
        "right slightly",
        "strongly  dropped",
        "strongly dropped (9°)",
    ],
)
def test_unknown_words_are_refused_and_named(text):
    with pytest.raises(InputError, match="is not a movement of the jaw") as caught:
        read_phrases(Region.JAW, text)
    assert caught.value.hint


def test_a_word_that_contradicts_its_number_is_refused():
    with pytest.raises(InputError, match='12% is "faintly"'):
        read_phrases(Region.JAW, "strongly dropped (12%)")


def test_the_same_side_twice_is_refused():
    with pytest.raises(InputError, match='"left slightly"'):
        read_phrases(Region.EYES, "left fully closed, left slightly")
