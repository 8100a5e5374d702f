"""What is told a take in words: changes to it, and taking one of them back."""

from typing import Any

from bpy.props import FloatProperty, IntProperty, StringProperty
from bpy.types import Context, Operator

from ...scene.stored_character import active_character
from ...scene.stored_takes import active_take
from ...scene.worded_takes import remove_edit
from ..properties import settings_of
from ..wording import Wording
from .takes import disabled_reason as takes_disabled_reason
from .waiting import Acts, Waits
from .waiting import disabled_reason as work_disabled_reason


def disabled_reason(context: Context) -> str:
    """Why nothing can be told a take; empty where it can."""
    return work_disabled_reason(context) or takes_disabled_reason(context)


class MIEN_OT_edit_take(Waits, Operator):
    bl_idname = "mien.edit_take"
    bl_label = "Edit Take"
    bl_description = 'Change the chosen take as the words say, such as "half the smile" or "no blinks after frame 60"'
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    words: StringProperty(
        name="Words", description="What to change; without them, those of the Mien tab", options={"SKIP_SAVE"}
    )
    frame_start: FloatProperty(
        name="First Frame",
        description="Nothing changes before this frame of the scene; 0 for the take's beginning",
        min=0.0,
        options={"SKIP_SAVE"},
    )
    frame_end: FloatProperty(
        name="Last Frame",
        description="Nothing changes after this frame of the scene; 0 for the take's end",
        min=0.0,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def start(self, context: Context) -> Wording:
        words = self.words or settings_of(context.scene).edit_words
        return Wording(context, words, limits=(self.frame_start or None, self.frame_end or None))


class MIEN_OT_remove_edit(Acts, Operator):
    bl_idname = "mien.remove_edit"
    bl_label = "Remove Edit"
    bl_description = "Take this change of the chosen take back; the others stay"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    index: IntProperty(name="Edit", description="Which one, counted from 0", min=0, options={"SKIP_SAVE"})

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return takes_disabled_reason(context)

    def act(self, context: Context) -> str:
        character: Any = active_character(context.scene)
        words = remove_edit(character, active_take(character.anchor), context.scene, self.index)
        return f'Took back "{words}".'


CLASSES = (MIEN_OT_edit_take, MIEN_OT_remove_edit)
