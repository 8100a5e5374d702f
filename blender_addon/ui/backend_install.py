"""The installation of this Blender's backend: planned, begun, looked at, removed. One at a time."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..client.installing.installation import Installation
from ..client.installing.payload import Level
from ..client.installing.place import Installed, InstallState
from ..client.installing.plan import InstallPlan
from ..client.installing.report import report
from ..client.job import Job, JobState
from ..core.errors import CancelledError, InstallError, MienError
from . import backend_place
from .work import now

_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Wishes:
    """What the user chose for an installation."""

    level: Level
    wheelhouse: Path | None
    python: Path
    online: bool

    @classmethod
    def of(cls, level: str = "", wheelhouse: str = "") -> "Wishes":
        """What an operator was given, else what the preferences say."""
        preferences = backend_place.preferences()
        folder = wheelhouse or getattr(preferences, "wheelhouse", "")
        return cls(
            Level[level or getattr(preferences, "install_level", Level.BASE.name)],
            Path(bpy.path.abspath(folder)) if folder else None,
            backend_place.blenders_python(),
            bpy.app.online_access,
        )

    @property
    def has_source(self) -> bool:
        """Whether there is anywhere to take the packages from."""
        return self.online or self.wheelhouse is not None

    def planner(self) -> Callable[[], InstallPlan]:
        """What looks, on any thread, at what will be done; it raises InstallError where that can't be."""
        place, payload = backend_place.install_place(), backend_place.payload()
        return lambda: InstallPlan.make(payload, place, self.python, self.level, self.wheelhouse, online=self.online)


class InstallDesk:
    """Every method is called on Blender's main thread."""

    def __init__(self) -> None:
        self._running: Installation | None = None
        self._described: tuple[Wishes, Job[list[str]]] | None = None
        self._shown = ""

    @property
    def running(self) -> Installation | None:
        """The installation that runs."""
        return self._running

    def state(self) -> InstallState:
        """What is installed."""
        return backend_place.install_place().state(backend_place.payload())

    def installed_level(self) -> Level | None:
        """How much is installed."""
        installed = backend_place.install_place().installed(backend_place.payload())
        return installed.level if installed else None

    def describe(self, wishes: Wishes, *, again: bool = False) -> Job[list[str]]:
        """What an installation would do, in sentences: asked of pip on another thread, and kept for the next call.

        again: whether to look once more where the last look found that it can't be.
        """
        known = self._described is not None and self._described[0] == wishes
        if not known or (again and self._described[1].step() is JobState.FAILED):
            make = wishes.planner()
            self._described = (wishes, Job(lambda _say: make().words()))
        return self._described[1]

    def begin(self, wishes: Wishes) -> Installation:
        """Begin to install; raise InstallError where it can't be, with nothing changed."""
        if self._running is not None:
            raise InstallError("The backend is being installed already.")
        self._running = Installation(wishes.planner()())
        return self._running

    def finish(self) -> Installed:
        """Wait for the end; raise what ended it otherwise."""
        assert self._running is not None
        try:
            return self._running.job.result()
        finally:
            self._running = None
            self._described = None

    def look_on(self) -> None:
        """Let Blender look for the end by itself from now on."""
        bpy.app.timers.register(self._look, first_interval=_LOOK_SECONDS, persistent=True)

    def cancel(self) -> None:
        """Stop the installation, if one runs."""
        if self._running is not None:
            self._running.cancel()

    def end(self) -> None:
        """Stop, and look no more."""
        self.cancel()
        self._running = None
        if bpy.app.timers.is_registered(self._look):
            bpy.app.timers.unregister(self._look)

    def uninstall(self) -> None:
        """Remove every byte; raise InstallError where something is in use. The backend must have been stopped."""
        if self._running is not None:
            raise InstallError("The backend is being installed.", "Stop that first.")
        backend_place.install_place().remove()
        shutil.rmtree(backend_place.install_place().folder.parent / "logs", ignore_errors=True)
        backend_place.remove_empty_folders()
        self._described = None

    def report(self, facts: dict[str, str]) -> str:
        """The text that a user can send to whoever helps."""
        folder = backend_place.install_place().folder
        logs = sorted((folder.parent / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return report(facts, [folder / "install.log", *logs[-1:]])

    def _look(self) -> float | None:
        """Called by Blender's timer until the installation has ended."""
        if self._running is None:
            return None
        if self._running.job.step() is JobState.RUNNING:
            if self._running.words != self._shown:
                self._shown = self._running.words
                redraw_everything()
            return _LOOK_SECONDS
        try:
            self.finish()
        except CancelledError:
            now.begin_anew()
        except MienError as error:
            now.begin_anew()
            now.error = str(error)
        redraw_everything()
        return None


def redraw_everything() -> None:
    """Show in every window what has changed."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                area.tag_redraw()


desk = InstallDesk()


def unregister() -> None:
    """Stop with the add-on."""
    desk.end()
