"""Where the backend stands, in one word for programs and one line for people."""

from dataclasses import dataclass
from enum import Enum


class BackendCondition(Enum):
    """All that can be said of the backend; the panel and the preferences show the same."""

    NOT_INSTALLED = "not installed"
    INCOMPLETE = "incomplete"
    OTHER_VERSION = "other version"
    INSTALLING = "installing"
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    CRASHED = "crashed"


_RUNNING = {BackendCondition.STARTING, BackendCondition.READY, BackendCondition.BUSY}
_UNUSABLE = {
    BackendCondition.NOT_INSTALLED,
    BackendCondition.INCOMPLETE,
    BackendCondition.OTHER_VERSION,
    BackendCondition.INSTALLING,
}


@dataclass(frozen=True)
class BackendStatus:
    """Where the backend stands, and that in words."""

    condition: BackendCondition
    words: str

    @property
    def is_installed(self) -> bool:
        """Whether it can be used."""
        return self.condition not in _UNUSABLE

    @property
    def is_running(self) -> bool:
        """Whether there is a process to stop."""
        return self.condition in _RUNNING
