"""Estimate from Image: a picture's face becomes keys on the head at the current frame."""

from typing import Any

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator, Timer

from ...core.errors import CancelledError, MienError
from ...scene.stored_character import active_character
from ..backend_session import session
from ..estimation import EstimateRequest, Estimation
from ..properties import SOURCES, last_estimate, settings_of
from ..told import tell_estimate, tell_failure
from . import Outcome

_LOOKS_PER_SECOND = 30


def disabled_reason(context: Context) -> str:
    """Why the button is grey; empty where it is not. The source is not judged: a script may name another."""
    if last_estimate().is_running:
        return "A picture is being read; Esc stops it"
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

    estimation: Estimation
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
            self.estimation = Estimation(context, _request(self, context))
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
        if event.type == "ESC":
            self.estimation.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        if self.estimation.is_running():
            show_progress(context, self.estimation.progress)
            return {"PASS_THROUGH"}
        end_waiting(context, self.timer)
        return conclude(self, context)

    def cancel(self, context: Context) -> None:
        """Called by Blender when it takes the operator away, as when another file is opened."""
        self.estimation.cancel()
        end_waiting(context, self.timer)

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
    try:
        operator.estimation = Estimation(context, _request(operator, context))
    except MienError as error:
        return fail(operator, error)
    last = last_estimate()
    last.is_running, last.error = True, ""
    operator.timer = context.window_manager.event_timer_add(1 / _LOOKS_PER_SECOND, window=context.window)
    return {"RUNNING_MODAL"}


def conclude(operator: Any, context: Context) -> Outcome:
    """Key what was read, or say why there is nothing to key."""
    estimation: Estimation = operator.estimation
    try:
        estimate, report = estimation.finish()
    except CancelledError:
        operator.report({"INFO"}, "Stopped; nothing was changed")
        return {"CANCELLED"}
    except MienError as error:
        return fail(operator, error)
    words = tell_estimate(estimation, estimate, report)
    operator.report({"INFO"}, words)
    _redraw(context)
    return {"FINISHED"}


def fail(operator: Any, error: MienError) -> Outcome:
    """Show an error in the panel and as a report; a script gets it as RuntimeError."""
    tell_failure(error)
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}


def show_progress(context: Context, words: str) -> None:
    """In the status bar and in the panel."""
    last_estimate().progress = words
    context.workspace.status_text_set(f"Mien: {words}. Esc stops")
    _redraw(context)


def end_waiting(context: Context, timer: Timer) -> None:
    """Take the timer and the progress away."""
    last = last_estimate()
    last.is_running, last.progress = False, ""
    context.window_manager.event_timer_remove(timer)
    context.workspace.status_text_set(None)
    _redraw(context)


def _redraw(context: Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


CLASSES = (MIEN_OT_estimate_image,)
