"""Teaching a student on this computer: its shots, and the course itself, by the backend's command line."""

import re
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import IntProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup, Scene

from ..client.command import CommandLine
from ..client.installing.payload import Level
from ..core.errors import BackendError, InputError, MienError
from ..core.training import MANIFEST_NAME
from ..scene.added_properties import RELATIVE, AddedProperties
from .backend_install import desk
from .backend_place import chosen_python, find_backend, log_folder
from .backend_session import session
from .work import JobWork

SHOTS_NAME = "shots.jsonl"
_DRILLS = "0.35"
"""The share of faces that mix any movements; what acted faces rarely show would hardly be learnt."""
_EPOCH = re.compile(r"epoch \d+ of \d+\b[^:]*")


class MIEN_PG_teaching(PropertyGroup):
    """How a student is taught, saved with the scene."""

    folder: StringProperty(
        name="Folder",
        description="Where the shots and the pictures to learn from go",
        subtype="DIR_PATH",
        options=RELATIVE,
    )
    count: IntProperty(
        name="Pictures", description="So many are rendered; a student needs some thousand", default=2500, min=100
    )
    minutes: IntProperty(
        name="Minutes at Most",
        description="The course ends by then, however many pictures there are",
        default=30,
        min=1,
    )


def teaching_of(scene: Any) -> Any:
    """A scene's choices, a `MIEN_PG_teaching`."""
    return scene.mien_teaching


def chosen_folder(folder: str) -> Path:
    """The folder; raise InputError where none is chosen, or it lies beside a file that was never saved."""
    if not folder:
        raise InputError("No folder is chosen.", "Choose one for the pictures to learn from.")
    if folder.startswith("//") and not bpy.data.filepath:
        raise InputError("The folder lies beside this file, which was never saved.", "Save it, or choose another.")
    return Path(bpy.path.abspath(folder))


def needs_full_level() -> bool:
    """Whether what is installed can't teach; a backend that was made by hand is asked when it is used."""
    return not chosen_python() and desk.installed_level() is Level.BASE


class BackendCommand(JobWork[str]):
    """A verb of the backend's command line, which reads and writes files alone.

    heeded: how the lines begin that it says for the user too.
    """

    heeded: ClassVar[tuple[str, ...]] = ()

    def __init__(self, doing: str, arguments: list[str], told: str) -> None:
        """doing: in a few words. told: the sentence at its end."""
        place = find_backend()
        if place is None:
            raise BackendError("This takes a backend on this computer, and none is installed.", "Install it first.")
        command = CommandLine(place.python, place.package_root, log_folder() / "command.log", place.environment)
        self._doing, self._told = doing, told
        super().__init__(command.job(arguments, _words_of))

    @property
    def progress(self) -> str:
        """What it says of itself."""
        return f"{self._doing}: {self._job.words}" if self._job.words else self._doing

    def take(self, answer: str) -> str:
        """Say so."""
        return " ".join([*(line for line in answer.splitlines() if line.startswith(self.heeded)), self._told])


class Teaching(BackendCommand):
    """A course. Esc leaves the student that was there before as it is; a new course begins anew."""

    heeded = ("Learnt ",)

    def __init__(self, folder: Path, minutes: int) -> None:
        """Raise MienError where there is nothing to learn from, or nothing to teach with."""
        if not (folder / MANIFEST_NAME).is_file():
            raise InputError(f"{folder} holds no pictures to learn from.", "Render Training Set makes them.")
        if needs_full_level():
            raise BackendError(
                "What is installed can't teach.", "Install Base, Language Models and Training in Mien's preferences."
            )
        told = "Choose student as Engine to use it"
        super().__init__(
            "Teaching the student", ["distill", "train-student", str(folder), "--minutes", str(minutes)], told
        )

    def take(self, answer: str) -> str:
        """Say what it has learnt and how well.

        A backend that runs may still hold the student before this one; it is started anew.
        """
        told = super().take(answer)
        if session.status().is_running:
            session.stop()
            try:
                session.connector(by_hand=True)
            except MienError as fault:  # the course has worked all the same
                return f"{told} {fault}"
        return told


def planning(folder: Path, count: int, seed: int) -> BackendCommand:
    """Write the list of shots into the folder; raise InputError where there can be none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(f"{folder} can't be made: {fault.strerror}.", "Choose another folder.") from fault
    target = folder / SHOTS_NAME
    wanted = ["-o", str(target), "--count", str(count), "--seed", str(seed), "--drills", _DRILLS]
    return BackendCommand("Planning the shots", ["distill", "plan", *wanted], f"Planned {count} shots in {target}")


def _words_of(line: str) -> str:
    """How far a course is; what a loss means, only the log's reader knows."""
    found = _EPOCH.match(line)
    return found.group() if found else ""


CLASSES = (MIEN_PG_teaching,)

ADDED = (AddedProperties(Scene, mien_teaching=PointerProperty(type=MIEN_PG_teaching)),)
"""Scenes get their choices."""
