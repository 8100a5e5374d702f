"""Performances that give way to later ones, and come back whole when those are reverted."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_performance import performance_of
from bl_ext.user_default.mien.scene.stored_takes import takes_of
from bl_ext.user_default.mien.scene.untouched_keys import untouched_keys

from .performed import SCRIPT, markers, stored
from .scenes import activate, curves, digest


def perform(scene, frame, script):
    scene.frame_set(frame)
    assert bpy.ops.mien.perform_script(script=script, life=False) == {"FINISHED"}


def revert(head, index):
    takes_of(head.anchor).index = index
    assert bpy.ops.mien.revert_take() == {"FINISHED"}


def kept(record):
    """Everything that tells what a performance plays and until when."""
    lines = [(beat.name, beat.words, beat.frame, beat.variation) for beat in record.beats]
    return record.raw, lines, record.frame_start, record.frame_end, record.is_written


def key_count():
    return sum(len(table) for table in curves().values())


@pytest.mark.parametrize(
    ("first", "second"), [(1, 40), (60, 50), (30, 30)], ids=["it ends sooner", "it begins later", "it goes altogether"]
)
def test_what_gave_way_comes_back_whole(scene, head, first, second):
    perform(scene, first, SCRIPT)
    before = kept(stored(head)[0]), markers(scene), {key: table.tobytes() for key, table in curves().items()}
    untouched = untouched_keys(head)
    perform(scene, second, "He frowns.")
    record = takes_of(head.anchor).items[0]
    assert record.raw == before[0][0]
    assert len(set(markers(scene))) == len(markers(scene))
    assert len(markers(scene)) <= len(before[1])
    revert(head, 1)
    assert (kept(stored(head)[0]), markers(scene)) == before[:2]
    assert {key: table.tobytes() for key, table in curves().items()} == before[2]
    assert untouched_keys(head) == untouched


def test_its_tail_is_there_when_it_is_written_anew(scene, head):
    perform(scene, 1, SCRIPT)
    keys = key_count()
    perform(scene, 40, "He frowns.")
    revert(head, 1)
    revert(head, 0)
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    assert key_count() == keys


def test_markers_stand_only_where_a_performance_plays(scene, head):
    perform(scene, 60, SCRIPT)
    first = markers(scene)
    perform(scene, 50, "He winks.")
    until = stored(head)[0].frame_end
    beyond = [marker for marker in first if marker[0] > until]
    assert 0 < len(beyond) < len(first)
    assert markers(scene) == [*beyond, *((round(beat.frame), beat.name) for beat in stored(head)[0].beats)]


def test_it_gives_way_twice_and_comes_back_twice(scene, head):
    perform(scene, 1, SCRIPT)
    states = [(kept(stored(head)[0]), markers(scene))]
    for frame in (60, 30):
        perform(scene, frame, "He frowns.")
        states.append((kept(takes_of(head.anchor).items[0]), markers(scene)))
    assert [state[0][3] for state in states][1:] == [60, 30]
    for index in (2, 1):
        revert(head, index)
        state = states[index - 1]
        assert kept(takes_of(head.anchor).items[0]) == state[0]
        assert sorted(markers(scene)) == sorted(state[1])


def test_a_beat_under_a_later_take_cannot_be_replaced(scene, head):
    perform(scene, 1, SCRIPT)
    perform(scene, 40, "He frowns.")
    scene.frame_set(10)
    state = digest()
    with pytest.raises(RuntimeError, match=r'"He frowns\." plays in the place'):
        bpy.ops.mien.replace_beat(beat=3, seed=5)
    scene.frame_set(10)
    assert digest() == state


def test_a_beat_played_anew_leaves_the_later_take_alone(scene, head):
    perform(scene, 1, SCRIPT)
    perform(scene, 40, "He frowns and opens his mouth.")
    later = {key: table[table[:, 0] >= 40].tobytes() for key, table in curves().items()}
    scene.frame_set(2)
    assert bpy.ops.mien.replace_beat(beat=0, seed=5) == {"FINISHED"}
    assert {key: table[table[:, 0] >= 40].tobytes() for key, table in curves().items()} == later
    assert stored(head)[0].frame_end == 40
    assert len(stored(head)[0].beats) == 4


def test_a_duplicated_head_keeps_what_gave_way(scene, head):
    perform(scene, 1, SCRIPT)
    whole = kept(stored(head)[0])
    perform(scene, 40, "He frowns.")
    activate(head.anchor)
    for child in head.anchor.children_recursive:
        child.select_set(True)
    bpy.ops.object.duplicate()
    copy = bpy.context.view_layer.objects.active
    assert copy != head.anchor
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    takes_of(copy).index = 1
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert kept(takes_of(copy).items[0]) == whole


def test_performed_over_a_take_that_was_applied_anew_needs_no_copy(scene, head):
    perform(scene, 1, SCRIPT)
    revert(head, 0)
    assert bpy.ops.mien.apply_take() == {"FINISHED"}
    actions = len(bpy.data.actions)
    perform(scene, 1, "He frowns.")
    assert len(bpy.data.actions) == actions
    assert performance_of(stored(head)[0]).beats
