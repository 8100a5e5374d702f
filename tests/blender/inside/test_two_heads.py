"""Two heads: takes of one onto the other or both, and a script of two parts."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.stored_character import active_character, store
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, takes_of

from .scenes import add_mesh
from .taken import JAW, every_curve, fcurve_of, key, talking, video


@pytest.fixture
def other(face, scene):
    """A second bound head beside the first, which stays the active one."""
    mesh = add_mesh("Other", SHAPES)
    mesh.location.x = 1.0
    bpy.context.view_layer.update()
    found = bind(mesh)
    store(found, scene)
    scene.mien_head = face.anchor
    return found


def test_one_take_on_both(face, keys, other, scene):
    add_take(face.anchor, video())
    bpy.ops.mien.apply_take()
    assert bpy.ops.mien.copy_take(head="Other") == {"FINISHED"}
    there = other.anchor.data.shape_keys
    one, two = fcurve_of(keys, JAW), fcurve_of(there, JAW)
    assert np.allclose([p.co for p in one.keyframe_points], [p.co for p in two.keyframe_points])
    assert active_character(scene).anchor == face.anchor
    first, second = active_take(face.anchor), active_take(other.anchor)
    assert (first.is_written, second.is_written) == (True, True)
    assert first.take_id != second.take_id
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert {name for name, _, _ in every_curve()} == {there.name}
    scene.mien_head = other.anchor
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert every_curve() == {}


def test_two_takes_on_two_heads_undone_in_one_step(face, other, scene):
    add_take(face.anchor, video())
    bpy.ops.mien.apply_take()
    add_take(face.anchor, video(talking(seed=5)))
    bpy.ops.ed.undo_push(message="Before")
    before = every_curve()
    assert bpy.ops.mien.copy_take("EXEC_DEFAULT", True, head="Other") == {"FINISHED"}
    after = every_curve()
    jaw = {name: keys["co"] for (name, path, _), (_, keys, _, _) in after.items() if path == JAW}
    assert len(set(jaw.values())) == 2  # each head has its own take
    bpy.ops.ed.undo()
    assert every_curve() == before
    assert len(takes_of(bpy.data.objects["Other"]).items) == 0
    bpy.ops.ed.redo()
    assert every_curve() == after


def test_a_copy_is_shaped_by_itself(face, other, scene):
    add_take(face.anchor, video())
    assert bpy.ops.mien.duplicate_take() == {"FINISHED"}
    assert active_take(face.anchor).name == "Clip.001"
    assert bpy.ops.mien.copy_take(head="Other") == {"FINISHED"}
    copied = active_take(other.anchor)
    assert copied.name == "Clip.001"
    scene.mien_shape.gain_mouth = 0.5
    assert copied.shaping != active_take(face.anchor).shaping


def test_a_head_that_cannot_be_keyed_gets_nothing(face, other, scene):
    add_take(face.anchor, video())
    for block in other.anchor.data.shape_keys.key_blocks:
        block.driver_add("value")
    with pytest.raises(RuntimeError, match="a driver moves it"):
        bpy.ops.mien.copy_take(head="Other")
    assert len(takes_of(other.anchor).items) == 0


def test_without_a_second_head_it_says_so(face, scene):
    add_take(face.anchor, video())
    assert not bpy.ops.mien.copy_take.poll()
    assert bpy.ops.mien.duplicate_take.poll()


def test_another_head_is_not_moved_by_what_is_keyed_here(face, other, scene):
    key(other.anchor.data.shape_keys, JAW, (1, 0.3))
    before = every_curve()
    add_take(face.anchor, video())
    bpy.ops.mien.apply_take(mode="LAYER")
    bpy.ops.mien.bake_layers()
    assert {place: state for place, state in every_curve().items() if place in before} == before


DIALOGUE = """ANNA
(smiling)
You came!

BEN
Why would I not?

Anna frowns.
"""


def test_each_plays_its_part_and_replays_it_in_step(face, keys, other, scene):
    scene.mien.script_text = bpy.data.texts.new("dialogue")
    scene.mien.script_text.write(DIALOGUE)
    scene.mien.plays = "Anna"
    assert bpy.ops.mien.perform_script() == {"FINISHED"}
    scene.mien_head, scene.mien.plays = other.anchor, "Ben"
    assert bpy.ops.mien.perform_script() == {"FINISHED"}
    (anna,), (ben,) = takes_of(face.anchor).items, takes_of(other.anchor).items
    assert anna.frame_end == ben.frame_end
    assert [beat.name for beat in anna.beats][1:2] == ['says "You came!"']
    assert [beat.name for beat in ben.beats] == ['says "Why would I not?"']
    line = ben.beats[0].frame
    assert anna.beats[1].frame < line < anna.beats[2].frame
    there = {marker.frame for marker in scene.timeline_markers}
    assert {beat.frame for beat in (*anna.beats, *ben.beats)} <= there
    scene.frame_set(round(line))
    assert bpy.ops.mien.regenerate_performance() == {"FINISHED"}
    assert [beat.name for beat in ben.beats] == ['says "Why would I not?"']
    assert ben.plays == "Ben"


def test_a_part_that_nobody_has_is_told(face, other, scene):
    with pytest.raises(RuntimeError, match='names nobody "Cleo"'):
        bpy.ops.mien.perform_script(script=DIALOGUE, plays="Cleo")
    assert not every_curve()
