"""Runs the app: takes the port, answers, and ends."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Collection, Mapping

from blender_addon.core.errors import BackendError

from .engines import ClipEngine, ImageEngine, ScriptEngine
from .limits import DEFAULT_LIMITS, Limits
from .security import LOOPBACK, AccessRules

_log = logging.getLogger(__name__)

End = Callable[[], None]
"""Asks the server to end; may be called from any thread."""

# A request under way at the end gets this long.
_GRACE_SECONDS = 2

# A client that comes back within this time need not connect again.
_KEEP_ALIVE_SECONDS = 75


def listen(port: int) -> socket.socket:
    """Take a loopback port (0: any free one) before anything slow happens, so that it can't be lost meanwhile."""
    # The protocol is named because asyncio turns Nagle's delay off only for sockets that name it; with
    # the delay, each request on a kept connection takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows this option would let another program share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as fault:
        listener.close()
        reason = getattr(fault, "strerror", None) or str(fault)
        raise BackendError(
            f"Port {port} can't be used: {reason}.", "Give another one with --port; 0 picks a free one."
        ) from fault
    return listener


def serve(  # noqa: PLR0913 - each is a seam of its own, and all but three are named
    listener: socket.socket,
    token: str,
    make_engines: Callable[[], Mapping[str, ImageEngine]],
    *,
    make_script_engines: Callable[[], Mapping[str, ScriptEngine]] = dict,
    make_clip_engines: Callable[[], Mapping[str, ClipEngine]] = dict,
    limits: Limits = DEFAULT_LIMITS,
    public_names: Collection[str] = (),
    on_ready: Callable[[], None],
    on_start: Callable[[End], None] = lambda _end: None,
    warm_up: bool = False,
) -> None:
    """Answer on `listener` until a signal or the `End` that `on_start` got.

    public_names: see `AccessRules`. on_ready: called once requests are answered.
    warm_up: load the engines after that, so that the first estimate does not wait for it.
    """
    # Loaded late: taking the port and reading the token come first, and other verbs need none of it.
    import uvicorn

    from .app import OPEN_PATHS, create_app
    from .http_protocol import protocol_class

    access = AccessRules(token, listener.getsockname()[1], OPEN_PATHS, frozenset(map(str.lower, public_names)))
    app = create_app(make_engines(), access, limits, make_script_engines(), make_clip_engines())

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.clearing = asyncio.create_task(app.state.jobs.clear_stale())  # the loop itself keeps no task alive
            on_ready()
            if warm_up:
                app.state.room.warm_up()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await app.state.jobs.close()  # which lets those who read events come to their end
            await super().shutdown(sockets)
            app.state.jobs.remove_files()

    server = Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http=protocol_class(limits.head_seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )

    def end() -> None:
        server.should_exit = True

    on_start(end)
    asyncio.run(server.serve(sockets=[listener]))
    _log.info("ended")
