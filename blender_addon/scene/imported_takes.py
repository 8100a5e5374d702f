"""Takes read from files, put on the head."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from bpy.types import Scene

from ..core.curves import Curves
from ..core.formats.exchange import ReadFile, ReadingChoices, open_take
from ..core.performance import Performance
from ..core.shaping import Shaper
from ..core.take import Take
from .character import Character
from .keys import KeyReport, frames_per_second
from .stored_performance import keep_performance
from .stored_takes import add_take, forgotten_if_not_keyed
from .takes import WritingMode, apply_take


@dataclass(frozen=True)
class ImportOrder:
    """A file to be read. frame: of the scene, at which it begins; None for that which a Mien take file names."""

    path: Path
    choices: ReadingChoices
    frame: float | None
    mode: WritingMode = WritingMode.NEW_ACTION


@dataclass(frozen=True)
class ReadTake:
    """What was read, and its curves for one frame rate of the scene. shaper: None where it is a performance."""

    read: ReadFile
    take: Take
    frames_per_second: float
    curves: Curves
    shaper: Shaper | None

    @classmethod
    def of(cls, order: ImportOrder, frames_per_second: float) -> Self:
        """Read and shape a file: for another thread than Blender's.

        Raises InputError where it cannot be read.
        """
        read = open_take(order.path, order.choices)
        take = read.take if order.frame is None else replace(read.take, frame_start=order.frame)
        shaper = None if isinstance(take.raw, Performance) else Shaper(take.placed_track(frames_per_second))
        return cls(read, take, frames_per_second, take.curves(frames_per_second, shaper=shaper), shaper)


@dataclass(frozen=True)
class Imported:
    """A keyed file: the take's record, and what was keyed."""

    record: Any
    report: KeyReport


def key_imported(character: Character, found: ReadTake, scene: Scene, *, mode: WritingMode) -> Imported:
    """Keep what was read as the active take, and key it.

    Raises MienError, with nothing changed, where it cannot be keyed.
    """
    fps = frames_per_second(scene)
    shaper = found.shaper if fps == found.frames_per_second else None
    with forgotten_if_not_keyed(character.anchor):
        record = add_take(character.anchor, found.take, scene=scene)
        if isinstance(found.take.raw, Performance):  # its beats get lines and markers, as those of a script
            record.fps = fps
            keep_performance(record, found.take.raw, found.curves.by_channel)
        record.notes = "\n".join([*found.read.notes, *record.notes.splitlines()])
        report = apply_take(character, record, scene, mode=mode, shaper=shaper)
    return Imported(record, report)
