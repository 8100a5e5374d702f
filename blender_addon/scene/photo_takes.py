"""Takes made from pictures: one pose, keyed on one frame."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bpy.types import Scene

from ..core.pose import Pose
from ..core.shaping import AS_READ
from ..core.take import Take, TakeKind, made_now
from ..core.track import FaceTrack
from .character import Character
from .keys import KeyReport
from .stored_takes import add_take, forgotten_if_not_keyed
from .takes import WritingMode, apply_take

_AS_READ = replace(AS_READ, whole_frames=False)
"""The pose as the engine gave it, on the very frame, whole or not."""


@dataclass(frozen=True)
class ReadFace:
    """A face in a picture. picture: what the user knows it as. source: its file, empty where it has none."""

    pose: Pose
    words: str
    picture: str
    source: str
    engine: str


@dataclass(frozen=True)
class Keyed:
    """A keyed pose: the take's record, and what was keyed."""

    record: Any
    report: KeyReport


def key_photo(character: Character, face: ReadFace, frame: float, scene: Scene) -> Keyed:
    """Keep the pose of a face as the active take, and key every channel of it on a frame; keys elsewhere stay.

    Raises MienError, with nothing changed, where it cannot be keyed.
    """
    take = Take(
        name=Path(face.picture).stem,
        kind=TakeKind.IMAGE,
        raw=FaceTrack.from_pose(face.pose),
        engine=face.engine,
        source=face.source,
        words=face.words,
        made_at=made_now(),
        shaping=_AS_READ,
        frame_start=frame,
    )
    with forgotten_if_not_keyed(character.anchor):
        record = add_take(character.anchor, take, scene=scene)
        record.all_channels = True  # a pose says of every channel where it is, also at rest
        report = apply_take(character, record, scene, mode=WritingMode.REPLACE)
    return Keyed(record, report)
