"""The way of plain requests for an estimate: past the framework, whose routing and validation take half a millisecond.

What is not plain goes on to the framework, which says what is wrong with it, and whose route documents the address.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from blender_addon.core.errors import MienError
from blender_addon.core.wire import DEFAULT_FACES, MOST_FACES, HeadFrame

from .estimating import EstimateRoom
from .failures import reply_to_error
from .replies import send_json

ESTIMATE_PATH: Final = "/v1/estimate"
_HEAD_FRAMES: Final = {frame.value: frame for frame in HeadFrame}
_FACES: Final = {str(number): number for number in range(1, MOST_FACES + 1)}


@dataclass(frozen=True)
class EstimateParameters:
    """What a request for an estimate may say beside the picture."""

    engine: str | None = None
    max_faces: int = DEFAULT_FACES
    head_frame: HeadFrame = HeadFrame.CAMERA

    @classmethod
    @lru_cache(maxsize=64)  # a client asks the same way again and again
    def of_plain_query(cls, query: bytes) -> "EstimateParameters | None":
        """Read "max_faces=1&head_frame=viewer"; None for all that needs a closer look."""
        said = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        values = dict(said)
        frame = _HEAD_FRAMES.get(values.pop("head_frame", HeadFrame.CAMERA.value))
        faces = _FACES.get(values.pop("max_faces", str(DEFAULT_FACES)))
        engine = values.pop("engine", None)
        if values or frame is None or faces is None or len(said) != len(dict(said)):
            return None
        return cls(engine, faces, frame)


class EstimateShortcut:
    """ASGI middleware inside the one that guards the access: answers plain requests for an estimate itself."""

    def __init__(self, app: ASGIApp, *, room: EstimateRoom) -> None:
        self._app = app
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        is_estimate = scope["type"] == "http" and scope["path"] == ESTIMATE_PATH and scope["method"] == "POST"
        asked = EstimateParameters.of_plain_query(scope["query_string"]) if is_estimate else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            reply = await self._room.estimate(
                request, engine=asked.engine, max_faces=asked.max_faces, head_frame=asked.head_frame
            )
        except MienError as error:
            await reply_to_error(request, error)(scope, receive, send)
            return
        await send_json(send, reply)
