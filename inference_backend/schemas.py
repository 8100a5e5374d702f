"""What the HTTP interface takes and gives, for its OpenAPI document. The code that does it is `core/wire.py`."""

from typing import Any

from blender_addon.core.channels import CHANNELS
from blender_addon.core.performance import DEFAULT_EASE, Role
from blender_addon.core.semantics.description import Region

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer"}


def object_of(**properties: Schema) -> Schema:
    """An object with exactly these members."""
    return {"type": "object", "required": list(properties), "properties": properties}


def list_of(items: Schema, **bounds: int) -> Schema:
    """An array of such items."""
    return {"type": "array", "items": items, **bounds}


def json_reply(description: str, schema: Schema) -> Schema:
    """A reply in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_DESCRIPTION = object_of(
    expression=TEXT,
    movements={"type": "object", "properties": {region.value: TEXT for region in Region}},
    emotion=TEXT,
    symmetry=TEXT,
    uncertain=list_of(TEXT),
)
_OWN_WORDS: Schema = {
    **object_of(text=TEXT, contradictions=list_of(object_of(quote=TEXT, numbers=TEXT))),
    "description": "what a language model wrote beside its numbers, and what of it they refute; left out by others",
}
_FACE = object_of(
    box={
        **list_of(NUMBER, minItems=4, maxItems=4),
        "description": "x, y, width, height in pixels of the upright picture",
    },
    confidence={"type": "number", "minimum": 0, "maximum": 1},
    channels={
        **object_of(**dict.fromkeys(CHANNELS, NUMBER)),
        "description": "52 ARKit shapes from 0 to 1, then nine angles in radians",
    },
    description=_DESCRIPTION,
)
_FACE["properties"]["own_words"] = _OWN_WORDS
_ENGINE = object_of(
    name=TEXT,
    reads=list_of(TEXT),
    state={"type": "string", "enum": ["ready", "loaded", "loading", "downloading", "not installed"]},
    detail=TEXT,
)

ESTIMATE_REPLY = json_reply(
    "The faces, largest first; a picture without a face is the error `no_face`",
    object_of(engine=TEXT, width=COUNT, height=COUNT, faces=list_of(_FACE, minItems=1)),
)
_KEYFRAME: Schema = {
    "type": "object",
    "required": ["time", "description", "channels"],
    "properties": {
        "time": {**NUMBER, "description": "seconds from the start"},
        "description": {**TEXT, "description": "what the face does"},
        "channels": {
            "type": "object",
            "properties": dict.fromkeys(CHANNELS, NUMBER),
            "description": "the channels that have a key here",
        },
        "ease_in": {**NUMBER, "description": f"0..1, {DEFAULT_EASE} if left out"},
        "ease_out": {**NUMBER, "description": f"0..1, {DEFAULT_EASE} if left out"},
        "hold": {**NUMBER, "description": "seconds, 0 if left out"},
        "source": {**list_of(COUNT, minItems=2, maxItems=2), "description": "characters of the script: from, to"},
        "role": {"type": "string", "enum": [role.value for role in Role], "description": "beat if left out"},
    },
}
PERFORM_REPLY = json_reply(
    "The keyframes in order; a channel moves from one of its keys to the next",
    object_of(
        duration=NUMBER,
        keyframes=list_of(_KEYFRAME),
        not_understood={**list_of(TEXT), "description": "the clauses of the script that no keyframe answers"},
        notes=list_of(TEXT),
    ),
)
SCRIPT_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": "JSON: the script as `script`; if wanted background, emotion, plays, duration, seed and life.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["script"],
                    "properties": {
                        "script": {**TEXT, "description": "what happens, in English, as people write scripts"},
                        "background": {**TEXT, "description": "the scene"},
                        "emotion": {**TEXT, "description": "its mood; colours what the script leaves open"},
                        "plays": {**TEXT, "description": "whose part of the script; left out, everybody's"},
                        "duration": {**NUMBER, "description": "seconds of the whole; left out, the script decides"},
                        "seed": COUNT,
                        "life": {"type": "boolean", "description": "add blinks and small shifts of the gaze"},
                        "engine": {**TEXT, "description": "the engine's name; the default one if left out"},
                        "fps": {**NUMBER, "description": "frames in a second, for scripts that name frames"},
                        "first_frame": {"type": "integer", "description": "the frame at which it begins"},
                    },
                }
            }
        },
    }
}
ENGINES_REPLY = json_reply("The engines, the default one first", object_of(engines=list_of(_ENGINE)))
HEALTH_REPLY = json_reply(
    "Version, seconds since the start, each engine's state, and the memory that the backend occupies",
    object_of(
        version=TEXT,
        protocol=COUNT,
        uptime=NUMBER,
        engines={"type": "object", "additionalProperties": TEXT},
        memory_bytes=COUNT,
    ),
)
ERROR_REPLY = json_reply(
    "What happened, and what to do next", object_of(error=object_of(code=TEXT, message=TEXT, hint=TEXT))
)

PICTURE_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": "The bytes of one picture file: JPEG, PNG, WebP, TIFF, AVIF, BMP or another common format.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
