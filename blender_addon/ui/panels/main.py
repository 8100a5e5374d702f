"""The Mien tab of the 3D view."""

from bpy.types import Context, Panel, UILayout

from ...core.channels import SHAPES
from ...scene.stored_character import active_character
from ..backend_session import session
from ..operators.backend import MIEN_OT_start_backend, MIEN_OT_stop_backend
from ..operators.bind_character import MIEN_OT_bind_character
from ..operators.example_head import MIEN_OT_add_example_head
from ..properties import settings_of
from . import binding
from .estimate import draw_estimate
from .script import draw_script
from .takes import draw_takes
from .video import draw_video
from .wrapped import draw_wrapped


class MIEN_PT_character(Panel):
    bl_idname = "MIEN_PT_character"
    bl_label = "Character"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        layout = self.layout
        character = active_character(context.scene)
        if character is not None:
            row = layout.row(align=True)
            row.prop(context.scene, "mien_head", text="")
            row.operator(MIEN_OT_bind_character.bl_idname, text="", icon="FILE_REFRESH")
            is_whole = len(character.bound) == len(SHAPES)
            draw_wrapped(layout, context, character.summary(), icon="CHECKMARK" if is_whole else "INFO")
            return
        layout.operator(MIEN_OT_bind_character.bl_idname, icon="LINKED")
        layout.operator(MIEN_OT_add_example_head.bl_idname, icon="USER")


class MIEN_PT_make(Panel):
    bl_idname = "MIEN_PT_make"
    bl_label = "Performance"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        layout = self.layout
        settings = settings_of(context.scene)
        layout.row().prop(settings, "mode", expand=True)
        if settings.mode == "SCRIPT":
            draw_script(layout, context)
        elif settings.mode == "VIDEO":
            draw_video(layout, context)
        else:
            missing = _draw_source(layout, context)
            draw_estimate(layout, context, "PANEL", missing=missing)
        draw_takes(layout, context)
        layout.separator(type="LINE")
        _draw_engine(layout, context)


def _draw_source(layout: UILayout, context: Context) -> str:
    """The choice of a picture with its one field; what is still missing in it."""
    settings = settings_of(context.scene)
    layout.row(align=True).prop(settings, "source", expand=True)
    if settings.source == "FILE":
        layout.prop(settings, "filepath")
        return "" if settings.filepath else "Choose a picture of a face"
    if settings.source == "IMAGE":
        layout.template_ID(settings, "image", open="image.open")
        return "" if settings.image else "Choose or open an image"
    if settings.source == "CLIP":
        layout.template_ID(settings, "clip", open="clip.open")
        return "" if settings.clip else "Choose or open a clip"
    return ""


def _draw_engine(layout: UILayout, context: Context) -> None:
    """The last line: the engine and its state."""
    status = session.status()
    row = layout.row(align=True)
    if not status.is_installed:
        draw_wrapped(row, context, status.words, icon="ERROR")
        return
    row.label(text=status.words, icon="CHECKMARK" if status.is_running else "RADIOBUT_OFF")
    operator = MIEN_OT_stop_backend if status.is_running else MIEN_OT_start_backend
    row.operator(operator.bl_idname, text="", icon="CANCEL" if status.is_running else "PLAY")


CLASSES = (MIEN_PT_character, *binding.CLASSES, MIEN_PT_make)
