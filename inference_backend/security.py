"""Who may talk to the backend: the program that holds the token, on this computer, and no web page.

A web page in the user's browser can reach a loopback port. It can't read the token, but holes of
this kind of server came from DNS rebinding (Ollama, CVE-2024-28224) and reflected origins, so every
sign of a browser page is refused as well, and no CORS header is ever sent.
"""

import hmac
import json
import secrets
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from blender_addon.core.errors import AccessError
from blender_addon.core.wire import error_to_json

LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = (LOOPBACK, "localhost")

# A page of another port on this computer counts as "same-site", so that is refused too.
_OWN_FETCH_SITES = (b"none", b"same-origin")


LEAST_TOKEN_LENGTH = 32
"""Characters of a token that somebody else has made; fewer can be guessed."""


def new_token() -> str:
    """A token for one launch: 256 random bits, in characters that need no escaping."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class AccessRules:
    """What a request must show.

    token: must come back in `Authorization: Bearer`.
    port: the Host header must name it, together with a loopback name.
    open_paths: readable without the token; they hold documentation only.
    public_names: other names by which the Host header may call this server, such as "faces.studio.example", where a
        proxy passes on what it was asked for.
    """

    token: str = field(repr=False)
    port: int
    open_paths: frozenset[str] = frozenset()
    public_names: frozenset[str] = frozenset()

    def refusal(self, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, AccessError] | None:
        """The HTTP status and the reason to refuse a request, None where it may pass."""
        if not self._names_this_server(_only(headers, b"host")):
            return 403, AccessError(
                "The request names another host than this computer.",
                f"Use the address http://{LOOPBACK}:{self.port}.",
            )
        if _comes_from_a_page(headers):
            return 403, AccessError(
                "The request comes from a web page.", "Web pages have no access; use the add-on or the command line."
            )
        if path not in self.open_paths and not self._shows_token(_only(headers, b"authorization")):
            return 401, AccessError(
                "The token is missing or wrong.",
                "Send the header 'Authorization: Bearer TOKEN' with the token of this launch.",
            )
        return None

    def _names_this_server(self, host: bytes) -> bool:
        called = host.decode("latin-1").lower()
        return called in (*(f"{name}:{self.port}" for name in _LOOPBACK_NAMES), *self.public_names)

    def _shows_token(self, authorization: bytes) -> bool:
        scheme, _, token = authorization.partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self.token.encode())


def _only(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The value of a header; empty where it is missing or given twice, since then no one can say which counts."""
    values = [value for key, value in headers if key == name]
    return values[0] if len(values) == 1 else b""


def _comes_from_a_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        key == b"origin" or (key == b"sec-fetch-site" and value.lower() not in _OWN_FETCH_SITES)
        for key, value in headers
    )


class AccessGuard:
    """ASGI middleware: answers a refused request itself, before anything else looks at it."""

    def __init__(self, app: ASGIApp, *, rules: AccessRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            refusal = self._rules.refusal(scope["path"], scope["headers"])
            if refusal is not None:
                await _refuse(send, *refusal)
                return
        elif scope["type"] != "lifespan":
            return  # no other kind of connection is spoken here
        await self._app(scope, receive, send)


async def _refuse(send: Send, status: int, error: AccessError) -> None:
    body = json.dumps(error_to_json(error)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
