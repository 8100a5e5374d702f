"""Bind Character: find the channels of the selected head."""

from bpy.types import Context, Operator

from ...scene.character import bind
from ...scene.stored_character import store
from .waiting import Acts


class MIEN_OT_bind_character(Acts, Operator):
    bl_idname = "mien.bind_character"
    bl_label = "Bind Character"
    bl_description = "Find the ARKit shape keys and the bones of the active object's head, all its meshes at once"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return "" if context.active_object is not None else "Select the head or its armature first"

    def act(self, context: Context) -> str:
        character = bind(context.active_object)
        store(character, context.scene)
        return f"{character.name}: {character.summary()}"


CLASSES = (MIEN_OT_bind_character,)
