"""The HTTP interface, version 1. A factory that is handed its engines, so that any engine can stand behind it."""

from collections.abc import Mapping
from time import monotonic
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from blender_addon.core.wire import (
    PROTOCOL_VERSION,
    BackendHealth,
    HeadFrame,
    engine_status_to_json,
    health_to_json,
    image_estimate_to_json,
)

from .api_page import api_page
from .engines import ImageEngine
from .estimating import EstimateRoom
from .failures import install_error_replies
from .limits import Limits
from .schemas import ENGINES_REPLY, ERROR_REPLY, ESTIMATE_REPLY, HEALTH_REPLY, PICTURE_BODY
from .security import AccessGuard, AccessRules
from .version import version

OPENAPI_PATH = "/v1/openapi.json"
PAGE_PATH = "/v1/docs"
OPEN_PATHS = frozenset({OPENAPI_PATH, PAGE_PATH})
"""What can be read without the token: how to talk to the backend, and nothing of what it does."""

MAX_FACES = 64
HEAD_FRAME_WORDS = "Head angles against the camera's axes, or the line from the viewer to the face (cut-out photos)."

# FastAPI can send spans and logs to a collector named in the environment; nothing leaves this computer.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(engines: Mapping[str, ImageEngine], access: AccessRules, limits: Limits) -> FastAPI:
    """The application over these engines; the first one is the default."""
    app = FastAPI(
        title="Mien backend",
        version=version(),
        description="Reads faces. Every request carries the header `Authorization: Bearer TOKEN`.",
        openapi_url=OPENAPI_PATH,
        docs_url=None,  # FastAPI's own page loads scripts from a CDN
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        responses={"4XX": ERROR_REPLY, "5XX": ERROR_REPLY},
    )
    room = EstimateRoom(engines, limits)
    app.state.room = room
    install_error_replies(app)
    _add_state_routes(app, room)
    _add_estimate_route(app, room)
    app.add_middleware(AccessGuard, rules=access)
    return app


def _add_state_routes(app: FastAPI, room: EstimateRoom) -> None:
    started, number = monotonic(), app.version

    @app.get("/v1/health", summary="Whether the backend is well, and what it has loaded", responses={200: HEALTH_REPLY})
    def health() -> JSONResponse:
        states = {name: engine.status().state for name, engine in room.engines.items()}
        return JSONResponse(health_to_json(BackendHealth(number, PROTOCOL_VERSION, monotonic() - started, states)))

    @app.get("/v1/engines", summary="The engines, the default one first", responses={200: ENGINES_REPLY})
    def engines() -> JSONResponse:
        return JSONResponse({"engines": [engine_status_to_json(engine.status()) for engine in room.engines.values()]})

    @app.get(PAGE_PATH, include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(
            api_page(app.openapi()),
            headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _add_estimate_route(app: FastAPI, room: EstimateRoom) -> None:
    @app.post(
        "/v1/estimate",
        summary="Read the faces in one picture, largest first",
        responses={200: ESTIMATE_REPLY},
        openapi_extra=PICTURE_BODY,
    )
    async def estimate(
        request: Request,
        engine: Annotated[str | None, Query(description="The engine's name; the default one if left out.")] = None,
        max_faces: Annotated[int, Query(ge=1, le=MAX_FACES, description="Read at most so many faces.")] = 8,
        head_frame: Annotated[HeadFrame, Query(description=HEAD_FRAME_WORDS)] = HeadFrame.CAMERA,
    ) -> Response:
        estimate = await room.estimate(request, engine=engine, max_faces=max_faces, head_frame=head_frame)
        return JSONResponse(image_estimate_to_json(estimate))
