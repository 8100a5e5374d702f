"""What a backend says of itself, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..narrowing import as_integer, as_list, as_mapping, as_number, as_text
from .reading import reading

PROTOCOL_VERSION = 1


@dataclass(frozen=True)
class EngineStatus:
    """One line of the engine list.

    state: "ready" (can be used), "loaded" (is in memory), "loading", "downloading" or "not installed".
    detail: a sentence: what it reads and needs, or why it is not there and how to get it.
    """

    name: str
    reads: tuple[str, ...]
    state: str
    detail: str


@dataclass(frozen=True)
class BackendHealth:
    """What a backend says of itself.

    protocol: the version of the HTTP interface and of the JSON here.
    uptime: seconds since it began to answer.
    engines: the state of each engine by name, in the words of `EngineStatus.state`.
    memory_bytes: what it occupies; 0 where that is not known.
    """

    version: str
    protocol: int
    uptime: float
    engines: Mapping[str, str]
    memory_bytes: int = 0


def engine_status_to_json(status: EngineStatus) -> dict[str, Any]:
    """One entry of the engine list."""
    return {"name": status.name, "reads": list(status.reads), "state": status.state, "detail": status.detail}


def engine_status_from_json(data: object) -> EngineStatus:
    """Read what `engine_status_to_json` wrote; raise InputError for anything else."""
    with reading("The engine list"):
        fields = as_mapping(data)
        return EngineStatus(
            name=as_text(fields["name"]),
            reads=tuple(as_text(source) for source in as_list(fields["reads"])),
            state=as_text(fields["state"]),
            detail=as_text(fields["detail"]),
        )


def health_to_json(health: BackendHealth) -> dict[str, Any]:
    """The reply to the question whether the backend is there."""
    return {
        "version": health.version,
        "protocol": health.protocol,
        "uptime": round(health.uptime, 3),
        "engines": dict(health.engines),
        "memory_bytes": health.memory_bytes,
    }


def health_from_json(data: object) -> BackendHealth:
    """Read what `health_to_json` wrote; raise InputError for anything else."""
    with reading("The backend's state"):
        fields = as_mapping(data)
        return BackendHealth(
            version=as_text(fields["version"]),
            protocol=as_integer(fields["protocol"]),
            uptime=as_number(fields["uptime"]),
            engines={name: as_text(state) for name, state in as_mapping(fields["engines"]).items()},
            memory_bytes=as_integer(fields.get("memory_bytes", 0)),
        )
