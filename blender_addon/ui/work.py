"""One piece of work for a head: asked of the backend off the main thread, keyed on the main thread at its end.

A source of performances (a picture, a script) is one subclass: its `__init__` reads what is asked for and
begins the job, its `key` puts the answer on the head. Who waits for it, and how it is stopped, is the same for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import bpy
from bpy.types import Context, Scene

from ..client.job import Job, JobState
from ..core.errors import CancelledError, CharacterError
from ..scene.character import Character
from ..scene.stored_character import active_character, stored_character

Answer = TypeVar("Answer")


class Work(ABC, Generic[Answer]):
    """A running piece of work. Its head and scene are those of its beginning, however the user goes on meanwhile."""

    doing: ClassVar[str]
    """What is done, in a few words such as "Reading the picture": told until the job has words of its own."""

    def __init__(self, context: Context, job: Job[Answer]) -> None:
        """Raise CharacterError where there is no head."""
        self._head = bound_character(context).anchor.session_uid
        self._scene = context.scene.session_uid
        self._job = job
        self._is_stopped = False

    @abstractmethod
    def key(self, answer: Answer, character: Character, scene: Scene) -> str:
        """Put the answer on the head, and say in a sentence what was done.

        Raises MienError, with nothing changed, where it cannot be done.
        """

    @property
    def progress(self) -> str:
        """What is being done, with the seconds so far."""
        return f"{self._job.words or self.doing}, {self._job.elapsed:.1f} s"

    def is_running(self) -> bool:
        """Whether there is still nothing to key; never waits."""
        return self._job.step() is JobState.RUNNING

    def wait(self, seconds: float) -> None:
        """Wait for the answer, no longer than this."""
        self._job.wait(seconds)

    def cancel(self) -> None:
        """Stop at once, also where the answer is there and not keyed yet; nothing has been changed."""
        self._is_stopped = True
        self._job.cancel()

    def finish(self) -> str:
        """Wait for the answer and key it; raise MienError, with nothing changed, where that cannot be done."""
        if self._is_stopped:
            raise CancelledError("Stopped.")
        answer = self._job.result()
        # Fetched anew: an undo or a deletion while waiting leaves the objects of the beginning dangling.
        scene = _with_uid(bpy.data.scenes, self._scene)
        anchor = _with_uid(scene.objects, self._head) if scene else None
        character = stored_character(anchor, scene) if anchor else None
        if character is None:
            raise CharacterError("The head has changed meanwhile.", "Nothing was keyed.")
        return self.key(answer, character, scene)


@dataclass
class Now:
    """What Mien is at, and what went wrong last. Neither is saved or undone: it is about this Blender, now."""

    work: Work[Any] | None = None
    error: str = ""


now = Now()


def bound_character(context: Context) -> Character:
    """The scene's head; raise CharacterError where there is none."""
    character = active_character(context.scene)
    if character is None:
        raise CharacterError("No head is bound.", "Select your head and use Bind Character.")
    return character


def _with_uid(datablocks: Iterable[Any], uid: int) -> Any:
    """The datablock of this session with a number that no renaming and no undo changes; None where it is gone."""
    return next((datablock for datablock in datablocks if datablock.session_uid == uid), None)
