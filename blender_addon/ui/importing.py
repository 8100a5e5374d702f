"""One file of another program, or of Mien, on its way to the head; the operators only decide who waits for it."""

from bpy.types import Context, Scene

from ..client.job import Job
from ..core.performance import Performance
from ..core.take import Take
from ..scene.character import Character
from ..scene.imported_takes import Imported, ImportOrder, ReadTake, key_imported
from ..scene.keys import frames_per_second
from .work import Work, bound_character


class Importing(Work[ReadTake]):
    """A file that is being read and shaped on another thread."""

    doing = "Reading the file"

    def __init__(self, context: Context, order: ImportOrder) -> None:
        """Begin; raise CharacterError where there is no head."""
        bound_character(context)  # a missing head is told before a file is looked at
        fps = frames_per_second(context.scene)
        self.order = order
        super().__init__(context, Job(lambda _say: ReadTake.of(order, fps)))

    def key(self, answer: ReadTake, character: Character, scene: Scene) -> str:
        """Key what was read."""
        return _told(answer, key_imported(character, answer, scene, mode=self.order.mode))


def _told(found: ReadTake, done: Imported) -> str:
    """What was read and done, in sentences."""
    record, report = done.record, done.report
    keys = f"{report.keys} keys on {report.channels} channels from frame {record.frame_start:g} on"
    first = f"{record.name}: {found.read.form}, {_extent(found.take)}, {keys}."
    return " ".join([first, *found.read.notes, *report.left_alone, *report.limited])


def _extent(take: Take) -> str:
    if isinstance(take.raw, Performance):
        return f"{len(take.raw.keyframes)} keyframes in {take.duration:.3g} s"
    count = len(take.raw.times)
    return "one pose" if count == 1 else f"{count} frames in {take.duration:.3g} s"
