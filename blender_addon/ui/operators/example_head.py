"""Add Example Head: a head with all 52 shapes, bound and ready."""

from bpy.types import Context, Event, Operator

from ...scene.character import bind
from ...scene.example_head import add_example_head
from ...scene.stored_character import store
from ..framing import face_selected
from . import Outcome
from .waiting import Acts


class MIEN_OT_add_example_head(Acts, Operator):
    bl_idname = "mien.add_example_head"
    bl_label = "Add Example Head"
    bl_description = "Add a head that has all 52 ARKit shapes, and make it the one that is keyed"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return "" if context.mode == "OBJECT" else "Switch to Object Mode first"

    def act(self, context: Context) -> str:
        store(bind(add_example_head(context)), context.scene)
        return ""

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Show it as well; a script's views are left as they are."""
        outcome = super().invoke(context, event)
        if "FINISHED" in outcome:
            face_selected(context)
        return outcome


CLASSES = (MIEN_OT_add_example_head,)
