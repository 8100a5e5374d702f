"""Forced-skeleton decoding beside transformers' own greedy search under the same constraint, for KeyframeFace.

Runs in `.venv/language`. The model has random weights, so that its numbers are harder to guess than a
trained one's, most of which are 0; its tokenizer writes a channel's name as one token where Qwen's
needs three to five. Both make the gain smaller here than on the true model.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoModelForCausalLM

from inference_backend.engines import never
from inference_backend.language.keyframeface import keyframe_request
from inference_backend.language.prompt_cache import Prefix, Prompt
from inference_backend.language.prompts import text_prompts
from inference_backend.language.skeleton import Filling, fill
from inference_backend.language.token_form import TokenForm
from tests.language.decoders import constrained_greedy
from tests.language.tiny_qwen3 import save_base

PASSES_TARGET, SPEED_TARGET = 5.0, 3.0
KEYFRAMES = [f"The brows rise, the mouth opens, part {number}." for number in range(1, 5)]
WINDOW = 16

Row = dict[str, Any]


class Bench:
    """One model, and the prompts of one script."""

    def __init__(self, folder: Path) -> None:
        self.prompts = text_prompts(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval()
        requests = [
            keyframe_request(KEYFRAMES, number, background="A hall.", emotion="Joy.")
            for number in range(1, len(KEYFRAMES) + 1)
        ]
        self.asked: list[tuple[Prompt, TokenForm]] = [
            (self.prompts.of(request, self.model), TokenForm(request.form, self.prompts.encode))
            for request in requests
            if request.form is not None
        ]

    def skeleton(self) -> list[Filling]:
        """All keyframes, each going on from what was read for the one before."""
        prefix = Prefix()
        return [
            fill(self.model, [prompt], form, window=WINDOW, cancelled=never, prefix=prefix)[0]
            for prompt, form in self.asked
        ]

    def greedy(self) -> list[Filling]:
        """All keyframes by `generate`."""
        end = self.model.generation_config.eos_token_id
        return [constrained_greedy(self.model, self.prompts, prompt, form, end=end) for prompt, form in self.asked]


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
    return compared("keyframe", greedy, between - started, skeleton, ended - between)


def compared(
    noun: str, greedy: Sequence[Filling], greedy_s: float, skeleton: Sequence[Filling], skeleton_s: float
) -> list[Row]:
    """What came of both, and how many times less the second one needed."""
    same = [one.numbers == other.numbers for one, other in zip(greedy, skeleton, strict=True)]
    passes = sum(filling.passes for filling in greedy) / sum(filling.passes for filling in skeleton)
    return [
        {"name": f"{noun}s equal to constrained greedy search", "value": sum(same), "unit": f"of {len(same)}"},
        {
            "name": "fewer forward passes",
            "value": round(passes, 1),
            "unit": "times",
            "target": PASSES_TARGET,
            "at_most": False,
        },
        {
            "name": "faster than constrained greedy search",
            "value": round(greedy_s / skeleton_s, 1),
            "unit": "times",
            "target": SPEED_TARGET,
            "at_most": False,
        },
        {"name": f"a {noun}", "value": round(1000 * skeleton_s / len(skeleton)), "unit": "ms"},
    ]
