"""The HTTP interface, version 1. A factory that is handed its engines, so that any engine can stand behind it."""

from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from blender_addon.core.wire import (
    DEFAULT_FACES,
    MOST_FACES,
    PROTOCOL_VERSION,
    BackendHealth,
    HeadFrame,
    engine_status_to_json,
    health_to_json,
    performance_to_json,
)

from .api_page import api_page
from .editing.routes import add_edit_route
from .engines import ClipEngine, ImageEngine, ScriptEngine
from .estimate_shortcut import ESTIMATE_PATH, EstimateShortcut
from .estimating import EstimateRoom
from .failures import install_error_replies
from .jobs.room import JobRoom
from .jobs.routes import ClipRoom, add_job_routes
from .jobs.work_folder import work_place
from .limits import Limits
from .memory import resident_bytes
from .performing import PerformRoom
from .schemas import (
    ENGINES_REPLY,
    ERROR_REPLY,
    ESTIMATE_REPLY,
    HEALTH_REPLY,
    PERFORM_REPLY,
    PICTURE_BODY,
    SCRIPT_BODY,
)
from .security import AccessGuard, AccessRules
from .shared_engine import SharedEngine
from .unread_body import UnreadBodyCloser
from .version import version

OPENAPI_PATH = "/v1/openapi.json"
PAGE_PATH = "/v1/docs"
OPEN_PATHS = frozenset({OPENAPI_PATH, PAGE_PATH})
"""What can be read without the token: how to talk to the backend, and nothing of what it does."""

HEAD_FRAME_WORDS = "Head angles against the camera's axes, or the line from the viewer to the face (cut-out photos)."

# FastAPI can send spans and logs to a collector named in the environment; nothing leaves this computer.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(
    engines: Mapping[str, ImageEngine],
    access: AccessRules,
    limits: Limits,
    script_engines: Mapping[str, ScriptEngine] = MappingProxyType({}),
    clip_engines: Mapping[str, ClipEngine] = MappingProxyType({}),
) -> FastAPI:
    """The application over these engines; the first one of each kind is the default."""
    app = FastAPI(
        title="Mien backend",
        version=version(),
        description="Reads faces, performs scripts and follows faces through clips. "
        "Every request carries the header `Authorization: Bearer TOKEN`.",
        openapi_url=OPENAPI_PATH,
        docs_url=None,  # FastAPI's own page loads scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,  # a redirect would have no body in the one shape
        telemetry=_NO_TELEMETRY,
        responses={"4XX": ERROR_REPLY, "5XX": ERROR_REPLY},
    )
    room = EstimateRoom(engines, limits)
    app.state.room = room
    install_error_replies(app)
    stage = PerformRoom(script_engines, limits)
    clips = ClipRoom(clip_engines, limits)
    app.state.jobs = JobRoom(limits, work_place(), engines=len(script_engines) + len(clip_engines))
    _add_state_routes(app, (*room.engines.values(), *stage.engines.values(), *clips.engines.values()))
    _add_estimate_route(app, room)
    if script_engines:
        _add_perform_route(app, stage)
    add_edit_route(app, limits)
    add_job_routes(app, app.state.jobs, clips, stage)
    app.add_middleware(EstimateShortcut, room=room)
    app.add_middleware(AccessGuard, rules=access)
    app.add_middleware(UnreadBodyCloser)  # the outermost: it sees the refusals of all others
    return app


def _add_state_routes(app: FastAPI, every: tuple[SharedEngine[Any], ...]) -> None:
    started, number = monotonic(), app.version

    @app.get("/v1/health", summary="Whether the backend is well, and what it has loaded", responses={200: HEALTH_REPLY})
    def health() -> JSONResponse:
        states: dict[str, str] = {}
        for engine in every:  # engines for pictures and for clips may share a name, as they share models
            state = engine.status().state
            if engine.name not in states or state == "loaded":
                states[engine.name] = state
        uptime, memory = monotonic() - started, resident_bytes()
        return JSONResponse(health_to_json(BackendHealth(number, PROTOCOL_VERSION, uptime, states, memory)))

    @app.get("/v1/engines", summary="The engines, the default one first", responses={200: ENGINES_REPLY})
    def engines() -> JSONResponse:
        return JSONResponse({"engines": [engine_status_to_json(engine.status()) for engine in every]})

    @app.get(PAGE_PATH, include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(
            api_page(app.openapi()),
            headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _add_estimate_route(app: FastAPI, room: EstimateRoom) -> None:
    @app.post(
        ESTIMATE_PATH,
        summary="Read the faces in one picture, largest first",
        responses={200: ESTIMATE_REPLY},
        openapi_extra=PICTURE_BODY,
    )
    async def estimate(
        request: Request,
        engine: Annotated[str | None, Query(description="The engine's name; the default one if left out.")] = None,
        max_faces: Annotated[
            int, Query(ge=1, le=MOST_FACES, description="Read at most so many faces.")
        ] = DEFAULT_FACES,
        head_frame: Annotated[HeadFrame, Query(description=HEAD_FRAME_WORDS)] = HeadFrame.CAMERA,
    ) -> Response:
        # Plain requests come by the shortcut; here the others are refused, and all are documented.
        reply = await room.estimate(request, engine=engine, max_faces=max_faces, head_frame=head_frame)
        return Response(reply, media_type="application/json")


def _add_perform_route(app: FastAPI, stage: PerformRoom) -> None:
    @app.post(
        "/v1/perform",
        summary="Turn a script into described keyframes",
        responses={200: PERFORM_REPLY},
        openapi_extra=SCRIPT_BODY,
    )
    async def perform(request: Request) -> Response:
        return JSONResponse(performance_to_json(await stage.perform(request)))
