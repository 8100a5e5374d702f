"""Connections to one backend that outlive a request, since connecting takes longer than asking for its health."""

import selectors
import socket
import ssl
import threading
from http.client import HTTPConnection


class KeptConnections:
    """The connections that wait for their next request; for any thread."""

    def __init__(self) -> None:
        self._waiting: list[HTTPConnection] = []
        self._closed = False
        self._guard = threading.Lock()

    def take(self, seconds: float) -> HTTPConnection | None:
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

    def keep(self, connection: HTTPConnection) -> None:
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
