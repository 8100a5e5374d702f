"""What a face cannot do is mended, at the keys and between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.anatomy import OPPOSED, TOLERANCE, TOLERANCE_IN_PASSING, faults, mended
from blender_addon.core.channels import INDEX
from blender_addon.core.performance import Keyframe, Performance


def performed(*keyframes: Keyframe) -> Performance:
    return Performance(keyframes, keyframes[-1].time + 0.5)


def test_what_a_face_can_do_is_left_as_it_is() -> None:
    performance = performed(Keyframe(0.0, {"mouthSmileLeft": 0.0}), Keyframe(0.5, {"mouthSmileLeft": 0.8}))
    assert mended(performance) is performance


def test_the_weaker_of_two_opposed_shapes_gives_way_at_a_key() -> None:
    (keyframe,) = mended(performed(Keyframe(0.5, {"mouthSmileLeft": 0.8, "mouthFrownLeft": 0.4}))).keyframes
    assert keyframe.channels == {"mouthSmileLeft": 0.8, "mouthFrownLeft": TOLERANCE}


@pytest.mark.parametrize(("first", "second"), OPPOSED)
@pytest.mark.parametrize("hold", [0.0, 0.2])
def test_one_shape_that_turns_into_its_opposite_is_low_in_between(first: str, second: str, hold: float) -> None:
    before = Keyframe(0.2, {first: 0.9, second: 0.0}, hold=hold)
    better = mended(performed(before, Keyframe(1.0, {first: 0.0, second: 0.6})))
    assert not faults(better)
    shown = better.sampled(np.arange(0, 1.2, 0.01))
    assert np.minimum(shown[:, INDEX[first]], shown[:, INDEX[second]]).max() < TOLERANCE_IN_PASSING
    assert shown[20, INDEX[first]] == pytest.approx(0.9)
    assert shown[100, INDEX[second]] == pytest.approx(0.6)
    assert all(keyframe.description for keyframe in better.keyframes if keyframe.time not in (0.2, 1.0))


def test_keys_that_are_nearer_than_a_frame_are_left_alone() -> None:
    performance = performed(
        Keyframe(0.5, {"mouthSmileLeft": 0.9, "mouthFrownLeft": 0.0}),
        Keyframe(0.504, {"mouthSmileLeft": 0.0, "mouthFrownLeft": 0.9}),
    )
    assert mended(performance) is performance


@pytest.mark.parametrize("seconds", [2 / 3, 1.1 + 2.2, 7.3 + 0.1])
def test_what_is_held_to_the_very_end_is_mended(seconds: float) -> None:
    held = Keyframe(0.0, {"jawOpen": 1.5, "mouthSmileLeft": 0.9, "mouthFrownLeft": 0.6}, hold=seconds)
    better = mended(Performance((held,), seconds))
    assert not faults(better)
    assert better.duration == seconds


@given(
    st.lists(
        st.tuples(
            st.floats(0.001, 2.0),
            st.dictionaries(st.sampled_from(sorted(INDEX)), st.floats(-2, 2), min_size=1, max_size=6),
            st.floats(0.0, 1.0),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_asked_for_becomes_possible_and_stays_so(
    course: list[tuple[float, dict[str, float], float]],
) -> None:
    keyframes, time = [], 0.0
    for gap, channels, hold in course:
        time += gap
        keyframes.append(Keyframe(time, channels, hold=hold))
    better = mended(Performance(tuple(keyframes), time + 1.0))
    assert not faults(better)
    assert mended(better) is better
