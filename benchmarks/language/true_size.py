"""Forced-skeleton decoding at the size of the released models: Qwen3-VL-4B and Qwen3-14B with an adapter each.

Speed does not depend on what the weights are, so they are random, in bfloat16. It takes an NVIDIA GPU with room for
28 GB of weights; without one a small size runs on the processor, which only shows that the benchmark itself works.
Random weights fill their numbers with noise that no guess foresees: a released adapter needs fewer passes.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    PretrainedConfig,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

from benchmarks.language.picture_decoding import Pictures
from benchmarks.language.skeleton_decoding import Keyframes, Row, compared
from inference_backend.language.prompts import text_prompts, vision_prompts
from inference_backend.language.residence import release_memory
from tests.language.tiny_qwen3 import TRUE_CUT, save_base
from tests.language.tiny_qwen3_vl import save_vision_base

TOGETHER: Final = 8
_TARGETS: Final = r".*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"

# From the `config.json` of Qwen/Qwen3-VL-4B-Instruct and Qwen/Qwen3-14B.
_VL_4B: Final = {
    "vocab_size": 151_936, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36,
    "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "rope_parameters": {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20]},
}  # fmt: skip
_VL_4B_EYES: Final = {
    "depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16, "out_hidden_size": 2560,
    "num_position_embeddings": 2304, "deepstack_visual_indexes": [5, 11, 17],
}  # fmt: skip
_14B: Final = {
    "vocab_size": 151_936, "hidden_size": 5120, "intermediate_size": 17_408, "num_hidden_layers": 40,
    "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """What is changed of the tiny models' configurations, where they go, and how they are asked."""

    seeing: Mapping[str, Any]
    eyes: Mapping[str, Any]
    words: Mapping[str, Any]
    device: str
    window: int
    picture_px: int
    told: str


_TRUE: Final = Size(_VL_4B, _VL_4B_EYES, _14B, "cuda", 64, 1024, "the true size in bfloat16")
_SMALL: Final = Size({}, {}, {}, "cpu", 16, 64, "a small size on the processor: says nothing of the true one")


def run() -> list[Row]:
    """The rows of the report; the true size where there is a GPU for it."""
    return measured(_TRUE if torch.cuda.is_available() else _SMALL)


def measured(size: Size) -> list[Row]:
    """Pictures and then keyframes, one model in memory at a time."""
    torch.set_num_threads(torch.get_num_threads() if size.device == "cuda" else 1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as text, torch.inference_mode():
        folder = save_vision_base(Path(text) / "seeing", vocabulary=TRUE_CUT)
        config = Qwen3VLConfig.from_pretrained(folder)
        _change(config.text_config, size.seeing)
        _change(config.vision_config, size.eyes)
        seeing = _adapted(Qwen3VLForConditionalGeneration, config, size)
        bench = Pictures(vision_prompts(folder), seeing, TOGETHER, window=size.window, side=size.picture_px)
        rows += compared("picture", bench)
        del seeing, bench
        release_memory()
        folder = save_base(Path(text) / "words", vocabulary=TRUE_CUT)
        plain = Qwen3Config.from_pretrained(folder)
        _change(plain, size.words)
        words = _adapted(Qwen3ForCausalLM, plain, size)
        rows += compared("keyframe", Keyframes(text_prompts(folder), words, TOGETHER, window=size.window))
    kept = {"name", "value", "unit"} if size is _SMALL else {"name", "value", "unit", "target", "at_most"}
    return [{name: row[name] for name in row.keys() & kept} | {"method": size.told} for row in rows]


def _change(config: PretrainedConfig, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(config, name, value)


def _adapted(kind: type[PreTrainedModel], config: PretrainedConfig, size: Size) -> PeftModel:
    """A model of this configuration with an adapter, both of random weights, made where they stay."""
    number = torch.bfloat16 if size.device == "cuda" else torch.float32
    torch.set_default_dtype(number)
    try:
        with torch.device(size.device), torch.inference_mode(mode=False):
            model = get_peft_model(
                kind(config), LoraConfig(r=16, target_modules=_TARGETS, task_type="CAUSAL_LM", init_lora_weights=False)
            )
    finally:
        torch.set_default_dtype(torch.float32)
    return model.eval()
