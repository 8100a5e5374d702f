"""Folders of models and adapters, looked through before anything is loaded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_addon.core.errors import EngineError
from inference_backend.language.weights import read_adapter, read_base, refuse_wrong_base
from tests.language.tiny_qwen3 import save_adapter, save_base


@pytest.fixture
def base_copy(base_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base_folder, tmp_path / "base"))


@pytest.fixture
def adapter_copy(adapter_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(adapter_folder, tmp_path / "adapter"))


def test_a_base_is_known_by_its_headers(base_folder: Path) -> None:
    base = read_base(base_folder)
    weights = load_file(base_folder / "model.safetensors")
    assert base.kind == "qwen3"
    assert base.parameters == sum(weight.numel() for weight in weights.values())
    assert base.tensors == {name: tuple(weight.shape) for name, weight in weights.items()}


def test_the_memory_of_the_true_model_is_near_what_it_is_known_to_take(base_folder: Path, base_copy: Path) -> None:
    """Qwen3-14B: 14.77 billion parameters; its cache takes 160 KiB a token in bfloat16 (40 layers, 8 heads of 128)."""
    config = json.loads((base_copy / "config.json").read_text())
    config |= {"num_hidden_layers": 40, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128}
    (base_copy / "config.json").write_text(json.dumps(config))
    with (base_copy / "model.safetensors").open("wb") as file:  # the header of the true size over a file with holes
        header = json.dumps({"w": {"dtype": "BF16", "shape": [14_768_307_200], "data_offsets": [0, 29_536_614_400]}})
        file.write(len(header).to_bytes(8, "little") + header.encode())
        file.truncate(8 + len(header) + 29_536_614_400)
    need = read_base(base_copy).bytes_needed(bytes_per_parameter=2, context_tokens=8192)
    assert need == pytest.approx(1.1 * (29_536_614_400 + 8192 * 163_840), rel=1e-6)


def test_an_adapter_fits_the_base_it_was_made_on(base_folder: Path, adapter_folder: Path) -> None:
    adapter = read_adapter(adapter_folder)
    assert adapter.made_for == "Qwen/Qwen3-14B"
    refuse_wrong_base(adapter, read_base(base_folder))


@pytest.mark.parametrize(("hidden", "layers", "what"), [(32, 2, "in another size"), (64, 1, "does not have")])
def test_an_adapter_of_another_base_is_refused(
    adapter_folder: Path, tmp_path: Path, hidden: int, layers: int, what: str
) -> None:
    other = read_base(save_base(tmp_path, hidden=hidden, layers=layers))
    with pytest.raises(EngineError, match=f"does not fit the base .*{what}.* made for Qwen/Qwen3-14B"):
        refuse_wrong_base(read_adapter(adapter_folder), other)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def cut_off(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return damage


def pickled(name: str, pickle: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        torch.save(load_file(folder / name), folder / pickle)
        (folder / name).unlink()

    return damage


def with_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "modeling.Evil"}
    (folder / "config.json").write_text(json.dumps(config))


def indexed(*shards: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        index = {"weight_map": {f"w{number}": shard for number, shard in enumerate(shards)}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return damage


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (remove("config.json"), r"not the folder of a model: config\.json is missing"),
        (write("config.json", "{"), "can't be read"),
        (write("config.json", "[]"), "not what it should be"),
        (write("config.json", "{}"), "is no language model"),
        (with_code, "brings code of its own, which Mien does not run"),
        (remove("model.safetensors"), r"model\.safetensors is missing"),
        (pickled("model.safetensors", "pytorch_model.bin"), r"pytorch_model\.bin, a pickle, .* safetensors only"),
        (cut_off("model.safetensors"), "is damaged: it is cut off"),
        (write("model.safetensors", "<html>404</html>"), "is damaged: it has no safetensors header"),
        (write("model.safetensors", ""), "is damaged"),
        (indexed("model-00001-of-00002.safetensors"), r"are missing: model-00001-of-00002\.safetensors"),
        (indexed("../other/model.safetensors"), "are missing"),
        (indexed(), "are missing"),
    ],
)
def test_a_base_that_is_not_whole_is_refused(base_copy: Path, damage: Callable[[Path], None], sentence: str) -> None:
    damage(base_copy)
    with pytest.raises(EngineError, match=sentence):
        read_base(base_copy)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (remove("adapter_config.json"), r"not the folder of an adapter: adapter_config\.json is missing"),
        (write("adapter_config.json", '{"peft_type": "PREFIX_TUNING"}'), "no LoRA adapter"),
        (remove("adapter_model.safetensors"), r"adapter_model\.safetensors is missing"),
        (pickled("adapter_model.safetensors", "adapter_model.bin"), r"adapter_model\.bin, a pickle"),
        (cut_off("adapter_model.safetensors"), "is damaged"),
    ],
)
def test_an_adapter_that_is_not_whole_is_refused(
    adapter_copy: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    damage(adapter_copy)
    with pytest.raises(EngineError, match=sentence):
        read_adapter(adapter_copy)


def test_an_adapter_that_lacks_a_half_is_refused(base_folder: Path, adapter_copy: Path) -> None:
    file = adapter_copy / "adapter_model.safetensors"
    weights = load_file(file)
    weights.pop(next(name for name in weights if name.endswith("lora_B.weight")))
    save_file(weights, file)
    with pytest.raises(EngineError, match="lacks one half"):
        refuse_wrong_base(read_adapter(adapter_copy), read_base(base_folder))


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="There is no folder"):
        read_base(tmp_path / "nowhere")


def test_pefts_own_pickled_adapter_is_refused(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="a pickle, which can run code as it is read"):
        read_adapter(save_adapter(base_folder, tmp_path, safe=False))
