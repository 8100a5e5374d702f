"""The backend on another computer, where the preferences name one; nothing here is started or ended."""

import time

import bpy

from ..client.address import BackendAddress
from ..client.job import Job, JobState
from ..client.remote_backend import RemoteBackend
from ..core.errors import BackendError, MienError
from ..core.wire import BackendHealth
from .backend_place import preferences
from .backend_status import BackendCondition, BackendStatus, health_words
from .work import now

_HEALTH_SECONDS = 5.0


class RemoteSession:
    """Every method is called on Blender's main thread; none waits."""

    def __init__(self) -> None:
        self._backend: RemoteBackend | None = None
        self._chosen = ("", "")
        self._health: Job[BackendHealth] | None = None
        self._asked = 0.0
        self._status: BackendStatus | None = None

    def is_chosen(self) -> bool:
        """Whether the preferences name a backend elsewhere."""
        return bool(_chosen()[0])

    def backend(self) -> RemoteBackend:
        """The backend that the preferences name; raise BackendError where it may not or cannot be asked."""
        if self._backend is None or self._chosen != _chosen():
            self.close()
            url, token = self._chosen = _chosen()
            if not token:
                raise BackendError("The remote backend needs its token.", "Enter it in Mien's preferences.")
            self._backend = RemoteBackend(url, token)
        if not (self._backend.address.is_this_computer or bpy.app.online_access):
            raise BackendError(
                "The backend is on another computer, and Blender is set to stay offline.",
                "Switch on Allow Online Access in the System preferences.",
            )
        return self._backend

    def status(self) -> BackendStatus:
        """What it said of itself last; it is asked anew from time to time."""
        try:
            backend = self.backend()
        except MienError as error:
            return BackendStatus(BackendCondition.REMOTE_SILENT, f"{error}")
        host = backend.address.host
        if now.work is not None:
            return BackendStatus(BackendCondition.BUSY, f"Remote backend {host} at work")
        self._listen(host)
        if self._health is None and time.monotonic() - self._asked > _HEALTH_SECONDS:
            self._asked = time.monotonic()
            self._health = Job(lambda _say: backend.health())
        return self._status or BackendStatus(BackendCondition.REMOTE, f"Remote backend {host}")

    def _listen(self, host: str) -> None:
        """Take the answer, if it has come."""
        if self._health is None or self._health.step() is JobState.RUNNING:
            return
        answered, self._health = self._health, None
        try:
            words = f"Remote backend {host} ready{health_words(answered.result())}"
        except MienError as error:
            self._status = BackendStatus(BackendCondition.REMOTE_SILENT, f"{host}: {error.message}")
        else:
            self._status = BackendStatus(BackendCondition.REMOTE, words)

    def close(self) -> None:
        """Let go of it."""
        if self._backend is not None:
            self._backend.close()
        self._backend, self._health, self._status, self._asked = None, None, None, 0.0


def _chosen() -> tuple[str, str]:
    """The address and the token in the preferences."""
    chosen = preferences()
    return str(getattr(chosen, "remote_url", "")).strip(), str(getattr(chosen, "remote_token", "")).strip()


def remote_warnings(url: str) -> tuple[str, ...]:
    """What a user should know before pictures go to this address."""
    try:
        address = BackendAddress.parse(url)
    except BackendError as error:
        return (str(error),)
    if address.is_this_computer:
        return ()
    leaving = f"Pictures, clips and scripts leave this computer: they are sent to {address.host}."
    if address.is_encrypted:
        return (leaving,)
    return (leaving, "The connection is not encrypted: whoever is on the way can read them, and the token. Use https.")
