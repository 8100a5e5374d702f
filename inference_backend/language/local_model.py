"""A language model with its adapter, loaded into this process by transformers and peft."""

import logging
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from blender_addon.core.errors import CancelledError, EngineError, MienError

from ..engines import Cancelled
from .answer_form import AnswerForm
from .chat import ChatReply, ChatRequest
from .memory import GIB, Plan, room_for, rooms
from .model_needs import CONTEXT_TOKENS
from .prompt_cache import Prefix, Prompt
from .prompts import Prompts, text_prompts, vision_prompts
from .skeleton import FreeWords, fill
from .token_form import TokenForm
from .weights import Adapter, BaseModel, bytes_per_parameter, refuse_wrong_base

_log = logging.getLogger(__name__)

_PACKAGES = ("torch", "transformers", "peft", "accelerate")

HOW_TO_INSTALL = (
    'In Blender, choose "Base, Language Models and Training" as Install in the preferences of Mien and install the '
    'backend; elsewhere: pip install "mien[language]".'
)

_GPU_WINDOW, _CPU_WINDOW = 64, 16
"""Tokens guessed ahead: see `skeleton.fill`."""


def missing_packages() -> list[str]:
    """What of the extra is not installed; nothing is imported to find out."""
    return [name for name in _PACKAGES if find_spec(name) is None]


def plan(base: BaseModel, *, limit_gib: float | None) -> Plan:
    """Find a place for the model before anything of it is read; raise EngineError where there is none."""
    need = base.bytes_needed(bytes_per_parameter=bytes_per_parameter(base), context_tokens=CONTEXT_TOKENS)
    limit = None if limit_gib is None else int(limit_gib * GIB)
    room = room_for(need, rooms(), limit_bytes=limit, what=f"The model in {base.folder}")
    return Plan(need, room, limit)


def load(base: BaseModel, adapter: Adapter | None, memory: Plan) -> "LocalChatModel":
    """Read base and adapter; raise EngineError where they can't be, or don't belong together."""
    if adapter is not None:
        refuse_wrong_base(adapter, base)
    try:
        return _load(base, adapter, memory)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, MemoryError) as fault:
        # The libraries raise all of these for damaged or foreign files; which one says little to a user.
        _log.exception("loading %s failed", base.folder)
        reason = (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
        raise EngineError(
            f"The model in {base.folder} could not be loaded: {reason.rstrip('.')}.",
            "The log of the backend has the details.",
        ) from fault


def _load(base: BaseModel, adapter: Adapter | None, memory: Plan) -> "LocalChatModel":
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    prompts = vision_prompts(base.folder) if base.sees_pictures else text_prompts(base.folder)
    kind = AutoModelForImageTextToText if base.sees_pictures else AutoModelForCausalLM
    device = memory.room.device
    place = device if device == "auto" else {"": device}
    model = kind.from_pretrained(
        base.folder,
        dtype="auto",
        device_map=place,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    if adapter is not None:
        from peft import PeftModel

        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 by a name that is going away; a user can do nothing about it.
            warnings.simplefilter("ignore", FutureWarning)
            model = PeftModel.from_pretrained(model, adapter.folder, is_trainable=False, use_safetensors=True)
    token_bytes = base.cached_per_token * bytes_per_parameter(base)
    return LocalChatModel(model.eval(), prompts, lambda tokens: memory.rows(tokens * token_bytes))


class LocalChatModel:
    """Answers one batch of requests at a time. rows: how many of so many tokens each fit side by side."""

    parallel = 1

    def __init__(self, model: Any, prompts: Prompts, rows: Callable[[int], int] = lambda _tokens: 1) -> None:
        self._model = model
        self._prompts = prompts
        self._rows = rows
        self._prefix = Prefix()
        self._forms: dict[AnswerForm, TokenForm] = {}

    def complete(self, request: ChatRequest, *, cancelled: Cancelled) -> ChatReply:
        """Fill in the request's form where it has one, else write freely."""
        (reply,) = self._complete([request], cancelled)
        return reply

    def complete_all(self, requests: Sequence[ChatRequest], *, cancelled: Cancelled) -> list[ChatReply | MienError]:
        """Requests of one form are answered side by side, as many as fit into memory; those without one by one."""
        return list(self._complete(requests, cancelled))

    def _complete(self, requests: Sequence[ChatRequest], cancelled: Cancelled) -> list[ChatReply]:
        prompts = [self._prompts.of(request, self._model) for request in requests]
        lengths = [len(prompt.keys) + request.max_tokens for prompt, request in zip(prompts, requests, strict=True)]
        _refuse_too_long(max(lengths))
        form = requests[0].form
        rows = self._rows(max(lengths)) if form is not None and len(requests) > 1 else 1
        replies: list[ChatReply] = []
        while len(replies) < len(requests):
            part = slice(len(replies), len(replies) + rows)
            try:
                if form is None:
                    replies.append(self._write(prompts[part][0], requests[part][0], cancelled))
                else:
                    replies += self._fill_in(form, prompts[part], cancelled)
            except (RuntimeError, MemoryError) as fault:
                if not _is_out_of_memory(fault):
                    raise
                self._prefix = Prefix()  # of which nobody knows how far it got
                if rows == 1:
                    raise EngineError(
                        "The memory ran out while the model was answering.", "Close other programs, or use --url."
                    ) from fault
                rows //= 2
        return replies

    def _fill_in(self, form: AnswerForm, prompts: Sequence[Prompt], cancelled: Cancelled) -> list[ChatReply]:
        if form not in self._forms:
            self._forms = {form: TokenForm(form, self._prompts.encode)}
        window = _CPU_WINDOW if self._model.device.type == "cpu" else _GPU_WINDOW
        words = None
        if form.opening is not None:
            words = FreeWords(form.opening, self._prompts.decode, self._ends())
        fillings = fill(
            self._model,
            prompts,
            self._forms[form],
            window=window,
            cancelled=cancelled,
            prefix=self._prefix,
            words=words,
        )
        return [ChatReply(form.filled(filling.numbers, filling.opening)) for filling in fillings]

    def _ends(self) -> frozenset[int]:
        """The tokens at which an answer ends."""
        ends = self._model.generation_config.eos_token_id
        return frozenset(ends if isinstance(ends, list) else [ends])

    def _write(self, prompt: Prompt, request: ChatRequest, cancelled: Cancelled) -> ChatReply:
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        own = self._model.generation_config
        config = GenerationConfig(
            max_new_tokens=request.max_tokens,
            do_sample=request.temperature > 0,
            temperature=request.temperature if request.temperature > 0 else None,
            eos_token_id=own.eos_token_id,
            pad_token_id=own.pad_token_id if own.pad_token_id is not None else min(self._ends()),
        )

        def stop(_tokens: Any, _scores: Any, **_options: Any) -> Any:
            return torch.full((1,), cancelled(), dtype=torch.bool, device=prompt.tokens.device)

        torch.manual_seed(request.seed)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=prompt.tokens,
                attention_mask=torch.ones_like(prompt.tokens),
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([stop]),
                **self._prompts.for_generate(prompt),
            )
        if cancelled():
            raise CancelledError("The request was cancelled.")
        written = output[0, prompt.tokens.shape[1] :]
        return ChatReply(self._prompts.decode(written.tolist()), cut_off=len(written) >= request.max_tokens)


def _is_out_of_memory(fault: Exception) -> bool:
    """On a processor torch raises a RuntimeError that says so, on a GPU one of a kind of its own."""
    import torch

    return isinstance(fault, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(fault)


def _refuse_too_long(tokens: int) -> None:
    if tokens > CONTEXT_TOKENS:
        raise EngineError(
            f"The request is {tokens:,} tokens long with its answer, and memory is set aside for {CONTEXT_TOKENS:,}.",
            "Perform the script in parts.",
        )
