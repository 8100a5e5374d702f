"""Which frames the pictures of a sequence are."""

import pytest

from blender_addon.core.clips import frames_among, places_in_sequence


@pytest.mark.parametrize(
    ("names", "places"),
    [
        ([], ()),
        (["a_0007.png"], (0,)),
        (["a_9.png", "a_10.png", "a_11.png"], (0, 1, 2)),
        (["a_0001.png", "a_0002.png", "a_0005.png", "a_0006.png"], (0, 1, 4, 5)),
        (["a_1.jp2", "a_2.jp2", "a_4.jp2"], (0, 1, 3)),
        (["a2_1_left.png", "a2_2_left.png", "a2_4_left.png"], (0, 1, 3)),
        (["0001", "0002", "0004"], (0, 1, 3)),
        (["shot.0001", "shot.0002", "shot.0004"], (0, 1, 2)),  # the number is the suffix
    ],
)
def test_a_missing_picture_keeps_its_place(names: list[str], places: tuple[int, ...]) -> None:
    assert places_in_sequence(names) == places


@pytest.mark.parametrize(
    "names",
    [
        ["a_01.png", "a_03.png", "a_05.png", "a_09.png"],  # in steps
        ["a_1.png", "a_2.png", "a_20261130.png"],  # no row of numbers
        ["a_1.png", "b_2.png", "a_4.png"],
        ["a_1.png", "a_2.jpg", "a_4.png"],
        ["a_1.png", "a_01.png", "a_4.png"],  # one number twice
        ["one.png", "two.png"],
        ["a_1.png", "a_2.png", "last.png"],
        ["1" * 5000 + ".png", "1" * 4999 + "2.png"],
    ],
)
def test_other_names_stand_one_behind_the_other(names: list[str]) -> None:
    assert places_in_sequence(names) == tuple(range(len(names)))


@pytest.mark.parametrize(
    ("strays", "others"),
    [
        (["thumb.png"], ["a_1.png", "a_2.png"]),
        (["._a_1.png", "._a_2.png"], ["a_1.png", "a_2.png"]),  # as Macs leave them on other systems' disks
        ([".DS_Store.png"], ["one.png"]),
        (["a_1.png", "a_2_retouched.png", "b_2.png"], ["a_1.jpg", "a_2.jpg", "a_3.jpg", "a_5.jpg"]),
    ],
)
def test_strays_are_no_frames(strays: list[str], others: list[str]) -> None:
    assert frames_among([*strays, *others]) == tuple(others)


@pytest.mark.parametrize(
    "names", [[], ["one.png"], ["1.png", "two.png"], ["a_1.png", "a_2.png", "b_1.png", "b_2.png"], ["x.png", "y.png"]]
)
def test_where_no_row_is_larger_than_all_others_every_picture_is_a_frame(names: list[str]) -> None:
    assert frames_among(names) == tuple(names)
