"""From the JSON of a request to a performance, without ever holding up the event loop."""

import json
import logging
import threading
from collections.abc import Mapping
from time import monotonic, perf_counter

from starlette.requests import Request

from blender_addon.core.errors import InputError
from blender_addon.core.performance import Performance
from blender_addon.core.wire import PerformRequest, perform_request_from_json

from .engines import ScriptEngine, performed
from .limits import Limits
from .request_room import RequestRoom
from .shared_engine import SharedEngine, pick_engine

_log = logging.getLogger(__name__)


class PerformRoom(RequestRoom):
    """Where scripts wait and get their turn at an engine."""

    def __init__(self, engines: Mapping[str, ScriptEngine], limits: Limits) -> None:
        super().__init__(
            limits,
            noun="script",
            body_bytes=limits.script_bytes,
            too_large_hint="Perform it scene by scene.",
        )
        self.engines = {name: SharedEngine(engine) for name, engine in engines.items()}

    async def wanted(self, request: Request) -> PerformRequest:
        """What the request's body asks for."""
        return _request_in(await self.body(request))

    async def perform(self, request: Request) -> Performance:
        """Read the request's body as a PerformRequest and perform it."""
        started = perf_counter()
        wanted = await self.wanted(request)
        shared = pick_engine(self.engines, wanted.engine)
        deadline = monotonic() + self._limits.work_seconds

        def work(abandoned: threading.Event) -> Performance:
            return shared.in_turn(
                lambda engine: performed(engine, wanted, cancelled=abandoned.is_set),
                deadline=deadline,
                abandoned=abandoned,
            )

        try:
            performance = await self.off_the_loop(work, request.receive)
        finally:
            self.unload_later(shared)
        _log.info(
            "%s performed %d characters in %.1f ms", shared.name, len(wanted.script), 1000 * (perf_counter() - started)
        )
        return performance


def _request_in(body: bytes) -> PerformRequest:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"The request is not JSON: {fault}.", "/v1/docs shows what it should hold.") from fault
    return perform_request_from_json(data)
