"""KeyframeFace from a raw script to keys: the true loading code on a tiny model, and a server that replays."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from blender_addon.core.anatomy import faults
from blender_addon.core.errors import CancelledError, EngineError
from blender_addon.core.formats.keyframeface import RANGES, SYSTEM_PROMPT, reply_key, user_prompt
from blender_addon.core.performance import Role
from inference_backend.language.chat import ChatRequest, Message
from inference_backend.language.keyframeface import KeyframeFaceEngine, keyframe_request
from inference_backend.language.local_model import load, plan
from inference_backend.language.making import make_keyframeface
from inference_backend.language.model_place import LocalModel
from inference_backend.language.residence import Residence
from inference_backend.language.settings import LanguageSettings
from inference_backend.language.token_form import TokenForm
from inference_backend.language.weights import read_adapter, read_base
from inference_backend.script.engine import BuiltInPerformer
from tests.language.conftest import Serve
from tests.language.scripted_server import Answer, chat
from tests.language.test_skeleton import Decoder
from tests.language.tiny_qwen3 import save_adapter, save_base

SCRIPT = "She lowers her gaze and presses her lips together. Then she smiles a little."


def local_engine(base: Path, adapter: Path | None, *, limit_gib: float | None = None) -> KeyframeFaceEngine:
    name = None if adapter is None else str(adapter)
    place = LocalModel(str(base), name, Residence(), download=False, limit_gib=limit_gib)
    return KeyframeFaceEngine(place, BuiltInPerformer())


class TestLocal:
    def test_a_script_becomes_keys_that_a_face_can_do(self, base_folder: Path, adapter_folder: Path) -> None:
        engine = local_engine(base_folder, adapter_folder)
        assert engine.status().state == "ready"
        performance = engine.perform(SCRIPT, emotion="anxious")
        assert engine.status().state == "loaded"
        assert len(performance.beats) >= 2
        assert faults(performance) == ()
        assert len(performance.to_curves()) > 10
        again = engine.perform(SCRIPT, emotion="anxious")
        assert again == performance
        engine.unload()
        assert engine.status().state == "ready"

    def test_base_and_adapter_are_what_peft_itself_makes_of_them(self, base_folder: Path, adapter_folder: Path) -> None:
        """The same request, the base and adapter put together by hand, decoded by transformers' own greedy search."""
        request = keyframe_request(["The jaw drops.", "A smile."], 2, background="A hall.", emotion="Joy.")
        base = read_base(base_folder)
        mine = load(base, read_adapter(adapter_folder), plan(base, limit_gib=None))
        answer = mine.complete(request, cancelled=lambda: False).text

        oracle = Decoder(base_folder)
        oracle.model = PeftModel.from_pretrained(oracle.model, adapter_folder).eval()
        prompt = oracle.tokenizer.apply_chat_template(
            [{"role": message.role, "content": message.text} for message in request.messages],
            add_generation_prompt=True,
            enable_thinking=False,
            tokenize=False,
        )
        assert prompt.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")
        assert request.form is not None
        numbers, _ = oracle.generate(oracle.prompt(prompt), oracle.form(request.form))
        assert answer == request.form.filled(numbers)
        without, _ = Decoder(base_folder).generate(oracle.prompt(prompt), oracle.form(request.form))
        assert without != numbers  # the adapter does something

    def test_a_request_without_a_form_is_written_freely(self, base_folder: Path) -> None:
        base = read_base(base_folder)
        model = load(base, None, plan(base, limit_gib=None))
        request = ChatRequest((Message("user", "Hello."),), max_tokens=12)
        reply = model.complete(request, cancelled=lambda: False)
        assert reply == model.complete(request, cancelled=lambda: False)
        assert reply.cut_off

    @pytest.mark.parametrize("with_form", [True, False])
    def test_it_stops_in_mid_answer(self, base_folder: Path, with_form: bool) -> None:
        base = read_base(base_folder)
        model = load(base, None, plan(base, limit_gib=None))
        asked: list[int] = []

        def cancelled() -> bool:
            asked.append(1)
            return len(asked) > 5

        form = keyframe_request(["A smile."], 1, background="", emotion="").form if with_form else None
        with pytest.raises(CancelledError):
            model.complete(ChatRequest((Message("user", "?"),), max_tokens=4000, form=form), cancelled=cancelled)
        assert len(asked) < 9

    def test_a_request_longer_than_the_memory_is_refused(self, base_folder: Path) -> None:
        base = read_base(base_folder)
        model = load(base, None, plan(base, limit_gib=None))
        with pytest.raises(EngineError, match=r"tokens long .* in parts"):
            model.complete(ChatRequest((Message("user", "a b " * 9000),), max_tokens=9), cancelled=lambda: False)

    def test_loading_and_performing_ask_nobody_on_the_network(self, base_folder: Path, adapter_folder: Path) -> None:
        """In a fresh process that is not told to be offline, and that records every name it looks up."""
        program = (
            "import sys\n"
            "asked = []\n"
            "seen = ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname')\n"
            "sys.addaudithook(lambda event, args: asked.append(event) if event in seen else None)\n"
            "from inference_backend.language.making import make_keyframeface\n"
            "from inference_backend.language.settings import LanguageSettings\n"
            f"settings = LanguageSettings(base={str(base_folder)!r}, adapter={str(adapter_folder)!r})\n"
            f"print(len(make_keyframeface(settings).perform({SCRIPT!r}).beats), asked)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env={"OMP_NUM_THREADS": "1"}, check=True
        )
        assert done.stdout.endswith(" []\n")


class TestWhatCanBeWrong:
    def test_another_base(self, adapter_folder: Path, tmp_path: Path) -> None:
        engine = local_engine(save_base(tmp_path / "other", hidden=32), adapter_folder)
        with pytest.raises(EngineError, match=r"does not fit the base .* made for Qwen/Qwen3-14B"):
            engine.perform(SCRIPT)

    def test_a_missing_file(self, base_folder: Path, adapter_folder: Path, tmp_path: Path) -> None:
        adapter = Path(shutil.copytree(adapter_folder, tmp_path / "adapter"))
        (adapter / "adapter_model.safetensors").unlink()
        with pytest.raises(EngineError, match=r"adapter_model\.safetensors is missing"):
            local_engine(base_folder, adapter).perform(SCRIPT)

    def test_weights_as_pickles(self, base_folder: Path, tmp_path: Path) -> None:
        adapter = save_adapter(base_folder, tmp_path, safe=False)
        with pytest.raises(EngineError, match="a pickle, which can run code"):
            local_engine(base_folder, adapter).perform(SCRIPT)

    def test_too_little_memory_allowed(self, base_folder: Path, adapter_folder: Path) -> None:
        engine = local_engine(base_folder, adapter_folder, limit_gib=0.001)
        with pytest.raises(EngineError, match=r"needs 0\.\d+ GiB of memory, and Mien may use 0\.001 GiB"):
            engine.perform(SCRIPT)
        assert engine.status().state == "ready"

    def test_too_little_memory_free(self, adapter_folder: Path, tmp_path: Path) -> None:
        """A file with a hole of 4 TB in it says that it holds a trillion weights; it is refused unread."""
        base = save_base(tmp_path / "base")
        header = json.dumps({"w.weight": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}})
        with (base / "model.safetensors").open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header.encode())
            file.truncate(8 + len(header) + 4 * 10**12)
        with pytest.raises(EngineError, match=r"needs 4\d{3} GiB of memory, and .* GiB are free"):
            plan(read_base(base), limit_gib=None)

    def test_no_adapter_named(self, base_folder: Path) -> None:
        engine = local_engine(base_folder, None)
        assert (engine.status().state, "MIEN_LANGUAGE_ADAPTER" in engine.status().detail) == ("not installed", True)
        with pytest.raises(EngineError, match="No adapter is named"):
            engine.perform(SCRIPT)

    def test_a_tokenizer_that_is_not_there(self, base_folder: Path, adapter_folder: Path, tmp_path: Path) -> None:
        base = Path(shutil.copytree(base_folder, tmp_path / "base"))
        for file in base.glob("*token*"):
            file.unlink()
        with pytest.raises(EngineError, match=r"tokenizer\.json is missing"):
            local_engine(base, adapter_folder).perform(SCRIPT)

    def test_a_model_that_is_not_on_this_computer(self, adapter_folder: Path) -> None:
        engine = local_engine(Path("nobody-at-all/no-such-model"), adapter_folder)
        with pytest.raises(EngineError, match=r"is not on this computer\. Set MIEN_LANGUAGE_DOWNLOAD=1"):
            engine.perform(SCRIPT)


class TestServed:
    """The same prompts through the client of servers; the adapter is served by its name."""

    def values(self, **moving: float) -> dict[str, float]:
        return dict.fromkeys(RANGES, 0.0) | moving

    def engine(self, url: str) -> KeyframeFaceEngine:
        return make_keyframeface(LanguageSettings(url=url, model="keyframeface", reply_seconds=5))

    def test_the_released_request_is_sent_for_each_keyframe_and_the_numbers_arrive(self, serve: Serve) -> None:
        lock = threading.Lock()
        asked: list[str] = []

        def reply(request: dict[str, Any]) -> Answer:
            user = request["messages"][1]["content"]
            with lock:
                asked.append(user)
            number = 1 if user.endswith("Keyframe One.") else 2
            values = self.values(EyeLookDownLeft=0.3, EyeLookDownRight=0.3, LeftEyePitch=-0.2, RightEyePitch=-0.2)
            return chat(json.dumps({reply_key(number): values if number == 1 else self.values(MouthSmileLeft=0.4)}))

        server = serve(reply)
        engine = self.engine(server.url)
        performance = engine.perform("She lowers her gaze. Then she smiles.", background="A hall.", life=False)
        first, second = performance.beats
        descriptions = [first.description, second.description]
        assert sorted(asked) == [user_prompt(descriptions, n, background="A hall.", emotion="") for n in (1, 2)]
        assert {request["messages"][0]["content"] for request in server.requests} == {SYSTEM_PROMPT}
        assert {(request["model"], request["temperature"], request["max_tokens"]) for request in server.requests} == {
            ("keyframeface", 0.0, 1024)
        }
        assert first.channels["leftEyePitch"] == pytest.approx(-0.2)
        assert (first.channels["mouthSmileLeft"], second.channels["mouthSmileLeft"]) == (0.0, 0.4)
        assert second.channels["eyeLookDownLeft"] == 0.0  # what is over goes back to rest
        assert "jawOpen" not in first.channels  # what never moves is not keyed
        assert performance.keyframes[0].time == 0.0
        assert performance.keyframes[0].role is Role.PASSING

    def test_spoken_words_keep_the_mouth(self, serve: Serve) -> None:
        server = serve(lambda request: chat(json.dumps(self.values(BrowInnerUp=0.5, JawOpen=0.9))))
        script = 'She frowns. "I am quite fine, thank you," she says. She smiles.'
        performance = self.engine(server.url).perform(script, life=False)
        plain = BuiltInPerformer().perform(script, life=False)

        def spoken(keyframes: Any) -> list[tuple[float, float]]:
            return [
                (k.time, k.channels["jawOpen"]) for k in keyframes if k.role is Role.SPEECH and "jawOpen" in k.channels
            ]

        assert len(spoken(plain.keyframes)) > 3
        assert spoken(performance.keyframes) == spoken(plain.keyframes)

    def test_poses_that_no_face_can_do_are_mended_and_told(self, serve: Serve) -> None:
        """The released example itself closes the mouth by 0.2 over a closed jaw."""
        server = serve(lambda request: chat(json.dumps(self.values(MouthClose=0.2, BrowInnerUp=0.3))))
        performance = self.engine(server.url).perform("She frowns.", life=False)
        assert faults(performance) == ()
        assert any("mouthClose is above jawOpen" in note for note in performance.notes)

    def test_blinks_come_from_the_layer_of_life(self, serve: Serve) -> None:
        server = serve(lambda request: chat(json.dumps(self.values(BrowInnerUp=0.3))))
        performance = self.engine(server.url).perform("She frowns.", duration=20, seed=4)
        blinks = [k for k in performance.keyframes if k.role is Role.LIFE and k.channels.get("eyeBlinkLeft", 0) > 0.5]
        assert len(blinks) >= 2

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"TongueOut": None}, "TongueOut is null"),
            ({"JawOpen": "NaN"}, 'JawOpen is "NaN"'),
            ({"JawOpen": float("nan")}, "NaN is not a number"),
            ({"JawOpen": 1.7}, "JawOpen is 1.7, outside 0 to 1"),
            ({"JawOpen": "0.3"}, 'JawOpen is "0.3", not a number'),
            ({"Jaw": 0.3}, "Jaw is not asked for"),
        ],
    )
    def test_values_that_are_not_what_was_asked_for(self, serve: Serve, values: dict[str, Any], reason: str) -> None:
        server = serve(lambda _: chat(json.dumps({"Keyframe_one": self.values() | values})))
        with pytest.raises(EngineError, match=f"answer for keyframe 1 of 1 can't be used, twice: {reason}"):
            self.engine(server.url).perform("She frowns.")
        # The second time the model was told what was wrong.
        assert reason in server.requests[1]["messages"][-1]["content"]

    def test_60_keys_are_refused(self, serve: Serve) -> None:
        values = self.values()
        values.pop("HeadRoll")
        server = serve(lambda _: chat(json.dumps({"Keyframe_one": values})))
        with pytest.raises(EngineError, match="HeadRoll is missing"):
            self.engine(server.url).perform("She frowns.")

    def test_half_an_answer_is_refused(self, serve: Serve) -> None:
        text = json.dumps({"Keyframe_one": self.values()})[:700]
        server = serve(lambda _: chat(text, finish="length"))
        with pytest.raises(EngineError, match="it was cut off after 1024 tokens"):
            self.engine(server.url).perform("She frowns.")

    def test_an_answer_that_is_right_the_second_time_is_taken(self, serve: Serve) -> None:
        answers = iter(["I'd rather not.", json.dumps({"Keyframe_one": self.values(MouthFrownLeft=0.3)})])
        server = serve(lambda _: chat(next(answers)))
        (beat,) = self.engine(server.url).perform("She frowns.", life=False).beats
        assert beat.channels == {"mouthFrownLeft": 0.3}

    def test_a_server_that_fails_fails_the_whole(self, serve: Serve) -> None:
        server = serve(lambda _: Answer(500, b'{"error": {"message": "CUDA out of memory"}}'))
        with pytest.raises(EngineError, match=r"failed \(500\): CUDA out of memory"):
            self.engine(server.url).perform(SCRIPT)

    def test_it_is_cancelled_while_the_server_works(self, serve: Serve) -> None:
        server = serve(lambda _: chat("{}"))
        server.reply = server.hang
        with pytest.raises(CancelledError):
            self.engine(server.url).perform(SCRIPT, cancelled=server.hanging.is_set)


def test_the_unit_of_the_angles_is_a_named_choice(serve: Serve) -> None:
    values = dict.fromkeys(RANGES, 0.0) | {"HeadYaw": 0.1}
    server = serve(lambda _: chat(json.dumps(values)))
    settings = LanguageSettings(url=server.url, model="m", pose_unit="half-turns")
    (beat,) = make_keyframeface(settings).perform("She frowns.", life=False).beats
    assert beat.channels["headYaw"] == pytest.approx(0.314159, abs=1e-4)


def test_the_tokens_of_the_tiny_model_split_digits_as_qwens_do(base_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base_folder)
    form = keyframe_request(["x"], 1, background="", emotion="").form
    assert form is not None
    assert len(tokenizer.encode("-0.3", add_special_tokens=False)) == 4
    walk = TokenForm(form, lambda text: tokenizer.encode(text, add_special_tokens=False)).start()
    assert not walk.ended
    assert isinstance(AutoModelForCausalLM.from_pretrained(base_folder).dtype, torch.dtype)
