"""What becomes of the keys that a performance meets: none of the animator's is lost."""

import bpy
import numpy as np
import pytest

from .performed import (
    SCRIPT,
    SMILE,
    fcurve,
    key_frames,
    keys_of,
    largest,
    markers,
    stored,
    value_at,
)
from .scenes import curves


def test_keys_outside_the_range_stay_and_so_does_what_they_show(scene, head):
    block = keys_of(head).key_blocks["mouthSmileLeft"]
    for frame, value in ((1, 0.2), (20, 0.9), (400, 0.4)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    before = [value_at(keys_of(head), frame) for frame in range(1, 21)]
    scene.frame_set(50)
    bpy.ops.mien.perform_script(script=SCRIPT)
    frames = key_frames(keys_of(head))
    assert frames[:3] == [1, 20, 50]
    assert frames[-1] == 400
    assert [value_at(keys_of(head), frame) for frame in range(1, 21)] == pytest.approx(before, abs=0.02)
    assert not any(action.use_fake_user for action in bpy.data.actions)  # nothing had to be kept aside


def test_keys_in_the_way_are_kept_in_the_former_action(scene, head):
    block = keys_of(head).key_blocks["mouthSmileLeft"]
    for frame in (1, 30, 31):
        block.value = frame / 40
        block.keyframe_insert("value", frame=frame)
    action = keys_of(head).animation_data.action
    name = action.name
    old = curves()
    bpy.ops.mien.perform_script(script=SCRIPT)
    (record,) = stored(head)
    assert keys_of(head).animation_data.action != action
    assert f'"{name}"' in record.kept
    assert action.use_fake_user
    assert 31 not in key_frames(keys_of(head)) or value_at(keys_of(head), 31) != pytest.approx(31 / 40)
    keys_of(head).animation_data.action = action
    if bpy.app.version >= (4, 4):
        keys_of(head).animation_data.action_slot = action.slots[0]
    now = {key: array for key, array in curves().items() if key in old}
    assert all(np.array_equal(now[key], array) for key, array in old.items())


def test_the_body_s_keys_come_along(scene, head):
    neck = head.anchor.pose.bones["neck"]
    neck.keyframe_insert("location", frame=10)
    block = keys_of(head).key_blocks["mouthSmileLeft"]
    block.keyframe_insert("value", frame=30)
    head.anchor.pose.bones["head"].rotation_mode = "XYZ"
    head.anchor.pose.bones["head"].keyframe_insert("rotation_euler", frame=30)
    before = curves()
    bpy.ops.mien.perform_script(script=SCRIPT)
    after = curves()
    moved = [key for key in before if "neck" in key[1]]
    assert len(moved) == 3
    for key in moved:
        np.testing.assert_array_equal(after[key], before[key])


def test_our_own_keys_give_way_without_a_copy(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    actions = len(bpy.data.actions)
    bpy.ops.mien.perform_script(script="She frowns angrily and shakes her head.")
    assert len(bpy.data.actions) == actions
    assert len(stored(head)) == 1
    assert fcurve(keys_of(head)) is None  # the first script smiled, the second does not
    assert keys_of(head).key_blocks["mouthSmileLeft"].value == 0


def test_our_keys_that_the_animator_changed_are_kept(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    actions = len(bpy.data.actions)
    point = fcurve(keys_of(head)).keyframe_points[1]
    point.co.y = 0.123
    bpy.ops.mien.perform_script(script="She frowns.")
    assert len(bpy.data.actions) > actions
    assert "are kept in the Action" in stored(head)[0].kept


def test_what_earlier_keys_hold_is_let_go(scene, head):
    bpy.ops.mien.perform_script(script="She smiles.", life=False)
    first_end = int(stored(head)[0].frame_end)
    scene.frame_set(first_end + 20)
    bpy.ops.mien.perform_script(script="She frowns angrily.", life=False)
    start = first_end + 20
    held = largest(keys_of(head), SMILE, 1, first_end)
    assert value_at(keys_of(head), start) == pytest.approx(held, abs=0.01)
    assert value_at(keys_of(head), start + 12) == pytest.approx(0, abs=1e-4)
    assert len(stored(head)) == 2


def test_what_earlier_keys_hold_stays_where_that_is_wanted(scene, head):
    block = keys_of(head).key_blocks["cheekPuff"]
    block.value = 0.5
    block.keyframe_insert("value", frame=1)
    scene.frame_set(10)
    bpy.ops.mien.perform_script(script="She frowns.", from_rest=False)
    assert key_frames(keys_of(head), 'key_blocks["cheekPuff"].value') == [1]


def test_a_later_performance_cuts_an_earlier_one_short(scene, head):
    bpy.ops.mien.perform_script(script=SCRIPT)
    marked = len(markers(scene))
    second = stored(head)[0].beats[1].frame
    scene.frame_set(int(second) + 3)
    bpy.ops.mien.perform_script(script="She winks.")
    first, new = stored(head)
    assert first.frame_end == new.frame_start == int(second) + 3
    assert sum(beat.frame < first.frame_end for beat in first.beats) == 2
    assert len(markers(scene)) == 3 < marked
    gasp = 'key_blocks["jawOpen"].value'
    assert all(frame <= new.frame_end for frame in key_frames(keys_of(head), gasp))
