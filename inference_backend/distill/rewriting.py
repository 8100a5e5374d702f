"""A language model says a description more freely; it is believed only where its words still agree with the numbers."""

from dataclasses import dataclass, replace
from typing import Final

from blender_addon.core.pose import Pose

from ..engines import Cancelled, never
from ..language.chat import ChatModel, ChatRequest, Message
from .stage_one import disagreements, words_of

_TASK: Final = (
    "You write descriptions of faces for a data set. Rewrite the description so that it reads fluently. Keep its four "
    "numbered fields, their bold titles, and one line for each region of the face. Keep every phrase of movement, of "
    "expression, of emotion and of symmetry word for word, each in its own line; you may put them in another order and "
    "add connecting words. Add no side, no degree, no number and no negation. Answer with the description alone."
)
_TOKENS: Final = 1200


@dataclass(frozen=True)
class Rewriting:
    """What came of it. words: the rewritten ones, or the deterministic ones where all attempts were rejected.

    rejected: why each attempt was not believed, in sentences.
    """

    words: str
    rejected: tuple[str, ...]


def rewrite(pose: Pose, model: ChatModel, *, attempts: int = 2, cancelled: Cancelled = never) -> Rewriting:
    """Ask for other words for a pose. Raise EngineError where the model can't answer."""
    words = words_of(pose)
    request = ChatRequest((Message("system", _TASK), Message("user", words)), _TOKENS, temperature=0.7)
    rejected: list[str] = []
    for attempt in range(attempts):
        reply = model.complete(replace(request, seed=attempt), cancelled=cancelled)
        wrong = disagreements(reply.text.strip(), pose)
        if not wrong and not reply.cut_off:
            return Rewriting(reply.text.strip(), rejected=tuple(rejected))
        rejected.append(wrong[0].sentence if wrong else "It was cut off.")
    return Rewriting(words, rejected=tuple(rejected))
