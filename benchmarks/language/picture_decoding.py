"""Forced-skeleton decoding of SemanticFace's answer beside transformers' own greedy search under the same constraint.

Runs in `.venv/language`, on a Qwen3-VL of random weights with a LoRA adapter (see `skeleton_decoding`): the 61 values
behind the description, in the precision that the model likes as the engine decodes them, and on tenths, on which the
released adapter answers. The description itself is written token by token by both, and left out.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from transformers import PreTrainedModel, Qwen3VLForConditionalGeneration

from benchmarks.language.skeleton_decoding import Keyframes, Row, compared
from inference_backend.language.prompts import Prompts, vision_prompts
from inference_backend.language.semanticface import face_request
from inference_backend.language.token_form import TokenForm
from tests.language.tiny_qwen3 import TRUE_CUT
from tests.language.tiny_qwen3_vl import save_vision_adapter, save_vision_base

SIDE_PX = 128


class Pictures(Keyframes):
    """Some pictures, and the model that reads them. decimals: None for as many as it likes, up to three."""

    def __init__(
        self,
        prompts: Prompts,
        model: PreTrainedModel,
        count: int,
        *,
        window: int,
        decimals: int | None = None,
        side: int = SIDE_PX,
    ) -> None:
        noise = np.random.default_rng(0)
        requests = [face_request(noise.integers(0, 255, (side, side, 3), dtype=np.uint8)) for _ in range(count)]
        form = requests[0].form
        assert form is not None
        slots = form.slots if decimals is None else tuple(replace(slot, decimals=decimals) for slot in form.slots)
        self.prompts, self.model, self.window = prompts, model, window
        self.asked = [prompts.of(request, model) for request in requests]
        self.form = TokenForm(replace(form, slots=slots, opening=None), prompts.encode)


def run() -> list[Row]:
    """The rows of the report."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        base = save_vision_base(Path(folder) / "base", hidden=64, layers=2, vocabulary=TRUE_CUT)
        adapter = save_vision_adapter(base, Path(folder) / "adapter")
        prompts = vision_prompts(base)
        plain = Qwen3VLForConditionalGeneration.from_pretrained(base)
        model = PeftModel.from_pretrained(plain, adapter).eval()
        free = compared("picture", Pictures(prompts, model, 3, window=16))
        tenths = compared("picture", Pictures(prompts, model, 3, window=16, decimals=1))
    return [*free, *({**row, "name": f"{row['name']} (tenths)"} for row in tenths)]
