"""Forced-skeleton decoding on a model that sees: the same as constrained greedy search, alone and in batches."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen3VLForConditionalGeneration, Qwen3VLProcessor

from inference_backend.engines import RgbPicture, never
from inference_backend.language.answer_form import AnswerForm, NumberSlot, Opening, spaced_json_form
from inference_backend.language.prompt_cache import Prefix, Prompt
from inference_backend.language.prompts import Prompts, vision_prompts
from inference_backend.language.semanticface import face_request
from inference_backend.language.skeleton import FreeWords, fill
from inference_backend.language.token_form import TokenForm
from tests.language.decoders import constrained_greedy
from tests.language.tiny_qwen3_vl import save_vision_base

SIZES = ((64, 96), (160, 64), (64, 96), (96, 96))


def pictures() -> list[RgbPicture]:
    noise = np.random.default_rng(5)
    return [noise.integers(0, 255, (*size, 3), dtype=np.uint8) for size in SIZES]


class Seer:
    def __init__(self, folder: Path) -> None:
        self.prompts: Prompts = vision_prompts(folder)
        self.model: Any = Qwen3VLForConditionalGeneration.from_pretrained(folder).eval()
        self.end = self.model.generation_config.eos_token_id
        form = face_request(pictures()[0]).form
        assert form is not None
        self.form = TokenForm(replace(form, opening=None), self.prompts.encode)

    def prompt(self, picture: RgbPicture) -> Prompt:
        return self.prompts.of(face_request(picture), self.model)


@pytest.fixture(scope="module", params=range(2))
def seer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seer:
    return Seer(save_vision_base(tmp_path_factory.mktemp("base"), seed=request.param))


def test_the_processor_is_the_models_own(seer: Seer) -> None:
    assert isinstance(seer.prompts._processor, Qwen3VLProcessor)  # type: ignore[attr-defined]
    prompt = seer.prompt(pictures()[0])
    # 64 x 96 pixels are 2 x 3 tokens of 32 x 32 pixels.
    assert sum(key < 0 for key in prompt.keys) == 6
    assert prompt.next_position == len(prompt.keys) - 6 + 3


def test_it_writes_what_constrained_greedy_search_writes(seer: Seer) -> None:
    prompt = seer.prompt(pictures()[0])
    greedy = constrained_greedy(seer.model, seer.prompts, prompt, seer.form, end=seer.end)
    assert len(set(greedy.numbers)) > 3  # else the comparison says little
    assert len({len(number) for number in greedy.numbers}) > 1  # the model chooses how many digits it writes
    for window in (1, 16):
        (filling,) = fill(seer.model, [prompt], seer.form, window=window, cancelled=never)
        assert filling.numbers == greedy.numbers
        assert filling.passes * 2 < greedy.passes


def test_another_picture_gives_another_answer_and_the_same_one_the_same(seer: Seer) -> None:
    prefix = Prefix()
    first, second, *_ = pictures()
    answers = [
        fill(seer.model, [seer.prompt(picture)], seer.form, window=16, cancelled=never, prefix=prefix)[0].numbers
        for picture in (first, first.copy(), second, first)
    ]
    afresh = [
        fill(seer.model, [seer.prompt(picture)], seer.form, window=16, cancelled=never)[0].numbers
        for picture in (first, first, second, first)
    ]
    assert answers == afresh
    assert answers[0] != answers[2]


def test_a_batch_gives_what_each_picture_gives_alone(seer: Seer) -> None:
    prompts = [seer.prompt(picture) for picture in pictures()]
    alone = [fill(seer.model, [prompt], seer.form, window=16, cancelled=never)[0] for prompt in prompts]
    together = fill(seer.model, prompts, seer.form, window=16, cancelled=never)
    assert [filling.numbers for filling in together] == [filling.numbers for filling in alone]
    assert together[0].passes < sum(filling.passes for filling in alone)


class Counting:
    """A model that counts the tokens that it is fed."""

    def __init__(self, model: Any) -> None:
        self.model, self.device, self.fed = model, model.device, 0

    def __call__(self, **inputs: Any) -> Any:
        self.fed += inputs["input_ids"].numel()
        return self.model(**inputs)


def test_what_the_prompts_have_in_common_is_read_once(seer: Seer) -> None:
    prompts = [seer.prompt(picture) for picture in pictures()]
    counting, prefix = Counting(seer.model), Prefix()
    with torch.inference_mode():
        prefix.side_by_side(counting, prompts)
        first = counting.fed
        prefix.side_by_side(counting, prompts)
    before_picture = next(place for place, key in enumerate(prompts[0].keys) if key < 0)
    width = max(len(prompt.keys) for prompt in prompts)
    assert first == before_picture + 4 * (width - before_picture)
    assert counting.fed - first == 4 * (width - before_picture)


def test_a_batch_of_the_same_picture_reads_it_once(seer: Seer) -> None:
    prompt = seer.prompt(pictures()[0])
    counting = Counting(seer.model)
    alone = fill(seer.model, [prompt], seer.form, window=16, cancelled=never)[0]
    with torch.inference_mode():
        Prefix().side_by_side(counting, [prompt] * 3)
    assert counting.fed == len(prompt.keys) - 1 + 3
    twice = fill(seer.model, [prompt, prompt], seer.form, window=16, cancelled=never)
    assert [filling.numbers for filling in twice] == [alone.numbers] * 2


@pytest.mark.parametrize("count", [1, 3])
def test_words_are_written_freely_until_the_form_begins(seer: Seer, count: int) -> None:
    """What is written is what `generate` writes without a constraint; then the form follows, whatever it was."""
    letters = 40
    opening = Opening(64, lambda text: letters if len(text) > letters else None, lambda _: "")
    words = FreeWords(opening, seer.prompts.decode, frozenset([seer.end]))
    prompts = [seer.prompt(picture) for picture in pictures()[:count]]
    fillings = fill(seer.model, prompts, seer.form, window=16, cancelled=never, words=words)
    for prompt, filling in zip(prompts, fillings, strict=True):
        written = seer.model.generate(
            input_ids=prompt.tokens,
            attention_mask=torch.ones_like(prompt.tokens),
            max_new_tokens=64,
            do_sample=False,
            **seer.prompts.for_generate(prompt),
        )[0, prompt.tokens.shape[1] :]
        free = seer.prompts.decode(written.tolist())
        assert filling.opening == free[:letters] or filling.opening == f"{free}\n\n"
        assert len(filling.numbers) == 61


def test_the_right_side_is_guessed_to_do_what_the_left_one_does() -> None:
    ranges = {"EyeBlinkLeft": (0.0, 1.0), "EyeBlinkRight": (0.0, 1.0), "JawRight": (0.0, 1.0), "JawLeft": (0.0, 1.0)}
    walk = TokenForm(spaced_json_form(ranges, decimals=2), lambda text: list(text.encode())).start()
    for token in b'{"EyeBlinkLeft": 0.45':
        walk.step(token)
    while len(walk.numbers) < 2:
        walk.step(walk.guess())
    assert walk.numbers == ["0.45", "0.45"]
    for token in b', "JawRight": 0.7':
        walk.step(token)
    while not walk.ended:
        walk.step(walk.guess())
    assert walk.numbers[2:] == ["0.7", "0.0"]


def test_a_number_may_have_few_digits_or_many() -> None:
    slot = NumberSlot(-0.1, 0.1, 2, fewest_decimals=1, lead=" ", signed_zero=True)
    assert slot.candidates()[:4] == ["-0.1", "0.0", "0.1", "-0.0"]
    form = TokenForm(AnswerForm(("a:", ","), (slot,)), lambda text: list(text.encode()))
    for number in slot.candidates():
        walk = form.start()
        for token in f"a: {number},".encode():
            assert token in walk.allowed()
            walk.step(token)
        assert (walk.ended, walk.numbers) == (True, [number])
