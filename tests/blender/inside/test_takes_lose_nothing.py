"""What stands beside a take, under it or behind it is never lost, and no part of a take is without its settings."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_takes import active_take, takes_of

from .performed import SMILE, fcurve, key_frames, keys_of, largest, markers, stored
from .scenes import curves
from .taken import every_curve, key

FROWN = 'key_blocks["browDownLeft"].value'
TWO = "She smiles. Then she frowns."


def perform(scene, frame, script):
    scene.frame_set(frame)
    bpy.ops.mien.perform_script(script=script, life=False)


def choose(head, index):
    takes_of(head.anchor).index = index


def has_key(frame, value):
    """In any Action."""
    found = (point.co for action in bpy.data.actions for curve in all_curves(action) for point in curve.keyframe_points)
    return any(co.x == frame and co.y == pytest.approx(value, abs=1e-4) for co in found)


def all_curves(action):
    if not hasattr(action, "layers"):
        return list(action.fcurves)
    return [c for layer in action.layers for strip in layer.strips for bag in strip.channelbags for c in bag.fcurves]


class TestABeatOfAnEditedTake:
    def test_it_is_played_with_the_edits(self, scene, head):
        perform(scene, 1, TWO)
        bpy.ops.mien.edit_take(words="half the frown")
        halved = largest(keys_of(head), FROWN, 1, 90)
        assert bpy.ops.mien.replace_beat(beat=1, seed=5) == {"FINISHED"}
        assert largest(keys_of(head), FROWN, 1, 90) == pytest.approx(halved, abs=0.12)
        bpy.ops.mien.remove_edit(index=0)
        assert largest(keys_of(head), FROWN, 1, 90) > 1.6 * halved

    def test_it_is_played_with_the_sliders(self, scene, head):
        perform(scene, 1, TWO)
        scene.mien_shape.gain_mouth = 0.5
        smiled = largest(keys_of(head), SMILE, 1, 60)
        bpy.ops.mien.replace_beat(beat=0, seed=4)
        assert largest(keys_of(head), SMILE, 1, 60) == pytest.approx(smiled, abs=0.1)

    @pytest.mark.parametrize("again", ["replace_beat", "regenerate_performance"])
    def test_a_slowed_take_stays_slow(self, scene, head, again):
        perform(scene, 1, TWO)
        bpy.ops.mien.edit_take(words="half speed")
        (record,) = stored(head)
        end, beats = record.frame_end, [beat.frame for beat in record.beats]
        scene.frame_set(round(beats[0]) + 5)
        keywords = {"beat": 1} if again == "replace_beat" else {}
        assert getattr(bpy.ops.mien, again)(seed=6, **keywords) == {"FINISHED"}
        (record,) = stored(head)
        assert record.frame_end == pytest.approx(end, abs=12)
        assert [beat.frame for beat in record.beats] == pytest.approx(beats, abs=12)
        assert [frame for frame, _ in markers(scene)] == [round(beat.frame) for beat in record.beats]
        assert min(key_frames(keys_of(head), FROWN)) > beats[0]
        bpy.ops.mien.revert_take()
        assert not every_curve()


class TestALaterTake:
    def test_a_take_does_not_grow_over_it(self, scene, head):
        perform(scene, 1, "She frowns, then smiles warmly.")
        perform(scene, 96, "She smiles, then frowns.")
        choose(head, 0)
        before, told = curves(), markers(scene)
        with pytest.raises(RuntimeError, match="would reach into"):
            bpy.ops.mien.edit_take(words="half speed")
        after = curves()
        assert all((after[place] == table).all() for place, table in before.items())
        assert markers(scene) == told
        assert not active_take(head.anchor).shaping or "Retime" not in active_take(head.anchor).shaping
        for index in (1, 0):
            choose(head, index)
            assert bpy.ops.mien.revert_take() == {"FINISHED"}
        assert not every_curve()

    def test_deleted_it_is_said_what_stands_there(self, scene, head):
        perform(scene, 1, TWO)
        perform(scene, 30, "She smiles, then frowns.")
        bpy.ops.mien.delete_take()
        scene.frame_set(10)
        with pytest.raises(RuntimeError, match="Keys that a deleted take has left"):
            bpy.ops.mien.replace_beat(beat=1, seed=5)
        choose(head, 0)
        assert bpy.ops.mien.apply_take() == {"FINISHED"}
        assert bpy.ops.mien.replace_beat(beat=1, seed=5) == {"FINISHED"}


class TestTheAnimatorsKeys:
    def test_what_a_longer_take_covers_is_kept_when_it_is_deleted(self, scene, head):
        key(keys_of(head), SMILE, (150, 0.7))
        perform(scene, 1, "She frowns, then smiles warmly.")
        bpy.ops.mien.edit_take(words="half speed")
        assert 150 not in key_frames(keys_of(head))
        bpy.ops.mien.delete_take()
        assert has_key(150, 0.7)

    def test_what_an_applied_take_covers_is_kept_when_it_is_deleted(self, scene, head):
        key(keys_of(head), SMILE, (50, 0.7))
        perform(scene, 1, "She frowns, then smiles warmly.")
        bpy.ops.mien.revert_take()
        bpy.ops.mien.apply_take()
        shown = curves()
        bpy.ops.mien.delete_take()
        assert has_key(50, 0.7)
        assert all((curves()[place] == table).all() for place, table in shown.items())

    def test_nothing_is_kept_where_nothing_stood(self, scene, head):
        perform(scene, 1, TWO)
        count = len(bpy.data.actions)
        bpy.ops.mien.delete_take()
        assert len(bpy.data.actions) == count

    def test_a_locked_curve_keeps_its_keys(self, scene, head, capfd):
        perform(scene, 1, "She smiles.")
        locked = fcurve(keys_of(head))
        locked.lock = True
        frames, smiled = key_frames(keys_of(head)), largest(keys_of(head), SMILE, 1, 60)
        bpy.ops.mien.edit_take(words="half the smile")
        assert "Left alone because its curve is locked: mouthSmileLeft." in capfd.readouterr().out
        assert key_frames(keys_of(head)) == frames
        assert largest(keys_of(head), SMILE, 1, 60) == smiled
        right = SMILE.replace("Left", "Right")
        assert largest(keys_of(head), right, 1, 60) < 0.7 * smiled
        fcurve(keys_of(head)).lock = False
        bpy.ops.mien.revert_take()
        assert not every_curve()


class TestOlderTakes:
    def test_they_are_reverted_after_one_that_went_on_in_a_copy(self, scene, head):
        perform(scene, 1, TWO)
        perform(scene, 40, "She smiles, then frowns.")
        key(keys_of(head), SMILE, (55, 0.33))
        bpy.ops.mien.replace_beat(beat=0, seed=5)
        assert bpy.ops.mien.revert_take() == {"FINISHED"}
        choose(head, 0)
        assert bpy.ops.mien.revert_take() == {"FINISHED"}
        left = {(path, frame) for _, path, _ in every_curve() for frame in key_frames(keys_of(head), path)}
        assert left <= {(SMILE, 55.0)}

    def test_they_are_reverted_after_one_that_was_deleted(self, scene, head):
        perform(scene, 1, "She smiles.")
        key(keys_of(head), FROWN, (150, 0.33))
        perform(scene, 120, "She frowns.")
        bpy.ops.mien.delete_take()
        choose(head, 0)
        assert bpy.ops.mien.revert_take() == {"FINISHED"}
        assert not [frame for frame in key_frames(keys_of(head)) if frame < 110]


@pytest.mark.parametrize("act", ["edit", "slider", "beat", "apply"])
def test_a_mesh_that_a_script_has_removed(scene, head, act):
    perform(scene, 1, TWO)
    lashes = bpy.data.objects["Lashes"]
    orphan = lashes.data.shape_keys.name
    bpy.data.objects.remove(lashes)
    if act == "edit":
        bpy.ops.mien.edit_take(words="half the frown")
    elif act == "slider":
        scene.mien_shape.gain_brows = 0.5
    elif act == "beat":
        bpy.ops.mien.replace_beat(beat=1, seed=5)
    else:
        bpy.ops.mien.apply_take()
    assert largest(keys_of(head), FROWN, 1, 90) > 0.1
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert {owner for owner, _, _ in every_curve()} <= {orphan}
