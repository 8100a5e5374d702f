"""A Qwen3-VL of random weights with its processor and a LoRA adapter, saved as real ones are."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from blender_addon.core.formats.semanticface import SYSTEM_PROMPT, USER_PROMPT
from tests.language.tiny_qwen3 import SHARPNESS, trained_tokenizer

_VISION = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")

# ChatML as Qwen3-VL has it: the pictures stand where the message says.
_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_vision_base(folder: Path, *, hidden: int = 64, layers: int = 2, seed: int = 0, vocabulary: int = 700) -> Path:
    """The folder of a base model that sees."""
    torch.manual_seed(seed)
    tokenizer = trained_tokenizer(
        [SYSTEM_PROMPT, USER_PROMPT], special=_VISION, chat_template=_CHAT_TEMPLATE, vocabulary=vocabulary
    )
    number_of = tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 8192,
        "initializer_range": 0.3,  # far enough from 0 that the likeliest token stands out
        "rope_parameters": {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [4, 2, 2]},
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": hidden,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0],
    }
    config = Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=number_of("<|image_pad|>"),
        video_token_id=number_of("<|video_pad|>"),
        vision_start_token_id=number_of("<|vision_start|>"),
        vision_end_token_id=number_of("<|vision_end|>"),
    )
    model = Qwen3VLForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    with torch.no_grad():  # attention that looks at single places: else all random models say one thing for ever
        for layer in model.model.language_model.layers:
            layer.self_attn.q_norm.weight *= SHARPNESS
            layer.self_attn.k_norm.weight *= SHARPNESS
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil(patch_size=16).save_pretrained(folder)
    return folder


def save_vision_adapter(base: Path, folder: Path, *, seed: int = 1) -> Path:
    """The folder of an adapter for a base that sees; its weights are random, not 0 as at the start of training."""
    torch.manual_seed(seed)
    model = Qwen3VLForConditionalGeneration.from_pretrained(base)
    targets = r".*language_model.*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM", init_lora_weights=False)
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = "Qwen/Qwen3-VL-4B-Instruct"
    adapted.save_pretrained(folder, save_embedding_layers=False)  # "auto" would ask the hub about the base
    return folder
