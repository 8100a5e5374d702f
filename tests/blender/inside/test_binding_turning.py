"""Heads and eyes turn to the right side on bones and objects of any direction, seen by where nose and pupils point."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.scene.stored_character import active_binding, active_character
from mathutils import Matrix, Vector

from .rigs import (
    Pointing,
    add_eye_bones,
    aim_bones,
    angle_between,
    bound,
    is_look,
    remove_keys,
    seen_points,
    show,
    turn_axes,
    turned,
    unbound,
)
from .scenes import activate

TURNS = (
    {"headYaw": 0.5},
    {"headPitch": 0.35},
    {"headRoll": 0.4},
    {"headYaw": -0.4, "headPitch": 0.3, "headRoll": 0.2},
)
BONES = [
    ((0, 0, 1), 0.0),
    ((0, 0, 1), 1.3),
    ((0, 0.4, 1), -2.4),
    ((1, 0, 0), 0.7),
    ((0, -1, 0), 3.0),
    ((0.3, -0.5, -0.8), 0.4),
]
AXES = {
    "Z up": Matrix.Identity(3),
    "Y up, along Z": Matrix.Rotation(-np.pi / 2, 3, "X"),
    "along X": Matrix.Rotation(np.pi / 2, 3, "Z"),
    "upside down": Matrix.Rotation(np.pi, 3, "Y"),
}
CLOSE = 0.15
"""Degrees."""


def angles(names):
    return {name.removeprefix("head").removeprefix("leftEye").lower(): value for name, value in names.items()}


@pytest.mark.parametrize(("direction", "roll"), BONES)
def test_the_nose_points_where_it_should_on_bones_with_any_roll(head, direction, roll):
    rig, parts = unbound(head)
    aim_bones(rig, {"head": (direction, roll), "neck": ((1, 1, 0), roll)})
    nose = Pointing(parts["Face"], parts["TeethUpper"])
    rest, found = nose(), bound(rig)
    for turn in TURNS:
        show(found, **turn)
        assert angle_between(nose(), turned(**angles(turn)) @ rest) < CLOSE


@pytest.mark.parametrize("mode", ["QUATERNION", "AXIS_ANGLE", "ZYX"])
@pytest.mark.parametrize("turn", AXES.values(), ids=AXES)
def test_the_nose_points_where_it_should_on_rigs_along_any_axes(head, turn, mode):
    rig, parts = unbound(head)
    nose = Pointing(parts["Face"], parts["TeethUpper"])
    rest = nose()
    turn_axes(rig, turn)
    assert angle_between(nose(), rest) < CLOSE
    rig.pose.bones["head"].rotation_mode = mode
    found = bound(rig)
    for pose in TURNS:
        show(found, **pose)
        assert angle_between(nose(), turned(**angles(pose)) @ rest) < CLOSE


def eyes_of(parts, direction=(0, -1, 0), roll=0.0, *, lids=False):
    """Bones for the eyeballs, whose own shapes go; lids: those of the lids stay."""
    rig = parts["Face"].parent
    for name, part in parts.items():
        if part.type == "MESH" and part.data.shape_keys and not (lids and not name.startswith("Eye")):
            remove_keys(part, is_look)
    add_eye_bones(rig, (parts["EyeLeft"], parts["EyeRight"]), direction=direction, roll=roll)


EYES = [((0, -1, 0), 0.0), ((0, -1, 0), 1.9), ((0, 0, 1), 0.6), ((1, 0.2, 0), -1.1), ((0.2, 1, 0.3), 2.8)]


@pytest.mark.parametrize("lids", [False, True], ids=["bones only", "shapes for the lids"])
@pytest.mark.parametrize(("direction", "roll"), EYES)
def test_the_pupils_point_where_they_should(head, direction, roll, lids):
    rig, parts = unbound(head)
    eyes_of(parts, direction, roll, lids=lids)
    found = bound(rig)
    assert found.eyes_by == ("BOTH" if lids else "TURNS")
    assert set(found.turns) == {"head", "leftEye", "rightEye"}
    for name, part in (("leftEye", "EyeLeft"), ("rightEye", "EyeRight")):
        pupil = Pointing(parts[part])
        rest = pupil()
        for yaw, pitch in ((0.4, 0.0), (0.0, 0.3), (-0.3, -0.2)):
            show(found, **{f"{name}Yaw": yaw, f"{name}Pitch": pitch})
            assert angle_between(pupil(), turned(yaw, pitch) @ rest) < CLOSE
        show(found)


def test_pupils_turn_with_the_head_and_in_it(head):
    rig, parts = unbound(head)
    eyes_of(parts, (1, 0, 0), 0.5)
    found = bound(rig)
    pupil = Pointing(parts["EyeLeft"])
    rest = pupil()
    show(found, headYaw=0.5, leftEyeYaw=-0.5)
    assert angle_between(pupil(), rest) < CLOSE


def test_eyes_that_shapes_turn_are_not_turned_by_bones(head):
    rig, parts = unbound(head)
    add_eye_bones(rig, (parts["EyeLeft"], parts["EyeRight"]))
    found = bound(rig)
    assert found.eyes_by == "SHAPES"
    assert set(found.turns) == {"head"}
    assert found.eyes_words().startswith("The eyeLook shape keys turn the eyes; eye.L and eye.R are left alone")
    stored = active_binding(bpy.context.scene)
    stored.eyes_by = "TURNS"
    chosen = active_character(bpy.context.scene)
    assert set(chosen.turns) == {"head", "leftEye", "rightEye"}
    assert not any(is_look(row.channel) for row in chosen.shapes)
    assert len(chosen.bound) == 44
    pupil = Pointing(parts["EyeLeft"])
    rest = pupil()
    show(chosen, leftEyeYaw=0.3, eyeLookOutLeft=0.7)
    assert angle_between(pupil(), turned(0.3) @ rest) < CLOSE


def test_eyes_and_head_turn_as_objects_too(head):
    rig, parts = unbound(head)
    eye, other = parts["EyeLeft"], parts["EyeRight"]
    for part in parts.values():
        if part.type == "MESH" and part.data.shape_keys:
            remove_keys(part, is_look)
    for ball in (eye, other):
        ball.modifiers.remove(next(m for m in ball.modifiers if m.type == "ARMATURE"))
        middle = Vector(np.array([vertex.co for vertex in ball.data.vertices]).mean(axis=0).tolist())
        ball.shape_key_clear()
        ball.data.transform(Matrix.Translation(-middle))
        ball.parent, ball.parent_type, ball.parent_bone = rig, "BONE", "head"
        bpy.context.view_layer.update()
        ball.matrix_world = Matrix.Translation(middle) @ Matrix.Rotation(0.8, 4, "X") @ Matrix.Rotation(-0.8, 4, "X")
    bpy.context.view_layer.update()
    pupil = Pointing(eye)
    rest = pupil()
    found = bound(rig)
    assert {turns: target.bone for turns, target in found.turns.items()} == {
        "head": "head",
        "leftEye": "",
        "rightEye": "",
    }
    show(found, leftEyeYaw=0.4, leftEyePitch=0.2)
    assert angle_between(pupil(), turned(0.4, 0.2) @ rest) < CLOSE
    show(found, leftEyeYaw=0.0, headYaw=0.3)
    assert angle_between(pupil(), turned(0.3) @ rest) < CLOSE


def test_a_head_without_bones_turns_as_an_object_where_the_user_says_so(scene):
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.1)
    ball = bpy.context.active_object
    ball.name = "Face"
    ball.shape_key_add(name="Basis")
    ball.shape_key_add(name="jawOpen").value = 0.0
    ball.rotation_euler = (0.3, -0.2, 0.5)
    bpy.context.view_layer.update()
    assert bound(ball).summary() == "1 of 52, no head bone, no eyes"
    assert bpy.ops.mien.set_turn(turns="head", thing="Face") == {"FINISHED"}
    found = active_character(scene)
    assert found.summary() == "1 of 52, head object, no eyes"
    before = np.array(ball.matrix_world.to_3x3())
    show(found, headYaw=0.4)
    turn = np.array(ball.matrix_world.to_3x3()) @ before.T
    assert np.degrees(np.arccos((np.trace(turn) - 1) / 2)) == pytest.approx(np.degrees(0.4), abs=0.1)
    show(found)
    assert np.array(ball.matrix_world.to_3x3()) == pytest.approx(before, abs=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_a_share_of_the_neck_leaves_the_nose_where_it_should_point(head, share):
    rig, parts = unbound(head)
    aim_bones(rig, {"head": ((0, 0.3, 1), 0.8), "neck": ((0, -0.2, 1), -1.4)})
    bound(rig)
    active_binding(bpy.context.scene).neck_share = share
    found = active_character(bpy.context.scene)
    assert ("neck" in found.turns) == (share > 0)
    nose = Pointing(parts["Face"], parts["TeethUpper"])
    rest = nose()
    for turn in TURNS:
        show(found, **turn)
        assert angle_between(nose(), turned(**angles(turn)) @ rest) < CLOSE
    neck = rig.pose.bones["neck"].matrix.to_3x3() @ rig.data.bones["neck"].matrix_local.to_3x3().inverted()
    whole = Vector(turned(**angles(TURNS[-1])) @ np.array((0, -1, 0)))
    assert (neck @ Vector((0, -1, 0))).angle((0, -1, 0)) == pytest.approx(share * whole.angle((0, -1, 0)), abs=0.03)


def test_the_user_corrects_axes_and_signs(head):
    rig, parts = unbound(head)
    bound(rig)
    nose = Pointing(parts["Face"], parts["TeethUpper"])
    rest = nose()
    entry = next(entry for entry in active_binding(bpy.context.scene).turns if entry.turns == "head")
    entry.gains = (-1.0, 1.0, 0.5)
    show(active_character(bpy.context.scene), headYaw=0.4)
    assert angle_between(nose(), turned(-0.4) @ rest) < CLOSE
    entry.gains = (1.0, 1.0, 1.0)
    entry.looks_along = "Y"  # as if the face looked backwards: what nods forward nods back
    show(active_character(bpy.context.scene), headPitch=0.3)
    assert angle_between(nose(), turned(0.0, -0.3) @ rest) < CLOSE
    bound(rig)
    assert entry.looks_along == "Y"  # found anew, what was set stays


def test_another_bone_is_turned_in_the_directions_of_the_face(head):
    rig, parts = unbound(head)
    aim_bones(rig, {"head": ((1, 0.2, 0), 0.9)})
    rig.data.bones["head"].name = "Kopf"
    found = bound(rig)
    assert "head" not in found.turns
    assert bpy.ops.mien.set_turn(turns="head", thing=rig.name, bone="Kopf") == {"FINISHED"}
    nose = Pointing(parts["Face"], parts["TeethUpper"])
    rest = nose()
    show(active_character(bpy.context.scene), headYaw=0.4, headPitch=0.2)
    assert angle_between(nose(), turned(0.4, 0.2) @ rest) < CLOSE


def test_the_whole_head_stands_still_where_nothing_turns(head):
    rig, parts = unbound(head)
    found = bound(rig)
    before = seen_points(parts["Face"])
    assert bpy.ops.mien.remove_turn(turns="head") == {"FINISHED"}
    assert found.summary() != active_character(bpy.context.scene).summary()
    show(active_character(bpy.context.scene), headYaw=0.4)
    assert seen_points(parts["Face"]) == pytest.approx(before, abs=1e-6)
    activate(rig)
