"""How operators wait for work on another thread without holding Blender up, and how they fail.

Such an operator keeps its work in `work` and a timer in `timer`. While it runs, the panel shows what is
being done and Esc stops it.
"""

from collections.abc import Callable
from typing import Any, Protocol

from bpy.types import Context, Event, Timer

from ...core.errors import MienError
from ..properties import last_estimate
from ..told import tell_failure
from . import Outcome

_LOOKS_PER_SECOND = 30


class Work(Protocol):
    """Something under way that the user can stop."""

    @property
    def progress(self) -> str:
        """What is being done, in a few words."""

    def is_running(self) -> bool:
        """Whether there is still no result; never waits."""

    def cancel(self) -> None:
        """Stop at once; nothing has been changed."""


def begin(operator: Any, context: Context, start: Callable[[], Work]) -> Outcome:
    """Start the work, and let a timer look for its result."""
    try:
        operator.work = start()
    except MienError as error:
        return fail(operator, error)
    last = last_estimate()
    last.is_running, last.error = True, ""
    operator.timer = context.window_manager.event_timer_add(1 / _LOOKS_PER_SECOND, window=context.window)
    return {"RUNNING_MODAL"}


def goes_on(operator: Any, context: Context, event: Event) -> bool:
    """Take one event; whether the work needs more of them. It has ended, one way or another, where not."""
    if event.type == "ESC":
        operator.work.cancel()
    elif event.type != "TIMER":
        return True
    if operator.work.is_running():
        show_progress(context, operator.work.progress)
        return True
    end(context, operator.timer)
    return False


def show_progress(context: Context, words: str) -> None:
    """In the status bar and in the panel."""
    last_estimate().progress = words
    context.workspace.status_text_set(f"Mien: {words}. Esc stops")
    redraw(context)


def end(context: Context, timer: Timer) -> None:
    """Take the timer and the progress away."""
    last = last_estimate()
    last.is_running, last.progress = False, ""
    context.window_manager.event_timer_remove(timer)
    context.workspace.status_text_set(None)
    redraw(context)


def fail(operator: Any, error: MienError) -> Outcome:
    """Show an error in the panel and as a report; a script gets it as RuntimeError."""
    tell_failure(error)
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}


def redraw(context: Context) -> None:
    """Show in every window what has changed."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()
