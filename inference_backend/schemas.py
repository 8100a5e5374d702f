"""What the HTTP interface takes and gives, for its OpenAPI document. The code that does it is `core/wire.py`."""

from typing import Any

from blender_addon.core.channels import CHANNELS
from blender_addon.core.performance import DEFAULT_EASE, Role
from blender_addon.core.semantics.description import Region

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Schema, **bounds: int) -> Schema:
    return {"type": "array", "items": items, **bounds}


def _reply(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_DESCRIPTION = _object(
    expression=_TEXT,
    movements={"type": "object", "properties": {region.value: _TEXT for region in Region}},
    emotion=_TEXT,
    symmetry=_TEXT,
    uncertain=_list(_TEXT),
)
_FACE = _object(
    box={
        **_list(_NUMBER, minItems=4, maxItems=4),
        "description": "x, y, width, height in pixels of the upright picture",
    },
    confidence={"type": "number", "minimum": 0, "maximum": 1},
    channels={
        **_object(**dict.fromkeys(CHANNELS, _NUMBER)),
        "description": "52 ARKit shapes from 0 to 1, then nine angles in radians",
    },
    description=_DESCRIPTION,
)
_ENGINE = _object(
    name=_TEXT,
    reads=_list(_TEXT),
    state={"type": "string", "enum": ["ready", "loaded", "not installed"]},
    detail=_TEXT,
)

ESTIMATE_REPLY = _reply(
    "The faces, largest first; a picture without a face is the error `no_face`",
    _object(engine=_TEXT, width=_COUNT, height=_COUNT, faces=_list(_FACE, minItems=1)),
)
_KEYFRAME: Schema = {
    "type": "object",
    "required": ["time", "description", "channels"],
    "properties": {
        "time": {**_NUMBER, "description": "seconds from the start"},
        "description": {**_TEXT, "description": "what the face does"},
        "channels": {
            "type": "object",
            "properties": dict.fromkeys(CHANNELS, _NUMBER),
            "description": "the channels that have a key here",
        },
        "ease_in": {**_NUMBER, "description": f"0..1, {DEFAULT_EASE} if left out"},
        "ease_out": {**_NUMBER, "description": f"0..1, {DEFAULT_EASE} if left out"},
        "hold": {**_NUMBER, "description": "seconds, 0 if left out"},
        "source": {**_list(_COUNT, minItems=2, maxItems=2), "description": "characters of the script: from, to"},
        "role": {"type": "string", "enum": [role.value for role in Role], "description": "beat if left out"},
    },
}
PERFORM_REPLY = _reply(
    "The keyframes in order; a channel moves from one of its keys to the next",
    _object(
        duration=_NUMBER,
        keyframes=_list(_KEYFRAME),
        not_understood={**_list(_TEXT), "description": "the clauses of the script that no keyframe answers"},
        notes=_list(_TEXT),
    ),
)
SCRIPT_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": "JSON: the script as `script`, and if wanted background, emotion, duration, seed and life.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["script"],
                    "properties": {
                        "script": {**_TEXT, "description": "what happens, in English, as people write scripts"},
                        "background": {**_TEXT, "description": "the scene"},
                        "emotion": {**_TEXT, "description": "its mood; colours what the script leaves open"},
                        "duration": {**_NUMBER, "description": "seconds of the whole; left out, the script decides"},
                        "seed": _COUNT,
                        "life": {"type": "boolean", "description": "add blinks and small shifts of the gaze"},
                        "engine": {**_TEXT, "description": "the engine's name; the default one if left out"},
                    },
                }
            }
        },
    }
}
ENGINES_REPLY = _reply("The engines, the default one first", _object(engines=_list(_ENGINE)))
HEALTH_REPLY = _reply(
    "Version, seconds since the start, and each engine's state",
    _object(version=_TEXT, protocol=_COUNT, uptime=_NUMBER, engines={"type": "object", "additionalProperties": _TEXT}),
)
ERROR_REPLY = _reply(
    "What happened, and what to do next", _object(error=_object(code=_TEXT, message=_TEXT, hint=_TEXT))
)

PICTURE_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": "The bytes of one picture file: JPEG, PNG, WebP, TIFF, AVIF, BMP or another common format.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
