"""Forced-skeleton decoding beside transformers' own greedy search under the same constraint, for KeyframeFace.

Runs in `.venv/language`. The model has random weights, so that its numbers are harder to guess than a trained one's,
most of which are 0: the gain is smaller here than on the true model. One thread, so that a busy machine disturbs both
alike.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from inference_backend.engines import never
from inference_backend.language.keyframeface import keyframe_request
from inference_backend.language.prompt_cache import Prefix
from inference_backend.language.prompts import Prompts, text_prompts
from inference_backend.language.skeleton import Filling, fill
from inference_backend.language.token_form import TokenForm
from tests.language.decoders import constrained_greedy
from tests.language.tiny_qwen3 import TRUE_CUT, save_base

PASSES_TARGET, SPEED_TARGET = 5.0, 3.0
SCRIPTS = [f"The brows rise, the mouth opens, part {number}." for number in range(1, 9)]

Row = dict[str, Any]


class Keyframes:
    """The first keyframes of some scripts, and the model that poses them. window: tokens guessed ahead."""

    def __init__(self, prompts: Prompts, model: PreTrainedModel, count: int, *, window: int) -> None:
        requests = [keyframe_request([script], 1, background="A hall.", emotion="Joy.") for script in SCRIPTS[:count]]
        form = requests[0].form
        assert form is not None
        self.prompts, self.model, self.window = prompts, model, window
        self.asked = [prompts.of(request, model) for request in requests]
        self.form = TokenForm(form, prompts.encode)

    def one_by_one(self) -> list[Filling]:
        """Each by itself, going on from what was read for the one before."""
        prefix = Prefix()
        return [
            fill(self.model, [prompt], self.form, window=self.window, cancelled=never, prefix=prefix)[0]
            for prompt in self.asked
        ]

    def side_by_side(self) -> list[Filling]:
        """All in one batch."""
        return fill(self.model, self.asked, self.form, window=self.window, cancelled=never)

    def greedy(self) -> list[Filling]:
        """Each by `generate`."""
        end = self.model.generation_config.eos_token_id
        return [constrained_greedy(self.model, self.prompts, prompt, self.form, end=end) for prompt in self.asked]


def run() -> list[Row]:
    """The rows of the report."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as text:
        folder = save_base(Path(text), hidden=256, layers=8, vocabulary=TRUE_CUT)
        model = AutoModelForCausalLM.from_pretrained(folder).eval()
        return compared("keyframe", Keyframes(text_prompts(folder), model, 4, window=16))


def compared(noun: str, bench: Keyframes) -> list[Row]:
    """A bench's three ways with each other: what came of them, and how many times less the second and third needed."""
    bench.side_by_side()  # the first run pays for what torch sets up
    greedy, greedy_s = timed(bench.greedy)
    alone, alone_s = timed(bench.one_by_one)
    together, together_s = timed(bench.side_by_side)
    count = len(greedy)
    return [
        {"name": f"{noun}s equal to constrained greedy search", "value": _same(greedy, alone), "unit": f"of {count}"},
        {
            "name": f"fewer forward passes for a {noun}",
            "value": round(_passes(greedy) / _passes(alone), 1),
            "unit": "times",
            "target": PASSES_TARGET,
            "at_most": False,
        },
        {
            "name": "faster than constrained greedy search",
            "value": round(greedy_s / alone_s, 1),
            "unit": "times",
            "target": SPEED_TARGET,
            "at_most": False,
        },
        {"name": f"a {noun}", "value": round(alone_s / count, 3), "unit": "s"},
        {"name": f"{noun}s side by side, equal to it as well", "value": _same(greedy, together), "unit": f"of {count}"},
        {"name": f"a {noun}, {count} side by side", "value": round(together_s / count, 3), "unit": "s"},
        {"name": "faster side by side than one by one", "value": round(alone_s / together_s, 1), "unit": "times"},
    ]


def timed(work: Callable[[], list[Filling]]) -> tuple[list[Filling], float]:
    """What came of some work, and its seconds."""
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def _same(some: Sequence[Filling], others: Sequence[Filling]) -> int:
    return sum(one.numbers == other.numbers for one, other in zip(some, others, strict=True))


def _passes(fillings: Sequence[Filling]) -> int:
    return sum(filling.passes for filling in fillings)
