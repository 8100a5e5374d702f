"""A Qwen3 of a few hundred thousand random weights, with tokenizer and LoRA adapter, saved as real ones are."""

from collections.abc import Sequence
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from blender_addon.core.formats.keyframeface import RANGES, SYSTEM_PROMPT

_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# ChatML as Qwen3 has it: without thinking, an empty thinking block opens the answer.
_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)

# Letters, single digits, runs of punctuation, white space: the cut that Qwen's tokenizer makes.
_CUT = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

SHARPNESS = 4.0

TRUE_CUT = 360
"""With so many tokens, what lies between SemanticFace's 61 numbers takes 433 of them; with Qwen's own, 430."""


def trained_tokenizer(
    texts: Sequence[str],
    *,
    special: Sequence[str] = (),
    chat_template: str = _CHAT_TEMPLATE,
    vocabulary: int = 700,
) -> PreTrainedTokenizerFast:
    """A tokenizer that cuts as Qwen's does, and has learnt the channels' names and these texts.

    vocabulary: a name is one token where it is large; where it is `TRUE_CUT`, about as many as with Qwen's.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CUT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*_SPECIAL, *special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    text = "{" + ",".join(f'"{name}":0.0' for name in RANGES) + "}"
    tokenizer.train_from_iterator([text, *texts], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=chat_template,
    )


def save_base(folder: Path, *, hidden: int = 64, layers: int = 2, seed: int = 0, vocabulary: int = 700) -> Path:
    """The folder of a base model."""
    torch.manual_seed(seed)
    tokenizer = trained_tokenizer([SYSTEM_PROMPT], vocabulary=vocabulary)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=8192,
        initializer_range=0.3,  # far enough from 0 that the likeliest token stands out
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen3ForCausalLM(config)
    with torch.no_grad():  # attention that looks at single places: else all random models say one thing for ever
        for layer in model.model.layers:
            layer.self_attn.q_norm.weight *= SHARPNESS
            layer.self_attn.k_norm.weight *= SHARPNESS
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_adapter(base: Path, folder: Path, *, safe: bool = True, seed: int = 1) -> Path:
    """The folder of an adapter for a base; its weights are random, not 0 as at the start of training."""
    torch.manual_seed(seed)
    model = Qwen3ForCausalLM.from_pretrained(base)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = "Qwen/Qwen3-14B"
    adapted.save_pretrained(folder, save_embedding_layers=False)  # "auto" would ask the hub about the base
    if not safe:
        from safetensors.torch import load_file

        torch.save(load_file(folder / "adapter_model.safetensors"), folder / "adapter_model.bin")
        (folder / "adapter_model.safetensors").unlink()
    return folder
