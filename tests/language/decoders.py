"""The rival of forced-skeleton decoding: transformers' own greedy search under the same constraint."""

from typing import Any

import torch
from transformers import GenerationConfig

from inference_backend.language.prompt_cache import Prompt
from inference_backend.language.prompts import Prompts
from inference_backend.language.skeleton import Filling
from inference_backend.language.token_form import TokenForm

MOST_TOKENS = 1500


def constrained_greedy(model: Any, prompts: Prompts, prompt: Prompt, form: TokenForm, *, end: int) -> Filling:
    """The numbers by `generate`, which may write only what the form allows; its passes are its tokens."""
    walk, walked = form.start(), prompt.tokens.shape[1]

    def allowed(_batch: int, tokens: torch.Tensor) -> list[int]:
        nonlocal walked
        for token in tokens[walked:].tolist():
            walk.step(token)
        walked = len(tokens)
        return [end] if walk.ended else sorted(walk.allowed())

    config = GenerationConfig(do_sample=False, max_new_tokens=MOST_TOKENS, eos_token_id=end, pad_token_id=end)
    written = model.generate(
        input_ids=prompt.tokens,
        attention_mask=torch.ones_like(prompt.tokens),
        generation_config=config,
        prefix_allowed_tokens_fn=allowed,
        **prompts.for_generate(prompt),
    )
    assert walk.ended
    return Filling(tuple(walk.numbers), written.shape[1] - prompt.tokens.shape[1])
