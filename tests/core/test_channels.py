from blender_addon.core.channels import ANGLES, CHANNEL_COUNT, CHANNELS, INDEX, SHAPES, other_side


def test_there_are_52_shapes_and_9_angles():
    assert (len(SHAPES), len(ANGLES), CHANNEL_COUNT) == (52, 9, 61)
    assert len(set(CHANNELS)) == CHANNEL_COUNT


def test_the_order_is_that_of_live_link_face():
    # Its ends, where the angles begin, and the one place where right comes before left.
    assert CHANNELS[0] == "eyeBlinkLeft"
    assert CHANNELS[15:17] == ("jawRight", "jawLeft")
    assert CHANNELS[51:53] == ("tongueOut", "headYaw")
    assert CHANNELS[60] == "rightEyeRoll"


def test_the_index_leads_to_the_name():
    assert all(CHANNELS[index] == name for name, index in INDEX.items())
    assert len(INDEX) == CHANNEL_COUNT


def test_the_other_side_of_the_other_side_is_the_channel():
    assert all(other_side(other_side(name)) == name for name in CHANNELS)
    assert {other_side(name) for name in CHANNELS} == set(CHANNELS)


def test_channels_without_a_side_stay():
    stay = [name for name in CHANNELS if other_side(name) == name]
    assert stay == [name for name in CHANNELS if "left" not in name.lower() and "right" not in name.lower()]
    assert len(stay) == 15


def test_sides_are_found_at_either_end():
    assert other_side("mouthSmileLeft") == "mouthSmileRight"
    assert other_side("jawRight") == "jawLeft"
    assert other_side("leftEyeYaw") == "rightEyeYaw"
