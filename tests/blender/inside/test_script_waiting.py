"""Perform Script while Blender goes on: its events, Esc, and what changes meanwhile."""

import bpy
from bl_ext.user_default.mien.ui.operators.perform_script import MIEN_OT_perform_script
from bl_ext.user_default.mien.ui.work import now

from .performed import (
    SCRIPT,
    state,
    stored,
)
from .scenes import add_mesh, digest
from .waiting import Waiting


def waiting_for(script):
    return Waiting(
        MIEN_OT_perform_script,
        script=script,
        background="",
        emotion="",
        plays="",
        duration=0.0,
        engine="",
        seed=0,
        life=True,
        from_rest=True,
    )


def test_waiting_leaves_blender_free_and_ends_with_keys(scene, head):
    scene.frame_set(12)
    waiting = waiting_for(SCRIPT)
    assert waiting.started == {"RUNNING_MODAL"}
    assert now.work is not None
    assert not bpy.ops.mien.perform_script.poll()
    assert waiting.send("MOUSEMOVE") == {"PASS_THROUGH"}
    scene.frame_set(30)  # scrubbing while it runs does not move the keys
    assert waiting.send_until_done() == {"FINISHED"}
    assert stored(head)[0].frame_start == 12
    assert now.work is None
    assert "4 beats" in waiting.said[-1][1]


def test_esc_leaves_everything_as_it_was(scene, head):
    before = state(scene, head)
    waiting = waiting_for(SCRIPT)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert state(scene, head) == before
    assert now.work is None
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]


def test_the_head_deleted_while_waiting(head):
    waiting = waiting_for(SCRIPT)
    for mesh in head.meshes:
        bpy.data.objects.remove(mesh)
    bpy.data.objects.remove(head.anchor)
    before = digest()
    assert waiting.send_until_done() == {"CANCELLED"}
    assert "The head has changed" in waiting.said[-1][1]
    assert digest() == before


def test_the_head_and_the_scene_renamed_and_another_head_bound_while_waiting(scene, head):
    waiting = waiting_for(SCRIPT)
    head.anchor.name, scene.name = "Hero", "Shot"
    add_mesh("Other", ["jawOpen"]).location.x = 9
    bpy.ops.mien.bind_character()
    assert waiting.send_until_done() == {"FINISHED"}
    assert len(stored(head)) == 1
