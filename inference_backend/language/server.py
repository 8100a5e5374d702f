"""A language model behind an OpenAI-compatible server: vLLM, SGLang, Ollama, llama.cpp, LM Studio.

The address is the user's own, from the command line or the settings of the backend; nothing that a
client of the backend sends can change it.
"""

import asyncio
import base64
import io
import ipaddress
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx

from blender_addon.core.errors import CancelledError, EngineError, InputError, MienError, TimeLimitError

from ..engines import Cancelled, RgbPicture
from .chat import ChatReply, ChatRequest, Message
from .server_faults import fault_of_status, unreachable
from .side_by_side import side_by_side

_POLL_SECONDS = 0.05
_MAX_REPLY_BYTES = 8 << 20
_EXTRAS_REFUSED = {400, 422, 501}
"""Servers that do not know a field of the request say so with one of these (transformers serve: 422)."""

_EXTRAS: tuple[frozenset[str], ...] = (
    # The answer is JSON from its first letter: a model that can think aloud is asked not to (vLLM,
    # SGLang and llama.cpp read this field, Ollama and LM Studio pass over it).
    frozenset({"chat_template_kwargs", "response_format"}),
    frozenset({"response_format"}),
    # The schema also stands in the prompt, and the reply is checked: it can do without.
    frozenset(),
)
"""The fields beyond the plainest request, from what is best to what every server takes."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class ServerPatience:
    """Seconds to wait for a connection and for a whole reply."""

    connect_seconds: float = 5.0
    reply_seconds: float = 300.0


class ChatServer:
    """One model of one server. Thread-safe; each call opens its own connection and closes it.

    key: sent as bearer token; most local servers need none.
    model: None takes the one that the server has, and raises EngineError where it has several.
    """

    parallel = 4

    def __init__(
        self, url: str, model: str | None = None, *, key: str | None = None, patience: ServerPatience | None = None
    ) -> None:
        self.url = api_root(url)
        self._model = model
        self._key = key
        self._patience = patience or ServerPatience()
        self._extras_level = 0

    def complete(self, request: ChatRequest, *, cancelled: Cancelled) -> ChatReply:
        """Ask the server. The connection is closed on cancel, at which servers stop generating."""
        return _run(self._complete(request), cancelled)

    def complete_all(self, requests: Sequence[ChatRequest], *, cancelled: Cancelled) -> list[ChatReply | MienError]:
        """Ask for some at once: servers batch what they are asked at the same time."""

        def ask(request: ChatRequest, stop: Cancelled) -> ChatReply | MienError:
            try:
                return self.complete(request, cancelled=stop)
            except CancelledError:
                raise
            except MienError as fault:
                return fault

        return side_by_side([partial(ask, request) for request in requests], most=self.parallel, cancelled=cancelled)

    async def _complete(self, request: ChatRequest) -> ChatReply:
        async with self._client() as client:
            model = self._model or await self._only_model(client)
            status, text = await self._accepted(client, _body(request, model))
            if status == httpx.codes.NOT_FOUND:
                raise fault_of_status(self.url, status, text, model=model, models=await self._known(client))
            return self._reply(status, text, model)

    async def _accepted(self, client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[int, str]:
        """The reply to the fullest request that the server takes; its first refusal where it takes none."""
        refusal: tuple[int, str] | None = None
        for level in range(self._extras_level, len(_EXTRAS)):
            dropped = _EXTRAS[0] - _EXTRAS[level]
            kept = {name: value for name, value in body.items() if name not in dropped}
            status, text = await self._exchange(client, "POST", "/chat/completions", kept)
            if status not in _EXTRAS_REFUSED:
                self._extras_level = level
                return status, text
            refusal = refusal or (status, text)
        assert refusal is not None
        return refusal

    def _reply(self, status: int, text: str, model: str) -> ChatReply:
        if status != httpx.codes.OK:
            raise fault_of_status(self.url, status, text, model=model)
        try:
            choice = json.loads(text)["choices"][0]
            content = choice["message"]["content"]
            return ChatReply(
                "" if content is None else _whole_letters(str(content)), cut_off=choice.get("finish_reason") == "length"
            )
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as fault:
            raise self._foreign() from fault

    async def _only_model(self, client: httpx.AsyncClient) -> str:
        names = await self._known(client)
        if len(names) != 1:
            offered = f"It offers: {', '.join(names[:20])}." if names else "It names none."
            raise EngineError(
                f"Which model of {self.url} is meant? {offered}",
                "Name one with --model, or in Blender in the preferences of Mien.",
            )
        return names[0]

    async def _known(self, client: httpx.AsyncClient) -> list[str]:
        status, text = await self._exchange(client, "GET", "/models", None)
        if status == httpx.codes.NOT_FOUND:
            raise self._foreign()
        if status != httpx.codes.OK:
            raise fault_of_status(self.url, status, text, model=self._model or "")
        try:
            return [_whole_letters(str(entry["id"])) for entry in json.loads(text)["data"]]
        except (LookupError, RecursionError, TypeError, ValueError) as fault:
            raise self._foreign() from fault

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
    ) -> tuple[int, str]:
        """Status and text of one request; raise EngineError or TimeLimitError where none comes."""
        try:
            async with (
                asyncio.timeout(self._patience.reply_seconds),
                client.stream(method, self.url + path, json=body) as response,
            ):
                return response.status_code, (await self._limited(response)).decode("utf-8", errors="replace")
        except httpx.ConnectTimeout as fault:
            raise unreachable(self.url, "it does not answer") from fault
        except (TimeoutError, httpx.TimeoutException) as fault:
            raise TimeLimitError(
                f"The language server at {self.url} did not answer within {self._patience.reply_seconds:g} s.",
                "Look whether it is still loading, or use a smaller model.",
            ) from fault
        except httpx.ConnectError as fault:
            raise unreachable(self.url, str(fault) or "connection refused") from fault
        except (httpx.TransportError, httpx.DecodingError) as fault:
            reason = str(fault) or type(fault).__name__
            raise EngineError(f"The language server at {self.url} broke off: {reason}.", "Look at its log.") from fault

    async def _limited(self, response: httpx.Response) -> bytes:
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > _MAX_REPLY_BYTES:
                raise EngineError(f"The language server at {self.url} answers without end.", "Look at its log.")
        return bytes(data)

    def _client(self) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = httpx.Timeout(self._patience.reply_seconds, connect=self._patience.connect_seconds)
        # A proxy of the environment can't reach a server on this computer. Redirects are not followed:
        # the script and the key go where the user said, and nowhere else.
        return httpx.AsyncClient(headers=headers, timeout=timeout, trust_env=not is_this_computer(self.url))

    def _foreign(self) -> EngineError:
        return EngineError(
            f"What answers at {self.url} does not speak the OpenAI form.",
            "Check the address; it usually ends in /v1.",
        )


def api_root(url: str) -> str:
    """The address up to and with its version: "http://localhost:8000" -> "http://localhost:8000/v1"."""
    hint = "Give it as http://HOST:PORT/v1."
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        raise InputError(f"{url!r} is not an address: {fault}.", hint) from fault
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError(f"{url!r} is not the address of a server.", hint)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError("The address of a language server holds no password, ? or #.", hint)
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", "", ""))


def is_this_computer(url: str) -> bool:
    """Whether an address is the loopback one."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _body(request: ChatRequest, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": _content(message)} for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "chat_template_kwargs": {"enable_thinking": False},
    }
    if request.temperature:
        body["seed"] = request.seed
    if request.schema is not None:
        schema = {"name": "answer", "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.pictures:
        return message.text
    pictures = [{"type": "image_url", "image_url": {"url": _data_url(picture)}} for picture in message.pictures]
    return [*pictures, {"type": "text", "text": message.text}]


def _whole_letters(text: str) -> str:
    """Without halves of letters, which JSON can hold but no request can be written with."""
    return text.encode("utf-8", "replace").decode()


def _data_url(picture: RgbPicture) -> str:
    """The picture as PNG within the request: the server is never given a path or an address."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _run(work: Coroutine[Any, Any, _Result], cancelled: Cancelled) -> _Result:
    """Do asynchronous work from a plain thread, and drop it when it is cancelled."""
    return asyncio.run(_unless_cancelled(work, cancelled))


async def _unless_cancelled(work: Coroutine[Any, Any, _Result], cancelled: Cancelled) -> _Result:
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=_POLL_SECONDS)
        if not task.done() and cancelled():
            task.cancel()
            await asyncio.wait({task})
            raise CancelledError("The request was cancelled.")
    return task.result()
