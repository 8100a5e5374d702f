"""The JSON that the backend and its clients exchange, and the CLI prints; one file a subject.

Unknown input is narrowed here, once: `*_from_json` raise `InputError` for anything that is not the
shape they document, and what comes out of them needs no further check.
"""

from ..head_frame import HeadFrame
from .backend import (
    PROTOCOL_VERSION,
    BackendHealth,
    EngineStatus,
    engine_status_from_json,
    engine_status_to_json,
    health_from_json,
    health_to_json,
)
from .clips import (
    clip_info_from_json,
    clip_info_to_json,
    track_request_from_json,
    track_request_to_json,
    tracked_frames_from_json,
    tracked_frames_to_json,
)
from .edits import (
    EditReply,
    EditRequest,
    Happening,
    HappeningKind,
    edit_reply_from_json,
    edit_reply_to_json,
    edit_request_from_json,
    edit_request_to_json,
)
from .estimates import (
    DEFAULT_FACES,
    MOST_FACES,
    FaceEstimate,
    ImageEstimate,
    image_estimate_from_json,
    image_estimate_to_json,
)
from .failures import error_from_json, error_to_json
from .jobs import (
    Ended,
    Frames,
    JobEvent,
    JobKind,
    JobPhase,
    JobStatus,
    Progress,
    Queued,
    Started,
    event_from_json,
    event_to_json,
    job_status_from_json,
    job_status_to_json,
)
from .performances import (
    PerformRequest,
    perform_request_from_json,
    perform_request_to_json,
    performance_from_json,
    performance_to_json,
)

__all__ = [
    "DEFAULT_FACES",
    "MOST_FACES",
    "PROTOCOL_VERSION",
    "BackendHealth",
    "EditReply",
    "EditRequest",
    "Ended",
    "EngineStatus",
    "FaceEstimate",
    "Frames",
    "Happening",
    "HappeningKind",
    "HeadFrame",
    "ImageEstimate",
    "JobEvent",
    "JobKind",
    "JobPhase",
    "JobStatus",
    "PerformRequest",
    "Progress",
    "Queued",
    "Started",
    "clip_info_from_json",
    "clip_info_to_json",
    "edit_reply_from_json",
    "edit_reply_to_json",
    "edit_request_from_json",
    "edit_request_to_json",
    "engine_status_from_json",
    "engine_status_to_json",
    "error_from_json",
    "error_to_json",
    "event_from_json",
    "event_to_json",
    "health_from_json",
    "health_to_json",
    "image_estimate_from_json",
    "image_estimate_to_json",
    "job_status_from_json",
    "job_status_to_json",
    "perform_request_from_json",
    "perform_request_to_json",
    "performance_from_json",
    "performance_to_json",
    "track_request_from_json",
    "track_request_to_json",
    "tracked_frames_from_json",
    "tracked_frames_to_json",
]
