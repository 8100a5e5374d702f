"""What jobs take and give, for the OpenAPI document."""

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.wire import JobKind, JobPhase

from ..schemas import COUNT, NUMBER, TEXT, Schema, json_reply, list_of, object_of
from .clip_source import PICTURES_TYPE

_JOB = object_of(
    id=TEXT,
    kind={**TEXT, "enum": [kind.value for kind in JobKind]},
    title=TEXT,
    engine=TEXT,
    state={**TEXT, "enum": [phase.value for phase in JobPhase]},
    events={**COUNT, "description": "how many it has told so far"},
)
JOB_REPLY = json_reply("The job", _JOB)
JOBS_REPLY = json_reply("The jobs that wait, are worked on, or ended lately", object_of(jobs=list_of(_JOB)))

_FLOATS = "little-endian float32, row by row, in base64"
_EVENT: Schema = {
    "type": "object",
    "required": ["seq", "event"],
    "properties": {
        "seq": {**COUNT, "description": "from 1, without gaps"},
        "event": {**TEXT, "enum": ["queued", "started", "frames", "progress", "ended"]},
        "ahead": {**COUNT, "description": "queued: how many jobs of the engine come before"},
        "clip": {
            **object_of(width=COUNT, height=COUNT, fps=NUMBER, duration=NUMBER, frames=COUNT),
            "description": "started, of a clip: duration and frames are null where its container does not tell",
        },
        "times": {**list_of(NUMBER), "description": "frames: seconds on the clip's clock"},
        "values": {**TEXT, "description": f"frames: {CHANNEL_COUNT} channels a frame, {_FLOATS}"},
        "confidence": {**TEXT, "description": f"frames: 0..1, {_FLOATS}"},
        "boxes": {**TEXT, "description": f"frames: x, y, width, height in pixels, {_FLOATS}"},
        "done": {**COUNT, "description": "progress: how many frames are done"},
        "total": {**COUNT, "description": "progress: of how many; null where nobody knows"},
        "rate": {**NUMBER, "description": "progress: frames a second, lately"},
        "seconds_left": {**NUMBER, "description": "progress: at that rate"},
        "state": {**TEXT, "enum": ["done", "failed", "cancelled"], "description": "ended: how"},
        "error": {
            **object_of(code=TEXT, message=TEXT, hint=TEXT),
            "description": "ended: why, unless the state is done",
        },
        "performance": {"type": "object", "description": "ended, of a script: what /v1/perform replies"},
    },
}
EVENTS_REPLY: Schema = {
    "description": "One JSON object a line: queued, started, frames and progress as they come, and at last ended",
    "content": {"application/x-ndjson": {"schema": _EVENT}},
}

_BINARY: Schema = {"schema": {"type": "string", "format": "binary"}}
CLIP_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": f"The bytes of one clip, or the pictures of a sequence in order in a tar ({PICTURES_TYPE}).",
        "content": {"application/octet-stream": _BINARY, PICTURES_TYPE: _BINARY},
    }
}
