"""Estimate from Image: a picture's face becomes keys on the head at the current frame."""

from typing import Any

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator, Timer

from ...core.errors import CancelledError, MienError
from ...scene.stored_character import active_character
from ..backend_session import session
from ..estimation import EstimateRequest, Estimation
from ..properties import SOURCES, last_estimate, settings_of
from ..told import tell_estimate
from . import Outcome
from .waiting import begin, end, fail, goes_on, redraw


def disabled_reason(context: Context) -> str:
    """Why the button is grey; empty where it is not. The source is not judged: a script may name another."""
    if last_estimate().is_running:
        return "Mien is at work; Esc stops it"
    if active_character(context.scene) is None:
        return "Bind a head first: select it and use Bind Character, or use Add Example Head"
    if not session.status().is_installed:
        return "The backend is not installed; set the path of its Python in the preferences of Mien"
    return ""


class MIEN_OT_estimate_image(Operator):
    bl_idname = "mien.estimate_image"
    bl_label = "Estimate from Image"
    bl_description = "Read the face in a picture and key its expression on the head at the current frame"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The picture whose face is keyed; without one, the source is used",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    source: EnumProperty(
        name="Picture",
        description="Where the picture comes from",
        items=(*SOURCES, ("PANEL", "As in the Panel", "The source that is chosen in the Mien tab")),
        default="PANEL",
        options={"SKIP_SAVE"},
    )
    face_index: IntProperty(
        name="Face",
        description="Which of several faces is keyed, counted from 0 at the largest",
        min=0,
        options={"SKIP_SAVE"},
    )

    work: Estimation
    timer: Timer

    @classmethod
    def poll(cls, context: Context) -> bool:
        reason = disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: Context) -> Outcome:
        """Do the whole work and return when it is done."""
        try:
            self.work = Estimation(context, _request(self, context))
        except MienError as error:
            return fail(self, error)
        return conclude(self, context)

    def invoke(self, context: Context, _event: Event) -> Outcome:
        """Do the same without holding Blender up."""
        status = begin_waiting(self, context)
        if "RUNNING_MODAL" in status:
            context.window_manager.modal_handler_add(self)
        return status

    def modal(self, context: Context, event: Event) -> Outcome:
        return {"PASS_THROUGH"} if goes_on(self, context, event) else conclude(self, context)

    def cancel(self, context: Context) -> None:
        """Called by Blender when it takes the operator away, as when another file is opened."""
        self.work.cancel()
        end(context, self.timer)

    def draw(self, _context: Context) -> None:
        """The redo panel: only what can be changed with sense."""
        if last_estimate().face_count > 1:
            self.layout.prop(self, "face_index")


def _request(operator: Any, context: Context) -> EstimateRequest:
    if operator.filepath:
        return EstimateRequest("FILE", operator.filepath, operator.face_index)
    settings = settings_of(context.scene)
    source = settings.source if operator.source == "PANEL" else operator.source
    return EstimateRequest(source, settings.filepath, operator.face_index)


def begin_waiting(operator: Any, context: Context) -> Outcome:
    """Ask the backend, and let a timer look for its answer."""
    return begin(operator, context, lambda: Estimation(context, _request(operator, context)))


def conclude(operator: Any, context: Context) -> Outcome:
    """Key what was read, or say why there is nothing to key."""
    estimation: Estimation = operator.work
    try:
        estimate, report = estimation.finish()
    except CancelledError:
        operator.report({"INFO"}, "Stopped; nothing was changed")
        return {"CANCELLED"}
    except MienError as error:
        return fail(operator, error)
    words = tell_estimate(estimation, estimate, report)
    operator.report({"INFO"}, words)
    redraw(context)
    return {"FINISHED"}


CLASSES = (MIEN_OT_estimate_image,)
