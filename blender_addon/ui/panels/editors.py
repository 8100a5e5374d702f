"""The same button where the animator already looks at a face."""

from bpy.types import Context, Panel, SpaceClipEditor, SpaceImageEditor

from ...scene.actions import strip_at, strip_scene
from .estimate import draw_button, draw_result


class MIEN_PT_image_editor(Panel):
    bl_idname = "MIEN_PT_image_editor"
    bl_label = "Estimate Face"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        space = context.space_data
        is_open = isinstance(space, SpaceImageEditor) and space.image is not None
        missing = "" if is_open else "Open an image here first"
        draw_button(self.layout, context, "IMAGE", missing=missing)
        draw_result(self.layout, context)


class MIEN_PT_clip_editor(Panel):
    bl_idname = "MIEN_PT_clip_editor"
    bl_label = "Estimate Face"
    bl_space_type = "CLIP_EDITOR"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        space = context.space_data
        is_open = isinstance(space, SpaceClipEditor) and space.clip is not None
        missing = "" if is_open else "Open a clip here first"
        draw_button(self.layout, context, "CLIP", missing=missing)
        draw_result(self.layout, context)


class MIEN_PT_sequencer(Panel):
    bl_idname = "MIEN_PT_sequencer"
    bl_label = "Estimate Face"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        scene = strip_scene(context)
        strip = strip_at(scene, scene.frame_current)
        missing = "" if strip else "Move the playhead onto a strip with a picture"
        draw_button(self.layout, context, "STRIP", missing=missing)
        draw_result(self.layout, context)


CLASSES = (MIEN_PT_image_editor, MIEN_PT_clip_editor, MIEN_PT_sequencer)
