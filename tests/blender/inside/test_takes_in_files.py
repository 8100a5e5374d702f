"""Each operator of takes: undone and redone in one step, saved and opened, appended to another file."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, takes_of

from .scenes import add_armature, add_mesh, dress
from .taken import JAW, SMILE, TAKE, key, talking, video
from .whole_file import every_action, shown_values, what_plays, whole_file

WRITTEN = {
    "new action": lambda: bpy.ops.mien.apply_take("EXEC_DEFAULT", True, mode="NEW_ACTION"),
    "replace": lambda: bpy.ops.mien.apply_take("EXEC_DEFAULT", True, mode="REPLACE"),
    "layer": lambda: bpy.ops.mien.apply_take("EXEC_DEFAULT", True, mode="LAYER"),
    "regions": lambda: bpy.ops.mien.apply_take("EXEC_DEFAULT", True, mode="NEW_ACTION", regions={"mouth"}),
    "all channels": lambda: bpy.ops.mien.apply_take("EXEC_DEFAULT", True, mode="REPLACE", channels="ALL"),
}
DONE = WRITTEN | {
    "revert": lambda: bpy.ops.mien.revert_take("EXEC_DEFAULT", True),
    "bake": lambda: bpy.ops.mien.bake_layers("EXEC_DEFAULT", True),
    "pose": lambda: bpy.ops.mien.save_pose("EXEC_DEFAULT", True),
    "duplicate": lambda: bpy.ops.mien.duplicate_take("EXEC_DEFAULT", True),
    "delete": lambda: bpy.ops.mien.delete_take("EXEC_DEFAULT", True),
}


@pytest.fixture
def animated(scene):
    """A bound head of two meshes and a bone, with keys of the animator's, a layer, and a take that is not written."""
    mesh = add_mesh("Face", ["jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight"])
    teeth, rig = add_mesh("Teeth", ["jawOpen"]), add_armature()
    dress(rig, mesh, teeth)
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    key(mesh.data.shape_keys, JAW, (1, 0.1), (20, 0.3), (90, 0.3))
    key(mesh.data.shape_keys, SMILE, (100, 0.7))
    rig.keyframe_insert("location", frame=3)
    add_take(rig, video(talking(seed=4), frame_start=5.0))
    bpy.ops.mien.apply_take(mode="LAYER")
    add_take(rig, TAKE)
    return active_character(scene)


def state():
    takes = takes_of(active_character(bpy.context.scene).anchor)
    listed = [(r.take_id, r.name, r.raw, r.shaping, r.is_written, r.write_as, r.all_channels) for r in takes.items]
    return whole_file(), shown_values(), listed, takes.index


@pytest.mark.parametrize("name", DONE)
def test_undone_and_redone_in_one_step(animated, name):
    if name == "revert":
        takes_of(animated.anchor).index = 0
    bpy.ops.ed.undo_push(message="Before")
    before = state()
    assert DONE[name]() == {"FINISHED"}
    after = state()
    assert after != before
    bpy.ops.ed.undo()
    assert state() == before
    bpy.ops.ed.redo()
    assert state() == after


@pytest.mark.parametrize("name", DONE)
def test_saved_and_opened(animated, name, tmp_path):
    if name == "revert":
        takes_of(animated.anchor).index = 0
    assert DONE[name]() == {"FINISHED"}
    after, path = state(), str(tmp_path / "takes.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert state() == after


@pytest.mark.parametrize("name", WRITTEN)
def test_written_saved_opened_and_taken_back(animated, name, tmp_path):
    before, values = whole_file(), shown_values()
    assert WRITTEN[name]() == {"FINISHED"}
    path = str(tmp_path / "takes.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert whole_file() == before
    assert shown_values() == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("name", WRITTEN)
def test_appended_to_another_file_and_taken_back(animated, name, tmp_path):
    before = what_plays(), every_action()
    assert WRITTEN[name]() == {"FINISHED"}
    path, written = str(tmp_path / "library.blend"), every_action()
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(path) as (there, here):
        here.objects = there.objects
    for thing in here.objects:
        scene.collection.objects.link(thing)
    scene.mien_head = bpy.data.objects["Rig"]
    head = active_character(scene)
    assert every_action() == written
    assert active_take(head.anchor).is_written
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert (what_plays(), every_action()) == before
    takes_of(head.anchor).index = 0
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert bpy.ops.mien.apply_take(mode="NEW_ACTION") == {"FINISHED"}
