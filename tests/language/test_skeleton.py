"""Forced-skeleton decoding writes what constrained greedy decoding writes, in fewer passes."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from blender_addon.core.errors import CancelledError
from blender_addon.core.formats.keyframeface import RANGES, read_reply
from inference_backend.language.answer_form import AnswerForm, NumberSlot, json_form
from inference_backend.language.prompt_cache import Prefix, Prompt
from inference_backend.language.skeleton import fill
from inference_backend.language.token_form import TokenForm
from tests.language.tiny_qwen3 import save_base

FORM = json_form(RANGES, decimals=1, before='{"Keyframe_one":', after="}")
FINE_FORM = json_form(RANGES, decimals=2, before='{"Keyframe_one":', after="}")


class Decoder:
    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval()

    def prompt(self, text: str) -> torch.Tensor:
        encoded = self.tokenizer(text, return_tensors="pt")["input_ids"]
        assert isinstance(encoded, torch.Tensor)
        return encoded

    def form(self, form: AnswerForm) -> TokenForm:
        return TokenForm(form, lambda text: self.tokenizer.encode(text, add_special_tokens=False))

    def generate(self, prompt: torch.Tensor, form: TokenForm) -> tuple[list[str], int]:
        """The oracle: transformers' own greedy search under the same constraint, and its passes."""
        end = self.tokenizer.eos_token_id

        def allowed(_batch: int, tokens: torch.Tensor) -> list[int]:
            walk = form.start()
            for token in tokens[prompt.shape[1] :].tolist():
                walk.step(token)
            return [end] if walk.ended else sorted(walk.allowed())

        config = GenerationConfig(do_sample=False, max_new_tokens=1500, eos_token_id=end, pad_token_id=end)
        written = self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            generation_config=config,
            prefix_allowed_tokens_fn=allowed,
        )[0, prompt.shape[1] :].tolist()
        walk = form.start()
        for token in written[:-1]:
            walk.step(token)
        assert walk.ended
        return walk.numbers, len(written)


@pytest.fixture(scope="module", params=range(3))
def decoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    return Decoder(save_base(tmp_path_factory.mktemp("base"), seed=request.param))


@pytest.mark.parametrize("form", [FORM, FINE_FORM], ids=["tenths", "hundredths"])
def test_it_writes_what_constrained_greedy_decoding_writes(decoder: Decoder, form: AnswerForm) -> None:
    prompt = decoder.prompt("The jaw drops and the brows rise.")
    tokens = decoder.form(form)
    numbers, passes = decoder.generate(prompt, tokens)
    assert len(set(numbers)) > 3  # else the comparison says little
    for window in (1, 8, 64):
        (filling,) = fill(decoder.model, [Prompt.of_text(prompt)], tokens, window=window, cancelled=lambda: False)
        assert list(filling.numbers) == numbers
        assert filling.passes * 2 < passes


def test_what_was_read_before_is_made_use_of_and_changes_nothing(decoder: Decoder) -> None:
    tokens = decoder.form(FORM)
    prefix = Prefix()
    for words in ("The jaw drops. Give keyframe one.", "The jaw drops. Give keyframe two.", "The jaw", "Other words."):
        prompt = decoder.prompt(words)
        afresh = fill(decoder.model, [Prompt.of_text(prompt)], tokens, window=16, cancelled=lambda: False)
        again = fill(decoder.model, [Prompt.of_text(prompt)], tokens, window=16, cancelled=lambda: False, prefix=prefix)
        assert again == afresh


def test_the_answer_is_valid_though_the_model_knows_nothing(decoder: Decoder) -> None:
    (filling,) = fill(
        decoder.model, [Prompt.of_text(decoder.prompt("?"))], decoder.form(FORM), window=16, cancelled=lambda: False
    )
    answer = FORM.filled(filling.numbers)
    assert list(read_reply(answer, 1).values()) == [float(number) for number in filling.numbers]


def test_it_stops_when_it_is_cancelled(decoder: Decoder) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(CancelledError):
        fill(decoder.model, [Prompt.of_text(decoder.prompt("?"))], decoder.form(FORM), window=8, cancelled=cancelled)
    assert len(asked) == 4


def test_a_form_without_a_choice_takes_no_pass_but_the_prompts(decoder: Decoder) -> None:
    form = AnswerForm(("a=", ";"), (NumberSlot(0.5, 0.5, 1),))
    (filling,) = fill(
        decoder.model, [Prompt.of_text(decoder.prompt("?"))], decoder.form(form), window=8, cancelled=lambda: False
    )
    assert filling.numbers == ("0.5",)
    assert filling.passes == 1


def test_a_slot_holds_every_number_of_its_grid_once() -> None:
    assert NumberSlot(-0.2, 0.1, 1).candidates() == ["-0.2", "-0.1", "0.0", "0.1"]
    assert len(NumberSlot(0, 1, 3).candidates()) == 1001


def test_a_form_needs_a_text_around_each_slot() -> None:
    slots: Any = (NumberSlot(0, 1, 1),)
    with pytest.raises(ValueError, match="need 2 texts"):
        AnswerForm(("a",), slots)
