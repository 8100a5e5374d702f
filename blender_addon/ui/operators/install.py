"""Install the backend, stop that, remove it, and tell what went wrong."""

from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import MienError
from ..backend_install import Wishes, desk
from ..backend_place import payload, preferences
from ..backend_session import session
from ..backend_status import BackendCondition
from ..install_level import LEVELS
from ..panels.wrapped import draw_lines
from ..work import now
from . import Outcome
from .waiting import Acts, Explains, fail, fail_softly, redraw, succeed

_DIALOG_WIDTH = 560


class MIEN_OT_install_backend(Explains, Operator):
    bl_idname = "mien.install_backend"
    bl_label = "Install Backend"
    bl_description = "Say what the program that does the work takes, and install it into a folder of its own"

    level: EnumProperty(name="Level", description="How much is installed", items=LEVELS, options={"SKIP_SAVE"})
    wheelhouse: StringProperty(
        name="Folder of Wheels",
        description="A folder of packages that takes the network's place; empty for that of the preferences",
        subtype="DIR_PATH",
        options={"SKIP_SAVE"},
    )
    lines: list[str]
    is_asked = False

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        if desk.running is not None:
            return "The backend is being installed"
        return "Mien is at work; Esc stops it" if now.work is not None else ""

    def _wishes(self) -> Wishes:
        level = self.level if self.properties.is_property_set("level") else ""
        return Wishes.of(level, self.wheelhouse)

    def invoke(self, context: Context, _event: Event) -> Outcome:
        """Ask once, with all that will be done."""
        now.begin_anew()
        try:
            self.lines = desk.describe(self._wishes(), again=True).result()
        except MienError as error:
            return fail_softly(self, context, error)
        self.is_asked = True
        return context.window_manager.invoke_props_dialog(
            self, width=_DIALOG_WIDTH, title="Install Backend", confirm_text="Install"
        )

    def draw(self, context: Context) -> None:
        """What will be done."""
        draw_lines(self.layout, context, self.lines, _DIALOG_WIDTH)

    def execute(self, context: Context) -> Outcome:
        """Install and return when it is done; after the question, begin and return at once."""
        now.begin_anew()
        session.stop()
        wishes = self._wishes()
        if self.properties.is_property_set("level") and preferences():
            preferences().install_level = self.level  # an update should not take away what was chosen here
        try:
            desk.begin(wishes)
            if self.is_asked:
                desk.look_on()
                redraw(context)
                return {"FINISHED"}
            installed = desk.finish()
        except MienError as error:
            return fail_softly(self, context, error) if self.is_asked else fail(self, error)
        return succeed(self, context, f"Installed the backend in {installed.folder}")


class MIEN_OT_stop_install(Acts, Operator):
    bl_idname = "mien.stop_install"
    bl_label = "Stop Installing"
    bl_description = "Stop the installation; what has been fetched is kept for the next time"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "" if desk.running is not None else "Nothing is being installed"

    def act(self, _context: Context) -> str:
        desk.cancel()
        return "Stopped; Install Backend goes on where it ended"


class MIEN_OT_uninstall_backend(Acts, Operator):
    bl_idname = "mien.uninstall_backend"
    bl_label = "Uninstall Backend"
    bl_description = "End the backend and remove all that was installed and logged; scenes stay as they are"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        if now.work is not None:
            return "Mien is at work; Esc stops it"
        return "The backend is being installed; stop that first" if desk.running is not None else ""

    def act(self, _context: Context) -> str:
        session.stop()
        desk.uninstall()
        return "Removed the backend"

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)


class MIEN_OT_copy_report(Acts, Operator):
    bl_idname = "mien.copy_report"
    bl_label = "Copy Report"
    bl_description = "Copy what whoever helps needs to know, without your name, folders or passwords"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return ""

    def act(self, context: Context) -> str:
        context.window_manager.clipboard = report_now()
        return "Copied the report"


def report_now() -> str:
    """The report on the present state."""
    facts: dict[str, Any] = {
        "Mien": payload().version,
        "Blender": bpy.app.version_string,
        "Backend": session.status().words,
        "Error": now.error or "none",
    }
    return desk.report({name: str(fact) for name, fact in facts.items()})


def install_label() -> str:
    """What the button says, by what it will do."""
    words = {BackendCondition.INCOMPLETE: "Continue Installing", BackendCondition.OTHER_VERSION: "Update Backend"}
    return words.get(session.status().condition, MIEN_OT_install_backend.bl_label)


CLASSES = (MIEN_OT_install_backend, MIEN_OT_stop_install, MIEN_OT_uninstall_backend, MIEN_OT_copy_report)
