"""The HTTP interface of the reader of orders."""

import json
import threading

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from blender_addon.core.errors import InputError
from blender_addon.core.wire import EditReply, edit_reply_to_json, edit_request_from_json

from ..limits import Limits
from ..request_room import RequestRoom
from ..schemas import NUMBER, TEXT, Schema, json_reply, list_of, object_of

_EDIT: Schema = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {**TEXT, "description": "what is done; the other members belong to it"}},
}
EDITS_REPLY = json_reply(
    "What each clause came to, in seconds from the take's beginning at plain speed",
    object_of(
        edits=list_of(object_of(words=TEXT, edits=list_of(_EDIT), did=list_of(TEXT))),
        not_understood={**list_of(TEXT), "description": "the clauses that nothing was made of"},
    ),
)
EDITS_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": "JSON: the order as `words`, and what it may refer to.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["words"],
                    "properties": {
                        "words": {**TEXT, "description": 'such as "half the smile" or "slower until frame 30"'},
                        "frames_per_second": {**NUMBER, "description": "of the scene"},
                        "frame_start": {**NUMBER, "description": "the frame at which the take begins"},
                        "duration": {**NUMBER, "description": "seconds of the take as it is seen"},
                        "speed": {**NUMBER, "description": "of its shaping"},
                        "playhead": {**NUMBER, "description": "the current frame"},
                        "moves_until": {
                            "type": ["number", "null"],
                            "description": "seconds after which nothing moves any more; null for its end",
                        },
                        "limits": {
                            "type": "array",
                            "minItems": 2,
                            "maxItems": 2,
                            "items": {"type": ["number", "null"]},
                            "description": "the frames to which all changes are limited",
                        },
                    },
                }
            }
        },
    }
}


class _EditRoom(RequestRoom):
    """Where orders are received and read."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits, noun="order", body_bytes=limits.script_bytes, too_large_hint="Say it in several.")

    async def read(self, request: Request) -> EditReply:
        """What the order in a request's body comes to."""
        wanted = edit_request_from_json(_json_in(await self.body(request)))

        def work(_abandoned: threading.Event) -> EditReply:
            from .reader import read_edits  # only now: its grammar would take a good part of the backend's start

            return read_edits(wanted)

        return await self.off_the_loop(work, request.receive)


def add_edit_route(app: FastAPI, limits: Limits) -> None:
    """Add the reader of orders to the application."""
    room = _EditRoom(limits)

    @app.post(
        "/v1/edits",
        summary="Read an order in words for a take as typed edits",
        responses={200: EDITS_REPLY},
        openapi_extra=EDITS_BODY,
    )
    async def edits(request: Request) -> JSONResponse:
        return JSONResponse(edit_reply_to_json(await room.read(request)))


def _json_in(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"The request is not JSON: {fault}.", "/v1/docs shows what it should hold.") from fault
