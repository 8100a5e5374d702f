"""Asking a server by hand, and looking at what it replies."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .conftest import TOKEN, RunningServer

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def ask(
    server: RunningServer, method: str, path: str, headers: Mapping[str, str] = BEARER, body: object = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def error_of(body: bytes) -> dict[str, str]:
    content = json.loads(body)
    assert set(content) == {"error"}
    assert set(content["error"]) == {"code", "message", "hint"}
    assert content["error"]["message"].endswith(".")
    return content["error"]


def check_shape(value: object, schema: Mapping[str, Any]) -> None:
    """Types, and in objects exactly the documented members."""
    kinds = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int}
    assert isinstance(value, kinds[schema["type"]])
    if isinstance(value, dict) and "required" in schema:
        assert list(value) == schema["required"]
        for name, member in value.items():
            check_shape(member, schema["properties"][name])
    elif isinstance(value, dict):
        for name, member in value.items():
            check_shape(member, schema.get("properties", {}).get(name, {"type": "string"}))
    elif isinstance(value, list):
        for member in value:
            check_shape(member, schema["items"])


@contextmanager
def request_under_way(
    server: RunningServer, *, body: bytes = b"", announced: int | None = None, sent: bytes | None = None
) -> Iterator[socket.socket]:
    """A request to estimate, sent by hand; the client goes away at the end without waiting for the reply."""
    head = (
        f"POST /v1/estimate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {len(body) if announced is None else announced}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + (body if sent is None else sent))
        yield connection


def wait_for(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
