"""The animated head in a glTF file, as another reader than Blender's finds it."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNEL_COUNT, INDEX, SHAPES
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_takes import add_take
from pygltflib import GLTF2

from .taken import fcurve_of, key, talking, video

FLOAT, WIDTHS = 5126, {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def exported(path):
    """The head as `docs/takes.md` says: all that plays at once as one animation."""
    lean = {"export_texcoords": False, "export_materials": "NONE"}
    assert bpy.ops.export_scene.gltf(filepath=str(path), export_animation_mode="ACTIVE_ACTIONS", **lean) == {"FINISHED"}
    return GLTF2().load(str(path))


def numbers(gltf, index):
    """The numbers of an accessor, shape (count, width)."""
    accessor = gltf.accessors[index]
    assert accessor.componentType == FLOAT
    view = gltf.bufferViews[accessor.bufferView]
    width = WIDTHS[accessor.type]
    start = (view.byteOffset or 0) + (accessor.byteOffset or 0)
    found = np.frombuffer(gltf.binary_blob(), "<f4", accessor.count * width, start)
    return found.reshape(-1, width)


def weights(gltf, name):
    """By shape, the times in seconds and the values of a mesh's morph targets; empty where none is animated."""
    node = next(place for place, node in enumerate(gltf.nodes) if node.name == name)
    shapes = gltf.meshes[gltf.nodes[node].mesh].extras["targetNames"]
    for animation in gltf.animations:
        for channel in animation.channels:
            if channel.target.node == node and channel.target.path == "weights":
                sampler = animation.samplers[channel.sampler]
                times = numbers(gltf, sampler.input)[:, 0]
                return times, dict(zip(shapes, numbers(gltf, sampler.output).reshape(len(times), -1).T, strict=True))
    return np.empty(0), {}


def is_as_keyed(found, keys, fps):
    times, shapes = found
    assert len(times)  # one or two where nothing moves
    for name, values in shapes.items():
        fcurve = fcurve_of(keys, f'key_blocks["{name}"].value')
        wanted = [fcurve.evaluate(time * fps) for time in times.tolist()]
        assert np.abs(values - np.clip(wanted, 0.0, 1.0)).max() < 1e-4
    return True


@pytest.fixture
def moving_jaw():
    """A take that moves the jaw and the head, and nothing else."""
    times, values = np.arange(50) / 25, np.zeros((50, CHANNEL_COUNT))
    values[:, INDEX["jawOpen"]] = 0.4 + 0.3 * np.sin(times * 4)
    values[:, INDEX["headYaw"]] = 0.3 * np.sin(times * 3)
    return video(FaceTrack(times, values, np.ones(50)))


def test_the_example_head_with_all_its_channels(head, scene, moving_jaw, tmp_path):
    add_take(head.anchor, moving_jaw)
    assert bpy.ops.mien.apply_take(channels="ALL") == {"FINISHED"}
    gltf = exported(tmp_path / "head.glb")
    assert len(gltf.animations) == 1
    names = {"Face": set(SHAPES)}
    for mesh in head.meshes:  # the lashes and the eyes too, that the take does not move
        found = weights(gltf, mesh.name)
        assert is_as_keyed(found, mesh.data.shape_keys, 24)
        assert set(found[1]) >= names.get(mesh.name, set())
    assert np.ptp(weights(gltf, "Face")[1]["jawOpen"]) > 0.5
    bone = next(place for place, node in enumerate(gltf.nodes) if node.name == head.bones["head"].bone)
    (turn,) = [
        channel
        for channel in gltf.animations[0].channels
        if (channel.target.node, channel.target.path) == (bone, "rotation")
    ]
    turned = numbers(gltf, gltf.animations[0].samplers[turn.sampler].output)
    assert (2 * np.arccos(np.clip(np.abs(turned @ turned[0]), 0, 1))).max() > 0.25


def test_only_what_moves_leaves_the_other_meshes_out(face, keys, scene, moving_jaw, tmp_path):
    add_take(face.anchor, moving_jaw)
    bpy.ops.mien.apply_take()
    assert [fcurve.data_path for fcurve in fcurves_of(keys)] == ['key_blocks["jawOpen"].value']
    bpy.ops.mien.apply_take(channels="ALL")
    assert len(fcurves_of(keys)) == len(SHAPES)
    assert is_as_keyed(weights(exported(tmp_path / "face.glb"), "Face"), keys, 24)


def test_layers_baked_to_one_action(face, keys, scene, tmp_path):
    key(keys, 'key_blocks["jawOpen"].value', (1, 0.1), (60, 0.3))
    for name in SHAPES:
        if name != "jawOpen":
            key(keys, f'key_blocks["{name}"].value', (1, 0.0))
    add_take(face.anchor, video(talking()))
    bpy.ops.mien.apply_take(mode="LAYER")
    bpy.ops.mien.bake_layers()
    assert is_as_keyed(weights(exported(tmp_path / "face.glb"), "Face"), keys, 24)
