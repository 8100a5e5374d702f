"""What runs off the main thread while Blender goes on, and what comes of it on the main thread at its end.

A source of performances (a picture, a script) is one subclass of `Work`: its `__init__` reads what is asked for and
begins the job, its `key` puts the answer on the head. A source whose answer comes little by little is a `HeadWork` of
its own, and what needs no head a `JobWork`. Who waits for it, and how it is stopped, is the same for all.
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


class RunningWork(ABC):
    """What Blender waits for while the user goes on.

    problem: what did not come out as asked, in sentences, although something was done; told at the end.
    """

    problem = ""

    @property
    @abstractmethod
    def progress(self) -> str:
        """What is being done, in a line."""

    @property
    def stopped_words(self) -> str:
        """What is told after Esc."""
        return "Stopped; nothing was changed"

    @abstractmethod
    def is_running(self) -> bool:
        """Whether there is still nothing to finish; never waits."""

    def look(self) -> None:  # noqa: B027 - most have nothing to show
        """Called many times a second while Blender goes on: what came meanwhile can be shown; never waits."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Wait for the answer, no longer than this."""

    @abstractmethod
    def cancel(self) -> None:
        """Stop at once, also where the answer is there and nothing was done with it yet."""

    @abstractmethod
    def finish(self) -> str:
        """Wait for the answer, do with it what was asked for, and say in a sentence what was done.

        Raises MienError, with nothing changed, where it cannot be done.
        """


class JobWork(RunningWork, Generic[Answer]):
    """What waits for the answer of one job."""

    def __init__(self, job: Job[Answer]) -> None:
        self._job = job
        self._is_stopped = False

    def is_running(self) -> bool:
        """Whether the job runs."""
        return self._job.step() is JobState.RUNNING

    def wait(self, seconds: float) -> None:
        """Wait for the job."""
        self._job.wait(seconds)

    def cancel(self) -> None:
        """Stop the job."""
        self._is_stopped = True
        self._job.cancel()

    def finish(self) -> str:
        """Take the answer."""
        if self._is_stopped:
            raise CancelledError("Stopped.")
        return self.take(self._job.result())

    @abstractmethod
    def take(self, answer: Answer) -> str:
        """Do with the answer what was asked for; as `finish`."""


class HeadWork(RunningWork):
    """Work for a head. Its head and scene are those of its beginning, however the user goes on meanwhile."""

    def __init__(self, context: Context) -> None:
        """Raise CharacterError where there is no head."""
        self._head = bound_character(context).anchor.session_uid
        self._scene = context.scene.session_uid

    def head_now(self) -> tuple[Character, Scene]:
        """The head and the scene of the beginning; raise CharacterError where they are gone.

        Fetched anew: an undo or a deletion while waiting leaves the objects of the beginning dangling.
        """
        scene = _with_uid(bpy.data.scenes, self._scene)
        anchor = _with_uid(scene.objects, self._head) if scene else None
        character = stored_character(anchor, scene) if anchor else None
        if character is None:
            raise CharacterError("The head has changed meanwhile.", "Nothing was keyed.")
        return character, scene


class Work(HeadWork, JobWork[Answer]):
    """One question and its answer, which is keyed."""

    doing: ClassVar[str]
    """What is done, in a few words such as "Reading the picture": told until the job has words of its own."""

    def __init__(self, context: Context, job: Job[Answer]) -> None:
        """Raise CharacterError where there is no head."""
        HeadWork.__init__(self, context)
        JobWork.__init__(self, job)

    @abstractmethod
    def key(self, answer: Answer, character: Character, scene: Scene) -> str:
        """Put the answer on the head, and say in a sentence what was done.

        Raises MienError, with nothing changed, where it cannot be done.
        """

    @property
    def progress(self) -> str:
        """What is being done, with the seconds so far."""
        return f"{self._job.words or self.doing}, {self._job.elapsed:.1f} s"

    def take(self, answer: Answer) -> str:
        """Key the answer."""
        return self.key(answer, *self.head_now())


@dataclass
class Now:
    """What Mien is at, and what went wrong last. Neither is saved or undone: it is about this Blender, now.

    is_about_take: whether what went wrong was asked of a take that there is, and is told among the takes.
    """

    work: RunningWork | None = None
    error: str = ""
    is_about_take: bool = False

    def begin_anew(self, *, is_about_take: bool = False) -> None:
        """Forget the error of the last action."""
        self.error, self.is_about_take = "", is_about_take


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
