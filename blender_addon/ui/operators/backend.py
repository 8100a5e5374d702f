"""Start and stop the backend by hand; Estimate starts it by itself."""

from bpy.types import Context, Operator

from ...core.errors import MienError
from ..backend_session import session
from ..told import tell_failure, tell_success
from . import Outcome


class MIEN_OT_start_backend(Operator):
    bl_idname = "mien.start_backend"
    bl_label = "Start Backend"
    bl_description = "Start the program that reads faces, so that the first estimate is quick"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        if session.status().is_running:
            cls.poll_message_set("The backend runs already")
            return False
        return True

    def execute(self, _context: Context) -> Outcome:
        """Return when it answers."""
        try:
            session.connector()()
        except MienError as error:
            tell_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        tell_success()
        return {"FINISHED"}

    def invoke(self, _context: Context, _event: object) -> Outcome:
        """Return at once; the panel's last line tells when it is ready."""
        try:
            session.start()
        except MienError as error:
            tell_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        tell_success()
        return {"FINISHED"}


class MIEN_OT_stop_backend(Operator):
    bl_idname = "mien.stop_backend"
    bl_label = "Stop Backend"
    bl_description = "End the program that reads faces and give its memory back"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        if not session.status().is_running:
            cls.poll_message_set("The backend does not run")
            return False
        return True

    def execute(self, _context: Context) -> Outcome:
        session.stop()
        return {"FINISHED"}


CLASSES = (MIEN_OT_start_backend, MIEN_OT_stop_backend)
