"""NVIDIA Audio2Face JSON: the weights of its blendshape solve, frame after frame.

    {"exportFps": 60.0, "trackPath": "...", "numPoses": 52, "numFrames": 300,
     "facsNames": ["eyeBlinkLeft", ...], "weightMat": [[0.0, ...], ...]}

As Omniverse Audio2Face exports it (docs.omniverse.nvidia.com, Audio2Face, "Blendshape and joint conversion"; the fields
as public readers of it declare them). Weights are 0..1, under the names of the head that was solved for: ARKit's in any
spelling are read. A row may be null where nothing was solved. `joints`, `rotations` and `translations` are left aside.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNEL_COUNT, INDEX
from ..narrowing import as_integer, as_list, as_mapping, as_number, as_text
from ..track import FaceTrack
from .file_text import FormatError, json_of, numbers_in
from .imported import Imported
from .model_reply import listed
from .shape_names import channel_named

DEFAULT_FPS: Final = 30.0
"""Older exports do not say."""


def is_audio2face(text: str) -> bool:
    """Whether it is a JSON object with the two fields that matter."""
    return text.lstrip().startswith("{") and '"facsNames"' in text and '"weightMat"' in text


def read_audio2face(text: str, *, fps: float | None = None) -> Imported:
    """A track from time 0; raise FormatError where it is none, or of shapes that are not ARKit's.

    fps: in the place of what the file says.
    """
    try:
        fields = as_mapping(json_of(text))
        names = [as_text(name) for name in as_list(fields["facsNames"])]
        rows = as_list(fields["weightMat"])
        rate = as_number(fields.get("exportFps") or DEFAULT_FPS) if fps is None else fps
        _check_counts(fields, names, rows)
    except KeyError as fault:
        raise FormatError(f"{fault} is missing") from None
    except TypeError as fault:
        raise FormatError(str(fault)) from None
    if not 0 < rate <= 1000:
        raise FormatError(f"{rate:g} is no frame rate")
    values, seen, unknown = _values(names, rows)
    notes = [] if fps is not None or fields.get("exportFps") else [f"It has no frame rate; {rate:g} was taken."]
    if unknown:
        notes.append(f"Not read, because they are no ARKit shapes: {listed(unknown)}.")
    if fields.get("joints"):
        notes.append("The turns of its joints were not read.")
    source = fields.get("trackPath")
    track = FaceTrack(np.arange(len(rows)) / rate, values, seen)
    return Imported(track, tuple(notes), engine="Audio2Face", source=source if isinstance(source, str) else "")


def _check_counts(fields: Mapping[str, Any], names: Sequence[str], rows: Sequence[object]) -> None:
    for field, count, what in (("numPoses", len(names), "names"), ("numFrames", len(rows), "frames")):
        if field in fields and as_integer(fields[field]) != count:
            raise FormatError(f"it claims {as_integer(fields[field]):,} {what} and holds {count:,}")
    if not rows:
        raise FormatError("it holds no frames")


def _values(names: Sequence[str], rows: Sequence[object]) -> tuple[NDArray[np.float64], NDArray[np.float32], list[str]]:
    """All 61 channels, whether each frame was solved, and the names that are no channel's."""
    found = {name: channel for name in names if (channel := channel_named(name)) is not None}
    if not found:
        hint = "Solve for a head with ARKit's 52 shapes, and export it again."
        raise FormatError(f"its shapes are not ARKit's ({listed(names)})", hint)
    if len(set(found.values())) < len(found) or len(set(names)) < len(names):
        raise FormatError("it has more than one column for a shape")
    solved = np.array([row is not None for row in rows])
    values = np.zeros((len(rows), CHANNEL_COUNT))
    numbers = numbers_in([row for row in rows if row is not None], len(names))
    for place, name in enumerate(names):
        if name in found:
            values[solved, INDEX[found[name]]] = numbers[:, place]
    return values, solved.astype(np.float32), [name for name in names if name not in found]
