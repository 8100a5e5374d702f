"""The JSON that the backend and its clients exchange, and the CLI prints.

Unknown input is narrowed here, once: `*_from_json` raise `InputError` for anything that is not the
shape they document, and what comes out of them needs no further check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .channels import CHANNELS
from .errors import ERRORS_BY_CODE, BackendError, InputError, MienError
from .performance import DEFAULT_EASE, Keyframe, Performance, Role
from .pose import Pose
from .semantics.description import Description

PROTOCOL_VERSION = 1

Json = Mapping[str, Any]


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


def image_estimate_from_json(data: Any) -> ImageEstimate:
    try:
        return ImageEstimate(
            engine=str(data["engine"]),
            width=int(data["width"]),
            height=int(data["height"]),
            faces=tuple(_face_from_json(face) for face in data["faces"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise InputError(f"The estimate could not be read: {fault}.", "Use a backend of the same version.") from fault


def _face_from_json(data: Json) -> FaceEstimate:
    channels = data["channels"]
    missing = [name for name in CHANNELS if name not in channels]
    if missing:
        raise ValueError(f"channels are missing: {', '.join(missing)}")
    x, y, width, height = (float(edge) for edge in data["box"])
    return FaceEstimate(
        box=(x, y, width, height),
        confidence=float(data["confidence"]),
        pose=Pose.from_mapping(channels),
        description=Description.from_json(data["description"]),
    )


def performance_to_json(performance: Performance) -> dict[str, Any]:
    """Times to the millisecond, values to four decimals, defaults omitted."""
    return {
        "duration": round(performance.duration, 3),
        "keyframes": [_keyframe_to_json(keyframe) for keyframe in performance.keyframes],
        "not_understood": list(performance.not_understood),
        "notes": list(performance.notes),
    }


def performance_from_json(data: Any) -> Performance:
    """Narrow unknown input; `not_understood` and `notes` may be absent."""
    try:
        return Performance(
            keyframes=tuple(_keyframe_from_json(keyframe) for keyframe in data["keyframes"]),
            duration=float(data["duration"]),
            not_understood=tuple(str(clause) for clause in data.get("not_understood", ())),
            notes=tuple(str(note) for note in data.get("notes", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise InputError(
            f"The performance could not be read: {fault}.", "Use a backend of the same version."
        ) from fault


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


def _keyframe_from_json(data: Json) -> Keyframe:
    source = data.get("source")
    return Keyframe(
        time=float(data["time"]),
        channels={str(name): float(value) for name, value in data["channels"].items()},
        description=str(data.get("description", "")),
        ease_in=float(data.get("ease_in", DEFAULT_EASE)),
        ease_out=float(data.get("ease_out", DEFAULT_EASE)),
        hold=float(data.get("hold", 0.0)),
        source=None if source is None else (int(source[0]), int(source[1])),
        role=Role(data.get("role", Role.BEAT.value)),
    )


def engine_status_to_json(status: EngineStatus) -> dict[str, Any]:
    return {"name": status.name, "reads": list(status.reads), "state": status.state, "detail": status.detail}


def engine_status_from_json(data: Json) -> EngineStatus:
    try:
        return EngineStatus(str(data["name"]), tuple(data["reads"]), str(data["state"]), str(data["detail"]))
    except (KeyError, TypeError) as fault:
        raise InputError(
            f"The engine list could not be read: {fault}.", "Use a backend of the same version."
        ) from fault


def health_to_json(health: BackendHealth) -> dict[str, Any]:
    return {
        "version": health.version,
        "protocol": health.protocol,
        "uptime": round(health.uptime, 3),
        "engines": dict(health.engines),
    }


def health_from_json(data: Any) -> BackendHealth:
    try:
        return BackendHealth(
            version=str(data["version"]),
            protocol=int(data["protocol"]),
            uptime=float(data["uptime"]),
            engines={str(name): str(state) for name, state in data["engines"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise InputError(
            f"The backend's state could not be read: {fault}.", "Use a backend of the same version."
        ) from fault


def error_to_json(error: MienError) -> dict[str, Any]:
    """The one error shape of the HTTP interface."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def error_from_json(data: Any) -> MienError:
    """The error that a reply carries; a `BackendError` where the reply is in no known shape."""
    try:
        body = data["error"]
        kind = ERRORS_BY_CODE.get(body["code"], BackendError)
        return kind(str(body["message"]), str(body.get("hint", "")))
    except (KeyError, TypeError, AttributeError):
        return BackendError("The backend answered in a form that is not known.", "Use a backend of the same version.")
