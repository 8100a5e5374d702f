"""The JSON that the backend and its clients exchange, and the CLI prints.

Unknown input is narrowed here, once: `*_from_json` raise `InputError` for anything that is not the
shape they document, and what comes out of them needs no further check.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from .channels import CHANNELS
from .errors import ERRORS_BY_CODE, BackendError, InputError, MienError
from .narrowing import as_integer, as_list, as_mapping, as_number, as_text, as_truth
from .performance import DEFAULT_EASE, Keyframe, Performance, Role
from .pose import Pose
from .semantics.description import Description

PROTOCOL_VERSION = 1

_SAME_VERSION = "Use a backend of the same version."


DEFAULT_FACES: Final = 8
"""How many faces of a picture are read where the caller names no number."""
MOST_FACES: Final = 64
"""How many a caller may ask for."""


class HeadFrame(Enum):
    """What the head's angles are measured from.

    CAMERA: the axes of a camera whose picture this is, uncut, with the field of view that the engine assumes. A face
        away from the picture's centre that looks into the lens is turned towards the centre.
    VIEWER: the line from the viewer to the face, as if the camera had been aimed at it, so that where the face lies in
        the picture plays no part. The right one for a photo, which is usually a cut-out taken with an unknown lens.
    """

    CAMERA = "camera"
    VIEWER = "viewer"


@dataclass(frozen=True)
class FaceEstimate:
    """One face in a picture.

    box: x, y, width, height in pixels of the upright picture, from its top left corner.
    confidence: 0..1.
    """

    box: tuple[float, float, float, float]
    confidence: float
    pose: Pose
    description: Description


@dataclass(frozen=True)
class ImageEstimate:
    """What an engine read from one picture; the faces come largest first."""

    engine: str
    width: int
    height: int
    faces: tuple[FaceEstimate, ...]


@dataclass(frozen=True)
class PerformRequest:
    """A script to perform.

    background, emotion: the scene and its mood, in words; they colour what the script leaves open.
    duration: seconds of the whole; None leaves it to the script.
    seed: another one gives another variation of what is left to chance.
    life: whether blinks and small shifts of the gaze are added.
    engine: its name; None takes the default one.
    """

    script: str
    background: str = ""
    emotion: str = ""
    duration: float | None = None
    seed: int = 0
    life: bool = True
    engine: str | None = None


@dataclass(frozen=True)
class EngineStatus:
    """One line of the engine list.

    state: "ready" (can be used), "loaded" (is in memory) or "not installed".
    detail: a sentence: what it reads, or why it is not there and how to get it.
    """

    name: str
    reads: tuple[str, ...]
    state: str
    detail: str


@dataclass(frozen=True)
class BackendHealth:
    """What a backend says of itself.

    protocol: the version of the HTTP interface and of the JSON here.
    uptime: seconds since it began to answer.
    engines: the state of each engine by name, in the words of `EngineStatus.state`.
    """

    version: str
    protocol: int
    uptime: float
    engines: Mapping[str, str]


def image_estimate_to_json(estimate: ImageEstimate) -> dict[str, Any]:
    """The reply to a picture; coordinates with a decimal, channels with five."""
    return {
        "engine": estimate.engine,
        "width": estimate.width,
        "height": estimate.height,
        "faces": [
            {
                "box": [round(edge, 1) for edge in face.box],
                "confidence": round(face.confidence, 4),
                "channels": face.pose.as_mapping(),
                "description": face.description.to_json(),
            }
            for face in estimate.faces
        ],
    }


def image_estimate_from_json(data: object) -> ImageEstimate:
    """Read what `image_estimate_to_json` wrote; raise InputError for anything else."""
    with _reading("The estimate"):
        fields = as_mapping(data)
        return ImageEstimate(
            engine=as_text(fields["engine"]),
            width=as_integer(fields["width"]),
            height=as_integer(fields["height"]),
            faces=tuple(_face_from_json(as_mapping(face)) for face in as_list(fields["faces"])),
        )


def _face_from_json(fields: Mapping[str, Any]) -> FaceEstimate:
    channels = {name: as_number(value) for name, value in as_mapping(fields["channels"]).items()}
    missing = [name for name in CHANNELS if name not in channels]
    if missing:
        raise ValueError(f"channels are missing: {', '.join(missing)}")
    x, y, width, height = (as_number(edge) for edge in as_list(fields["box"]))
    return FaceEstimate(
        box=(x, y, width, height),
        confidence=as_number(fields["confidence"]),
        pose=Pose.from_mapping(channels),
        description=Description.from_json(as_mapping(fields["description"])),
    )


def perform_request_to_json(request: PerformRequest) -> dict[str, Any]:
    """The body of a request; defaults omitted."""
    plain = PerformRequest("")
    return {name: value for name, value in vars(request).items() if name == "script" or value != getattr(plain, name)}


def perform_request_from_json(data: object) -> PerformRequest:
    """Read what `perform_request_to_json` wrote; only the script must be there. Raise InputError for anything else."""
    with _reading("The request"):
        fields = as_mapping(data)
        duration, engine = fields.get("duration"), fields.get("engine")
        return PerformRequest(
            script=as_text(fields["script"]),
            background=as_text(fields.get("background", "")),
            emotion=as_text(fields.get("emotion", "")),
            duration=None if duration is None else as_number(duration),
            seed=as_integer(fields.get("seed", 0)),
            life=as_truth(fields.get("life", True)),
            engine=None if engine is None else as_text(engine),
        )


def performance_to_json(performance: Performance) -> dict[str, Any]:
    """Times to the millisecond, values to four decimals, defaults omitted."""
    return {
        "duration": round(performance.duration, 3),
        "keyframes": [_keyframe_to_json(keyframe) for keyframe in performance.keyframes],
        "not_understood": list(performance.not_understood),
        "notes": list(performance.notes),
    }


def performance_from_json(data: object) -> Performance:
    """Read what `performance_to_json` wrote, or an engine in its shape; raise InputError for anything else.

    Only the duration, the keyframes and in each the time and the channels must be there.
    """
    with _reading("The performance"):
        fields = as_mapping(data)
        return Performance(
            keyframes=tuple(_keyframe_from_json(as_mapping(keyframe)) for keyframe in as_list(fields["keyframes"])),
            duration=as_number(fields["duration"]),
            not_understood=tuple(as_text(clause) for clause in as_list(fields.get("not_understood", ()))),
            notes=tuple(as_text(note) for note in as_list(fields.get("notes", ()))),
        )


def _keyframe_to_json(keyframe: Keyframe) -> dict[str, Any]:
    body: dict[str, Any] = {
        "time": round(keyframe.time, 3),
        "description": keyframe.description,
        "channels": {name: round(float(value), 4) for name, value in keyframe.channels.items()},
    }
    if keyframe.ease_in != DEFAULT_EASE:
        body["ease_in"] = round(keyframe.ease_in, 3)
    if keyframe.ease_out != DEFAULT_EASE:
        body["ease_out"] = round(keyframe.ease_out, 3)
    if keyframe.hold:
        body["hold"] = round(keyframe.hold, 3)
    if keyframe.source is not None:
        body["source"] = list(keyframe.source)
    if keyframe.role is not Role.BEAT:
        body["role"] = keyframe.role.value
    return body


def _keyframe_from_json(fields: Mapping[str, Any]) -> Keyframe:
    source = fields.get("source")
    return Keyframe(
        time=as_number(fields["time"]),
        channels={name: as_number(value) for name, value in as_mapping(fields["channels"]).items()},
        description=as_text(fields.get("description", "")),
        ease_in=as_number(fields.get("ease_in", DEFAULT_EASE)),
        ease_out=as_number(fields.get("ease_out", DEFAULT_EASE)),
        hold=as_number(fields.get("hold", 0.0)),
        source=None if source is None else _span_from_json(as_list(source)),
        role=Role(as_text(fields.get("role", Role.BEAT.value))),
    )


def _span_from_json(edges: Sequence[Any]) -> tuple[int, int]:
    start, end = (as_integer(edge) for edge in edges)
    return start, end


def engine_status_to_json(status: EngineStatus) -> dict[str, Any]:
    """One entry of the engine list."""
    return {"name": status.name, "reads": list(status.reads), "state": status.state, "detail": status.detail}


def engine_status_from_json(data: object) -> EngineStatus:
    """Read what `engine_status_to_json` wrote; raise InputError for anything else."""
    with _reading("The engine list"):
        fields = as_mapping(data)
        return EngineStatus(
            name=as_text(fields["name"]),
            reads=tuple(as_text(source) for source in as_list(fields["reads"])),
            state=as_text(fields["state"]),
            detail=as_text(fields["detail"]),
        )


def health_to_json(health: BackendHealth) -> dict[str, Any]:
    """The reply to the question whether the backend is there."""
    return {
        "version": health.version,
        "protocol": health.protocol,
        "uptime": round(health.uptime, 3),
        "engines": dict(health.engines),
    }


def health_from_json(data: object) -> BackendHealth:
    """Read what `health_to_json` wrote; raise InputError for anything else."""
    with _reading("The backend's state"):
        fields = as_mapping(data)
        return BackendHealth(
            version=as_text(fields["version"]),
            protocol=as_integer(fields["protocol"]),
            uptime=as_number(fields["uptime"]),
            engines={name: as_text(state) for name, state in as_mapping(fields["engines"]).items()},
        )


def error_to_json(error: MienError) -> dict[str, Any]:
    """The one error shape of the HTTP interface."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def error_from_json(data: object) -> MienError:
    """The error that a reply carries; a `BackendError` where the reply is in no known shape."""
    try:
        body = as_mapping(as_mapping(data)["error"])
        kind = ERRORS_BY_CODE.get(as_text(body["code"]), BackendError)
        return kind(as_text(body["message"]), as_text(body.get("hint", "")))
    except (KeyError, TypeError):
        return BackendError("The backend answered in a form that is not known.", _SAME_VERSION)


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turn every way in which unknown input can be wrong into one `InputError`."""
    try:
        yield
    except KeyError as fault:
        raise InputError(f"{what} could not be read: {fault} is missing.", _SAME_VERSION) from fault
    except (TypeError, ValueError) as fault:
        raise InputError(f"{what} could not be read: {fault}.", _SAME_VERSION) from fault
