"""Takes on a head, changed by orders in words; see `core/word_edits.py`."""

from dataclasses import dataclass
from typing import Any, Self

from bpy.types import Scene

from ..core.errors import InputError
from ..core.shaping import Shaper
from ..core.take import Take
from ..core.wire import EditReply, EditRequest
from ..core.word_edits import Limits, request_for, with_edits, without_edit
from .character import Character
from .keys import KeyReport, frames_per_second
from .reshaping import reshape
from .shapers import shaper_of
from .stored_takes import keep_shaping, record_of, shaping_of, take_of
from .takes import apply_take


@dataclass(frozen=True)
class WordOrder:
    """One order for one take. shaper: a copy of what has shaped the take so far; None where it is no track."""

    take_id: str
    take: Take
    request: EditRequest
    frames_per_second: float
    shaper: Shaper | None

    @classmethod
    def of(cls, record: Any, words: str, scene: Scene, *, limits: Limits) -> Self:
        """Read what the order needs of the scene."""
        fps, take = frames_per_second(scene), take_of(record)
        request = request_for(take, words, fps, playhead=scene.frame_current_final, limits=limits)
        shaper = shaper_of(record, take, fps)
        return cls(record.take_id, take, request, fps, None if shaper is None else shaper.fork())


@dataclass(frozen=True)
class WordedTake:
    """A take with an order done, and shaped. shaper: None where it is no track."""

    take: Take
    did: tuple[str, ...]
    not_understood: tuple[str, ...]
    shaper: Shaper | None

    @classmethod
    def of(cls, order: WordOrder, reply: EditReply) -> Self:
        """Do what the reply says: for another thread than Blender's.

        Raises InputError where nothing was understood.
        """
        if not reply.edits:
            lost = ", ".join(f'"{words}"' for words in reply.not_understood)
            raise InputError(
                f"Not understood: {lost}.", 'Say it otherwise, such as "half the smile from frame 40 to 60".'
            )
        take = with_edits(order.take, reply.edits, order.frames_per_second)
        if order.shaper is not None:
            take.curves(order.frames_per_second, shaper=order.shaper)
        added = take.shaping.edits[len(order.take.shaping.edits) :]
        did = tuple(sentence for edit in added for sentence in edit.did)
        return cls(take, did, reply.not_understood, order.shaper)


def key_worded(
    character: Character, order: WordOrder, worded: WordedTake, scene: Scene
) -> tuple[Any, KeyReport | None]:
    """Keep the edits with the take, and key it anew where it is on the head. Its record, and what was keyed.

    Raises InputError, with nothing changed, where the take has been changed meanwhile or cannot be keyed.
    """
    record = record_of(character.anchor, order.take_id)
    if shaping_of(record) != order.take.shaping:
        raise InputError(f"{record.name} has been changed meanwhile.", "Say it again.")
    before = record.shaping
    keep_shaping(record, worded.take.shaping)
    if record.is_written:
        try:
            same_rate = order.frames_per_second == frames_per_second(scene)
            report = apply_take(character, record, scene, shaper=worded.shaper if same_rate else None)
        except Exception:
            record.shaping = before
            raise
        return record, report
    return record, None


def remove_edit(character: Character, record: Any, scene: Scene, index: int) -> str:
    """Take one edit of a take back, and give its words; the take is keyed anew where it is on the head.

    Raises InputError, with nothing changed, where there is no such edit.
    """
    shaping = shaping_of(record)
    if not 0 <= index < len(shaping.edits):
        raise InputError(f"There is no edit {index + 1}.", f"{record.name} has {len(shaping.edits)}.")
    words = shaping.edits[index].words
    reshape(character, record, scene, without_edit(shaping, index))
    return words
