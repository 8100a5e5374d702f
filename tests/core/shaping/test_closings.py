"""Winks and blinks that are in the curves, found on their side and changed by themselves."""

import numpy as np
import pytest

from blender_addon.core.channels import CHANNEL_COUNT, INDEX
from blender_addon.core.shaping.edits.applying import edited
from blender_addon.core.shaping.edits.blinks import blinks_in
from blender_addon.core.shaping.edits.closings import closings_in
from blender_addon.core.shaping.edits.kinds import Closing, Closings, Side
from blender_addon.core.track import FaceTrack

TIMES = np.arange(0, 6, 1 / 30)
WINK, BLINK = Closings(Closing.WINK), Closings(Closing.BLINK)
RIGHT, LEFT = "eyeBlinkRight", "eyeBlinkLeft"


def _face() -> FaceTrack:
    """A smile that comes at 1 s, a right wink at 2 s, a blink at 3.5 s, a left wink at 5 s; lids never quite open."""
    values = np.zeros((len(TIMES), CHANNEL_COUNT))

    def put(name: str, curve: np.ndarray) -> None:
        values[:, INDEX[name]] += curve

    def bump(moment: float, width: float) -> np.ndarray:
        return np.asarray(np.exp(-(((TIMES - moment) / width) ** 4)))

    for side, wink in (("Right", 2.0), ("Left", 5.0)):
        put(f"eyeBlink{side}", 0.06 + 0.85 * bump(wink, 0.2) + 0.9 * bump(3.5, 0.08))
        put(f"cheekSquint{side}", 0.2 + 0.3 * bump(wink, 0.25))
        put(f"mouthSmile{side}", 0.6 / (1 + np.exp(-12 * (TIMES - 1.0))))
    return FaceTrack(TIMES, values, np.ones(len(TIMES)))


def _changed(edit: Closings) -> tuple[np.ndarray, np.ndarray]:
    track = _face()
    return track.values, edited(track, [edit])[0].values


def test_a_wink_is_no_blink_and_a_blink_no_wink() -> None:
    track = _face()
    values = track.values.astype(np.float64)
    assert [round(float(TIMES[blink.top]), 1) for blink in blinks_in(TIMES, values)] == [3.5]
    found = [(side, round(float(TIMES[one.top]), 1)) for side, one in closings_in(TIMES, values, WINK)]
    assert found == [(Side.RIGHT, pytest.approx(2.0, abs=0.15)), (Side.LEFT, pytest.approx(5.0, abs=0.15))]


def test_what_a_wink_takes_along_goes_with_it_and_the_smile_stays() -> None:
    before, after = _changed(Closings(Closing.WINK, factor=0.0, side=Side.RIGHT))
    assert after[:, INDEX[RIGHT]][(TIMES > 1.5) & (TIMES < 2.5)].max() < 0.08
    assert after[:, INDEX["cheekSquintRight"]].max() < 0.22
    moved = {name for name, index in INDEX.items() if np.abs(after[:, index] - before[:, index]).max() > 0.01}
    assert moved == {RIGHT, "cheekSquintRight"}
    np.testing.assert_allclose(after[TIMES > 3], before[TIMES > 3])


@pytest.mark.parametrize(
    ("edit", "shut", "open_again"),
    [
        (Closings(Closing.WINK, seconds=0.5, side=Side.RIGHT), 2.5, 1.9),
        (Closings(Closing.WINK, stay=0.5, side=Side.RIGHT), 2.5, 1.6),
        (Closings(Closing.WINK, pace=2.0, side=Side.RIGHT), 2.2, 1.3),
        (Closings(Closing.WINK, seconds=-0.5, side=Side.RIGHT), 1.5, 2.1),
    ],
)
def test_in_time_it_moves_alone(edit: Closings, shut: float, open_again: float) -> None:
    before, after = _changed(edit)
    lid = after[:, INDEX[RIGHT]]
    assert np.interp(shut, TIMES, lid) > 0.7
    assert np.interp(open_again, TIMES, lid) < 0.3
    np.testing.assert_allclose(after[:, INDEX["mouthSmileRight"]], before[:, INDEX["mouthSmileRight"]])
    np.testing.assert_allclose(after[:, INDEX[LEFT]], before[:, INDEX[LEFT]])


def test_the_other_eye_winks_instead() -> None:
    _, after = _changed(Closings(Closing.WINK, onto=Side.LEFT))
    assert np.interp(2.0, TIMES, after[:, INDEX[LEFT]]) > 0.8
    assert np.interp(2.0, TIMES, after[:, INDEX[RIGHT]]) < 0.1
    assert np.interp(5.0, TIMES, after[:, INDEX[LEFT]]) > 0.8


def test_a_blink_is_held_with_both_eyes() -> None:
    _, after = _changed(Closings(Closing.BLINK, stay=0.3))
    assert all(np.interp(3.75, TIMES, after[:, INDEX[name]]) > 0.8 for name in (LEFT, RIGHT))
