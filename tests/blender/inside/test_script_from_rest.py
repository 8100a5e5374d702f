"""What a script lets go where it begins stays let go, whatever is done to its take; until that is reverted."""

import re

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.curves import Curve, Curves
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.shaping import REGIONS, Shaping
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.photo_takes import ReadFace, key_photo
from bl_ext.user_default.mien.scene.room import Room
from bl_ext.user_default.mien.scene.stored_takes import active_take, keep_shaping, takes_of
from bl_ext.user_default.mien.scene.takes import apply_take

from .performed import SMILE, key_frames, keys_of, largest, stored, value_at
from .scenes import owners
from .taken import every_curve

SCRIPT = "She frowns, then smiles warmly."
TEETH = 'key_blocks["mouthUpperUpLeft"].value'
POSE = {"mouthSmileLeft": 0.78, "mouthSmileRight": 0.78, "mouthUpperUpLeft": 0.7, "browInnerUp": 0.4, "headYaw": 0.2}
HALVED = ("Smile", "Dimple", "cheekSquint")
"""What of a face a smile moves."""


@pytest.fixture
def posed(head, scene):
    """A head that a photo has given a smile with teeth and a turn, at frame 1."""
    key_photo(head, ReadFace(Pose.from_mapping(POSE), "", "photo.png", "", ""), 1, scene)
    return head


def perform(scene, frame, script=SCRIPT):
    scene.frame_set(frame)
    assert bpy.ops.mien.perform_script(script=script, life=False) == {"FINISHED"}
    return active_take(scene.mien_head)


def shown():
    """The value of every curve at each frame."""
    return {
        (owner.name, curve.data_path, curve.array_index): [curve.evaluate(frame) for frame in range(1, 131)]
        for owner in owners()
        for curve in fcurves_of(owner)
    }


def assert_shows(expected, *, but=()):
    now = shown()
    for place, values in expected.items():
        if not any(part in place[1] for part in but):
            resting = [0.0] * len(values)
            np.testing.assert_allclose(now.get(place, resting), values, atol=2e-3, err_msg=str(place))


def frames_of(record):
    return record.written_from, record.written_until, record.frame_start, record.frame_end


@pytest.mark.parametrize("frame", [1, 30])
def test_an_edit_changes_what_it_says_and_no_more(scene, posed, frame):
    before = every_curve()
    record = perform(scene, frame)
    performed, keys, frames, kept = shown(), every_curve(), frames_of(record), record.kept
    assert ("Keys that stood here are kept" in kept) == (frame == 1)
    bpy.ops.mien.edit_take(words="half the smile")
    assert_shows(performed, but=HALVED)
    assert 0.3 < largest(keys_of(posed), SMILE, frame + 40, frame + 85) < 0.4
    assert (frames_of(record), record.kept) == (frames, kept)
    bpy.ops.mien.remove_edit(index=0)
    assert every_curve() == keys
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == before


def test_a_slider_brings_no_older_pose_back(scene, posed):
    perform(scene, 30)
    performed = shown()
    scene.mien_shape.gain_brows = 0.5
    assert_shows(performed, but=("brow",))
    assert value_at(keys_of(posed), 46, TEETH) == pytest.approx(0, abs=1e-4)
    scene.mien_shape.gain_brows = 1.0
    assert_shows(performed)


def test_parts_of_the_face_that_get_no_keys_stay_as_they_were(scene, posed):
    before = shown()
    record = perform(scene, 30)
    performed = shown()
    keep_shaping(record, Shaping(regions=tuple(region for region in REGIONS if region != "mouth")))
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert_shows(before, but=("brow", "eye", "cheek", "nose", "jaw", "rotation"))
    assert_shows(performed, but=("mouth",))


def test_a_slower_one_lets_go_as_quickly(scene, posed):
    record = perform(scene, 30)
    until = record.frame_end
    bpy.ops.mien.edit_take(words="half speed")
    assert record.frame_end == pytest.approx(30 + 2 * (until - 30), abs=2)
    for path in (TEETH, SMILE):
        assert value_at(keys_of(posed), 37, path) == pytest.approx(0, abs=1e-3)
    assert value_at(keys_of(posed), record.frame_end, TEETH) == pytest.approx(0, abs=1e-4)


def test_reverted_and_applied_again_it_plays_the_same(scene, posed):
    perform(scene, 30)
    performed = shown()
    bpy.ops.mien.revert_take()
    assert value_at(keys_of(posed), 46, TEETH) == pytest.approx(0.7, abs=1e-3)
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert_shows(performed)
    bpy.ops.mien.edit_take(words="half the smile")
    assert_shows(performed, but=HALVED)


def test_what_the_script_moves_only_later_is_let_go_at_once(scene, posed):
    perform(scene, 30)
    keys = keys_of(posed)
    assert value_at(keys, 30) == pytest.approx(0.78, abs=1e-3)
    assert [value_at(keys, frame) for frame in (37, 45, 60)] == pytest.approx([0, 0, 0], abs=1e-3)
    assert largest(keys, SMILE, 70, 115) > 0.5
    assert value_at(keys, 37, TEETH) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, Curve([0.3], [0.0])),
        (Curve([2.0, 3.0], [0.0, 0.7]), Curve([0.3, 2.0, 3.0], [0.0, 0.0, 0.7])),
        (Curve([2.0, 3.0], [0.2, 0.7]), Curve([0.3, 2.0, 3.0], [0.2, 0.2, 0.7])),
        (Curve([0.2, 3.0], [0.1, 0.7]), Curve([0.2, 3.0], [0.1, 0.7])),
    ],
    ids=["never", "later", "later, not from rest", "within the release"],
)
def test_where_a_channel_is_let_go_to(own, expected):
    curves = Curves({} if own is None else {"jawOpen": own})
    filled, replaced = Room(("jawOpen",)).filled(curves, 30, 4.0, 10)
    np.testing.assert_allclose(filled["jawOpen"].times, expected.times)
    np.testing.assert_allclose(filled["jawOpen"].values, expected.values)
    assert replaced == {"jawOpen": (0.0, 0.3 if own is None else 4.0)}


def test_what_a_performance_that_gives_way_would_have_moved_on_is_let_go(scene, head):
    first = perform(scene, 1, "She smiles. Then she looks down. Then she smiles broadly.")
    frame = int(first.beats[1].frame)
    assert value_at(keys_of(head), frame) > 0.1
    perform(scene, frame, "He frowns.")
    assert value_at(keys_of(head), frame + 8) == pytest.approx(0, abs=1e-3)


def test_an_edit_leaves_a_performance_cut_that_gave_way(scene, head):
    perform(scene, 1, "She smiles and looks down. Then she gasps and turns her head to the left, then she smiles.")
    perform(scene, 20, "He frowns.")
    performed = shown()
    bpy.ops.mien.edit_take(words="half the frown")
    assert_shows(performed, but=("brow", "Frown", "nose", "eyeSquint", "mouth"))
    bpy.ops.mien.remove_edit(index=0)
    assert_shows(performed)
    bpy.ops.mien.revert_take()
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert_shows(performed)
    assert takes_of(head.anchor).items[0].frame_end == 20


def test_played_anew_from_its_beginning_it_still_lets_go(scene, posed):
    record = perform(scene, 30)
    bpy.ops.mien.replace_beat(beat=0, seed=5)
    bpy.ops.mien.replace_beat(beat=1, seed=6)
    keys = keys_of(posed)
    assert [value_at(keys, frame) for frame in (37, 45, 60)] == pytest.approx([0, 0, 0], abs=1e-3)
    assert value_at(keys, 46, TEETH) == pytest.approx(0, abs=1e-4)
    assert stored(posed) == [record]


def test_reverted_after_a_beat_was_played_anew_it_leaves_nothing(scene, posed):
    before = every_curve()
    perform(scene, 30)
    bpy.ops.mien.replace_beat(beat=1, seed=5)
    bpy.ops.mien.edit_take(words="half the smile")
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == before
    perform(scene, 30)
    bpy.ops.mien.replace_beat(beat=1, seed=5)
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == before


def test_keyed_elsewhere_before_a_beat_was_played_anew(scene, posed):
    perform(scene, 30)
    keys = keys_of(posed)
    keys.key_blocks["mouthSmileLeft"].value = 0.3
    keys.key_blocks["mouthSmileLeft"].keyframe_insert("value", frame=10)
    bpy.ops.mien.replace_beat(beat=1, seed=5)
    bpy.ops.mien.revert_take()
    assert key_frames(keys_of(posed)) == [1, 10]


@pytest.mark.parametrize("damaged", ["[[0", '{"a": 1}', '[["grin"], {}]', '[[], {"jawOpen": "1"}]', "[null]"])
def test_a_damaged_room_is_told(scene, posed, damaged):
    record, written = perform(scene, 30), every_curve()
    record.room = damaged
    with pytest.raises(InputError, match=rf"What {re.escape(record.name)} lets go cannot be read: .+\. Make the take"):
        apply_take(posed, record, scene)
    assert every_curve() == written
