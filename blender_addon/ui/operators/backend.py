"""Start and stop the backend by hand; whatever needs it starts it by itself."""

from bpy.types import Context, Event, Operator

from ...core.errors import MienError
from ..backend_session import session
from ..work import now
from . import Outcome
from .waiting import Acts, fail_softly, succeed


class MIEN_OT_start_backend(Acts, Operator):
    bl_idname = "mien.start_backend"
    bl_label = "Start Backend"
    bl_description = "Start the program that does the work, so that the first use is quick"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "The backend runs already" if session.status().is_running else ""

    def act(self, _context: Context) -> str:
        """Return when it answers."""
        session.connector(by_hand=True)()
        return ""

    def invoke(self, context: Context, _event: Event) -> Outcome:
        """Return at once; the panel's last line tells when it is ready."""
        now.begin_anew()
        try:
            session.connector(by_hand=True)
        except MienError as error:
            return fail_softly(self, context, error)
        return succeed(self, context, "")


class MIEN_OT_stop_backend(Acts, Operator):
    bl_idname = "mien.stop_backend"
    bl_label = "Stop Backend"
    bl_description = "End the program that does the work and give its memory back"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "" if session.status().is_running else "The backend does not run"

    def act(self, _context: Context) -> str:
        session.stop()
        return ""


CLASSES = (MIEN_OT_start_backend, MIEN_OT_stop_backend)
