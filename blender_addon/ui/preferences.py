"""The add-on's preferences: where the backend is, and what its language engines speak to."""

from bpy.props import EnumProperty, StringProperty
from bpy.types import AddonPreferences, Context, UILayout

from ..client.installing.payload import Level
from .backend_install import desk
from .backend_place import ADDON
from .backend_remote import remote_warnings
from .backend_session import session
from .install_level import LEVELS
from .operators.install import MIEN_OT_install_backend, MIEN_OT_uninstall_backend
from .panels.backend import draw_backend
from .panels.wrapped import draw_wrapped


class MIEN_AP_preferences(AddonPreferences):
    bl_idname = ADDON

    install_level: EnumProperty(name="Install", description="How much Install Backend installs", items=LEVELS)
    wheelhouse: StringProperty(
        name="Folder of Wheels",
        description="A folder of packages, made on another computer, that takes the network's place; empty for none",
        subtype="DIR_PATH",
    )
    install_python: StringProperty(
        name="Install with",
        description="A Python, 3.11 to 3.14, to install with; empty for Blender's own",
        subtype="FILE_PATH",
    )
    backend_python: StringProperty(
        name="Backend Python",
        description="The Python of an environment with a backend that was made by hand; empty for the installed one",
        subtype="FILE_PATH",
    )
    backend_root: StringProperty(
        name="Backend Folder",
        description="For developers: the folder that holds inference_backend where it is not installed",
        subtype="DIR_PATH",
        options={"HIDDEN"},
    )

    remote_url: StringProperty(
        name="Remote Backend",
        description="The address of a backend on another computer, such as that of a studio; empty for one of your own",
        update=lambda _preferences, _context: session.leave_local(),
    )
    remote_token: StringProperty(
        name="Token",
        description="What opens the remote backend; it is kept readable in Blender's preferences file",
        subtype="PASSWORD",
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

    def draw(self, context: Context) -> None:
        layout = self.layout
        draw_backend(layout.box(), context)
        layout.use_property_split = True
        layout.prop(self, "install_level")
        if desk.running is None and desk.installed_level() not in {None, Level[self.install_level]}:
            layout.operator(MIEN_OT_install_backend.bl_idname, text="Install Anew with This", icon="IMPORT")
        layout.prop(self, "wheelhouse", placeholder="None: the package index")
        layout.prop(self, "install_python", placeholder="Blender's own")
        layout.prop(self, "backend_python", placeholder="The installed one")
        layout.operator(MIEN_OT_uninstall_backend.bl_idname, icon="TRASH")
        layout.separator()
        self._draw_remote(layout.column(), context)
        layout.separator()
        layout.label(text="Language models for scripts (engines llm and keyframeface)")
        self._draw_language(layout.column())
        layout.separator()
        layout.label(text="Language models for pictures (engine semanticface)")
        self._draw_faces(layout.column())

    def _draw_remote(self, column: UILayout, context: Context) -> None:
        column.prop(self, "remote_url", placeholder="None: a backend on this computer")
        if not self.remote_url.strip():
            return
        column.prop(self, "remote_token")
        for warning in remote_warnings(self.remote_url):
            draw_wrapped(column, context, warning, icon="ERROR")

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
