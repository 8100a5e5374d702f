"""The one backend of this Blender: found by the preferences, started on first use, ended with the add-on."""

import atexit
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..client.job import Job, JobState
from ..client.launcher import BackendProcess, BackendState, fresh_log_path
from ..client.transport import BackendClient
from ..core.errors import BackendError
from ..core.wire import EngineStatus

_ADDON = (__package__ or "").rpartition(".")[0]
LANGUAGE_PREFERENCES = (
    *("url", "model", "key", "adapter", "base"),
    *("face_url", "face_model", "face_key", "face_adapter", "face_base"),
)
"""The preferences of the language engines, without their prefix; see `inference_backend/language/settings.py`."""
_STATES_SECONDS = 1.0
"""So old may the engines' states be that a panel shows."""
_READY_SECONDS = 60.0
"""A cold start reads the models from disk; on a slow disk after a reboot that is most of the wait."""


@dataclass(frozen=True)
class BackendPlace:
    """Where a backend is: its Python, and the folder of its package where that is not installed there."""

    python: Path
    package_root: Path | None


@dataclass(frozen=True)
class BackendStatus:
    """Where the backend stands: whether it can be used, whether it runs, and both in words."""

    is_installed: bool
    is_running: bool
    words: str


class BackendSession:
    """Every method but `connector`'s result is called on Blender's main thread."""

    def __init__(self) -> None:
        self._process: BackendProcess | None = None
        self._environment: Mapping[str, str] = {}
        self._engines: tuple[EngineStatus, ...] = ()
        self._asking: Job[tuple[EngineStatus, ...]] | None = None
        self._asked_at = 0.0

    def status(self) -> BackendStatus:
        """Where the backend stands, for the panel; never waits."""
        place = find_backend()
        if self._process is not None and self._process.state in {BackendState.READY, BackendState.STARTING}:
            return BackendStatus(True, True, f"Backend {self._process.state.value}")
        if place is None:
            return BackendStatus(False, False, "Backend not installed")
        if self._process is not None and self._process.state is BackendState.CRASHED:
            return BackendStatus(True, False, self._process.why_it_ended())
        return BackendStatus(True, False, "Backend starts on first use")

    def start(self) -> BackendProcess:
        """The running backend, started where there is none; raise BackendError where it is not installed.

        One that was started with other preferences is started anew.
        """
        environment = language_environment()
        if self._process is None or not self._is_alive() or environment != self._environment:
            place = find_backend()
            if place is None:
                raise BackendError(
                    "The backend is not installed.",
                    "Set the path of its Python in the preferences of Mien.",
                )
            self.stop()  # one that crashed still holds its pipes
            log = fresh_log_path(_log_folder())
            self._process = BackendProcess.start(place.python, place.package_root, log, environment)
            self._environment = environment
        return self._process

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.state in {BackendState.READY, BackendState.STARTING}

    def connector(self) -> Callable[[], BackendClient]:
        """Start the backend; what is returned waits, on a worker thread, until it answers."""
        process = self.start()
        return lambda: process.wait_until_ready(_READY_SECONDS)

    def engines(self, source: str, *, may_restart: bool = True) -> tuple[EngineStatus, ...]:
        """The engines that read a source ("image", "script"), as far as they are known; never waits.

        A backend that runs is asked again and again, and its answer is there the next time. One that was started with
        other preferences is started anew for that, unless it is at work and must not be.
        """
        if self._environment != language_environment():
            self._engines, self._asking = (), None
            if not may_restart:
                return ()
        if self._asking is not None and self._asking.step() is JobState.DONE:
            self._engines, self._asking = self._asking.result(), None
        if self._asking is None or self._asking.step() is not JobState.RUNNING:
            self._ask_again()
        return tuple(engine for engine in self._engines if source in engine.reads)

    def _ask_again(self) -> None:
        if self.status().is_running and time.monotonic() - self._asked_at >= _STATES_SECONDS:
            connect, self._asked_at = self.connector(), time.monotonic()
            self._asking = Job(lambda _say: connect().engines())

    def wait_for_engines(self, seconds: float) -> None:
        """Wait for the answer that was asked for last, where there is none yet."""
        if self._asking is not None:
            self._asking.wait(seconds)

    def stop(self) -> None:
        """End the backend, if one runs."""
        self._engines, self._asking, self._asked_at = (), None, 0.0
        if self._process is not None:
            self._process.stop()
            self._process = None


def find_backend() -> BackendPlace | None:
    """The backend that the preferences, the environment or the usual place name, in this order."""
    preferences = _preferences()
    root = getattr(preferences, "backend_root", "") or os.environ.get("MIEN_BACKEND_ROOT", "")
    chosen = getattr(preferences, "backend_python", "") or os.environ.get("MIEN_BACKEND_PYTHON", "")
    python = Path(bpy.path.abspath(chosen)) if chosen else _usual_python()
    return BackendPlace(python, Path(root) if root else None) if python is not None and python.is_file() else None


def language_environment() -> Mapping[str, str]:
    """What the preferences say of the language engines, as the variables that the backend reads.

    Variables of Blender's own environment hold where the preferences say nothing.
    """
    preferences = _preferences()
    said = {name: str(getattr(preferences, f"language_{name}", "")).strip() for name in LANGUAGE_PREFERENCES}
    return {f"MIEN_LANGUAGE_{name.upper()}": value for name, value in said.items() if value}


def _preferences() -> Any:
    addon: Any = bpy.context.preferences.addons.get(_ADDON)
    return addon.preferences if addon else None


def _usual_python() -> Path | None:
    folder = bpy.utils.extension_path_user(_ADDON, path="backend")
    return Path(folder, "Scripts/python.exe" if sys.platform == "win32" else "bin/python") if folder else None


def _log_folder() -> Path:
    """The folder of logs in the add-on's own place; Blender gives an empty path where it cannot be made."""
    folder = bpy.utils.extension_path_user(_ADDON, path="logs", create=True)
    if not folder:
        raise BackendError(
            "The folder of the backend's logs can't be made.",
            "Make Blender's user folder writable and remove what stands in the place of Mien's logs.",
        )
    return Path(folder)


session = BackendSession()


def register() -> None:
    """End the backend with Blender, also where Blender does not disable its add-ons first."""
    atexit.register(session.stop)


def unregister() -> None:
    """End the backend."""
    atexit.unregister(session.stop)
    session.stop()
