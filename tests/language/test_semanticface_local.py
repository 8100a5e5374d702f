"""SemanticFace in this process: the true loading code, processor and adapter on a tiny Qwen3-VL."""

import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import PeftModel
from PIL import Image
from transformers import Qwen3VLForConditionalGeneration

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import CancelledError, EngineError, InputError
from blender_addon.core.formats.semanticface import RANGES, read_face_reply
from inference_backend.engines import RgbPicture, never
from inference_backend.language import local_model
from inference_backend.language.chat import ChatRequest
from inference_backend.language.local_model import LocalChatModel, load, plan
from inference_backend.language.making import make_keyframeface, make_semanticface
from inference_backend.language.memory import MOST_ROWS
from inference_backend.language.prompts import vision_prompts
from inference_backend.language.semanticface import SemanticFaceEngine, face_request
from inference_backend.language.settings import LanguageSettings
from inference_backend.language.token_form import TokenForm
from inference_backend.language.weights import read_adapter, read_base
from tests.language.decoders import constrained_greedy
from tests.language.tiny_qwen3_vl import save_vision_adapter, save_vision_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of one layer: how several are walked through together is test_vision_skeleton's."""
    return save_vision_base(tmp_path_factory.mktemp("vision-base"), layers=1)


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_vision_adapter(base, tmp_path_factory.mktemp("vision-adapter"))


@pytest.fixture(scope="module")
def loaded(base: Path, adapter: Path) -> LocalChatModel:
    found = read_base(base)
    return load(found, read_adapter(adapter), plan(found, limit_gib=None))


def picture(seed: int = 0, height: int = 64, width: int = 96) -> RgbPicture:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def brief_request(seed: int = 0, height: int = 64) -> ChatRequest:
    """The engine's request; a model that knows nothing may write only a few words in front of the numbers."""
    request = face_request(picture(seed, height))
    assert request.form is not None
    assert request.form.opening is not None
    return replace(request, form=replace(request.form, opening=replace(request.form.opening, most_tokens=40)))


def engine(base: Path | str, adapter: Path | str | None, **more: Any) -> SemanticFaceEngine:
    name = None if adapter is None else str(adapter)
    return make_semanticface(LanguageSettings(face_base=str(base), face_adapter=name, **more))


def test_a_picture_becomes_a_face(base: Path, adapter: Path) -> None:
    reader = engine(base, adapter)
    assert reader.status().state == "ready"
    assert "GiB of memory" in reader.status().detail
    (face,) = reader.estimate(picture(), max_faces=3)
    assert reader.status().state == "loaded"
    assert reader.estimate(picture(), max_faces=3) == (face,)
    assert reader.estimate(picture(1), max_faces=3) != (face,)  # it looks at the picture
    reader.unload()
    assert reader.status().state == "ready"


def test_base_and_adapter_are_what_peft_itself_makes_of_them(base: Path, adapter: Path, loaded: LocalChatModel) -> None:
    """The same request, put together by hand, decoded by transformers' own greedy search behind the model's words."""
    request = brief_request()
    answer = loaded.complete(request, cancelled=never).text
    oracle = PeftModel.from_pretrained(Qwen3VLForConditionalGeneration.from_pretrained(base), adapter).eval()
    prompts = vision_prompts(base)
    prompt = prompts.of(request, oracle)
    assert request.form is not None
    assert request.form.opening is not None
    words = answer[: answer.rindex('{"EyeBlinkLeft"')]
    free = oracle.generate(
        input_ids=prompt.tokens,
        attention_mask=torch.ones_like(prompt.tokens),
        max_new_tokens=request.form.opening.most_tokens,
        do_sample=False,
        **prompts.for_generate(prompt),
    )[0, prompt.tokens.shape[1] :]
    assert prompts.decode(free.tolist()).startswith(words.removesuffix("\n\n"))
    form = TokenForm(request.form, prompts.encode).after(words)
    greedy = constrained_greedy(oracle, prompts, prompt, form, end=oracle.generation_config.eos_token_id)
    if prompts.encode(words) == free.tolist()[: len(prompts.encode(words))]:
        assert list(read_face_reply(answer).values.values()) == [float(number) for number in greedy.numbers]


def test_the_answer_is_valid_though_the_model_knows_nothing(loaded: LocalChatModel) -> None:
    for seed in range(3):
        reply = read_face_reply(loaded.complete(brief_request(seed), cancelled=never).text)
        assert list(reply.values) == list(RANGES)


def test_pictures_side_by_side_give_what_each_gives_alone(loaded: LocalChatModel) -> None:
    requests = [brief_request(seed, height) for seed, height in ((0, 64), (1, 160), (2, 96))]
    alone = [loaded.complete(request, cancelled=never).text for request in requests]
    assert [reply.text for reply in loaded.complete_all(requests, cancelled=never)] == alone


def test_as_many_are_answered_side_by_side_as_fit_into_memory(base: Path, adapter: Path) -> None:
    found = read_base(base)
    room = plan(found, limit_gib=None)
    assert room.rows(1) == MOST_ROWS
    assert room.rows(1 << 50) == 1
    tight = replace(room, limit_bytes=room.need_bytes + 6_000)
    assert tight.rows(1_000) == 3  # twice each: the old cache and the new one


def test_several_pictures_are_read_side_by_side(base: Path, adapter: Path) -> None:
    reader = engine(base, adapter)
    pictures = [picture(seed) for seed in range(2)]
    strip = picture(height=2, width=900)
    *faces, refused = reader.estimate_all([*pictures, strip], max_faces=1)
    assert faces == [reader.estimate(one, max_faces=1) for one in pictures]
    assert isinstance(refused, InputError)
    reader.unload()


def test_it_stops_in_mid_answer(loaded: LocalChatModel) -> None:
    """Early in the words, and in the last of the numbers."""
    asked: list[int] = []
    most = 1 << 30

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > most

    loaded.complete(brief_request(), cancelled=cancelled)
    whole = len(asked)
    assert whole > 20
    for most in (2, whole - 1):
        asked.clear()
        with pytest.raises(CancelledError):
            loaded.complete(brief_request(), cancelled=cancelled)
        assert len(asked) == most + 1


def test_loading_is_told_while_it_lasts(base: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, go_on, seen = engine(base, adapter, idle_seconds=501), threading.Event(), []
    true_load = local_model._load

    def slow_load(*arguments: Any) -> LocalChatModel:
        assert go_on.wait(10)
        return true_load(*arguments)

    monkeypatch.setattr(local_model, "_load", slow_load)
    work = threading.Thread(target=lambda: reader.estimate(picture(), max_faces=1))
    work.start()
    end = time.monotonic() + 10
    while time.monotonic() < end and not seen:
        if (status := reader.status()).state == "loading":
            seen.append(status.detail)
        time.sleep(0.01)
    go_on.set()
    work.join(60)
    assert "into memory" in seen[0]
    assert reader.status().state == "loaded"
    reader.unload()


def test_one_model_is_in_memory_at_a_time(base: Path, adapter: Path, base_folder: Path, adapter_folder: Path) -> None:
    settings = LanguageSettings(
        base=str(base_folder), adapter=str(adapter_folder), face_base=str(base), face_adapter=str(adapter)
    )
    faces, scripts = make_semanticface(settings), make_keyframeface(settings)
    faces.estimate(picture(), max_faces=1)
    assert (faces.status().state, scripts.status().state) == ("loaded", "ready")
    scripts.perform("She smiles.")
    assert (faces.status().state, scripts.status().state) == ("ready", "loaded")
    scripts.unload()


class Crowded:
    """A model whose device has room for so many rows of a batch, and fails for more as torch does there."""

    def __init__(self, model: Any, fault: Exception, *, rows: int) -> None:
        self._model, self._fault, self._most = model, fault, rows
        self.seen: set[int] = set()
        self.device, self.generation_config = model.device, model.generation_config
        self.get_base_model = model.get_base_model

    def __call__(self, **inputs: Any) -> Any:
        self.seen.add(len(inputs["input_ids"]))
        if len(inputs["input_ids"]) > self._most:
            raise self._fault
        return self._model(**inputs)


class TestWhatCanBeWrong:
    def refused(self, reader: SemanticFaceEngine, reason: str) -> None:
        with pytest.raises(EngineError, match=reason):
            reader.estimate(picture(), max_faces=1)
        assert reader.status().state != "loaded"

    def test_no_adapter_named(self, base: Path) -> None:
        self.refused(engine(base, None), "No adapter is named.*MIEN_LANGUAGE_FACE_ADAPTER")

    def test_an_adapter_that_is_not_there(self, base: Path, tmp_path: Path) -> None:
        self.refused(engine(base, tmp_path / "nowhere"), "There is no folder")

    def test_an_adapter_without_its_weights(self, base: Path, adapter: Path, tmp_path: Path) -> None:
        copy = Path(shutil.copytree(adapter, tmp_path / "adapter"))
        (copy / "adapter_model.safetensors").unlink()
        self.refused(engine(base, copy), r"adapter_model\.safetensors is missing")

    def test_another_base(self, adapter: Path, tmp_path: Path) -> None:
        other = save_vision_base(tmp_path / "other", hidden=32)
        self.refused(engine(other, adapter), "does not fit the base .* made for Qwen/Qwen3-VL-4B-Instruct")

    def test_a_base_that_has_no_eyes(self, base_folder: Path, adapter_folder: Path) -> None:
        with pytest.raises(EngineError, match=r"reads no pictures\. Name a base that does"):
            engine(base_folder, adapter_folder).estimate(picture(), max_faces=1)

    def test_a_base_without_its_processor(self, base: Path, adapter: Path, tmp_path: Path) -> None:
        copy = Path(shutil.copytree(base, tmp_path / "base"))
        (copy / "preprocessor_config.json").unlink()
        self.refused(engine(copy, adapter), "could not be loaded")

    def test_too_little_memory_allowed(self, base: Path, adapter: Path) -> None:
        self.refused(
            engine(base, adapter, memory_gib=0.001), r"needs 0\.\d+ GiB of memory, and Mien may use 0\.001 GiB"
        )

    @pytest.mark.parametrize(
        "fault",
        [
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
            RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: 2147483648"),
        ],
    )
    def test_memory_that_runs_out_while_it_answers(self, loaded: LocalChatModel, fault: Exception) -> None:
        model = LocalChatModel(Crowded(loaded._model, fault, rows=0), loaded._prompts)
        with pytest.raises(EngineError, match=r"memory ran out.*use --url"):
            model.complete(face_request(picture()), cancelled=never)

    def test_memory_that_runs_out_for_many_suffices_for_few(self, loaded: LocalChatModel) -> None:
        crowded = Crowded(loaded._model, torch.OutOfMemoryError("CUDA out of memory."), rows=2)
        model = LocalChatModel(crowded, loaded._prompts, lambda _tokens: 8)
        requests = [brief_request(seed) for seed in range(5)]
        answers = model.complete_all(requests, cancelled=never)
        assert answers == [loaded.complete(request, cancelled=never) for request in requests]
        assert crowded.seen == {1, 2, 4, 5}  # what all have in common is read as one row

    def test_another_fault_of_torch_is_not_told_as_one_of_memory(self, loaded: LocalChatModel) -> None:
        model = LocalChatModel(Crowded(loaded._model, RuntimeError("shapes differ"), rows=0), loaded._prompts)
        with pytest.raises(RuntimeError, match="shapes differ"):
            model.complete(face_request(picture()), cancelled=never)

    def test_a_picture_of_a_strange_shape(self, base: Path, adapter: Path) -> None:
        (face,) = engine(base, adapter).estimate(picture(height=1, width=150), max_faces=1)
        assert face.box == (0.0, 0.0, 150.0, 1.0)
        with pytest.raises(InputError, match="A strip of 900 x 2 pixels shows no face"):
            engine(base, adapter).estimate(picture(height=2, width=900), max_faces=1)


ASKING_NOBODY = """
import sys
asked = []
seen = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")
sys.addaudithook(lambda event, args: asked.append(event) if event in seen else None)
from inference_backend.cli import main
status = main(["estimate", *sys.argv[1:], "--engine", "semanticface", "--json"])
sys.stderr.write(f"{status} {asked}")
"""


def test_the_command_line_reads_several_pictures_as_each_alone_and_asks_nobody_on_the_network(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    """What is no picture keeps none from its face."""
    names = [str(tmp_path / name) for name in ("first.png", "text.png", "second.png")]
    for seed, name in ((0, names[0]), (1, names[2])):
        Image.fromarray(picture(seed)).save(name)
    Path(names[1]).write_text("no picture")
    environ = {
        "OMP_NUM_THREADS": "1",
        "MIEN_LANGUAGE_FACE_BASE": str(base),
        "MIEN_LANGUAGE_FACE_ADAPTER": str(adapter),
    }
    command = [sys.executable, "-c", ASKING_NOBODY, *names]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=True)
    assert done.stderr.endswith("1 []")
    first, refused, second = json.loads(done.stdout)
    assert (refused["image"], refused["error"]["code"]) == (names[1], "bad_input")
    reader = engine(base, adapter)
    for seed, reply in ((0, first), (1, second)):
        (face,) = reply["faces"]
        (own,) = reader.estimate(picture(seed), max_faces=1)
        assert tuple(face["channels"]) == CHANNELS
        np.testing.assert_allclose(list(face["channels"].values()), own.pose.values, atol=1e-6)
    reader.unload()
