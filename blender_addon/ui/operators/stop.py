"""Stop: end what Mien is at, as Esc does."""

from bpy.types import Context, Operator

from ..work import now
from . import Outcome
from .waiting import Explains


class MIEN_OT_stop(Explains, Operator):
    bl_idname = "mien.stop"
    bl_label = "Stop"
    bl_description = "Stop what Mien is doing, as Esc does; nothing is changed"

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "" if now.work is not None else "Mien does nothing that could be stopped"

    def execute(self, _context: Context) -> Outcome:
        """The operator that waits for the work tells the rest."""
        if now.work is not None:
            now.work.cancel()
        return {"FINISHED"}


CLASSES = (MIEN_OT_stop,)
