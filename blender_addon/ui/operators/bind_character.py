"""Bind Character: find the channels of the selected head."""

from bpy.types import Context, Operator

from ...core.errors import MienError
from ...scene.character import bind
from ...scene.stored_character import store
from ..told import tell_failure, tell_success
from . import Outcome


class MIEN_OT_bind_character(Operator):
    bl_idname = "mien.bind_character"
    bl_label = "Bind Character"
    bl_description = "Find the ARKit shape keys and the bones of the active object's head, all its meshes at once"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        if context.active_object is None:
            cls.poll_message_set("Select the head or its armature first")
            return False
        return True

    def execute(self, context: Context) -> Outcome:
        try:
            character = bind(context.active_object)
        except MienError as error:
            tell_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        store(character, context.scene)
        tell_success()
        self.report({"INFO"}, f"{character.name}: {character.summary()}")
        return {"FINISHED"}


CLASSES = (MIEN_OT_bind_character,)
