"""Add Example Head: a head with all 52 shapes, bound and ready."""

from bpy.types import Context, Operator

from ...core.errors import MienError
from ...scene.character import bind
from ...scene.example_head import add_example_head
from ...scene.stored_character import store
from ..told import tell_failure, tell_success
from . import Outcome


class MIEN_OT_add_example_head(Operator):
    bl_idname = "mien.add_example_head"
    bl_label = "Add Example Head"
    bl_description = "Add a head that has all 52 ARKit shapes, and make it the one that is keyed"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
            return False
        return True

    def execute(self, context: Context) -> Outcome:
        try:
            store(bind(add_example_head(context)), context.scene)
        except MienError as error:
            tell_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        tell_success()
        return {"FINISHED"}


CLASSES = (MIEN_OT_add_example_head,)
