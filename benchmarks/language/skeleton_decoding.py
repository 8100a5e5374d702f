"""Forced-skeleton decoding beside transformers' own greedy search under the same constraint.

Runs in `.venv/language`. The model has random weights, so that its numbers are harder to guess than a
trained one's, most of which are 0; its tokenizer writes a channel's name as one token where Qwen's
needs three to five. Both make the gain smaller here than on the true model.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from inference_backend.engines import never
from inference_backend.language.keyframeface import keyframe_request
from inference_backend.language.skeleton import Filling, Prefix, TokenForm, Walk, fill
from tests.language.tiny_qwen3 import save_base

PASSES_TARGET, SPEED_TARGET = 5.0, 3.0
KEYFRAMES = [f"The brows rise, the mouth opens, part {number}." for number in range(1, 5)]
WINDOW = 16

Row = dict[str, Any]


class Bench:
    """One model, and the prompts of one script."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval()
        self.requests = [
            keyframe_request(KEYFRAMES, number, background="A hall.", emotion="Joy.")
            for number in range(1, len(KEYFRAMES) + 1)
        ]

    def prompt(self, number: int) -> torch.Tensor:
        """The tokens of one request, shape (1, length)."""
        messages = [{"role": message.role, "content": message.text} for message in self.requests[number].messages]
        encoded = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, enable_thinking=False, return_tensors="pt", return_dict=True
        )
        tokens: torch.Tensor = encoded["input_ids"]
        return tokens

    def form(self, number: int) -> TokenForm:
        """The form of one answer in tokens."""
        form = self.requests[number].form
        assert form is not None
        return TokenForm(form, lambda text: self.tokenizer.encode(text, add_special_tokens=False))

    def skeleton(self) -> list[Filling]:
        """All keyframes, each going on from what was read for the one before."""
        prefix = Prefix()
        return [
            fill(self.model, self.prompt(n), self.form(n), window=WINDOW, cancelled=never, prefix=prefix)
            for n in range(len(KEYFRAMES))
        ]

    def greedy(self) -> list[Filling]:
        """All keyframes by `generate`."""
        return [self._generated(self.prompt(n), self.form(n)) for n in range(len(KEYFRAMES))]

    def _generated(self, prompt: torch.Tensor, form: TokenForm) -> Filling:
        end = self.tokenizer.eos_token_id
        walk, walked = form.start(), prompt.shape[1]

        def allowed(_batch: int, tokens: torch.Tensor) -> list[int]:
            nonlocal walked
            for token in tokens[walked:].tolist():
                walk.step(token)
            walked = len(tokens)
            return [end] if walk.ended else sorted(walk.allowed())

        config = GenerationConfig(do_sample=False, max_new_tokens=1500, eos_token_id=end, pad_token_id=end)
        written = self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            generation_config=config,
            prefix_allowed_tokens_fn=allowed,
        )
        return Filling(_numbers(walk), written.shape[1] - prompt.shape[1])


def run() -> list[Row]:
    """The rows of the report."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(save_base(Path(folder), hidden=256, layers=8))
        bench.skeleton()  # the first run pays for what torch sets up
        started = time.perf_counter()
        greedy = bench.greedy()
        between = time.perf_counter()
        skeleton = bench.skeleton()
        ended = time.perf_counter()
    same = [one.numbers == other.numbers for one, other in zip(greedy, skeleton, strict=True)]
    passes = sum(filling.passes for filling in greedy) / sum(filling.passes for filling in skeleton)
    return [
        {"name": "keyframes equal to constrained greedy search", "value": sum(same), "unit": f"of {len(same)}"},
        {
            "name": "fewer forward passes",
            "value": round(passes, 1),
            "unit": "times",
            "target": PASSES_TARGET,
            "at_most": False,
        },
        {
            "name": "faster than constrained greedy search",
            "value": round((between - started) / (ended - between), 1),
            "unit": "times",
            "target": SPEED_TARGET,
            "at_most": False,
        },
        {"name": "a keyframe", "value": round(1000 * (ended - between) / len(KEYFRAMES)), "unit": "ms"},
    ]


def _numbers(walk: Walk) -> tuple[str, ...]:
    assert walk.ended
    return tuple(walk.numbers)
