import pytest

from blender_addon.core.errors import InputError
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.splicing import beat_spans, continue_from, replace_beat, until

SMILE, FROWN, GASP = (0, 10), (12, 20), (22, 30)


def performance(smile=0.6, frown=0.5, gasp=0.8, stretch=1.0):
    """A smile that stays, a frown of the brows while it does, a gasp that ends both."""

    def at(time):
        return round(time * stretch, 3)

    passing = {"role": Role.PASSING}
    return Performance(
        (
            Keyframe(at(0.3), {"mouthSmileLeft": 0.0}, source=SMILE, **passing),
            Keyframe(at(0.6), {"mouthSmileLeft": smile}, "a smile", source=SMILE),
            Keyframe(at(1.5), {"browDownLeft": 0.0}, source=FROWN, **passing),
            Keyframe(at(1.8), {"browDownLeft": frown}, "the brows go down", source=FROWN),
            Keyframe(at(3.0), {"mouthSmileLeft": smile, "browDownLeft": frown, "jawOpen": 0.0}, source=GASP, **passing),
            Keyframe(at(3.2), {"mouthSmileLeft": 0.0, "browDownLeft": 0.0, "jawOpen": gasp}, "a gasp", source=GASP),
        ),
        duration=at(4.0),
    )


def keys_of(performance, channel):
    return [(round(k.time, 3), k.channels[channel]) for k in performance.keyframes if channel in k.channels]


def test_a_beat_plays_from_where_its_movement_sets_off():
    assert beat_spans(performance()) == ((0.3, 1.5), (1.5, 3.0), (3.0, 4.0))


def test_without_keyframes_on_the_way_a_beat_begins_where_the_one_before_was_held_to():
    keyframes = (Keyframe(0.5, {"jawOpen": 0.1}, hold=0.5), Keyframe(2.0, {"jawOpen": 0.6}))
    assert beat_spans(Performance(keyframes, 3.0)) == ((0.0, 1.0), (1.0, 3.0))


def test_one_beat_is_replaced_and_what_it_holds_is_held_until_it_moves():
    splice = replace_beat(performance(), performance(smile=0.8, frown=0.9, gasp=0.3), 0)
    assert keys_of(splice.performance, "mouthSmileLeft") == [(0.3, 0.0), (0.6, 0.8), (3.0, 0.8), (3.2, 0.0)]
    assert keys_of(splice.performance, "browDownLeft") == keys_of(performance(), "browDownLeft")
    assert keys_of(splice.performance, "jawOpen") == keys_of(performance(), "jawOpen")
    assert splice.changed == {"mouthSmileLeft": (0.3, 3.0)}


def test_a_beat_is_played_in_the_old_ones_time():
    splice = replace_beat(performance(), performance(frown=0.9, stretch=2.0), 1)
    assert keys_of(splice.performance, "browDownLeft") == [(1.5, 0.0), (1.8, 0.9), (3.0, 0.9), (3.2, 0.0)]
    assert splice.performance.duration == 4.0


def test_a_beat_that_the_variation_lacks():
    with pytest.raises(InputError, match="has no beat"):
        replace_beat(performance(), until(performance(), 1.0), 2)


def test_from_the_playhead_on_the_new_one_plays():
    splice = continue_from(performance(), performance(smile=0.8, frown=0.9, gasp=0.3, stretch=2.0), 1.2)
    assert keys_of(splice.performance, "mouthSmileLeft")[:2] == [(0.3, 0.0), (0.6, 0.6)]
    assert keys_of(splice.performance, "browDownLeft") == [(1.5, 0.0), (2.1, 0.9), (4.5, 0.9), (4.9, 0.0)]
    assert splice.performance.duration == pytest.approx(6.5)
    assert splice.changed["browDownLeft"] == (1.5, 4.9)


def test_what_is_held_goes_over_into_what_the_new_one_holds():
    splice = continue_from(performance(), performance(smile=0.2), 1.2)
    smile = keys_of(splice.performance, "mouthSmileLeft")
    assert smile == [(0.3, 0.0), (0.6, 0.6), (1.5, 0.6), (1.8, 0.2), (3.0, 0.2), (3.2, 0.0)]


def test_from_the_beginning_on_all_is_new():
    new = performance(smile=0.2, gasp=0.1)
    assert continue_from(performance(), new, 0.0).performance.keyframes == new.keyframes


def test_after_the_last_beat_there_is_nothing_to_play_anew():
    with pytest.raises(InputError, match="No beat begins after this moment"):
        continue_from(performance(), performance(), 3.1)


def test_until_keeps_what_was_before():
    cut = until(performance(), 2.0)
    assert [beat.description for beat in cut.beats] == ["a smile", "the brows go down"]
    assert cut.duration == 2.0
