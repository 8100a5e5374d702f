"""The add-on's preferences: where the backend is, and what its language engines speak to."""

from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context, UILayout

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

    language_url: StringProperty(
        name="Server",
        description="The address of an OpenAI-compatible server, such as that of Ollama or LM Studio on this computer",
    )
    language_model: StringProperty(
        name="Model", description="The server's name for the model; needed where it has several"
    )
    language_key: StringProperty(
        name="Key",
        description="The server's key, where it asks for one; it is kept readable in Blender's preferences file",
        subtype="PASSWORD",
    )
    language_adapter: StringProperty(
        name="KeyframeFace Adapter",
        description="The adapter's folder, or its name on the model hub, for the engine keyframeface without a server",
    )
    language_base: StringProperty(
        name="KeyframeFace Base", description="The folder of the model that the adapter belongs to, or its name"
    )

    language_face_url: StringProperty(
        name="Server", description="The address of an OpenAI-compatible server whose model takes pictures"
    )
    language_face_model: StringProperty(
        name="Model", description="The server's name for the model or the adapter; needed where it has several"
    )
    language_face_key: StringProperty(
        name="Key",
        description="That server's key, where it asks for one; it is kept readable in Blender's preferences file",
        subtype="PASSWORD",
    )
    language_face_adapter: StringProperty(
        name="SemanticFace Adapter",
        description="The adapter's folder, or its name on the model hub, for the engine semanticface without a server",
    )
    language_face_base: StringProperty(
        name="SemanticFace Base", description="The folder of the model that the adapter belongs to, or its name"
    )

    def draw(self, _context: Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "backend_python", placeholder="Usual place")
        layout.label(text=backend_session.session.status().words, icon="INFO")
        layout.separator()
        layout.label(text="Language models for scripts (engines llm and keyframeface)")
        self._draw_language(layout.column())
        layout.separator()
        layout.label(text="Language models for pictures (engine semanticface)")
        self._draw_faces(layout.column())

    def _draw_language(self, column: UILayout) -> None:
        column.prop(self, "language_url", placeholder="http://localhost:11434/v1")
        column.prop(self, "language_model", placeholder="The only one")
        column.prop(self, "language_key", placeholder="None")
        column.separator()
        column.prop(self, "language_adapter", placeholder="/models/keyframeface-lora")
        column.prop(self, "language_base", placeholder="Qwen/Qwen3-14B")

    def _draw_faces(self, column: UILayout) -> None:
        column.prop(self, "language_face_url", placeholder="As for scripts")
        column.prop(self, "language_face_model", placeholder="The only one")
        column.prop(self, "language_face_key", placeholder="None")
        column.separator()
        column.prop(self, "language_face_adapter", placeholder="/models/semanticface-lora")
        column.prop(self, "language_face_base", placeholder="Qwen/Qwen3-VL-4B-Instruct")


CLASSES = (MIEN_AP_preferences,)
