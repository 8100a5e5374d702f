"""Plan the shots of a bound head, and teach a student from their pictures."""

from bpy.props import IntProperty, StringProperty
from bpy.types import Context, Operator

from ...scene.added_properties import RELATIVE
from ..teaching import BackendCommand, Teaching, chosen_folder, planning, teaching_of
from ..work import now
from .waiting import Waits


class _InFolder(Waits):
    """An operator whose folder is the scene's, where it was given none."""

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "Mien is at work; Esc stops it" if now.work is not None else ""


class MIEN_OT_plan_training_set(_InFolder, Operator):
    bl_idname = "mien.plan_training_set"
    bl_label = "Plan Shots"
    bl_description = "Make up plausible faces, views and lights, as a list for Render Training Set"
    bl_options = {"REGISTER"}

    folder: StringProperty(
        name="Folder", description="Where the list goes", subtype="DIR_PATH", options={"SKIP_SAVE"} | RELATIVE
    )
    count: IntProperty(name="Pictures", description="So many; 0 for the scene's number", min=0, options={"SKIP_SAVE"})
    seed: IntProperty(name="Variation", description="Another number gives other shots", default=1, min=0)

    def start(self, context: Context) -> BackendCommand:
        kept = teaching_of(context.scene)
        return planning(chosen_folder(self.folder or kept.folder), self.count or kept.count, self.seed)


class MIEN_OT_train_student(_InFolder, Operator):
    bl_idname = "mien.train_student"
    bl_label = "Train Student"
    bl_description = "Teach a small network to read this character from its pictures; it becomes the engine student"
    bl_options = {"REGISTER"}

    folder: StringProperty(
        name="Folder",
        description="The pictures with their manifest",
        subtype="DIR_PATH",
        options={"SKIP_SAVE"} | RELATIVE,
    )
    minutes: IntProperty(
        name="Minutes", description="The most that it may take; 0 for the scene's", min=0, options={"SKIP_SAVE"}
    )

    def start(self, context: Context) -> Teaching:
        kept = teaching_of(context.scene)
        return Teaching(chosen_folder(self.folder or kept.folder), self.minutes or kept.minutes)


CLASSES = (MIEN_OT_plan_training_set, MIEN_OT_train_student)
