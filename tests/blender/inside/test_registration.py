"""Enabling and disabling leaves Blender as it was."""

import bpy
from bl_ext.user_default.mien.registration import CLASSES
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.ui.backend_session import session

from .scenes import add_mesh

ADDON = "bl_ext.user_default.mien"


def test_disabling_takes_everything_away_and_ends_the_backend(head, photo):
    bpy.ops.mien.estimate_image(filepath=photo)
    process = session.start()._process
    bpy.ops.preferences.addon_disable(module=ADDON)
    try:
        assert process.poll() is not None
        assert not any(cls.is_registered for cls in CLASSES)
        assert not hasattr(bpy.types.Scene, "mien")
        assert not hasattr(bpy.types.Object, "mien_character")
        assert not hasattr(bpy.types.Scene, "mien_estimate")
        assert not hasattr(bpy.types.TimelineMarker, "mien_performance")
    finally:
        bpy.ops.preferences.addon_enable(module=ADDON)
    assert all(cls.is_registered for cls in CLASSES)
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}


def test_every_button_has_a_sentence_without_a_period():
    for cls in CLASSES:
        if issubclass(cls, bpy.types.Operator):
            assert cls.bl_description
            assert not cls.bl_description.endswith(".")
            assert cls.bl_label == _title_case(cls.bl_label)


def test_binding_can_be_undone(scene):
    add_mesh("Face", ["jawOpen"])
    bpy.ops.ed.undo_push(message="Before")
    assert bpy.ops.mien.bind_character("EXEC_DEFAULT", True) == {"FINISHED"}
    assert active_character(bpy.context.scene) is not None
    bpy.ops.ed.undo()
    assert active_character(bpy.context.scene) is None


def _title_case(label):
    titled = label.title()
    for word in ("From", "To", "As"):
        titled = titled.replace(f" {word} ", f" {word.lower()} ")
    return titled
