"""A picture, clips or a take's file dropped on the 3D view are keyed on the head."""

from bpy.types import Context, FileHandler

from ...core.formats.exchange import READABLE_SUFFIXES
from ...scene.media import CLIP_SUFFIXES, PICTURE_SUFFIXES
from .exchange import import_disabled_reason
from .track_video import track_disabled_reason
from .waiting import disabled_reason


class MIEN_FH_picture(FileHandler):
    bl_idname = "MIEN_FH_picture"
    bl_label = "Estimate Face"
    bl_import_operator = "mien.estimate_image"
    bl_file_extensions = ";".join(PICTURE_SUFFIXES)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """Only where there is a head to key; else Blender adds the picture as it always does."""
        return context.area is not None and context.area.type == "VIEW_3D" and not disabled_reason(context)


class MIEN_FH_clip(FileHandler):
    bl_idname = "MIEN_FH_clip"
    bl_label = "Track Face"
    bl_import_operator = "mien.track_video"
    bl_file_extensions = ";".join(CLIP_SUFFIXES)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """As for pictures; while clips are being tracked, more go to the queue."""
        return context.area is not None and context.area.type == "VIEW_3D" and not track_disabled_reason(context)


class MIEN_FH_take(FileHandler):
    bl_idname = "MIEN_FH_take"
    bl_label = "Import Take"
    bl_import_operator = "mien.import_take"
    bl_file_extensions = ";".join(READABLE_SUFFIXES)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """As for pictures; no backend is needed."""
        return context.area is not None and context.area.type == "VIEW_3D" and not import_disabled_reason(context)


CLASSES = (MIEN_FH_picture, MIEN_FH_clip, MIEN_FH_take)
