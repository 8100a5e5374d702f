"""HTTP/1.1 below the app: what is refused here never reaches it, and is still told in the one shape."""

import asyncio
import http
import json
import sys
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from blender_addon.core.errors import InputError, MienError
from blender_addon.core.wire import error_to_json

from .failures import SlowUploadError


class WatchfulProtocol(H11Protocol):
    """uvicorn's protocol; in addition a request's line and headers have to arrive within `head_seconds`."""

    head_seconds: ClassVar[float]
    _head_limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._watch_the_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and see whether they complete the headers."""
        super().data_received(data)
        self._watch_the_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._forget_the_head()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is not HTTP, while it handles the fault that says why."""
        self._refuse(400, InputError(f"The request is not valid HTTP: {sys.exception() or msg}."))

    def _watch_the_head(self) -> None:
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._forget_the_head()
        elif self._head_limit is None:
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
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps(error_to_json(error)).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            reason = http.HTTPStatus(status).phrase
            for event in (
                h11.Response(status_code=status, headers=headers, reason=reason.encode()),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def protocol_class(head_seconds: float) -> type[H11Protocol]:
    """The protocol with this limit; uvicorn makes one object of it for each connection."""
    return type("Protocol", (WatchfulProtocol,), {"head_seconds": head_seconds})
