"""What a slider does: a draft of the keys at each move, and the keys for good as soon as it rests.

The keys for good are made on another thread. They follow the step of undo that Blender makes when a slider is let
go; whoever comes back to that step finds the draft, which is then made good again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import Scene

from ..client.job import Job, JobState
from ..core.errors import MienError
from ..core.shaping import Shaping
from ..scene.reshaping import Draft, drafts, reshape
from ..scene.stored_character import active_character
from ..scene.stored_takes import active_take, shaping_of
from ..scene.tracked_takes import ShapedTake
from .work import now

_REST_S = 0.3
"""A slider that has not moved for so long has been let go, or is being looked at."""
_LOOK_S = 0.05


@dataclass
class _Now:
    """The work that makes the draft good. It belongs to this Blender, not to the file."""

    job: Job[ShapedTake] | None = None


_now = _Now()


def change_shaping(scene: Scene, change: Callable[[Shaping], Shaping], *, is_draft: bool) -> None:
    """Change the shaping of the scene's active take, and its keys where it is on the head.

    What cannot be done is told in the panel, with nothing changed.
    """
    character = active_character(scene)
    record: Any = active_take(character.anchor) if character else None
    if record is None:
        return
    now.begin_anew(is_about_take=True)
    try:
        reshape(character, record, scene, change(shaping_of(record)), is_draft=is_draft)
    except MienError as error:
        now.error = str(error)
    _now.job = None  # what it makes is of former settings
    if record.is_draft:
        _look_in(_REST_S)


def look() -> float | None:
    """Make drafts good, without waiting; seconds until the next look, or None where there is nothing left to do."""
    draft = next(drafts(), None)
    if draft is None:
        _now.job = None
        return None
    if _now.job is None:
        work = draft.shaping_work()
        _now.job = Job(lambda _say: work())
    elif _now.job.step() is not JobState.RUNNING:
        job, _now.job = _now.job, None
        _make_good(draft, job.result())
    return _LOOK_S


def make_all_good() -> None:
    """The same at once, as before a file is saved."""
    for draft in list(drafts()):
        _make_good(draft, None)


def _make_good(draft: Draft, shaped: ShapedTake | None) -> None:
    try:
        draft.key_for_good(shaped)
    except MienError as error:
        draft.record.is_draft = False
        now.begin_anew(is_about_take=True)
        now.error = str(error)
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


def _look_in(seconds: float) -> None:
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
    bpy.app.timers.register(look, first_interval=seconds)


@persistent  # type: ignore[untyped-decorator]  # of Blender's
def _look_again(*_: object) -> None:
    """An undo or a redo may have brought back a draft."""
    _now.job = None
    if any(drafts()):
        _look_in(_LOOK_S)


@persistent  # type: ignore[untyped-decorator]  # of Blender's
def _before_saving(*_: object) -> None:
    make_all_good()


_HANDLERS = (("undo_post", _look_again), ("redo_post", _look_again), ("save_pre", _before_saving))


def register() -> None:
    """Watch for undo and saving."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Stop watching; drafts become good first."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
    _now.job = None
