"""Where requests are received, worked on away from the event loop, and let go when the client leaves."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import Receive

from blender_addon.core.errors import CancelledError, TimeLimitError, TooLargeError

from .failures import SlowUploadError
from .limits import Limits
from .shared_engine import SharedEngine

_log = logging.getLogger(__name__)

# Bodies are read and taken apart side by side; the engine then takes them one by one.
_WORKER_THREADS = 4

# Most pictures are read in less, and a watch over their clients would take some of it from those who read.
_UNWATCHED_SECONDS = 0.05

_Result = TypeVar("_Result")


class RequestRoom:
    """What requests of every kind have in common.

    noun: what the body holds, as users call it. too_large_hint: what to do about one that is too large.
    """

    def __init__(self, limits: Limits, *, noun: str, body_bytes: int, too_large_hint: str) -> None:
        self._limits = limits
        self._noun, self._body_bytes, self._too_large_hint = noun, body_bytes, too_large_hint
        self._threads = ThreadPoolExecutor(_WORKER_THREADS, thread_name_prefix=noun)
        self._unloading: dict[str, asyncio.TimerHandle] = {}

    async def body(self, request: Request) -> bytes:
        """The bytes of the request, refused where they are too many or too slow."""
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._body_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.upload_seconds):
                return await self._received(request.receive)
        except TimeoutError:
            raise SlowUploadError(
                f"The {self._noun} did not arrive within {self._limits.upload_seconds:g} s.", "Send it again."
            ) from None

    async def _received(self, receive: Receive) -> bytes:
        """The body in one piece; the size is held whether or not it was announced."""
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise CancelledError(f"The client went away before the {self._noun} was whole.")
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > self._body_bytes:
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self) -> TooLargeError:
        return TooLargeError(
            f"The {self._noun} file is larger than {self._body_bytes / 1e6:.0f} MB.", self._too_large_hint
        )

    async def off_the_loop(
        self, work: Callable[[threading.Event], _Result], receive: Receive, *, seconds: float | None = None
    ) -> _Result:
        """Run `work` on a thread; let go of it when the client goes away or the time is over.

        seconds: how long it may take, where that is not `Limits.work_seconds`.
        A thread can't be stopped, so work that was let go ends by itself and its result is dropped.
        """
        seconds = self._limits.work_seconds if seconds is None else seconds
        loop, abandoned = asyncio.get_running_loop(), threading.Event()
        ending: asyncio.Future[_Result] = loop.create_future()

        def run() -> None:
            try:
                result = work(abandoned)
            except Exception as error:  # noqa: BLE001 - it is raised where the work is waited for
                loop.call_soon_threadsafe(_fail, ending, error)
            else:
                loop.call_soon_threadsafe(_succeed, ending, result)

        # Whatever comes first ends the wait. The loop's `run_in_executor` and `wait` pass it on from callback to
        # callback, which takes longer than a reply on an open connection needs for the rest of its way.
        turn = self._threads.submit(run)
        too_late = TimeLimitError(
            f"The {self._noun} was not read within {seconds:g} s.", f"Try a smaller {self._noun}."
        )
        time_limit = loop.call_later(seconds, _fail, ending, too_late)
        watch: asyncio.Task[None] | None = None

        def begin_to_watch() -> None:
            nonlocal watch
            watch = loop.create_task(_fail_when_the_client_leaves(ending, receive))

        beginning = loop.call_later(_UNWATCHED_SECONDS, begin_to_watch)
        try:
            return await ending
        finally:
            abandoned.set()
            turn.cancel()  # frees its place if it was still waiting for a thread
            time_limit.cancel()
            beginning.cancel()
            if watch is not None:
                watch.cancel()

    def unload_later(self, engine: SharedEngine[Any]) -> None:
        """Give the engine's memory back once it has rested."""
        loop = asyncio.get_running_loop()
        if (earlier := self._unloading.get(engine.name)) is not None:
            earlier.cancel()
        self._unloading[engine.name] = loop.call_later(
            self._limits.idle_seconds, loop.run_in_executor, self._threads, engine.unload
        )


async def _fail_when_the_client_leaves(ending: "asyncio.Future[Any]", receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    _fail(ending, CancelledError("The client went away."))


def _succeed(ending: "asyncio.Future[_Result]", result: _Result) -> None:
    if not ending.done():
        ending.set_result(result)


def _fail(ending: "asyncio.Future[Any]", error: Exception) -> None:
    if not ending.done():
        ending.set_exception(error)
    else:
        _log.info("work that nobody waited for ended with: %s", error)


def drop(work: "asyncio.Future[_Result]") -> None:
    """Note how work ended that nobody waits for."""
    if not work.cancelled() and (error := work.exception()) is not None:
        _log.info("work that nobody waited for ended with: %s", error)
