"""What is asked of a clip and what is read from it, as JSON."""

from typing import Any

import numpy as np

from ..channels import CHANNEL_COUNT
from ..clips import ClipInfo, TrackedFrames, TrackRequest
from ..head_frame import HeadFrame
from ..narrowing import as_integer, as_list, as_mapping, as_number, as_text
from ..track import FaceTrack
from .arrays import array_from_text, array_to_text
from .reading import reading


def track_request_to_json(request: TrackRequest) -> dict[str, Any]:
    """The parameters of a request; defaults omitted. Its numbers come back to the last bit."""
    plain = TrackRequest()
    given = {name: value for name, value in vars(request).items() if value != getattr(plain, name)}
    return {name: value.value if isinstance(value, HeadFrame) else value for name, value in given.items()}


def track_request_from_json(data: object) -> TrackRequest:
    """Read what `track_request_to_json` wrote; nothing has to be there. Raise InputError for anything else."""
    with reading("The request"):
        fields = as_mapping(data)
        end, engine = fields.get("end"), fields.get("engine")
        return TrackRequest(
            start=as_number(fields.get("start", 0.0)),
            end=None if end is None else as_number(end),
            stride=as_integer(fields.get("stride", 1)),
            face=as_integer(fields.get("face", 0)),
            head_frame=HeadFrame(as_text(fields.get("head_frame", HeadFrame.CAMERA.value))),
            engine=None if engine is None else as_text(engine),
        )


def clip_info_to_json(info: ClipInfo) -> dict[str, Any]:
    """What is known of a clip; `duration` and `frames` are null where its container does not tell."""
    return dict(vars(info))


def clip_info_from_json(data: object) -> ClipInfo:
    """Read what `clip_info_to_json` wrote; raise InputError for anything else."""
    with reading("What is known of the clip"):
        fields = as_mapping(data)
        duration, frames = fields.get("duration"), fields.get("frames")
        return ClipInfo(
            width=as_integer(fields["width"]),
            height=as_integer(fields["height"]),
            fps=as_number(fields["fps"]),
            duration=None if duration is None else as_number(duration),
            frames=None if frames is None else as_integer(frames),
        )


def tracked_frames_to_json(frames: TrackedFrames) -> dict[str, Any]:
    """Times as numbers, to the last bit; values, confidence and boxes as `arrays` writes them."""
    return {
        "times": frames.track.times.tolist(),
        "values": array_to_text(frames.track.values),
        "confidence": array_to_text(frames.track.confidence),
        "boxes": array_to_text(frames.boxes),
    }


def tracked_frames_from_json(data: object) -> TrackedFrames:
    """Read what `tracked_frames_to_json` wrote; raise InputError for anything else."""
    with reading("The frames"):
        fields = as_mapping(data)
        times = np.array([as_number(time) for time in as_list(fields["times"])])
        count = len(times)
        track = FaceTrack(
            times,
            array_from_text(fields["values"], count, CHANNEL_COUNT),
            array_from_text(fields["confidence"], count),
        )
        return TrackedFrames(track, array_from_text(fields["boxes"], count, 4))
