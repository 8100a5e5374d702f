"""The add-on's preferences: where the backend's Python is."""

from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context

from . import backend_session

ADDON = (__package__ or "").rpartition(".")[0]
"""The name under which Blender knows the add-on, such as "bl_ext.user_default.mien"."""


class MIEN_AP_preferences(AddonPreferences):
    bl_idname = ADDON

    backend_python: StringProperty(
        name="Backend Python",
        description="The Python program of the environment that the backend is installed in; empty for the usual place",
        subtype="FILE_PATH",
    )
    backend_root: StringProperty(
        name="Backend Folder",
        description="For developers: the folder that holds inference_backend where it is not installed",
        subtype="DIR_PATH",
        options={"HIDDEN"},
    )

    def draw(self, _context: Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "backend_python", placeholder="Usual place")
        layout.label(text=backend_session.session.status().words, icon="INFO")


CLASSES = (MIEN_AP_preferences,)
