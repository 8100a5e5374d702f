"""Forced-skeleton decoding of SemanticFace's answer beside transformers' own greedy search under the same constraint.

Runs in `.venv/language`, on a Qwen3-VL of random weights with a LoRA adapter (see `skeleton_decoding`): the 61 values
behind the description, alone and three pictures side by side. The description itself is written token by token by both,
and left out. The values are decoded on tenths, on which the released adapter answers: weights that know nothing would
fill three digits with noise, which no guess can foresee. One thread, so that a busy machine disturbs both alike.
"""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import PeftModel
from transformers import Qwen3VLForConditionalGeneration

from benchmarks.language.skeleton_decoding import WINDOW, Row, compared
from inference_backend.engines import never
from inference_backend.language.prompt_cache import Prefix
from inference_backend.language.prompts import vision_prompts
from inference_backend.language.semanticface import face_request
from inference_backend.language.skeleton import Filling, fill
from inference_backend.language.token_form import TokenForm
from tests.language.decoders import constrained_greedy
from tests.language.tiny_qwen3_vl import save_vision_adapter, save_vision_base

PICTURES = 3
SIDE_PX = 128


class Bench:
    """One model with its adapter, and the prompts for some pictures."""

    def __init__(self, folder: Path) -> None:
        base = save_vision_base(folder / "base", hidden=64, layers=4)
        adapter = save_vision_adapter(base, folder / "adapter")
        self.prompts = vision_prompts(base)
        self.model: Any = PeftModel.from_pretrained(Qwen3VLForConditionalGeneration.from_pretrained(base), adapter)
        self.model.eval()
        noise = np.random.default_rng(0)
        pictures = [noise.integers(0, 255, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8) for _ in range(PICTURES)]
        self.asked = [self.prompts.of(face_request(picture), self.model) for picture in pictures]
        form = face_request(pictures[0]).form
        assert form is not None
        tenths = tuple(replace(slot, decimals=1) for slot in form.slots)
        self.form = TokenForm(replace(form, slots=tenths, opening=None), self.prompts.encode)

    def one_by_one(self) -> list[Filling]:
        """Each picture by itself, going on from what stands in front of it."""
        prefix = Prefix()
        return [
            fill(self.model, [prompt], self.form, window=WINDOW, cancelled=never, prefix=prefix)[0]
            for prompt in self.asked
        ]

    def side_by_side(self) -> list[Filling]:
        """All pictures in one batch."""
        return fill(self.model, self.asked, self.form, window=WINDOW, cancelled=never)

    def greedy(self) -> list[Filling]:
        """Each picture by `generate`."""
        end = self.model.generation_config.eos_token_id
        return [constrained_greedy(self.model, self.prompts, prompt, self.form, end=end) for prompt in self.asked]


def run() -> list[Row]:
    """The rows of the report."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.one_by_one()  # the first run pays for what torch sets up
        times = [time.perf_counter()]
        found = []
        for work in (bench.greedy, bench.one_by_one, bench.side_by_side):
            found.append(work())
            times.append(time.perf_counter())
    greedy, alone, together = found
    rows = compared("picture", greedy, times[1] - times[0], alone, times[2] - times[1])
    same = [one.numbers == other.numbers for one, other in zip(greedy, together, strict=True)]
    return [
        *rows,
        {"name": "side by side: equal to it as well", "value": sum(same), "unit": f"of {len(same)}"},
        {
            "name": "side by side: fewer passes than one by one",
            "value": round(sum(filling.passes for filling in alone) / together[0].passes, 1),
            "unit": "times",
        },
        {
            "name": "side by side: faster than one by one",
            "value": round((times[2] - times[1]) / (times[3] - times[2]), 1),
            "unit": "times",
        },
    ]
