"""Apply Take and Revert Take: the keys of a take, and exactly what was there before."""

from typing import Any

from bpy.props import EnumProperty
from bpy.types import Context, Operator

from ...scene.stored_character import active_character
from ...scene.stored_takes import active_take
from ...scene.takes import WritingMode, apply_take, revert_take
from .waiting import Acts


def disabled_reason(context: Context) -> str:
    """Why Apply Take is grey; empty where it is not."""
    character = active_character(context.scene)
    if character is None:
        return "Bind a head first: select it and use Bind Character, or use Add Example Head"
    return "" if active_take(character.anchor) is not None else "This head has no takes yet"


def revert_disabled_reason(context: Context) -> str:
    """The same for Revert Take."""
    if reason := disabled_reason(context):
        return reason
    return "" if _chosen(context)[1].is_written else "This take is not on the head"


def _chosen(context: Context) -> tuple[Any, Any]:
    character = active_character(context.scene)
    return character, active_take(character.anchor) if character else None


class MIEN_OT_apply_take(Acts, Operator):
    bl_idname = "mien.apply_take"
    bl_label = "Apply Take"
    bl_description = "Key the chosen take on the head; what was there before can be had back"
    bl_options = {"REGISTER", "UNDO"}

    mode: EnumProperty(
        name="Write",
        description="Where the keys go",
        items=(
            ("AS_BEFORE", "As Before", "As it was written last, or to a new Action"),
            ("NEW_ACTION", "New Action", "The head goes on in a new Action; the former one stays as it was"),
            ("REPLACE", "Replace in Range", "Keys of the same channels within the take's frames give way"),
        ),
        options={"SKIP_SAVE"},
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        mode = None if self.mode == "AS_BEFORE" else WritingMode[self.mode]
        report = apply_take(character, record, context.scene, mode=mode)
        told = [f"{record.name}: {report.keys} keys on {report.channels} channels.", *report.left_alone]
        return " ".join([*told, *report.limited])


class MIEN_OT_revert_take(Acts, Operator):
    bl_idname = "mien.revert_take"
    bl_label = "Revert Take"
    bl_description = "Make the curves what they were before the chosen take was written; work elsewhere stays"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return revert_disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        report = revert_take(character, record, context.scene)
        told = f"{record.name} is off the head; {report.curves} curves are what they were."
        return " ".join([told, *report.left_alone])


CLASSES = (MIEN_OT_apply_take, MIEN_OT_revert_take)
