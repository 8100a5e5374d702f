"""The shaping of a take that is on a head, changed: quickly while a slider is dragged, for good afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.types import Scene

from ..core.raw_bytes import holds_performance
from ..core.shaping import Shaping
from .character import Character
from .keys import frames_per_second
from .shapers import shaper_of
from .stored_character import active_character
from .stored_takes import keep_shaping, shaping_of, take_of, takes_of
from .take_standing import refuse_covered
from .takes import apply_take
from .tracked_takes import ShapedTake


def reshape(character: Character, record: Any, scene: Scene, shaping: Shaping, *, is_draft: bool = False) -> None:
    """Give a take other settings, and key it anew where it is on the head.

    is_draft: see `Shaper.curves`; the record says so (`is_draft`) until `key_for_good`.
    Raises MienError, with nothing changed, where it cannot be keyed.
    """
    before, former = record.shaping, shaping_of(record)
    keep_shaping(record, shaping)
    if not record.is_written:
        return
    try:
        if is_draft and former.speed != shaping.speed and not holds_performance(record.raw):
            refuse_covered(character.anchor, record)
            record.is_draft = True  # every moment is another one, of which there is no quick draft
        else:
            apply_take(character, record, scene, is_draft=is_draft)
    except Exception:
        record.shaping = before
        raise


@dataclass(frozen=True)
class Draft:
    """A take whose keys are a draft, with its head and scene; not to be kept: an undo leaves it dangling."""

    character: Character
    record: Any
    scene: Scene

    def shaping_work(self) -> Callable[[], ShapedTake]:
        """What shapes it for good, for another thread: drafts can go on meanwhile."""
        take, fps = take_of(self.record), frames_per_second(self.scene)
        kept = shaper_of(self.record, take, fps)
        assert kept is not None  # the keys of a performance are never a draft
        shaper = kept.fork()

        def shaped() -> ShapedTake:
            take.curves(fps, shaper=shaper)
            return ShapedTake(take, fps, shaper)

        return shaped

    def key_for_good(self, shaped: ShapedTake | None = None) -> None:
        """Key it within its error; does nothing where `shaped` is of other settings than the take's now.

        Raises MienError where it cannot be keyed.
        """
        if shaped is None:
            apply_take(self.character, self.record, self.scene)
        elif self._is_still(shaped):
            apply_take(self.character, self.record, self.scene, shaper=shaped.shaper)

    def _is_still(self, shaped: ShapedTake) -> bool:
        same_rate = shaped.frames_per_second == frames_per_second(self.scene)
        return same_rate and shaped.take.shaping == shaping_of(self.record)


def drafts() -> Iterator[Draft]:
    """The takes of the scenes' heads whose keys are drafts."""
    for scene in bpy.data.scenes:
        character = active_character(scene)
        if character is not None:
            for record in takes_of(character.anchor).items:
                if record.is_draft:
                    yield Draft(character, record, scene)
