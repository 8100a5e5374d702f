"""From the bytes of a request to an estimate, without ever holding up the event loop."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from functools import partial
from time import monotonic, perf_counter

from starlette.requests import Request

from blender_addon.core.wire import HeadFrame, ImageEstimate, image_estimate_to_json

from .engines import ImageEngine
from .limits import Limits
from .picture_estimate import estimate_picture
from .replies import as_json
from .request_room import RequestRoom, drop
from .shared_engine import SharedImageEngine, pick_engine

_log = logging.getLogger(__name__)


class EstimateRoom(RequestRoom):
    """Where requests wait, are decoded, and get their turn at an engine."""

    def __init__(self, engines: Mapping[str, ImageEngine], limits: Limits) -> None:
        super().__init__(
            limits,
            noun="picture",
            body_bytes=limits.body_bytes,
            too_large_hint="Save it smaller, or as JPEG or PNG.",
        )
        self.engines = {name: SharedImageEngine(engine) for name, engine in engines.items()}

    async def estimate(self, request: Request, *, engine: str | None, max_faces: int, head_frame: HeadFrame) -> bytes:
        """The `ImageEstimate` of the picture in the body, as JSON; raise NoFaceError where it holds no face."""
        started = perf_counter()
        shared = pick_engine(self.engines, engine)
        data = await self.body(request)
        seconds = self._limits.work_seconds if shared.is_quick else self._limits.slow_work_seconds
        deadline = monotonic() + seconds

        def work(abandoned: threading.Event) -> tuple[ImageEstimate, bytes]:
            read_faces = partial(
                shared.estimate, max_faces=max_faces, head_frame=head_frame, deadline=deadline, abandoned=abandoned
            )
            estimate = estimate_picture(data, shared.name, read_faces)
            return estimate, as_json(image_estimate_to_json(estimate))

        # What can wait until the reply is on its way does.
        loop = asyncio.get_running_loop()
        try:
            estimate, reply = await self.off_the_loop(work, request.receive, seconds=seconds)
        finally:
            loop.call_soon(self.unload_later, shared)
        loop.call_soon(_log_estimate, estimate, 1000 * (perf_counter() - started))
        return reply

    def warm_up(self) -> None:
        """Begin to load the quick engines that are installed; call it on the event loop, and don't wait."""
        loop = asyncio.get_running_loop()
        for engine in (engine for engine in self.engines.values() if engine.is_quick):
            loop.run_in_executor(self._threads, engine.warm_up).add_done_callback(drop)
            self.unload_later(engine)


def _log_estimate(estimate: ImageEstimate, milliseconds: float) -> None:
    faces, width, height = len(estimate.faces), estimate.width, estimate.height
    _log.info("%s read %d of %dx%d pixels in %.1f ms", estimate.engine, faces, width, height, milliseconds)
