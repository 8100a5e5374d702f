"""Where a backend is on the network."""

import ssl
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from typing import Self
from urllib.parse import urlsplit

from ..core.errors import BackendError
from .connections import WholeRequests

_THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class BackendAddress:
    """What stands before "/v1" in every request.

    is_encrypted: whether it is spoken to by TLS, so that nobody on the way can read along.
    prefix: the path in front, "" or such as "/mien", where a proxy has put the backend below one.
    """

    host: str
    port: int
    is_encrypted: bool = False
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an address such as "http://127.0.0.1:8765" or "https://faces.studio.example/mien"."""
        try:
            parts = urlsplit(url.strip())
            is_encrypted = parts.scheme == "https"
            port = parts.port or (443 if is_encrypted else 80)
        except ValueError as fault:  # a port of letters, an unfinished [::1
            raise _no_address(url) from fault
        is_plain = not (parts.query or parts.fragment or parts.username)
        if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
            raise _no_address(url)
        return cls(parts.hostname, port, is_encrypted, parts.path.rstrip("/"))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.is_encrypted else ''}://{host}:{self.port}{self.prefix}"

    @property
    def is_this_computer(self) -> bool:
        """Whether what is sent there stays on this computer."""
        return self.host in _THIS_COMPUTER

    def connection(self, seconds: float) -> WholeRequests:
        """A new connection, not made yet; each wait on it ends after so many seconds."""
        if self.is_encrypted:
            return _Encrypted(self.host, self.port, timeout=seconds, context=_trusting_this_computers_roots())
        return _Plain(self.host, self.port, timeout=seconds)


class _Plain(WholeRequests, HTTPConnection):
    pass


class _Encrypted(WholeRequests, HTTPSConnection):
    pass


@cache
def _trusting_this_computers_roots() -> ssl.SSLContext:
    """Loaded once: reading all roots takes 20 ms."""
    return ssl.create_default_context()


def _no_address(url: str) -> BackendError:
    return BackendError(f"{url!r} is no address of a backend.", "Write it like http://127.0.0.1:8765.")
