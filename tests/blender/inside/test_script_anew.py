"""One beat of a performance, or the rest of it, played anew."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.scene.stored_performance import performances_of

from .performed import (
    BEATS,
    SCRIPT,
    SMILE,
    fcurve,
    keys_of,
    largest,
    markers,
    state,
    stored,
    value_at,
)
from .scenes import curves


def test_one_beat_is_replaced_and_the_others_stay(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT, life=False)
    (record,) = stored(head)
    before, smiled = curves(), largest(keys_of(head), SMILE, 1, 30)
    look = next(i for i, beat in enumerate(record.beats) if "gasps" in beat.words)
    assert bpy.ops.mien.replace_beat(beat=look, seed=5) == {"FINISHED"}
    after = curves()
    start = record.beats[look - 1].frame
    assert any(not np.array_equal(after[key], array) for key, array in before.items() if key in after)
    for key, array in before.items():
        early = array[array[:, 0] <= start]
        np.testing.assert_array_equal(after[key][after[key][:, 0] <= start], early)
    assert largest(keys_of(head), SMILE, 1, 30) == smiled
    assert record.beats[look].variation == 5
    assert len(markers(scene)) == len(record.beats)


def test_an_animator_s_change_elsewhere_stays(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT, life=False)
    (record,) = stored(head)
    point = fcurve(keys_of(head)).keyframe_points[1]
    point.co.y = 0.123
    frame = point.co.x
    bpy.ops.mien.replace_beat(beat=len(record.beats) - 1, seed=5)
    assert value_at(keys_of(head), frame) == pytest.approx(0.123, abs=1e-4)


def test_from_the_playhead_on_all_is_played_anew(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT, life=False)
    (record,) = stored(head)
    first = record.beats[0].frame
    scene.frame_set(int(first) + 2)
    before = curves()
    assert bpy.ops.mien.regenerate_performance(seed=7) == {"FINISHED"}
    after = curves()
    for key, array in before.items():
        early = array[array[:, 0] <= first]
        np.testing.assert_array_equal(after[key][after[key][:, 0] <= first], early)
    assert any(key not in after or not np.array_equal(after[key], array) for key, array in before.items())
    assert (record.seed, len(record.beats)) == (7, 4)
    assert [beat.words for beat in record.beats] == BEATS


def test_the_rest_of_the_script_may_be_rewritten(scene, head):
    scene.mien.script_line = SCRIPT
    bpy.ops.mien.perform_script()
    (record,) = stored(head)
    scene.frame_set(int(record.beats[0].frame) + 2)
    scene.mien.script_line = "She smiles. Then she puffs out her cheeks."
    bpy.ops.mien.regenerate_performance()
    assert [beat.words for beat in record.beats] == ["She smiles", "she puffs out her cheeks"]
    assert fcurve(keys_of(head), 'key_blocks["jawOpen"].value') is None
    assert largest(keys_of(head), 'key_blocks["cheekPuff"].value', 1, int(record.frame_end)) > 0.4


def test_behind_the_last_beat_there_is_nothing_to_play(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    scene.frame_set(int(stored(head)[0].frame_end))
    before = state(scene, head)
    with pytest.raises(RuntimeError, match="No beat begins after this moment"):
        bpy.ops.mien.regenerate_performance()
    with pytest.raises(RuntimeError, match="There is no beat 10"):
        bpy.ops.mien.replace_beat(beat=9)
    assert state(scene, head) == before


def test_after_a_change_of_the_frame_rate(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    scene.render.fps = 30
    with pytest.raises(RuntimeError, match="The frame rate was 24"):
        bpy.ops.mien.replace_beat(beat=0)


@pytest.mark.parametrize(
    "again", [lambda: bpy.ops.mien.replace_beat(beat=1, seed=5), bpy.ops.mien.regenerate_performance]
)
def test_nothing_is_played_anew_in_another_action_of_the_animator_s(scene, head, again):
    bpy.ops.mien.perform_script(script=SCRIPT)
    keys = keys_of(head)
    keys.animation_data.action.use_fake_user = True
    keys.animation_data.action = None
    keys.key_blocks["jawOpen"].keyframe_insert("value", frame=5)
    before = state(scene, head)
    with pytest.raises(RuntimeError, match="plays another Action"):
        again()
    assert state(scene, head) == before


def test_a_duplicated_head_leaves_the_other_one_s_markers_alone(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    copy = head.anchor.copy()
    scene.collection.objects.link(copy)
    ids = {record.take_id for record in stored(head)}
    bpy.ops.mien.perform_script(script="He nods.")
    assert {record.take_id for record in performances_of(copy)} == ids
