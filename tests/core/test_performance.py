import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.anatomy import OPPOSED, TOLERANCE, faults, mended
from blender_addon.core.channels import ANGLES, CHANNELS, SHAPES
from blender_addon.core.errors import InputError
from blender_addon.core.performance import Keyframe, Performance, Role, without_still_channels
from blender_addon.core.wire import (
    PerformRequest,
    perform_request_from_json,
    perform_request_to_json,
    performance_from_json,
    performance_to_json,
)

SMILE = Performance(
    (
        Keyframe(0.2, {"mouthSmileLeft": 0.0, "browInnerUp": 0.0}, role=Role.PASSING),
        Keyframe(0.6, {"mouthSmileLeft": 0.7}, "a smile", ease_in=0.5, hold=1.0, source=(0, 10)),
        Keyframe(2.0, {"mouthSmileLeft": 0.0, "browInnerUp": 0.4}, "it goes", ease_out=0.1),
    ),
    duration=2.5,
    not_understood=("juggles",),
    notes=("a note",),
)

values = st.floats(-2, 2, allow_nan=False, width=32)
poses = st.dictionaries(st.sampled_from(CHANNELS), values, min_size=1, max_size=25)


@st.composite
def performances(draw: st.DrawFn) -> Performance:
    moments = draw(st.lists(st.tuples(st.integers(1, 40), poses), min_size=1, max_size=6))
    time, keyframes = 0, []
    for gap, pose in moments:
        time += gap
        keyframes.append(Keyframe(time / 20, pose))
    return Performance(tuple(keyframes), time / 20)


class TestKeyframe:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"channels": {"mouthGrin": 0.5}},
            {"channels": {"jawOpen": math.nan}},
            {"time": -0.1},
            {"hold": -1.0},
            {"hold": math.inf},
            {"ease_in": 1.5},
            {"ease_out": -0.1},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, wrong: dict) -> None:
        with pytest.raises(ValueError, match=r"."):
            Keyframe(**({"time": 0.0, "channels": {}} | wrong))

    def test_times_rise_and_the_end_holds(self) -> None:
        first, second = Keyframe(1.0, {"jawOpen": 0.2}), Keyframe(1.0, {"jawOpen": 0.4})
        with pytest.raises(ValueError, match="rise"):
            Performance((first, second), 2.0)
        with pytest.raises(ValueError, match="lasts"):
            Performance((Keyframe(1.0, {"jawOpen": 0.2}, hold=2.0),), 2.0)


class TestCurves:
    def test_a_hold_is_a_second_key(self) -> None:
        curve = SMILE.to_curves(start=10.0)["mouthSmileLeft"]
        assert curve.times.tolist() == [10.2, 10.6, 11.6, 12.0]
        assert curve.values.tolist() == [0.0, 0.7, 0.7, 0.0]
        assert SMILE.key_count() == 6

    def test_only_what_is_keyed_has_a_curve(self) -> None:
        assert {name for name, _ in SMILE.to_curves()} == {"mouthSmileLeft", "browInnerUp"}

    def test_it_comes_to_rest_at_a_turn_and_passes_through_on_the_way(self) -> None:
        keys = (Keyframe(t, {"jawOpen": v}) for t, v in ((0.0, 0.0), (1.0, 0.3), (2.0, 0.8), (3.0, 0.2)))
        handles = Performance(tuple(keys), 3.0).to_curves()["jawOpen"].handles
        assert handles is not None
        assert handles[2, 0, 1] == handles[2, 1, 1] == 0.8
        assert handles[1, 0, 1] < 0.3 < handles[1, 1, 1]

    @given(performances())
    def test_no_easing_leaves_the_range_of_its_keys(self, performance: Performance) -> None:
        for _, curve in performance.to_curves():
            assert curve.handles is not None
            share = np.linspace(0, 1, 21)[:, np.newaxis]
            before, after = curve.values[:-1], curve.values[1:]
            a, b = curve.handles[:-1, 1, 1], curve.handles[1:, 0, 1]
            line = (1 - share) ** 3 * before + 3 * (1 - share) ** 2 * share * a
            line += 3 * (1 - share) * share**2 * b + share**3 * after
            assert (line >= np.minimum(before, after) - 1e-9).all()
            assert (line <= np.maximum(before, after) + 1e-9).all()
            # A curve of Blender is a function of time: handles do not pass each other's keys.
            assert (curve.handles[:-1, 1, 0] <= curve.times[1:] + 1e-9).all()
            assert (curve.handles[1:, 0, 0] >= curve.times[:-1] - 1e-9).all()


class TestAnatomy:
    def at(self, **channels: float) -> Performance:
        return Performance((Keyframe(0.5, channels),), 1.0)

    @pytest.mark.parametrize(
        ("channels", "words"),
        [
            ({"jawOpen": 1.2}, "outside"),
            ({"headYaw": -2.0}, "outside"),
            ({"mouthClose": 0.4, "jawOpen": 0.2}, "mouthClose is above jawOpen"),
            ({"mouthSmileLeft": 0.5, "mouthFrownLeft": 0.5}, "act at once"),
            ({"eyeBlinkRight": 0.9, "eyeWideRight": 0.5}, "act at once"),
            ({"jawLeft": 0.5, "jawRight": 0.5}, "act at once"),
            ({"eyeLookOutLeft": 0.5, "eyeLookOutRight": 0.5}, "act at once"),
            ({"leftEyeYaw": 0.4, "rightEyeYaw": -0.4}, "look apart"),
            ({"leftEyePitch": 0.4, "rightEyePitch": -0.4}, "look apart"),
        ],
    )
    def test_what_no_face_can_do_is_found_and_mended(self, channels: dict, words: str) -> None:
        performance = self.at(**channels)
        assert any(words in fault.sentence for fault in faults(performance))
        assert not faults(mended(performance))

    def test_the_stronger_of_two_prevails(self) -> None:
        (keyframe,) = mended(self.at(mouthSmileLeft=0.3, mouthFrownLeft=0.7)).keyframes
        assert keyframe.channels == {"mouthSmileLeft": TOLERANCE, "mouthFrownLeft": 0.7}

    def test_one_sided_opposites_and_crossed_eyes_are_fine(self) -> None:
        assert not faults(self.at(mouthSmileLeft=0.7, mouthFrownRight=0.7))
        assert not faults(self.at(eyeLookInLeft=0.7, eyeLookInRight=0.7, leftEyeYaw=-0.4, rightEyeYaw=0.4))

    def test_a_conflict_between_keys_of_other_times_is_seen(self) -> None:
        keys = (Keyframe(0.0, {"jawLeft": 0.8}), Keyframe(1.0, {"jawRight": 0.8}), Keyframe(2.0, {"jawLeft": 0.8}))
        performance = Performance(keys, 2.0)
        assert faults(performance)
        assert not faults(mended(performance))

    @given(performances())
    def test_whatever_was_mended_is_sound(self, performance: Performance) -> None:
        assert not faults(mended(performance))

    @given(performances())
    def test_what_is_sound_is_left_alone(self, performance: Performance) -> None:
        sound = mended(performance)
        assert mended(sound) is sound

    def test_every_pair_names_channels(self) -> None:
        assert {name for pair in OPPOSED for name in pair} <= set(SHAPES)
        assert set(ANGLES).isdisjoint({name for pair in OPPOSED for name in pair})


class TestWire:
    def test_there_and_back(self) -> None:
        assert performance_from_json(json.loads(json.dumps(performance_to_json(SMILE)))) == SMILE

    def test_defaults_are_left_out(self) -> None:
        plain = performance_to_json(Performance((Keyframe(0.0, {"jawOpen": 0.5}, "opens"),), 1.0))
        assert plain["keyframes"] == [{"time": 0.0, "description": "opens", "channels": {"jawOpen": 0.5}}]

    @pytest.mark.parametrize(
        "wrong",
        [
            None,
            [],
            {"duration": 1.0},
            {"duration": "1", "keyframes": []},
            {"duration": 1.0, "keyframes": [{"time": 0.0}]},
            {"duration": 1.0, "keyframes": [{"time": 0.0, "channels": {"nose": 1.0}}]},
            {"duration": 1.0, "keyframes": [{"time": 0.0, "channels": {"jawOpen": True}}]},
            {"duration": 1.0, "keyframes": [{"time": 0.0, "channels": {}, "role": "star"}]},
            {"duration": 1.0, "keyframes": [{"time": 0.0, "channels": {}, "source": [1]}]},
            {"duration": 1.0, "keyframes": [{"time": 2.0, "channels": {}}]},
        ],
    )
    def test_anything_else_is_refused_in_words(self, wrong: object) -> None:
        with pytest.raises(InputError):
            performance_from_json(wrong)

    def test_a_request_there_and_back(self) -> None:
        full = PerformRequest(
            "She smiles.",
            "a party",
            "joy",
            4.5,
            7,
            life=False,
            engine="performer",
            fps=25.0,
            first_frame=-3,
            plays="she",
        )
        assert perform_request_from_json(perform_request_to_json(full)) == full
        assert perform_request_to_json(PerformRequest("She smiles.")) == {"script": "She smiles."}

    @pytest.mark.parametrize(
        "wrong",
        [None, {}, {"script": 1}, {"script": "", "seed": 0.5}, {"script": "", "life": 1}, {"script": "", "fps": 0}],
    )
    def test_a_wrong_request_is_refused(self, wrong: object) -> None:
        with pytest.raises(InputError):
            perform_request_from_json(wrong)


def test_channels_that_never_move_are_dropped() -> None:
    keys = (
        Keyframe(0.0, {"jawOpen": 0.0, "cheekPuff": 0.0}),
        Keyframe(1.0, {"jawOpen": 0.4}),
        Keyframe(2.0, {"cheekPuff": 0.0}),
    )
    kept = without_still_channels(keys)
    assert [dict(keyframe.channels) for keyframe in kept] == [{"jawOpen": 0.0}, {"jawOpen": 0.4}]
