"""HTTP/1.1 below the app: what is refused here never reaches it, and is still told in the one shape."""

import asyncio
import http
import json
import sys
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from blender_addon.core.errors import InputError, MienError
from blender_addon.core.wire import error_to_json

from .failures import SlowUploadError

_MOST_HEAD_BYTES: Final = 65_536
"""Of a request's line and headers; the parser itself would keep any number."""


class WatchfulProtocol(HttpToolsProtocol):
    """uvicorn's protocol; in addition a request's line and headers have to arrive within `head_seconds`."""

    head_seconds: ClassVar[float]
    _head_limit: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._watch_the_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and see whether they complete the headers."""
        super().data_received(data)
        if not self._is_in_head or self.transport.is_closing():
            self._forget_the_head()
            return
        self._watch_the_head()
        self._head_bytes += len(data)
        if self._head_bytes > _MOST_HEAD_BYTES:
            self._refuse(431, InputError("The request is not valid HTTP: its headers are too long."))

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._forget_the_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Called by the parser at a request's first byte."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser for each header, and for those behind a body in chunks, which nobody reads here."""
        if not self._is_in_head:
            raise ValueError("headers behind the body")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Called by the parser before the body."""
        self._is_in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is not HTTP, while it handles the fault that says why."""
        fault = sys.exception()
        self._refuse(
            400, InputError(f"The request is not valid HTTP: {(fault and fault.__context__) or fault or msg}.")
        )

    def _watch_the_head(self) -> None:
        if self._head_limit is None:
            self._head_limit = self.loop.call_later(self.head_seconds, self._refuse_slow_head)

    def _forget_the_head(self) -> None:
        if self._head_limit is not None:
            self._head_limit.cancel()
            self._head_limit = None

    def _refuse_slow_head(self) -> None:
        if not self.transport.is_closing():
            self._refuse(408, SlowUploadError(f"The request's headers did not arrive within {self.head_seconds:g} s."))

    def _refuse(self, status: int, error: MienError) -> None:
        # Where a reply is under way already, nothing more can be said.
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = json.dumps(error_to_json(error)).encode()
            head = (
                f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def protocol_class(head_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol with this limit; uvicorn makes one object of it for each connection."""
    return type("Protocol", (WatchfulProtocol,), {"head_seconds": head_seconds})
