"""Where the backend stands, in one word for programs and one line for people."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..core.wire import BackendHealth

_MEGABYTE: Final = 1_000_000


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
    REMOTE = "remote"
    REMOTE_SILENT = "remote, not answering"


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
    def can_be_asked(self) -> bool:
        """Whether a question now would start nothing."""
        return self.is_running or self.condition is BackendCondition.REMOTE

    @property
    def is_running(self) -> bool:
        """Whether there is a process to stop."""
        return self.condition in _RUNNING


def health_words(health: BackendHealth) -> str:
    """What is loaded and what it occupies, behind a colon; empty where nothing is."""
    loaded = [name for name, state in health.engines.items() if state == "loaded"]
    memory = [f"{health.memory_bytes // _MEGABYTE} MB"] if health.memory_bytes else []
    return ": " + ", ".join([*loaded, *memory]) if loaded or memory else ""
