"""Connections to one backend: how they send, and how they outlive a request.

Connecting takes longer than asking a backend for its health.
"""

import selectors
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection
from typing import Any, Final

_FIRST_BYTES: Final = 65_536
"""How much of a body is sent with the headers; copying more behind them would cost more than it saves."""


class WholeRequests(HTTPConnection):
    """Sends a request's headers and its body, or as much of it as copies quickly, at once.

    `http.client` sends the headers first. A backend on the same computer wakes for them alone, often on the core on
    which the body is still to be sent: half a millisecond of the 15 that an estimate takes (measured).
    """

    _held: list[bytes] | None = None

    def ask(self, method: str, path: str, body: bytes | Iterable[bytes] | None, headers: Mapping[str, str]) -> None:
        """`request`; a body that comes piece by piece goes as ever."""
        if not isinstance(body, bytes):
            self.request(method, path, body, headers)
            return
        self._held = []
        try:
            self.request(method, path, body, headers)
            head = self._held[0]  # the body behind it is known
        finally:
            self._held = None
        self.send(head + body[:_FIRST_BYTES])
        if len(body) > _FIRST_BYTES:
            self.send(memoryview(body)[_FIRST_BYTES:])

    def send(self, data: Any) -> None:  # noqa: ANN401 - whatever `request` may be given
        """Called by `request` with the headers, and again with the body."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class KeptConnections:
    """The connections that wait for their next request; for any thread."""

    def __init__(self) -> None:
        self._waiting: list[WholeRequests] = []
        self._closed = False
        self._guard = threading.Lock()

    def take(self, seconds: float) -> WholeRequests | None:
        """One that the backend still holds open, with this timeout; None where there is none."""
        while True:
            with self._guard:
                if not self._waiting:
                    return None
                connection = self._waiting.pop()
            if _is_open(connection.sock):
                connection.sock.settimeout(seconds)
                return connection
            connection.close()

    def keep(self, connection: WholeRequests) -> None:
        """Let a connection wait whose last reply was read to its end."""
        with self._guard:
            if not self._closed:
                self._waiting.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close those that wait, and keep none from now on."""
        with self._guard:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.close()


def _is_open(sock: socket.socket | None) -> bool:
    """A connection between two requests has nothing to read; where the other side closed it, there is its end."""
    if sock is None:  # closed by itself, because the backend's last reply announced its end
        return False
    if isinstance(sock, ssl.SSLSocket):  # which can't be peeked into
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            return not selector.select(0)
    sock.settimeout(0)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
