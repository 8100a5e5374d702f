"""HTTP/1.1 below the app: what is refused here never reaches it, and is still told in the one shape."""

import asyncio
import http
import json
import sys
from typing import Any, ClassVar, Final, cast

from httptools import HttpParserCallbackError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from blender_addon.core.errors import InputError, MienError
from blender_addon.core.wire import error_to_json

from .failures import SlowUploadError
from .unread_body import has_body

_MOST_HEAD_BYTES: Final = 65_536
"""Of a request's line and headers; the parser itself would keep any number."""


_RECEIVED_BYTES: Final = 1024 * 1024
"""The most that is taken in at a time, and how much of a body may lie here unread before no more is taken in."""


class _NotHttpError(ValueError):
    """What this server does not take, in words that go on from "The request is not valid HTTP: "."""


class _JoinedWrites:
    """A transport that sends the two writes of one turn of the event loop as one.

    uvicorn writes a reply's headers and its body one after the other, and the client would wake for each.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the transport's own
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send with what is held, or hold for what may follow in this turn; never more, so that flow control works."""
        if self._held:
            self._held, data = b"", self._held + data
            self._transport.write(data)
        else:
            self._held = data
            self._loop.call_soon(self._send_held)

    def close(self) -> None:
        """Send what is held, and close."""
        self._send_held()
        self._transport.close()

    def _send_held(self) -> None:
        if self._held and not self._transport.is_closing():
            self._transport.write(self._held)
        self._held = b""


class WatchfulProtocol(HttpToolsProtocol, asyncio.BufferedProtocol):
    """uvicorn's protocol; in addition a request's line and headers have to arrive within `head_seconds`.

    As a BufferedProtocol it receives a picture in one turn of the event loop and not in four, a copy less each.
    """

    head_seconds: ClassVar[float]
    received: ClassVar[memoryview]
    """What has just come in on one of the server's connections, which take turns on its event loop."""
    _head_limit: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_head = False
    _is_deaf = False
    """Once something can't be understood, or is not for this server, nothing behind it is listened to."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(cast(asyncio.Transport, _JoinedWrites(transport, self.loop)))
        self._watch_the_head()

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Called by the event loop: where to put what has come. `buffer_updated` follows at once."""
        return self.received

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the event loop once it has put so many bytes there."""
        self.data_received(cast(bytes, self.received[:nbytes]))  # the parser takes any buffer

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and see whether they complete the headers."""
        if self._is_deaf:
            return
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._refuse(431, InputError("The request is not valid HTTP: its headers are too long."))
        self._watch_the_head()

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
            raise _NotHttpError("headers behind the body")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Called by the parser before the body.

        It reads nothing behind a request for another protocol, which goes unheeded: a body would be lost.
        """
        self._is_in_head = False
        if self.parser.should_upgrade() and has_body(self.headers):
            raise _NotHttpError("a body with a wish for another protocol (Upgrade), which is not spoken here")
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self._is_deaf, self.cycle.keep_alive = True, False

    def on_body(self, body: bytes) -> None:
        """Called by the parser for what it has of a body.

        uvicorn would copy it twice, and stop listening at 64 KB: most pictures would come in twice as many turns.
        """
        if self.cycle.response_complete:
            return
        held: bytes | bytearray = self.cycle.body
        if isinstance(held, bytearray) and held:
            held += body
        else:
            self.cycle.body = cast(bytearray, bytearray(held) + body if held else body)
        if len(self.cycle.body) > _RECEIVED_BYTES:
            self.flow.pause_reading()
        self.cycle.message_event.set()

    def on_response_complete(self) -> None:
        """Called by uvicorn at the end of a reply; a request that has begun behind it has to go on arriving."""
        super().on_response_complete()
        if self._is_in_head:
            self._watch_the_head()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is not HTTP, while it handles the fault that says why."""
        reason: object = sys.exception() or msg
        if isinstance(reason, HttpParserCallbackError):  # one of ours, or the address could not be taken apart
            reason = reason.__context__
            reason = reason if isinstance(reason, _NotHttpError) else "its address can't be read"
        self._refuse(400, InputError(f"The request is not valid HTTP: {reason}."))

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: uvicorn would advise to install what serves no purpose here."""

    @property
    def _is_replying(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch_the_head(self) -> None:
        """Where no request is under way, whatever comes has to become one in time."""
        if self._is_replying or self.transport.is_closing():
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
        self._is_deaf = True
        if self._is_replying and not self.cycle.more_body:
            self.cycle.keep_alive = False  # what is wrong came behind a request that is answered to its end
            return
        if not self.pipeline and not (self._is_replying and self.cycle.response_started):
            body = json.dumps(error_to_json(error)).encode()
            head = (
                f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def protocol_class(head_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol of one server with this limit; uvicorn makes one object of it for each connection."""
    received = memoryview(bytearray(_RECEIVED_BYTES))
    return type("Protocol", (WatchfulProtocol,), {"head_seconds": head_seconds, "received": received})
