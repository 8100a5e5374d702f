"""The same button where the animator already looks at a face."""

from typing import Any

from bpy.types import Context, Panel, SpaceClipEditor, SpaceImageEditor

from ...scene.actions import strip_at, strip_scene
from .estimate import draw_estimate


class _EstimateFace:
    """What the editors' panels share."""

    bl_label = "Estimate Face"
    bl_region_type: Any = "UI"  # the stubs want a literal type
    bl_category = "Mien"


class MIEN_PT_image_editor(_EstimateFace, Panel):
    bl_idname = "MIEN_PT_image_editor"
    bl_space_type = "IMAGE_EDITOR"

    def draw(self, context: Context) -> None:
        space = context.space_data
        is_open = isinstance(space, SpaceImageEditor) and space.image is not None
        draw_estimate(self.layout, context, "IMAGE", missing="" if is_open else "Open an image here first")


class MIEN_PT_clip_editor(_EstimateFace, Panel):
    bl_idname = "MIEN_PT_clip_editor"
    bl_space_type = "CLIP_EDITOR"

    def draw(self, context: Context) -> None:
        space = context.space_data
        is_open = isinstance(space, SpaceClipEditor) and space.clip is not None
        draw_estimate(self.layout, context, "CLIP", missing="" if is_open else "Open a clip here first")


class MIEN_PT_sequencer(_EstimateFace, Panel):
    bl_idname = "MIEN_PT_sequencer"
    bl_space_type = "SEQUENCE_EDITOR"

    def draw(self, context: Context) -> None:
        scene = strip_scene(context)
        is_there = strip_at(scene, scene.frame_current) is not None
        missing = "" if is_there else "Move the playhead onto a strip with a picture"
        draw_estimate(self.layout, context, "STRIP", missing=missing)


CLASSES = (MIEN_PT_image_editor, MIEN_PT_clip_editor, MIEN_PT_sequencer)
