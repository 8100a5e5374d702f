"""From the bytes of a request to an estimate, without ever holding up the event loop."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, perf_counter
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import Receive

from blender_addon.core.errors import CancelledError, TimeLimitError, TooLargeError
from blender_addon.core.wire import HeadFrame, ImageEstimate

from .engines import ImageEngine
from .failures import SlowUploadError
from .limits import Limits
from .picture_estimate import estimate_picture
from .shared_engine import SharedEngine, pick_engine

_log = logging.getLogger(__name__)

# Pictures are decoded side by side; the engine then takes them one by one.
_WORKER_THREADS = 4

_Result = TypeVar("_Result")


class EstimateRoom:
    """Where requests wait, are decoded, and get their turn at an engine."""

    def __init__(self, engines: Mapping[str, ImageEngine], limits: Limits) -> None:
        self.engines = {name: SharedEngine(engine) for name, engine in engines.items()}
        self._limits = limits
        self._threads = ThreadPoolExecutor(_WORKER_THREADS, thread_name_prefix="estimate")
        self._unloading: dict[str, asyncio.TimerHandle] = {}

    async def estimate(
        self, request: Request, *, engine: str | None, max_faces: int, head_frame: HeadFrame
    ) -> ImageEstimate:
        """Read the request's body as a picture; raise NoFaceError where it holds no face."""
        started = perf_counter()
        shared = pick_engine(self.engines, engine)
        data = await self._body(request)
        deadline = monotonic() + self._limits.work_seconds

        def work(abandoned: threading.Event) -> ImageEstimate:
            read_faces = partial(
                shared.estimate, max_faces=max_faces, head_frame=head_frame, deadline=deadline, abandoned=abandoned
            )
            return estimate_picture(data, shared.name, read_faces)

        try:
            estimate = await self._off_the_loop(work, request.receive)
        finally:
            self._unload_later(shared)
        _log.info(
            "%s read %d of %dx%d pixels in %.1f ms",
            shared.name,
            len(estimate.faces),
            estimate.width,
            estimate.height,
            1000 * (perf_counter() - started),
        )
        return estimate

    def warm_up(self) -> None:
        """Begin to load the engines that are installed; call it on the event loop, and don't wait."""
        loop = asyncio.get_running_loop()
        for engine in self.engines.values():
            loop.run_in_executor(self._threads, engine.warm_up).add_done_callback(_drop)
            self._unload_later(engine)

    async def _body(self, request: Request) -> bytes:
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limits.body_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.upload_seconds):
                return await self._received(request.receive)
        except TimeoutError:
            raise SlowUploadError(
                f"The picture did not arrive within {self._limits.upload_seconds:g} s.", "Send it again."
            ) from None

    async def _received(self, receive: Receive) -> bytes:
        """The body in one piece; the size is held whether or not it was announced."""
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise CancelledError("The client went away before the picture was whole.")
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > self._limits.body_bytes:
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self) -> TooLargeError:
        return TooLargeError(
            f"The picture file is larger than {self._limits.body_bytes / 1e6:.0f} MB.",
            "Save it smaller, or as JPEG or PNG.",
        )

    async def _off_the_loop(self, work: Callable[[threading.Event], _Result], receive: Receive) -> _Result:
        """Run `work` on a thread; let go of it when the client goes away or the time is over.

        A thread can't be stopped, so work that was let go ends by itself and its result is dropped.
        """
        abandoned = threading.Event()
        working = asyncio.get_running_loop().run_in_executor(self._threads, work, abandoned)
        leaving = asyncio.ensure_future(_client_leaves(receive))
        ends: set[asyncio.Future[Any]] = {working, leaving}
        try:
            await asyncio.wait(ends, timeout=self._limits.work_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone = leaving.done()
            leaving.cancel()
        if working.done():
            return working.result()
        abandoned.set()
        working.cancel()  # frees its place if it was still waiting for a thread
        working.add_done_callback(_drop)
        if gone:
            raise CancelledError("The client went away.")
        raise TimeLimitError(
            f"The picture was not read within {self._limits.work_seconds:g} s.", "Try a smaller picture."
        )

    def _unload_later(self, engine: SharedEngine) -> None:
        loop = asyncio.get_running_loop()
        if (earlier := self._unloading.get(engine.name)) is not None:
            earlier.cancel()
        self._unloading[engine.name] = loop.call_later(
            self._limits.idle_seconds, loop.run_in_executor, self._threads, engine.unload
        )


async def _client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _drop(work: "asyncio.Future[_Result]") -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        _log.info("work that nobody waited for ended with: %s", error)
