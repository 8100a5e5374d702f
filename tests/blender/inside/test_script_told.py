"""What a performance tells in Blender: its frames, its markers, and where it ends."""

import bpy
from bl_ext.user_default.mien.scene.stored_takes import active_take
from bl_ext.user_default.mien.scene.take_standing import why_cut_off
from bl_ext.user_default.mien.ui.work import now

from .performed import keys_of, markers, stored, value_at


def test_frames_that_the_script_names_are_those_of_the_scene(scene, head):
    scene.frame_set(11)
    assert bpy.ops.mien.perform_script(script="At frame 60 she smiles.", life=False) == {"FINISHED"}
    (record,) = stored(head)
    assert record.not_understood == ""
    assert value_at(keys_of(head), 59) == 0
    assert value_at(keys_of(head), 75) > 0.5


def test_a_long_line_is_cut_to_what_a_marker_holds(scene, head):
    words = "Überaus langsam und vollkommen überwältigt " * 3
    assert bpy.ops.mien.perform_script(script=f'She smiles. "{words}"', life=False) == {"FINISHED"}
    names = [name for _, name in markers(scene)]
    assert any("..." in name for name in names), names
    assert all(len(name.encode()) <= 60 for name in names)


def test_a_performance_that_outlasts_the_scene_says_so(scene, head):
    scene.frame_end = 30
    assert bpy.ops.mien.perform_script(script="She smiles. After four seconds she frowns.") == {"FINISHED"}
    (record,) = stored(head)
    last = round(record.frame_end)
    said = f"It ends at frame {last}, but the scene at 30: set End to {last} to see all of it."
    assert why_cut_off(active_take(head.anchor).written_until, scene) == said
    assert now.error == ""
    scene.frame_end = last
    assert why_cut_off(active_take(head.anchor).written_until, scene) == ""
