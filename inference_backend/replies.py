"""Replies of the HTTP interface that are written without the framework."""

import json
from typing import Any

from starlette.types import Send


def as_json(content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    """The bytes of a reply, as the framework would write them; raise ValueError for what is no number."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


async def send_json(send: Send, body: bytes) -> None:
    """Answer with a body that is JSON already."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
