"""A language model with its adapter, loaded into this process by transformers and peft."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from blender_addon.core.errors import CancelledError, EngineError

from ..engines import Cancelled
from .answer_form import AnswerForm
from .chat import ChatReply, ChatRequest
from .memory import GIB, Room, room_for, rooms
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


@dataclass(frozen=True)
class Memory:
    """What a model needs, and where it would go."""

    need_bytes: int
    room: Room


def plan(base: BaseModel, *, limit_gib: float | None) -> Memory:
    """Find a place for the model before anything of it is read; raise EngineError where there is none."""
    need = base.bytes_needed(bytes_per_parameter=bytes_per_parameter(base), context_tokens=CONTEXT_TOKENS)
    limit = None if limit_gib is None else int(limit_gib * GIB)
    return Memory(need, room_for(need, rooms(), limit_bytes=limit, what=f"The model in {base.folder}"))


def load(base: BaseModel, adapter: Adapter | None, memory: Memory) -> "LocalChatModel":
    """Read base and adapter; raise EngineError where they can't be, or don't belong together."""
    if adapter is not None:
        refuse_wrong_base(adapter, base)
    try:
        return _load(base, adapter, memory.room)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, MemoryError) as fault:
        # The libraries raise all of these for damaged or foreign files; which one says little to a user.
        _log.exception("loading %s failed", base.folder)
        reason = (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
        raise EngineError(
            f"The model in {base.folder} could not be loaded: {reason.rstrip('.')}.",
            "The log of the backend has the details.",
        ) from fault


def _load(base: BaseModel, adapter: Adapter | None, room: Room) -> "LocalChatModel":
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    prompts = vision_prompts(base.folder) if base.sees_pictures else text_prompts(base.folder)
    kind = AutoModelForImageTextToText if base.sees_pictures else AutoModelForCausalLM
    place = room.device if room.device == "auto" else {"": room.device}
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
    return LocalChatModel(model.eval(), prompts)


class LocalChatModel:
    """Answers one batch of requests at a time."""

    parallel = 1

    def __init__(self, model: Any, prompts: Prompts) -> None:
        self._model = model
        self._prompts = prompts
        self._prefix = Prefix()
        self._forms: dict[AnswerForm, TokenForm] = {}

    def complete(self, request: ChatRequest, *, cancelled: Cancelled) -> ChatReply:
        """Fill in the request's form where it has one, else write freely."""
        return self.complete_all([request], cancelled=cancelled)[0]

    def complete_all(self, requests: Sequence[ChatRequest], *, cancelled: Cancelled) -> list[ChatReply]:
        """The replies to requests of one form, which are answered side by side; those without a form one by one."""
        import torch

        prompts = [self._prompts.of(request, self._model) for request in requests]
        for prompt, request in zip(prompts, requests, strict=True):
            _refuse_too_long(len(prompt.keys) + request.max_tokens)
        try:
            form = requests[0].form
            if form is None:
                pairs = zip(prompts, requests, strict=True)
                return [self._write(prompt, request, cancelled) for prompt, request in pairs]
            return self._fill_in(form, prompts, cancelled)
        except torch.OutOfMemoryError as fault:
            self._prefix = Prefix()  # of which nobody knows how far it got
            raise EngineError(
                "The memory of the GPU ran out while the model was answering.", "Close other programs, or use --url."
            ) from fault

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


def _refuse_too_long(tokens: int) -> None:
    if tokens > CONTEXT_TOKENS:
        raise EngineError(
            f"The request is {tokens:,} tokens long with its answer, and memory is set aside for {CONTEXT_TOKENS:,}.",
            "Perform the script in parts.",
        )
