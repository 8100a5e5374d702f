"""A language model with its adapter, loaded into this process by transformers and peft."""

import logging
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from blender_addon.core.errors import CancelledError, EngineError

from ..engines import Cancelled
from .chat import ChatReply, ChatRequest, transcript
from .memory import GIB, Room, room_for, rooms
from .skeleton import Prefix, TokenForm, fill
from .weights import Adapter, BaseModel, refuse_wrong_base

_log = logging.getLogger(__name__)

_PACKAGES = ("torch", "transformers", "peft", "accelerate")

HOW_TO_INSTALL = (
    'In Blender, choose "Base and Language Models" as Install in the preferences of Mien and install the backend; '
    'elsewhere: pip install "mien[language]".'
)

CONTEXT_TOKENS = 8192
"""The longest request and reply together for which memory is set aside."""

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}

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
    # transformers wrote `torch_dtype` before version 5.
    kind = str(base.config.get("dtype") or base.config.get("torch_dtype") or "float32")
    if kind not in _BYTES:
        raise EngineError(f"The model in {base.folder} has weights of the kind {kind}.", "Use one in bfloat16.")
    need = base.bytes_needed(bytes_per_parameter=_BYTES[kind], context_tokens=CONTEXT_TOKENS)
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
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    safely = {"trust_remote_code": False, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(base.folder, **safely)
    if tokenizer.chat_template is None:
        raise ValueError("its tokenizer has no chat template")
    place = room.device if room.device == "auto" else {"": room.device}
    model = AutoModelForCausalLM.from_pretrained(
        base.folder, dtype="auto", device_map=place, use_safetensors=True, **safely
    )
    if adapter is not None:
        from peft import PeftModel

        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 by a name that is going away; a user can do nothing about it.
            warnings.simplefilter("ignore", FutureWarning)
            model = PeftModel.from_pretrained(model, adapter.folder, is_trainable=False, use_safetensors=True)
    return LocalChatModel(model.eval(), tokenizer)


class LocalChatModel:
    """Answers one request at a time."""

    parallel = 1

    def __init__(self, model: Any, tokenizer: Any) -> None:  # noqa: ANN401 - transformers' classes
        self._model = model
        self._tokenizer = tokenizer
        self._prefix = Prefix()

    def complete(self, request: ChatRequest, *, cancelled: Cancelled) -> ChatReply:
        """Fill in the request's form where it has one, else write freely."""
        import torch

        prompt = self._tokens(request)
        length = prompt.shape[1] + request.max_tokens
        if length > CONTEXT_TOKENS:
            raise EngineError(
                f"The request is {length:,} tokens long with its answer, and memory is set aside for "
                f"{CONTEXT_TOKENS:,}.",
                "Perform the script in parts.",
            )
        try:
            if request.form is None:
                return self._write(prompt, request, cancelled)
            form = TokenForm(request.form, self._encode)
            window = _CPU_WINDOW if prompt.device.type == "cpu" else _GPU_WINDOW
            filling = fill(self._model, prompt, form, window=window, cancelled=cancelled, prefix=self._prefix)
            return ChatReply(request.form.filled(filling.numbers))
        except torch.OutOfMemoryError as fault:
            self._prefix = Prefix()  # of which nobody knows how far it got
            raise EngineError(
                "The memory of the GPU ran out while the model was answering.", "Close other programs, or use --url."
            ) from fault

    def _tokens(self, request: ChatRequest) -> Any:  # noqa: ANN401
        # The answer is JSON from its first letter; a model that can think aloud is asked not to.
        encoded = self._tokenizer.apply_chat_template(
            transcript(request.messages),
            add_generation_prompt=True,
            enable_thinking=False,
            return_tensors="pt",
            return_dict=True,
        )
        return encoded["input_ids"].to(self._model.device)

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def _write(self, prompt: Any, request: ChatRequest, cancelled: Cancelled) -> ChatReply:  # noqa: ANN401
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        own = self._model.generation_config
        config = GenerationConfig(
            max_new_tokens=request.max_tokens,
            do_sample=request.temperature > 0,
            temperature=request.temperature if request.temperature > 0 else None,
            eos_token_id=own.eos_token_id,
            pad_token_id=own.pad_token_id if own.pad_token_id is not None else self._tokenizer.eos_token_id,
        )

        def stop(_tokens: Any, _scores: Any, **_options: Any) -> Any:  # noqa: ANN401
            return torch.full((1,), cancelled(), dtype=torch.bool, device=prompt.device)

        torch.manual_seed(request.seed)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([stop]),
            )
        if cancelled():
            raise CancelledError("The performance was cancelled.")
        written = output[0, prompt.shape[1] :]
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        return ChatReply(text, cut_off=len(written) >= request.max_tokens)
