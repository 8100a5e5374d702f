"""What the tests of the Script mode look at: keys, markers, and what is stored with the head."""

import bpy
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_performance import performances_of

from .scenes import digest

SCRIPT = "She smiles. Then she looks down. Suddenly she gasps and turns her head to the left."
BEATS = ["She smiles", "she looks down", "Suddenly she gasps", "turns her head to the left"]
SMILE = 'key_blocks["mouthSmileLeft"].value'


def stored(head):
    return performances_of(head.anchor)


def keys_of(head):
    return head.meshes[0].data.shape_keys


def fcurve(owner, path=SMILE, index=0):
    return next((f for f in fcurves_of(owner) if (f.data_path, f.array_index) == (path, index)), None)


def key_frames(owner, path=SMILE):
    found = fcurve(owner, path)
    return [round(point.co.x, 3) for point in found.keyframe_points] if found else []


def markers(scene):
    return [(marker.frame, marker.name) for marker in scene.timeline_markers]


def value_at(owner, frame, path=SMILE):
    return fcurve(owner, path).evaluate(frame)


def largest(owner, path, start, end):
    return max(value_at(owner, frame, path) for frame in range(start, end + 1))


def state(scene, head):
    """What the script mode can change beyond what `digest` sees."""
    kept = [(record.take_id, record.words, record.raw) for record in stored(head)]
    actions = [(action.name, action.use_fake_user) for action in bpy.data.actions]
    return digest(), markers(scene), kept, actions


def head_again():
    """An undo replaces every datablock."""
    return active_character(bpy.context.scene)
