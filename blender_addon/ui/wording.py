"""One order in words on its way to a take, from its words to the keys."""

from typing import Any

from bpy.types import Context, Scene

from ..client.job import edit_take_job
from ..core.errors import InputError
from ..core.word_edits import Limits
from ..scene.character import Character
from ..scene.stored_takes import active_take
from ..scene.worded_takes import WordedTake, WordOrder, key_worded
from .backend_session import session
from .work import Work, bound_character, now


class Wording(Work[WordedTake]):
    """A running order."""

    doing = "Reading the words"

    def __init__(self, context: Context, words: str, *, limits: Limits = (None, None)) -> None:
        """Ask the backend; raise MienError where there is no head, no take, no words or no backend."""
        record: Any = active_take(bound_character(context).anchor)
        if record is None:
            raise InputError("This head has no takes yet.", "Make one from a picture, a script or a clip.")
        if not words.strip():
            raise InputError("There are no words.", 'Say what to change, such as "half the smile" or "no blinks".')
        self.order = order = WordOrder.of(record, words, context.scene, limits=limits)
        super().__init__(
            context, edit_take_job(session.connector(), order.request, lambda reply: WordedTake.of(order, reply))
        )

    def key(self, answer: WordedTake, character: Character, scene: Scene) -> str:
        """Key the take anew."""
        record, report = key_worded(character, self.order, answer, scene)
        told = [*answer.did, *(report.refused if report else ())]
        if report is None:
            told.append(f"{record.name} is not on the head: Apply Take keys it.")
        if answer.not_understood:  # a note and no failure: the rest has been done
            now.error = f"Not understood: {', '.join(answer.not_understood)}."
            told.append(now.error)
        return " ".join(told)
