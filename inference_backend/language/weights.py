"""What lies in the folder of a model or an adapter, read before anything of it is loaded.

Only safetensors are accepted: other weight files are pickles, which can run code as they are read.
A safetensors file begins with the length of a JSON header (8 bytes, little endian) that names each
tensor with its shape, so the size of a model and the fit of an adapter are known from a few bytes.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blender_addon.core.errors import EngineError

Shape = tuple[int, ...]

_PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}
_VOCABULARIES = ("tokenizer.json", "vocab.json", "tokenizer.model")
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_MAX_HEADER_BYTES = 100 << 20  # the format's own limit
_WRAPPERS = {"base_model", "model", "language_model", "default"}
"""Parts of a tensor's name that differ between a checkpoint, the class that loads it and peft around it."""


@dataclass(frozen=True)
class BaseModel:
    """A model that can be loaded. tensors: the shape of each weight, by its name in the files."""

    folder: Path
    config: Mapping[str, Any]
    tensors: Mapping[str, Shape]

    @property
    def kind(self) -> str:
        """transformers' name of the architecture, such as "qwen3"."""
        return str(self.config.get("model_type", ""))

    @property
    def sees_pictures(self) -> bool:
        """Whether it has a part that sees."""
        return "vision_config" in self.config

    @property
    def parameters(self) -> int:
        """How many numbers the weights are."""
        return sum(math.prod(shape) for shape in self.tensors.values())

    def bytes_needed(self, *, bytes_per_parameter: int, context_tokens: int) -> int:
        """Memory for the weights, the key-value cache of the context, and a tenth for what arises in between."""
        return int(1.1 * bytes_per_parameter * (self.parameters + self.cached_per_token * context_tokens))

    @property
    def cached_per_token(self) -> int:
        """How many numbers of the key-value cache each token takes."""
        text = self.config.get("text_config", self.config)
        layers, heads = int(text["num_hidden_layers"]), int(text["num_attention_heads"])
        head_size = int(text.get("head_dim") or int(text["hidden_size"]) // heads)
        return 2 * layers * int(text.get("num_key_value_heads") or heads) * head_size


def bytes_per_parameter(base: BaseModel) -> int:
    """Of the kind of numbers that its weights are; raise EngineError for one that is not run here."""
    # transformers wrote `torch_dtype` before version 5; models of several parts write it with their text part.
    places = (base.config, base.config.get("text_config", {}))
    kinds = (place.get(name) for place in places for name in ("dtype", "torch_dtype"))
    kind = str(next(filter(None, kinds), "float32"))
    if kind not in _BYTES:
        raise EngineError(f"The model in {base.folder} has weights of the kind {kind}.", "Use one in bfloat16.")
    return _BYTES[kind]


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter. made_for: the base it was trained on, as it says itself."""

    folder: Path
    made_for: str
    tensors: Mapping[str, Shape]


def read_base(folder: Path) -> BaseModel:
    """Look through the folder of a base model; raise EngineError where it can't be used."""
    config = _config(folder, "config.json", "a model")
    if "auto_map" in config:
        raise EngineError(
            f"The model in {folder} brings code of its own, which Mien does not run.",
            "Use a model that transformers knows by itself.",
        )
    missing = {"num_hidden_layers", "num_attention_heads", "hidden_size"} - set(config.get("text_config", config))
    if missing:
        raise EngineError(f"The model in {folder} is no language model.", "Name the folder of the base model.")
    if not any((folder / name).is_file() for name in _VOCABULARIES):  # transformers would make an empty one
        raise EngineError(f"{folder / _VOCABULARIES[0]} is missing.", "Download it again.")
    return BaseModel(folder, config, _tensors(_shards(folder)))


def read_adapter(folder: Path) -> Adapter:
    """Look through the folder of an adapter; raise EngineError where it can't be used."""
    config = _config(folder, "adapter_config.json", "an adapter")
    if config.get("peft_type") != "LORA":
        raise EngineError(f"The adapter in {folder} is no LoRA adapter.", "Name the folder of a LoRA adapter.")
    file = folder / "adapter_model.safetensors"
    if not file.is_file():
        raise _no_weights(folder, "adapter_model.safetensors")
    return Adapter(folder, str(config.get("base_model_name_or_path") or "an unnamed model"), _tensors([file]))


def refuse_wrong_base(adapter: Adapter, base: BaseModel) -> None:
    """Raise EngineError unless every LoRA pair fits a weight of the base: out x rank and rank x in."""
    weights = {_module(name, ".weight"): shape for name, shape in base.tensors.items() if name.endswith(".weight")}
    pairs = {_module(name, ".lora_A.weight") for name in adapter.tensors if name.endswith(".lora_A.weight")}
    if not pairs:
        raise EngineError(f"The adapter in {adapter.folder} holds no LoRA weights.", "Download it again.")
    halves = {
        (_module(name, half), half): shape
        for name, shape in adapter.tensors.items()
        for half in _HALVES
        if name.endswith(half)
    }
    for module in sorted(pairs):
        inner, outer = halves[module, _HALVES[0]], halves.get((module, _HALVES[1]))
        weight = weights.get(module)
        if outer is None:
            raise EngineError(f"The adapter in {adapter.folder} lacks one half of {module}.", "Download it again.")
        if weight is None or (outer[0], inner[1]) != weight[:2]:
            what = "does not have" if weight is None else f"has in another size ({_size(weight)})"
            raise EngineError(
                f"The adapter in {adapter.folder} does not fit the base in {base.folder}: it changes {module}, "
                f"which that model {what}.",
                f"The adapter was made for {adapter.made_for}.",
            )


_HALVES = (".lora_A.weight", ".lora_B.weight")


def _size(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def _module(name: str, ending: str) -> str:
    return ".".join(part for part in name.removesuffix(ending).split(".") if part not in _WRAPPERS)


def _config(folder: Path, name: str, what: str) -> dict[str, Any]:
    if not folder.is_dir():
        raise EngineError(f"There is no folder {folder}.", f"Name the folder of {what}.")
    try:
        data = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise EngineError(f"{folder} is not the folder of {what}: {name} is missing.", "Download it again.") from fault
    except (OSError, ValueError, RecursionError) as fault:
        raise EngineError(f"{folder / name} can't be read: {fault}.", "Download it again.") from fault
    if not isinstance(data, dict):
        raise EngineError(f"{folder / name} is not what it should be.", "Download it again.")
    return data


def _shards(folder: Path) -> list[Path]:
    """The weight files of a base: one, or those that its index names."""
    single = folder / "model.safetensors"
    index = folder / "model.safetensors.index.json"
    if single.is_file():
        return [single]
    if not index.is_file():
        raise _no_weights(folder, "model.safetensors")
    names = sorted(set(_config(folder, index.name, "a model").get("weight_map", {}).values()))
    outside = [name for name in names if Path(name).name != name]
    missing = [name for name in names if not (folder / name).is_file()]
    if outside or missing or not names:
        lacking = ", ".join((outside or missing)[:3]) or "its list is empty"
        raise EngineError(f"Weights of the model in {folder} are missing: {lacking}.", "Download it again.")
    return [folder / name for name in names]


def _no_weights(folder: Path, name: str) -> EngineError:
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        return EngineError(
            f"{folder} holds its weights as {pickles[0]}, a pickle, which can run code as it is read. Mien reads "
            f"safetensors only.",
            "Get or convert the weights as safetensors.",
        )
    return EngineError(f"{folder / name} is missing.", "Download it again.")


def _tensors(files: Iterable[Path]) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    for file in files:
        try:
            shapes |= _header(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
            raise EngineError(f"{file} is damaged: {fault}.", "Download it again.") from fault
    return shapes


def _header(file: Path) -> dict[str, Shape]:
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= _MAX_HEADER_BYTES:
            raise ValueError("it has no safetensors header")
        header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        if file.stat().st_size < 8 + length + end:
            raise ValueError("it is cut off")
    return {str(name): tuple(int(edge) for edge in entry["shape"]) for name, entry in header.items()}
