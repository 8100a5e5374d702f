"""Teach Your Character: the three steps to a student, in their order."""

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout

from ...client.installing.payload import Level
from ...core.training import MANIFEST_NAME
from ..operators.install import MIEN_OT_install_backend
from ..operators.stop import MIEN_OT_stop
from ..operators.teaching import MIEN_OT_plan_training_set, MIEN_OT_train_student
from ..operators.training_set import MIEN_OT_render_training_set
from ..teaching import SHOTS_NAME, BackendCommand, needs_full_level, teaching_of
from ..training_set import TrainingSet
from ..work import now
from .wrapped import draw_wrapped


class MIEN_PT_teach(Panel):
    bl_idname = "MIEN_PT_teach"
    bl_label = "Teach Your Character"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Context) -> None:
        layout = self.layout
        kept = teaching_of(context.scene)
        draw_wrapped(
            layout, context, "For faces that no engine reads, such as a cartoon's: a student learns yours", icon="INFO"
        )
        layout.prop(kept, "folder")
        if isinstance(now.work, BackendCommand | TrainingSet):
            draw_wrapped(layout, context, now.work.progress, icon="SORTTIME")
            layout.operator(MIEN_OT_stop.bl_idname, text="Stop (Esc)", icon="CANCEL")
        else:
            _draw_steps(layout, context, kept)


def _draw_steps(layout: UILayout, context: Context, kept: Any) -> None:
    """Each step is grey until the one before has left what it needs."""
    folder = Path(bpy.path.abspath(kept.folder)) if kept.folder else None
    if folder is None:
        draw_wrapped(layout, context, "Choose an empty folder for the pictures", icon="INFO")
    column = layout.column(align=True)
    column.enabled = folder is not None
    column.prop(kept, "count")
    column.operator(MIEN_OT_plan_training_set.bl_idname, icon="PRESET_NEW")
    row = layout.row()
    row.enabled = folder is not None and (folder / SHOTS_NAME).is_file()
    render = row.operator(MIEN_OT_render_training_set.bl_idname, icon="RENDER_STILL")
    if folder is not None:
        render.filepath, render.folder = str(folder / SHOTS_NAME), str(folder)
    column = layout.column(align=True)
    column.enabled = folder is not None and (folder / MANIFEST_NAME).is_file()
    column.prop(kept, "minutes")
    column.operator(MIEN_OT_train_student.bl_idname, icon="OUTLINER_DATA_LIGHTPROBE")
    if needs_full_level():
        draw_wrapped(layout, context, "Training needs more than is installed:", icon="ERROR")
        button = layout.operator(MIEN_OT_install_backend.bl_idname, text="Install Training", icon="IMPORT")
        button.level = Level.FULL.name


CLASSES = (MIEN_PT_teach,)
