"""Takes whose Actions the user has deleted, or that are damaged: told, and nothing fails."""

import bpy
import pytest
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.scene.stored_takes import add_take
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .taken import JAW, SMILE, every_curve, fcurve_of, key, video


@pytest.fixture
def record(face, scene):
    return add_take(face.anchor, video())


class TestTheActionOfTheTake:
    @pytest.fixture(params=[WritingMode.NEW_ACTION, WritingMode.REPLACE])
    def written(self, request, face, keys, record, scene):
        """A take in an Action that has been deleted since; a head that had an Action before."""
        key(keys, JAW, (1, 0.1), (50, 0.9))
        self.former = keys.animation_data.action
        self.is_new = request.param is WritingMode.NEW_ACTION
        apply_take(face, record, scene, mode=request.param)
        bpy.data.actions.remove(keys.animation_data.action)
        return record

    def test_reverted_the_former_one_plays_again(self, face, keys, written, scene):
        report = revert_take(face, written, scene)
        assert (report.curves, written.is_written) == (0, False)
        assert any("has been deleted: Face" in sentence for sentence in report.left_alone)
        if self.is_new:
            assert keys.animation_data.action == self.former
            assert keys.key_blocks["jawOpen"].value == pytest.approx(fcurve_of(keys, JAW).evaluate(1))
        else:
            assert keys.animation_data.action is None

    def test_applied_it_is_written_anew_and_nothing_was_kept(self, face, keys, written, scene):
        report = apply_take(face, written, scene)
        assert report.keys
        assert not any("kept" in told for told in report.limited)
        assert fcurve_of(keys, SMILE) is not None
        revert_take(face, written, scene)
        assert fcurve_of(keys, SMILE) is None
        assert (fcurve_of(keys, JAW) is not None) == self.is_new


def test_the_values_of_a_head_without_animation_come_back(face, keys, record, scene):
    keys.key_blocks["jawOpen"].value = 0.25
    apply_take(face, record, scene)
    bpy.data.actions.remove(keys.animation_data.action)
    revert_take(face, record, scene)
    assert keys.animation_data is None
    assert keys.key_blocks["jawOpen"].value == pytest.approx(0.25)


def test_what_was_in_a_deleted_former_action_is_told_to_be_gone(face, keys, record, scene):
    key(keys, JAW, (1, 0.1), (50, 0.9))
    former = keys.animation_data.action
    apply_take(face, record, scene)
    bpy.data.actions.remove(former)
    report = revert_take(face, record, scene)
    assert report.curves == 0
    assert report.left_alone == ("What was there before is gone, because its Action has been deleted: Face.",)
    assert every_curve() == {}


@pytest.mark.parametrize("damaged", ["[[0", '{"a": 1}', "[[7, 1, 2, 3, 4]]", "[null]"])
def test_damaged_curves_are_told(face, record, scene, damaged):
    apply_take(face, record, scene)
    written = every_curve()
    record.curves = damaged
    for act in (apply_take, revert_take):
        with pytest.raises(InputError, match=r"What Clip has written .* cannot be read"):
            act(face, record, scene)
        assert every_curve() == written


@pytest.mark.parametrize(("fps", "base"), [(32767, 1e-5), (240, 1e-4)])
def test_a_frame_rate_beyond_blender_s_frames_is_refused(head, scene, fps, base):
    assert bpy.ops.mien.perform_script(script="She smiles.") == {"FINISHED"}
    record, written = head.anchor.mien_takes.items[0], every_curve()
    scene.render.fps, scene.render.fps_base = fps, base
    with pytest.raises(InputError, match="Blender counts frames up to 1,048,574"):
        apply_take(head, record, scene)
    with pytest.raises(RuntimeError, match="Blender counts frames up to 1,048,574"):
        bpy.ops.mien.perform_script(script="He frowns.")
    with pytest.raises(InputError, match="Blender counts frames up to 1,048,574"):
        apply_take(head, add_take(head.anchor, video()), scene)
    assert every_curve() == written
