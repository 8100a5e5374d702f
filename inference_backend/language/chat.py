"""What is said to a language model and what comes back, wherever the model runs.

A model is a `ChatModel`: one behind a URL (`server`) or one in this process (`local_model`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from blender_addon.core.errors import CancelledError, EngineError, MienError
from blender_addon.core.formats.model_reply import ReplyError

from ..engines import Cancelled, RgbPicture
from .answer_form import AnswerForm

Schema = Mapping[str, Any]
"""A JSON schema."""

_ATTEMPTS = 2
_SHOWN_REPLY_CHARS = 4000


@dataclass(frozen=True)
class Message:
    """One turn of a conversation. role: "system", "user" or "assistant"; pictures come before the text."""

    role: str
    text: str
    pictures: tuple[RgbPicture, ...] = ()


@dataclass(frozen=True)
class ChatRequest:
    """What a model is asked.

    schema: what the reply has to obey; servers enforce it where they can. schema_after_fault: the one that is sent
        only after an answer that was of no use.
    form: the reply letter by letter, where only its numbers are open; a local model fills it in.
    temperature: 0 for the likeliest reply; above it, `seed` picks one.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    schema: Schema | None = None
    schema_after_fault: Schema | None = None
    form: AnswerForm | None = None
    temperature: float = 0.0
    seed: int = 0

    def after_fault(self, reply: str, fault: ReplyError) -> "ChatRequest":
        """The same request, once more, after a reply that could not be used."""
        correction = f"That answer can't be used: {fault}. Answer again, with the JSON object alone."
        turns = (Message("assistant", reply[:_SHOWN_REPLY_CHARS] or "(nothing)"), Message("user", correction))
        return replace(self, messages=self.messages + turns, schema=self.schema or self.schema_after_fault)


@dataclass(frozen=True)
class ChatReply:
    """cut_off: the model reached its limit of tokens before it had ended."""

    text: str
    cut_off: bool = False


class ChatModel(Protocol):
    """A model that can be asked. Raises EngineError where it can't answer."""

    parallel: int
    """So many requests may be under way at once."""

    def complete(self, request: ChatRequest, *, cancelled: Cancelled) -> ChatReply:
        """Wait for the reply; raise CancelledError soon after `cancelled` says so."""

    def complete_all(self, requests: Sequence[ChatRequest], *, cancelled: Cancelled) -> list[ChatReply | MienError]:
        """The replies to several requests in their order, or what kept one from a reply; they share what they can."""


_Answer = TypeVar("_Answer")


def ask(
    model: ChatModel, request: ChatRequest, read: Callable[[str], _Answer], *, cancelled: Cancelled, about: str
) -> _Answer:
    """Ask until `read` accepts the reply, telling the model what was wrong; raise EngineError at the end.

    about: what was asked for, for the error's sentence.
    """
    (answer,) = ask_all(model, [request], read, cancelled=cancelled, about=about)
    if isinstance(answer, MienError):
        raise answer
    return answer


def ask_all(
    model: ChatModel,
    requests: Sequence[ChatRequest],
    read: Callable[[str], _Answer],
    *,
    cancelled: Cancelled,
    about: str,
) -> list[_Answer | MienError]:
    """As `ask`, several at once: an answer for each request, or why it has none."""
    answers: dict[int, _Answer | MienError] = {}
    waiting = dict(enumerate(requests))
    for _ in range(_ATTEMPTS):
        if cancelled():
            raise CancelledError("The request was cancelled.")
        asked, waiting = waiting, {}
        replies = model.complete_all(list(asked.values()), cancelled=cancelled) if asked else []
        for (place, request), reply in zip(asked.items(), replies, strict=True):
            try:
                answers[place] = reply if isinstance(reply, MienError) else read(reply.text)
            except ReplyError as found:
                assert isinstance(reply, ChatReply)
                cut_off = f"it was cut off after {request.max_tokens} tokens"
                fault = ReplyError(cut_off) if reply.cut_off else found
                waiting[place] = request.after_fault(reply.text, fault)
                answers[place] = _of_no_use(about, fault)
    return [answers[place] for place in range(len(requests))]


def _of_no_use(about: str, fault: ReplyError) -> EngineError:
    return EngineError(
        f"The language model's answer for {about} can't be used, twice: {fault}.",
        "Try again, or use another model or the built-in engine.",
    )


def transcript(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The words alone, in the shape that chat templates and servers read."""
    return [{"role": message.role, "content": message.text} for message in messages]
