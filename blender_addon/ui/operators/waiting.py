"""How operators wait for work on another thread without holding Blender up, how it is stopped, and how they fail."""

from typing import Any, ClassVar, cast

from bpy.types import Context, Event, Operator, Timer

from ...core.errors import CancelledError, MienError
from ...scene.stored_character import has_character
from ..backend_session import session
from ..backend_status import BackendCondition
from ..binding_test import end_test
from ..work import RunningWork, now
from . import Outcome

_LOOKS_PER_SECOND = 30


def disabled_reason(context: Context) -> str:
    """Why nothing can be keyed; empty where it can. The source is not judged: a script may name another."""
    if now.work is not None:
        return "Mien is at work; Esc stops it"
    if not has_character(context.scene):
        return "Bind a head first: select it and use Bind Character, or use Add Example Head"
    status = session.status()
    if not status.is_installed:
        missing = status.condition is BackendCondition.NOT_INSTALLED
        return "The backend is not installed; press Install Backend below" if missing else status.words
    return ""


class Explains:
    """An operator whose grey button says why it is grey.

    is_about_take: whether it asks something of a take that there is; what goes wrong is then told among the takes.
    """

    is_about_take: ClassVar[bool] = False

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        """Empty where the operator can run."""
        raise NotImplementedError

    @classmethod
    def poll(cls, context: Context) -> bool:
        reason = cls.why_disabled(context)
        if reason:
            cast(type[Operator], cls).poll_message_set(reason)
        return not reason


class Acts(Explains):
    """An operator that does its work at once."""

    report: Any

    def act(self, context: Context) -> str:
        """Do it, and say in a sentence what was done; raise MienError, with nothing changed, where it can't be."""
        raise NotImplementedError

    def execute(self, context: Context) -> Outcome:
        """Called by scripts, which get a failure as RuntimeError."""
        begin_anew(is_about_take=self.is_about_take)
        try:
            told = self.act(context)
        except MienError as error:
            return fail(self, error)
        return succeed(self, context, told)

    def invoke(self, context: Context, _event: Event) -> Outcome:
        """Called by buttons."""
        begin_anew(is_about_take=self.is_about_take)
        try:
            told = self.act(context)
        except MienError as error:
            return fail_softly(self, context, error)
        return succeed(self, context, told)


class Waits(Explains):
    """An operator whose work is done elsewhere: `execute` waits for it, `invoke` lets Blender go on meanwhile.

    While it runs, the status bar and the panel show what is being done, and Esc or Stop ends it.
    """

    work: RunningWork
    timer: Timer
    told = ""
    report: Any

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def start(self, context: Context) -> RunningWork:
        """Begin the work; raise MienError where it cannot begin."""
        raise NotImplementedError

    def execute(self, context: Context) -> Outcome:
        """Do the whole work and return when it is done; scripts get a failure as RuntimeError."""
        begin_anew(is_about_take=self.is_about_take)
        try:
            work = self.start(context)
            told = work.finish()
        except MienError as error:
            return fail(self, error)
        if work.problem:
            now.error = work.problem
            self.report({"ERROR"}, work.problem)
        return succeed(self, context, told)

    def invoke(self, context: Context, _event: Event) -> Outcome:
        """Do the same without holding Blender up."""
        status = self.begin(context)
        if "RUNNING_MODAL" in status:
            context.window_manager.modal_handler_add(cast(Operator, self))
        return status

    def begin(self, context: Context) -> Outcome:
        """Begin, and let a timer look for the end."""
        begin_anew(is_about_take=self.is_about_take)
        try:
            self.work = self.start(context)
        except MienError as error:
            return fail_softly(self, context, error)
        now.work = self.work
        self.timer = context.window_manager.event_timer_add(1 / _LOOKS_PER_SECOND, window=context.window)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> Outcome:
        """Take one event of the window."""
        if event.type == "ESC":
            self.work.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        self.work.look()
        if self.work.is_running():
            if self.work.progress != self.told:  # each redraw takes time from a backend on the same processor
                self.told = self.work.progress
                context.workspace.status_text_set(f"Mien: {self.told}. Esc stops")
                redraw(context)
            return {"PASS_THROUGH"}
        self.end(context)
        return self.conclude(context)

    def conclude(self, context: Context) -> Outcome:
        """Key what has come, or say why there is nothing to key."""
        try:
            told = self.work.finish()
        except CancelledError:
            self.report({"INFO"}, self.work.stopped_words)
            return {"CANCELLED"}
        except MienError as error:
            return fail_softly(self, context, error)
        if self.work.problem:
            now.error = self.work.problem
            self.report({"WARNING"}, self.work.problem)
        return succeed(self, context, told)

    def cancel(self, context: Context) -> None:
        """Called by Blender when it takes the operator away, as when another file is opened."""
        self.work.cancel()
        self.end(context)

    def end(self, context: Context) -> None:
        """Take the timer and the progress away."""
        now.work = None
        context.window_manager.event_timer_remove(self.timer)
        context.workspace.status_text_set(None)
        redraw(context)


def begin_anew(*, is_about_take: bool) -> None:
    """Forget the error of the last action, and put the head back that a test of the binding shows."""
    now.begin_anew(is_about_take=is_about_take)
    end_test()


def succeed(operator: Any, context: Context, told: str) -> Outcome:
    """Report what was done, where there is something to say."""
    if told:
        operator.report({"INFO"}, told)
    redraw(context)
    return {"FINISHED"}


def fail(operator: Any, error: MienError) -> Outcome:
    """Report an error, which a script gets as RuntimeError; the panel keeps it until the next action."""
    now.error = str(error)
    operator.report({"ERROR"}, now.error)
    return {"CANCELLED"}


def fail_softly(operator: Any, context: Context, error: MienError) -> Outcome:
    """The same for whoever pressed a button: in the status bar and the panel, without a window in the way."""
    now.error = str(error)
    operator.report({"WARNING"}, now.error)
    redraw(context)
    return {"CANCELLED"}


def redraw(context: Context) -> None:
    """Show in every window what has changed."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()
