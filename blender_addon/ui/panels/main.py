"""The Mien tab of the 3D view."""

from bpy.types import Context, Panel, UILayout

from ...core.channels import SHAPES
from ...scene.stored_character import active_character
from ..operators.bind_character import MIEN_OT_bind_character
from ..operators.example_head import MIEN_OT_add_example_head
from ..properties import settings_of
from . import binding
from .backend import draw_backend
from .engine import draw_chosen_engine
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
            _draw_image_engine(layout, context)
            draw_estimate(layout, context, "PANEL", missing=missing)
        draw_takes(layout, context)
        layout.separator(type="LINE")
        draw_backend(layout, context)


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


def _draw_image_engine(layout: UILayout, context: Context) -> None:
    """The choice of who reads the face. Its state is shown while it works too: a large model takes long to arrive."""
    settings = settings_of(context.scene)
    layout.prop(settings, "image_engine", placeholder="Built-in face model")
    draw_chosen_engine(layout, context, "image", settings.image_engine.strip())


CLASSES = (MIEN_PT_character, *binding.CLASSES, MIEN_PT_make)
