"""Takes made from clips: what was asked for, what is keyed, and how an interrupted one goes on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bpy.types import Scene

from ..core.clips import TrackRequest
from ..core.errors import InputError
from ..core.shaping import Shaper, Shaping
from ..core.take import Take, TakeKind, made_now
from ..core.track import FaceTrack
from ..core.wire import track_request_from_json, track_request_to_json
from .character import Character
from .clip_sources import ClipSource
from .keys import KeyReport, frames_per_second
from .stored_takes import add_take, forgotten_if_not_keyed, keep_take, record_of, take_of
from .takes import WritingMode, apply_take

_Files = Path | tuple[Path, ...]


@dataclass(frozen=True)
class ClipOrder:
    """One clip to be tracked. with_strip: whether the clip goes to the Sequencer too.

    take_id: of the interrupted take that is resumed; empty for a new one.
    """

    source: ClipSource
    request: TrackRequest
    shaping: Shaping
    mode: WritingMode = WritingMode.NEW_ACTION
    with_strip: bool = False
    take_id: str = ""


@dataclass(frozen=True)
class Tracked:
    """A keyed clip: the take's record, and what was keyed."""

    record: Any
    report: KeyReport


def take_for(character: Character, order: ClipOrder, track: FaceTrack, *, is_whole: bool) -> Take:
    """What came of a clip as a take, or the one that is resumed with it; nothing is kept yet."""
    resume_at = None if is_whole else float(track.times[-1])
    if order.take_id:
        return take_of(record_of(character.anchor, order.take_id)).continued(track, resume_at=resume_at)
    return _take(order, track, resume_at)


@dataclass(frozen=True)
class ShapedTake:
    """A take with what its shaping has made, for one frame rate of the scene."""

    take: Take
    frames_per_second: float
    shaper: Shaper

    @classmethod
    def of(cls, take: Take, frames_per_second: float) -> Self:
        """Shape it, which takes a second for 5,000 frames: for another thread than Blender's."""
        shaper = Shaper(take.placed_track(frames_per_second))
        take.curves(frames_per_second, shaper=shaper)
        return cls(take, frames_per_second, shaper)


def key_shaped(character: Character, order: ClipOrder, shaped: ShapedTake, scene: Scene) -> Tracked:
    """Keep a clip's take, or what is new of the one that is resumed, and key it.

    Raises MienError, with nothing changed, where it cannot be keyed.
    """
    take = shaped.take
    shaper = shaped.shaper if shaped.frames_per_second == frames_per_second(scene) else None
    if order.take_id:
        record = record_of(character.anchor, order.take_id)
        keep_take(record, take)
        report = apply_take(character, record, scene, shaper=shaper)
    else:
        with forgotten_if_not_keyed(character.anchor):
            record = add_take(character.anchor, take, scene=scene)
            keep_asked(record, order)
            report = apply_take(character, record, scene, mode=order.mode, shaper=shaper)
    track = shaped.shaper.track
    record.read_frames, record.seen = len(track.times), float((track.confidence > 0).mean())
    return Tracked(record, report)


def _take(order: ClipOrder, track: FaceTrack, resume_at: float | None) -> Take:
    source = order.source
    files = source.files if isinstance(source.files, Path) else source.files[0]
    return Take(
        name=Path(source.title).stem,
        kind=TakeKind.VIDEO,
        raw=track,
        engine=order.request.engine or "",
        source=str(files),
        span=(source.start, source.end),
        resume_at=resume_at,
        made_at=made_now(),
        shaping=order.shaping,
        frame_start=source.frame,
    )


def keep_asked(record: Any, order: ClipOrder) -> None:
    """Keep what was asked of which files, for the day when it has to be asked again."""
    files = order.source.files
    names = None if isinstance(files, Path) else [str(file) for file in files]
    record.asked = json.dumps({"request": track_request_to_json(order.request), "pictures": names})


def is_resumable(record: Any) -> bool:
    """Whether a take was interrupted, so that a part of its clip is still to be read."""
    return record.kind == TakeKind.VIDEO.name and json.loads(record.moments or "[null]")[-1] is not None


def asked_of(record: Any) -> tuple[_Files, TrackRequest]:
    """The files of a take's clip, and what was asked of them; raise InputError where they are gone."""
    asked = json.loads(record.asked or "{}")
    pictures = asked.get("pictures")
    files: _Files = tuple(map(Path, pictures)) if pictures else Path(record.source)
    first = files if isinstance(files, Path) else files[0]
    if not first.exists():
        raise InputError(f"There is no file {first.name} any more.", "Put the clip back where it was.")
    return files, track_request_from_json(asked.get("request", {}))
