"""Bake to One Action: what the layers come to, as few keys in one Action, in one step."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, takes_of
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take

from .taken import JAW, SMILE, every_curve, fcurve_of, key, talking, video


def shown(scene, head, frames):
    """The value of every shape key and the turn of the head at frames, a row for each."""
    table = []
    for frame in frames:
        scene.frame_set(frame)
        row = [block.value for mesh in head.meshes for block in mesh.data.shape_keys.key_blocks]
        for turned in (place.holder for place in head.turns.values()):
            row += [*turned.rotation_euler, *turned.rotation_quaternion]
        table.append(row)
    return np.array(table)


@pytest.fixture
def layered(head, scene):
    """The example head with an Action of the animator and two layers over it."""
    for part in head.anchor.children_recursive:
        part.hide_viewport = not part.data.shape_keys  # hair and shirt take long to evaluate on every frame
    face = head.meshes[0].data.shape_keys
    key(face, JAW, (1, 0.1), (90, 0.3))
    key(face, SMILE, (5, 0.2), (30, 0.5))
    head.anchor.keyframe_insert("location", frame=1)
    for seed in (1, 2):
        add_take(head.anchor, video(talking(seed=seed), frame_start=10.0 * seed))
        apply_take(head, active_take(head.anchor), scene, mode=WritingMode.LAYER)
    return active_character(scene)


def test_it_shows_the_same_with_few_keys(layered, scene):
    frames = range(-3, 100)
    before, curves = shown(scene, layered, frames), every_curve()
    bpy.ops.ed.undo_push(message="Layered")
    assert bpy.ops.mien.bake_layers("EXEC_DEFAULT", True) == {"FINISHED"}
    assert np.abs(shown(scene, layered, frames) - before).max() < 0.003
    owners = [mesh.data.shape_keys for mesh in layered.meshes]
    assert all(len(owner.animation_data.nla_tracks) == 0 for owner in owners)
    assert {owner.animation_data.action_blend_type for owner in owners} == {"REPLACE"}
    if bpy.app.version >= (4, 4, 0):
        assert len({owner.animation_data.action for owner in owners}) == 1
    jaw = fcurve_of(owners[0], JAW)
    assert len(jaw.keyframe_points) < 45  # of a hundred frames with two noisy takes in them
    location = layered.anchor.name, "location", 0
    assert every_curve()[location][1:] == curves[location][1:]
    assert not any(record.is_written for record in takes_of(layered.anchor).items)
    assert not bpy.ops.mien.bake_layers.poll()
    bpy.ops.ed.undo()
    assert every_curve() == curves
    layered = active_character(bpy.context.scene)
    assert len(layered.meshes[0].data.shape_keys.animation_data.nla_tracks) >= 2
    bpy.ops.ed.redo()
    layered = active_character(bpy.context.scene)
    assert np.abs(shown(bpy.context.scene, layered, frames) - before).max() < 0.003


def test_the_former_action_is_kept(layered, scene):
    former = layered.meshes[0].data.shape_keys.animation_data.action
    bpy.ops.mien.bake_layers()
    assert former.use_fake_user
    assert layered.meshes[0].data.shape_keys.animation_data.action != former
    assert len(bpy.data.scenes) == 1
    assert not [thing for thing in (*bpy.data.objects, *bpy.data.meshes) if "Baking" in thing.name]


def test_tracks_of_the_animator_are_baked_too_and_muted(face, keys, scene):
    key(keys, JAW, (1, 0.1), (20, 0.6))
    animation = keys.animation_data
    action, slot = animation.action, getattr(animation, "action_slot", None)
    animation.action = None
    track = animation.nla_tracks.new()
    strip = track.strips.new("Mine", 1, action)
    if slot:
        strip.action_slot = slot
    key(keys, SMILE, (1, 0.1), (20, 0.6))
    before = shown(scene, face, range(1, 40))
    assert bpy.ops.mien.bake_layers(error=0.0) == {"FINISHED"}
    assert np.abs(shown(scene, face, range(1, 40)) - before).max() < 1e-5
    assert track.mute
    assert fcurve_of(keys, JAW) is not None
    assert fcurve_of(keys, SMILE) is not None


def test_nothing_to_bake_says_so(face):
    assert not bpy.ops.mien.bake_layers.poll()
