"""Rigs as other programs make them, made of the example head; and where its nose and its pupils point."""

import bpy
import numpy as np
from bl_ext.user_default.mien.core.binding import load_presets
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.curves import Curves
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.scene.keys import write_curves
from bl_ext.user_default.mien.scene.stored_character import active_character
from mathutils import Matrix, Vector

from .scenes import activate

MARKS = {"VRM Perfect Sync": "J_Bip_C_Neck", "Faceit": "FaceitRig", "MPFB": "Human.high-poly"}


def preset_of(name):
    return next(preset for preset in load_presets() if preset.name == name)


def unbound(head):
    """The rig of the example head as it would come from elsewhere, without a binding; its parts by name."""
    rig = head.anchor
    rig.property_unset("mien_character")
    bpy.context.scene.mien_head = None
    return rig, {part.name.split(".")[0]: part for part in rig.children_recursive}


def bound(part):
    """The head that is found anew from one of its parts."""
    activate(part)
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    return active_character(bpy.context.scene)


def rename(meshes, preset, affix="{}"):
    """Name shape keys as a preset does; a shape that it has in several parts is cut into equal ones."""
    for mesh in meshes:
        keys = mesh.data.shape_keys
        for channel in [key.name for key in keys.key_blocks if key.name in SHAPES] if keys else []:
            first, *others = [affix.format(name) for name in preset.shapes.get(channel, (channel,))]
            whole = keys.key_blocks[channel]
            whole.name = first
            if not others:
                continue
            rest = points(whole.relative_key)
            part = rest + (points(whole) - rest) / (1 + len(others))
            whole.data.foreach_set("co", part.ravel())
            for name in others:
                more = mesh.shape_key_add(name=name, from_mix=False)
                more.data.foreach_set("co", part.ravel())
                more.value = 0.0


def points(key):
    flat = np.empty(len(key.data) * 3, dtype=np.float32)
    key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def remove_keys(mesh, wanted):
    """Take away the shape keys whose name is wanted."""
    for key in [key for key in mesh.data.shape_keys.key_blocks if wanted(key.name)]:
        mesh.shape_key_remove(key)


def is_look(name):
    return name.startswith("eyeLook")


def aim_bones(rig, directions):
    """Give bones another direction and roll: {name: (direction in armature space, roll)}; what they hold stays."""
    activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (direction, roll) in directions.items():
        bone = rig.data.edit_bones[name]
        bone.use_connect = False
        for child in bone.children:
            child.use_connect = False
        bone.tail = bone.head + Vector(direction).normalized() * 0.08
        bone.roll = roll
    bpy.ops.object.mode_set(mode="OBJECT")


def add_eye_bones(rig, eyes, names=("eye.L", "eye.R"), direction=(0, -1, 0), roll=0.0):
    """A bone in the middle of each eyeball, which holds all of it, below the head's bone."""
    activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for name, eye in zip(names, eyes, strict=True):
        bone = rig.data.edit_bones.new(name)
        middle = np.array([vertex.co for vertex in eye.data.vertices]).mean(axis=0)
        bone.head = rig.matrix_world.inverted() @ eye.matrix_world @ Vector(middle.tolist())
        bone.tail = bone.head + Vector(direction).normalized() * 0.03
        bone.roll, bone.parent = roll, rig.data.edit_bones["head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    for name, eye in zip(names, eyes, strict=True):
        eye.vertex_groups.clear()
        eye.vertex_groups.new(name=name).add(range(len(eye.data.vertices)), 1.0, "REPLACE")


def turn_axes(rig, turn):
    """Let all data of a rig stand along other axes, as imported files do; its objects turn it upright again."""
    matrix = turn.to_4x4()
    done = set()
    for thing in (rig, *rig.children_recursive):
        if thing.data not in done and thing.type in {"MESH", "ARMATURE"}:
            done.add(thing.data)
            if thing.type == "MESH":
                thing.data.transform(matrix, shape_keys=True)
            else:
                thing.data.transform(matrix)
    rig.matrix_world = rig.matrix_world @ matrix.inverted()
    bpy.context.view_layer.update()


def seen_points(thing):
    """Where the vertices of an object are seen, in world space, shape (V, 3)."""
    seen = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = seen.to_mesh()
    flat = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    seen.to_mesh_clear()
    matrix = np.array(seen.matrix_world)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


class Pointing:
    """The direction in which a vertex stands from the middle of others: the nose from the teeth, a pupil in its eye."""

    def __init__(self, thing, around=None):
        for modifier in thing.modifiers:
            if modifier.type == "SUBSURF":
                modifier.show_viewport = False
        self.thing, self.around = thing, around or thing
        self.index = int(np.argmin(seen_points(thing)[:, 1]))  # the foremost: the head looks along -Y

    def __call__(self):
        direction = seen_points(self.thing)[self.index] - seen_points(self.around).mean(axis=0)
        return direction / np.linalg.norm(direction)


def turned(yaw=0.0, pitch=0.0, roll=0.0):
    """How a head that looks along -Y with Z up turns, whose own left is +X; written down without the add-on."""
    turn = Matrix.Rotation(yaw, 3, "Z") @ Matrix.Rotation(-pitch, 3, "X") @ Matrix.Rotation(roll, 3, "Y")
    return np.array(turn)


def show(character, **channels):
    """Key a pose, and show its frame."""
    scene = bpy.context.scene
    report = write_curves(character, Curves.from_pose(Pose.from_mapping(channels)), 1, scene)
    scene.frame_set(1)
    return report


def angle_between(one, other):
    """Degrees."""
    return float(np.degrees(np.arccos(np.clip(one @ other, -1, 1))))
