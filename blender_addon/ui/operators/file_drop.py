"""A picture dropped on the 3D view is keyed on the head."""

from bpy.types import Context, FileHandler

from ...scene.media import PICTURE_SUFFIXES
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


CLASSES = (MIEN_FH_picture,)
