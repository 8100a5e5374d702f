"""From a request to the tokens of one model, with its pictures where it sees."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from blender_addon.core.errors import EngineError

from ..engines import RgbPicture
from .chat import ChatRequest, transcript
from .picture_budget import MOST_PIXELS, TOKEN_SIDE_PX
from .prompt_cache import Prompt

_SAFELY: Final[Mapping[str, bool]] = {"trust_remote_code": False, "local_files_only": True}
_FEWEST_TOKENS: Final = 4


class Prompts(Protocol):
    """How one model is spoken to."""

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, without special ones."""

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without the special ones."""

    def of(self, request: ChatRequest, model: Any) -> Prompt:
        """The request in tokens, where the model is."""

    def for_generate(self, prompt: Prompt) -> Mapping[str, Any]:
        """What transformers' `generate` needs of a prompt besides its tokens."""


def text_prompts(folder: Path) -> Prompts:
    """For a model of words alone; raises what transformers does where the folder holds no fitting tokenizer."""
    from transformers import AutoTokenizer

    return _TextPrompts(AutoTokenizer.from_pretrained(folder, **_SAFELY))


def vision_prompts(folder: Path) -> Prompts:
    """For a Qwen3-VL; raises what transformers does where the folder holds no fitting processor."""
    from transformers import Qwen3VLProcessor

    class StillsProcessor(Qwen3VLProcessor):  # type: ignore[misc]  # transformers' types are left out
        """The model's own processor without its part for clips, which alone would need torchvision."""

        def __init__(self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None) -> None:
            super().__init__(image_processor, tokenizer, None, chat_template=chat_template)

    return _VisionPrompts(StillsProcessor.from_pretrained(folder, **_SAFELY))


class _TextPrompts:
    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.chat_template is None:
            raise ValueError("its tokenizer has no chat template")
        self._tokenizer = tokenizer

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def of(self, request: ChatRequest, model: Any) -> Prompt:
        if any(message.pictures for message in request.messages):
            raise EngineError("The model that is set up reads no pictures.", "Name a base that does, such as Qwen3-VL.")
        # The answer is JSON from its first letter; a model that can think aloud is asked not to.
        encoded = self._tokenizer.apply_chat_template(
            transcript(request.messages),
            add_generation_prompt=True,
            enable_thinking=False,
            return_tensors="pt",
            return_dict=True,
        )
        return Prompt.of_text(encoded["input_ids"].to(model.device))

    def for_generate(self, _prompt: Prompt) -> Mapping[str, Any]:
        return {}


class _VisionPrompts(_TextPrompts):
    def __init__(self, processor: Any) -> None:
        super().__init__(processor.tokenizer)
        if processor.chat_template is None:
            raise ValueError("its processor has no chat template")
        self._processor = processor
        side = TOKEN_SIDE_PX**2
        self._size = {"shortest_edge": _FEWEST_TOKENS * side, "longest_edge": MOST_PIXELS}

    def of(self, request: ChatRequest, model: Any) -> Prompt:
        from PIL import Image

        pictures = [picture for message in request.messages for picture in message.pictures]
        images = [Image.fromarray(picture) for picture in pictures]  # of an array it would have to guess the channels
        text = self._processor.apply_chat_template(_with_pictures(request), add_generation_prompt=True, tokenize=False)
        encoded = self._processor(
            text=[text], images=images or None, images_kwargs={"size": self._size}, return_tensors="pt"
        ).to(model.device)
        tokens, kinds = encoded["input_ids"], encoded["mm_token_type_ids"]
        shown = {name: encoded[name] for name in ("pixel_values", "image_grid_thw") if name in encoded}
        rope = _seeing_part(model).get_rope_index
        positions, _ = rope(tokens, mm_token_type_ids=kinds, image_grid_thw=shown.get("image_grid_thw"))
        return Prompt(tokens, _keys(tokens[0].tolist(), kinds[0].tolist(), pictures), positions, shown)

    def for_generate(self, prompt: Prompt) -> Mapping[str, Any]:
        import torch

        kinds = torch.tensor([[int(key < 0) for key in prompt.keys]], device=prompt.tokens.device)
        return {**prompt.pictures, "mm_token_type_ids": kinds}


def _with_pictures(request: ChatRequest) -> list[dict[str, Any]]:
    """The messages as the processor's template reads them: the pictures' places, then the text."""
    return [
        {
            "role": message.role,
            "content": [*({"type": "image"} for _ in message.pictures), {"type": "text", "text": message.text}],
        }
        for message in request.messages
    ]


def _seeing_part(model: Any) -> Any:
    """The part of Qwen3-VL that lies under the head, and under an adapter."""
    return getattr(model, "get_base_model", lambda: model)().model


def _keys(tokens: Sequence[int], kinds: Sequence[int], pictures: Sequence[RgbPicture]) -> tuple[int, ...]:
    """The tokens, and in the place of those of the pictures a number below 0 that only the same pictures have."""
    digest = hashlib.sha256()
    for picture in pictures:
        digest.update(repr(picture.shape).encode() + picture.tobytes())
    seen = -1 - int.from_bytes(digest.digest()[:7], "big")
    return tuple(seen if kind else token for token, kind in zip(tokens, kinds, strict=True))
