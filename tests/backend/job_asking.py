"""Asking for jobs by hand, and reading what they tell."""

import io
import json
import socket
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import Ended, Frames, JobEvent, event_from_json

from .asking import BEARER, ask, wait_for
from .brightness_clips import SLOW_WIDTH, clip_bytes
from .conftest import RunningServer

LONG = clip_bytes(frames=400, width=SLOW_WIDTH)
SHORT = clip_bytes()


def files_of(place: Path) -> list[str]:
    """What the backends keep on disk, by name; neither their locks nor empty folders."""
    return sorted(path.name for path in place.rglob("*") if path.is_file() and path.suffix != ".lock")


def begun(server: RunningServer, body: object = SHORT, query: str = "", **headers: str) -> str:
    status, reply, content = ask(server, "POST", f"/v1/jobs/track?{query}", {**BEARER, **headers}, body)
    assert status == 201, content
    job = json.loads(content)
    assert reply["location"] == f"/v1/jobs/{job['id']}/events"
    return job["id"]


def lines_of(server: RunningServer, job: str, after: int = 0) -> list[dict[str, Any]]:
    status, headers, content = ask(server, "GET", f"/v1/jobs/{job}/events?after={after}")
    assert (status, headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in content.splitlines()]


def events_of(server: RunningServer, job: str) -> list[JobEvent]:
    return [event_from_json(line)[1] for line in lines_of(server, job)]


def track_of(events: list[JobEvent]) -> FaceTrack:
    return FaceTrack.joined(*(event.frames.track for event in events if isinstance(event, Frames)))


def end_of(events: list[JobEvent]) -> Ended:
    ended = events[-1]
    assert isinstance(ended, Ended)
    return ended


def jobs(server: RunningServer) -> list[dict[str, Any]]:
    return json.loads(ask(server, "GET", "/v1/jobs")[2])["jobs"]


def wait_for_clip(server: RunningServer) -> list[Path]:
    wait_for(lambda: len(server.clips.tracked) > 0)
    return server.clips.tracked


@contextmanager
def upload(server: RunningServer, *, announced: int, sent: bytes, query: str = "") -> Iterator[socket.socket]:
    head = (
        f"POST /v1/jobs/track?{query} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: {BEARER['Authorization']}\r\nContent-Length: {announced}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + sent)
        yield connection


def reply_on(connection: socket.socket) -> tuple[int, bytes]:
    reply = HTTPResponse(connection)
    reply.begin()
    return reply.status, reply.read()


def tar_of(pictures: list[bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for index, data in enumerate(pictures):
            member = tarfile.TarInfo(f"shot/../{index}.png")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()
