"""Examples from what was recorded: a clip with the numbers of its frames, or a folder of pictures with theirs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.clips import is_hidden
from blender_addon.core.errors import InputError
from blender_addon.core.formats.exchange import open_take
from blender_addon.core.formats.model_reply import ReplyError
from blender_addon.core.formats.pose_convention import LIVE_LINK_FACE, RELEASED_NAMES
from blender_addon.core.formats.released_records import channels_from
from blender_addon.core.narrowing import as_list, as_mapping, as_number
from blender_addon.core.pose import Pose
from blender_addon.core.track import FaceTrack
from blender_addon.core.training import Example

from ..video.frame import Part
from ..video.opening import open_clip
from ..video.sequence import PICTURE_SUFFIXES

MOST_PX: Final = 640
"""Of the longer side of a frame that is kept: more is not seen by a model."""
_FORMS: Final = (
    'Give it as {"channels": {61 names: number}}, as `mien estimate -o` writes it, or as released replies do.'
)


def from_recording(clip: Path, numbers: Path, folder: Path, *, stride: int, offset: float) -> Iterator[Example]:
    """Every `stride`-th frame of a clip with its numbers, written to `folder`.

    numbers: a Live Link Face CSV or another file of a recorded face. offset: seconds of the numbers at which the clip
    begins. Frames outside the numbers are left out; raise InputError where none is inside, or a file can't be read.
    """
    track = open_take(numbers).take.raw
    if not isinstance(track, FaceTrack):
        raise InputError(f"{numbers.name} holds keyframes, not a number for each frame.", "Give a recording.")
    folder.mkdir(parents=True, exist_ok=True)
    told = 0
    with open_clip(clip, sequence_fps=30.0) as opened:
        for frame in opened.frames(Part(stride=stride)):
            pose = _at(track, frame.time + offset)
            if pose is not None:
                name = f"{clip.stem}-{frame.index:06}.png"
                pixels = frame.view(most=MOST_PX).pixels
                Image.fromarray(np.ascontiguousarray(pixels)).save(folder / name)
                told += 1
                yield Example.of(name, pose, clip.name)
    if not told:
        raise InputError(f"No frame of {clip.name} is within {numbers.name}.", "Give another --offset.")


def from_folder(folder: Path) -> Iterator[Example]:
    """Each picture of a folder that has a JSON file of the same name; raise InputError where none has."""
    pairs = [
        (picture, picture.with_suffix(".json"))
        for picture in sorted(folder.iterdir())
        if picture.suffix.lower() in PICTURE_SUFFIXES
        and picture.with_suffix(".json").is_file()
        and not is_hidden(picture.name)
    ]
    if not pairs:
        raise InputError(f"{folder} holds no picture with a JSON file of its name.", "Name them alike: a.png, a.json.")
    for picture, numbers in pairs:
        yield Example.of(picture.name, _pose_in(numbers), folder.name)


def recorded_poses(files: Iterable[Path]) -> list[Pose]:
    """Every pose of recordings, as a source of plausible faces."""
    poses = []
    for file in files:
        raw = open_take(file).take.raw
        if isinstance(raw, FaceTrack):
            poses += [Pose(row) for row, seen in zip(raw.values, raw.confidence, strict=True) if seen > 0]
    return poses


def _at(track: FaceTrack, time: float) -> Pose | None:
    if not track.times[0] <= time <= track.times[-1]:
        return None
    return Pose([np.interp(time, track.times, track.values[:, INDEX[name]]) for name in CHANNELS])


def _pose_in(file: Path) -> Pose:
    try:
        data = as_mapping(json.loads(file.read_text(encoding="utf-8")))
        return Pose.from_mapping(_channels(data))
    except (OSError, KeyError, IndexError, TypeError, ValueError, ReplyError) as fault:
        raise InputError(f"{file.name} holds no numbers of a face: {fault}.", _FORMS) from fault


def _channels(data: Mapping[str, Any]) -> Mapping[str, float]:
    if "faces" in data:
        data = as_mapping(as_list(data["faces"])[0])
    data = as_mapping(data.get("channels", data.get("arkit", data)))
    if any(name in RELEASED_NAMES for name in data):
        return channels_from(data, LIVE_LINK_FACE)
    return {name: as_number(value) for name, value in data.items()}
