"""Scripts to perform and the performances they become, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..framing import FrameCount
from ..narrowing import as_integer, as_list, as_mapping, as_number, as_text, as_truth
from ..performance import DEFAULT_EASE, Keyframe, Performance, Role
from .reading import reading


@dataclass(frozen=True)
class PerformRequest:
    """A script to perform.

    background, emotion: the scene and its mood, in words; they colour what the script leaves open.
    duration: seconds of the whole; None leaves it to the script.
    seed: another one gives another variation of what is left to chance.
    life: whether blinks and small shifts of the gaze are added.
    engine: its name; None takes the default one.
    fps, first_frame: how the scene counts the frames that a script may name ("at frame 50"): their number in
    a second, and the one at which the performance begins; without a rate such frames are no times.
    plays: whose acts and lines, as the script names them; empty plays everybody's. What others do takes its time.
    """

    script: str
    background: str = ""
    emotion: str = ""
    duration: float | None = None
    seed: int = 0
    life: bool = True
    engine: str | None = None
    fps: float | None = None
    first_frame: int = 0
    plays: str = ""

    @property
    def frames(self) -> FrameCount | None:
        """How the scene counts frames, where that is known."""
        return None if self.fps is None else FrameCount(self.fps, self.first_frame)


def perform_request_to_json(request: PerformRequest) -> dict[str, Any]:
    """The body of a request; defaults omitted."""
    plain = PerformRequest("")
    return {name: value for name, value in vars(request).items() if name == "script" or value != getattr(plain, name)}


def perform_request_from_json(data: object) -> PerformRequest:
    """Read what `perform_request_to_json` wrote; only the script must be there. Raise InputError for anything else."""
    with reading("The request"):
        fields = as_mapping(data)
        duration, engine, fps = fields.get("duration"), fields.get("engine"), fields.get("fps")
        return PerformRequest(
            script=as_text(fields["script"]),
            background=as_text(fields.get("background", "")),
            emotion=as_text(fields.get("emotion", "")),
            plays=as_text(fields.get("plays", "")),
            duration=None if duration is None else as_number(duration),
            seed=as_integer(fields.get("seed", 0)),
            life=as_truth(fields.get("life", True)),
            engine=None if engine is None else as_text(engine),
            fps=None if fps is None else _rate(as_number(fps)),
            first_frame=as_integer(fields.get("first_frame", 0)),
        )


def _rate(fps: float) -> float:
    if not 0 < fps <= HIGHEST_FPS:
        raise ValueError(f"fps is {fps:g}, and must be above 0 and at most {HIGHEST_FPS:g}")
    return fps


HIGHEST_FPS = 4e9
"""Blender's own limits are 32,767 frames, in a base of at least 0.00001 seconds, in single precision."""


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
    with reading("The performance"):
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
