"""The one backend of this Blender: started on first use, restarted once, ended with the add-on; or a remote one."""

import atexit
import time
from collections.abc import Callable, Mapping

from ..client.installing.place import InstallState
from ..client.job import Job, JobState
from ..client.launcher import BackendProcess, BackendState, fresh_log_path
from ..client.transport import BackendClient
from ..core.errors import BackendError
from ..core.wire import BackendHealth, EngineStatus
from .backend_install import desk
from .backend_place import BackendPlace, chosen_python, find_backend, log_folder, preferences
from .backend_remote import RemoteSession
from .backend_status import BackendCondition, BackendStatus, health_words
from .work import now

LANGUAGE_PREFERENCES = (
    *("url", "model", "key", "adapter", "base"),
    *("face_url", "face_model", "face_key", "face_adapter", "face_base"),
)
"""The preferences of the language engines, without their prefix; see `inference_backend/language/settings.py`."""
_STATES_SECONDS = 1.0
"""So old may the engines' states be that a panel shows."""
_READY_SECONDS = 60.0
"""A cold start reads the models from disk; on a slow disk after a reboot that is most of the wait."""
_SETTLED_SECONDS = 60.0
"""A backend that has run for so long may crash once more before it is given up."""
_HEALTH_SECONDS = 5.0

_MISSING = {
    InstallState.NOTHING: (BackendCondition.NOT_INSTALLED, "Backend not installed"),
    InstallState.INCOMPLETE: (
        BackendCondition.INCOMPLETE,
        "The installation of the backend was interrupted; Continue Installing goes on with it",
    ),
    InstallState.OTHER_VERSION: (
        BackendCondition.OTHER_VERSION,
        "The installed backend is of another version of Mien; update it",
    ),
}


class BackendSession:
    """Every method but `connector`'s result is called on Blender's main thread."""

    def __init__(self) -> None:
        self._process: BackendProcess | None = None
        self._place: BackendPlace | None = None
        self._environment: Mapping[str, str] = {}
        self._started = 0.0
        self._was_restarted = False
        self._engines: tuple[EngineStatus, ...] = ()
        self._asking: Job[tuple[EngineStatus, ...]] | None = None
        self._asked_at = 0.0
        self._health: Job[BackendHealth] | None = None
        self._health_asked = 0.0
        self._details = ""
        self._remote = RemoteSession()

    def status(self) -> BackendStatus:
        """Where the backend stands, for the panel and the preferences; never waits."""
        if desk.running is not None:
            return BackendStatus(BackendCondition.INSTALLING, f"Installing the backend: {desk.running.words}")
        if self._remote.is_chosen():
            return self._remote.status()
        if self._process is not None and self._process.state is BackendState.STARTING:
            return BackendStatus(BackendCondition.STARTING, "Backend starting")
        if self._process is not None and self._process.state is BackendState.READY:
            if now.work is not None:
                return BackendStatus(BackendCondition.BUSY, f"Backend at work{self._details}")
            self._ask_health(self._process)
            return BackendStatus(BackendCondition.READY, f"Backend ready{self._details}")
        return self._idle_status()

    def _idle_status(self) -> BackendStatus:
        """Where it stands while no process runs."""
        if find_backend() is None:
            return BackendStatus(*_MISSING[InstallState.NOTHING if chosen_python() else desk.state()])
        if self._process is not None and self._process.state is BackendState.CRASHED:
            return BackendStatus(BackendCondition.CRASHED, self._process.why_it_ended())
        return BackendStatus(BackendCondition.STOPPED, "Backend starts on first use")

    def start(self, *, by_hand: bool = False) -> BackendProcess:
        """The running backend, started where there is none; raise BackendError where it is not installed.

        One that was started with other preferences is started anew. One that crashed is started again once;
        after that only `by_hand`.
        """
        environment, place = language_environment(), find_backend()
        is_same = (environment, place) == (self._environment, self._place)
        if self._process is not None and self._is_alive() and (is_same or place is None):
            return self._process
        if place is None:
            raise BackendError(f"{self._why_missing()}.", "Press Install Backend in the Mien tab.")
        crashed = is_same and self._process is not None and self._process.state is BackendState.CRASHED
        if crashed and not by_hand:
            self._require_patience()
        self.stop()  # one that crashed still holds its pipes
        log = fresh_log_path(log_folder())
        self._process = BackendProcess.start(
            place.python, place.package_root, log, {**place.environment, **environment}
        )
        self._environment, self._place, self._started = environment, place, time.monotonic()
        self._was_restarted = crashed and not by_hand
        return self._process

    def _why_missing(self) -> str:
        words = self.status().words
        return "The backend is not installed" if words == "Backend not installed" else words

    def _require_patience(self) -> None:
        """Raise BackendError where the backend has been restarted already and has crashed again soon."""
        assert self._process is not None
        if self._was_restarted and time.monotonic() - self._started < _SETTLED_SECONDS:
            raise BackendError(
                self._process.why_it_ended(),
                "It was started again once already; Start Backend tries again, Copy Report tells more.",
            )

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.state in {BackendState.READY, BackendState.STARTING}

    def _ask_health(self, process: BackendProcess) -> None:
        """Take the answer to the last question, and ask anew from time to time."""
        state = self._health.step() if self._health is not None else None
        if self._health is not None and state is JobState.DONE:
            self._details = health_words(self._health.result())
        elif state is JobState.FAILED:
            self._details = ", but it does not answer; stop and start it"
        is_asking = self._health is not None and self._health.step() is JobState.RUNNING
        if not is_asking and time.monotonic() - self._health_asked > _HEALTH_SECONDS:
            self._health_asked = time.monotonic()
            self._health = Job(lambda _say: process.client().health())

    def connector(self, *, by_hand: bool = False) -> Callable[[], BackendClient]:
        """Start the backend, if it is not a remote one; what is returned waits on a worker thread until it answers."""
        if self._remote.is_chosen():
            self.leave_local()
            return self._remote.backend().answering
        process = self.start(by_hand=by_hand)
        return lambda: process.wait_until_ready(_READY_SECONDS)

    def engines(self, source: str, *, may_restart: bool = True) -> tuple[EngineStatus, ...]:
        """The engines that read a source ("image", "script"), as far as they are known; never waits.

        A backend that runs is asked again and again, and its answer is there the next time. One that was started with
        other preferences is started anew for that, unless it is at work and must not be.
        """
        if not self._remote.is_chosen() and self._environment != language_environment():
            self._engines, self._asking = (), None
            if not may_restart:
                return ()
        if self._asking is not None and self._asking.step() is JobState.DONE:
            self._engines, self._asking = self._asking.result(), None
        if self._asking is None or self._asking.step() is not JobState.RUNNING:
            self._ask_again()
        return tuple(engine for engine in self._engines if source in engine.reads)

    def _ask_again(self) -> None:
        if self.status().can_be_asked and time.monotonic() - self._asked_at >= _STATES_SECONDS:
            connect, self._asked_at = self.connector(), time.monotonic()
            self._asking = Job(lambda _say: connect().engines())

    def stop(self) -> None:
        """End the backend, if one runs."""
        self._engines, self._asking, self._asked_at = (), None, 0.0
        self._health, self._health_asked, self._details = None, 0.0, ""
        self._remote.close()
        self._end_process()

    def leave_local(self) -> None:
        """End the backend on this computer where a remote one has been chosen; one at work first does that work."""
        if self._process is not None and self._remote.is_chosen() and now.work is None:
            self._engines, self._asking, self._asked_at = (), None, 0.0
            self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None


def language_environment() -> Mapping[str, str]:
    """What the preferences say of the language engines, as the variables that the backend reads.

    Variables of Blender's own environment hold where the preferences say nothing.
    """
    chosen = preferences()
    said = {name: str(getattr(chosen, f"language_{name}", "")).strip() for name in LANGUAGE_PREFERENCES}
    return {f"MIEN_LANGUAGE_{name.upper()}": value for name, value in said.items() if value}


session = BackendSession()


def register() -> None:
    """End the backend with Blender, also where Blender does not disable its add-ons first."""
    atexit.register(session.stop)


def unregister() -> None:
    """End the backend."""
    atexit.unregister(session.stop)
    session.stop()
