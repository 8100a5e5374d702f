"""What becomes of a body that the app answers without reading it to its end, as when the token is wrong."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Before the connection is closed the client gets this long, and this many bytes, to notice the reply: where a
# connection is closed upon bytes that nobody read, some systems drop what the other side has not read yet.
_NOTICE_SECONDS = 1.0
_NOTICE_BYTES = 1_000_000


class UnreadBodyCloser:
    """ASGI middleware: ends the connection after such a reply, instead of receiving all that the client would send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and see how far its body is read."""
        if scope["type"] != "http" or not has_body(scope["headers"]):
            await self._app(scope, receive, send)
            return
        unread, closing = True, False

        async def receive_and_note() -> Message:
            nonlocal unread
            message = await receive()
            unread = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def send_and_close(message: Message) -> None:
            nonlocal closing
            if message["type"] == "http.response.start" and unread:
                closing = True
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            elif message["type"] == "http.response.body" and closing and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await _give_notice(receive)
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        await self._app(scope, receive_and_note, send_and_close)


def has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a request with these headers, their names in small letters, has one."""
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)


async def _give_notice(receive: Receive) -> None:
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_NOTICE_SECONDS):
            while dropped < _NOTICE_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):  # the end of the body, or of the connection
                    return
