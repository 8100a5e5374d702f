"""Teaches an adapter: a manifest in, a PEFT folder out."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from blender_addon.core.errors import EngineError, InputError

from ...language.prompts import vision_prompts
from ...language.weights import read_base
from ..manifest import Manifest
from ..output_folder import make_folder, writing_to
from . import checkpoint
from .lessons import end_of_turn, lesson_of

if TYPE_CHECKING:
    from torch import Tensor

_TARGETS: Final = r".*language_model.*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
"""The words' part of the model; how it sees stays as it is."""
_DROPOUT: Final = 0.05


@dataclass(frozen=True)
class TuningCourse:
    """How it is taught. rank: of the adapter's matrices. precision: "float32", or "bfloat16" for mixed precision.

    gather: examples for each step; they go through the model one by one, so that memory does not grow with them.
    steps: in all. keep_every, judge_every: steps between checkpoints, and between looks at the kept examples.
    """

    steps: int = 1000
    rank: int = 16
    learning_rate: float = 2e-4
    gather: int = 8
    precision: str = "float32"
    seed: int = 0
    keep_every: int = 100
    judge_every: int = 100
    held_out: float = 0.05


@dataclass(frozen=True)
class TuningProgress:
    """loss: of this step's answers, per token. kept_loss: of the examples that it does not learn from, when judged."""

    step: int
    steps: int
    loss: float
    kept_loss: float | None


def tune(
    manifest: Manifest,
    base: Path,
    folder: Path,
    course: TuningCourse,
    told: Callable[[TuningProgress], None] = lambda _progress: None,
    *,
    stop_at: int | None = None,
) -> bool:
    """Teach an adapter and write it to `folder`, going on from the checkpoint that is there.

    Of several processes (`accelerate launch`) one tells the progress and writes; true in that one.
    stop_at: end after this step without an adapter, as an interruption would.
    Raise MienError where there is too little to learn from, the model or the folder is of no use, or the course goes
    wrong; what was written before stays.
    """
    if len(manifest.examples) < 2:
        raise InputError("One picture is too few to learn from.", "Render some thousand.")
    _refuse_blind(base)
    make_folder(folder, checkpoint.NOUN)  # before the hours that the course takes
    teaching = _Teaching(manifest, base, course)
    identity = repr((asdict(course), manifest.digest, base.name))
    first = checkpoint.restore(folder, identity, teaching.trained, teaching.optimizer)
    for step in range(first, course.steps):
        loss = teaching.step(step)
        done = step + 1
        judged = teaching.judge() if done % course.judge_every == 0 or done == course.steps else None
        _check_finite("loss", [loss, judged or 0.0])
        if teaching.is_first:
            told(TuningProgress(done, course.steps, loss, judged))
            if done % course.keep_every == 0 or done == stop_at:
                teaching.check_weights()
                checkpoint.save(folder, checkpoint.Standing(done, identity), teaching.trained, teaching.optimizer)
        if done == stop_at:
            return teaching.is_first
    teaching.check_weights()
    teaching.write(folder)
    return teaching.is_first


def _refuse_blind(base: Path) -> None:
    """Raise EngineError unless it is the folder of a model that sees pictures."""
    if not read_base(base).sees_pictures:
        raise EngineError(f"The model in {base} sees no pictures.", "Name one that does, such as Qwen3-VL-4B.")


def _check_finite(noun: str, numbers: ArrayLike) -> None:
    if not np.isfinite(numbers).all():
        raise EngineError(
            f"The course went wrong: its {noun} became infinite, so that no adapter was written.",
            "Give a smaller --learning-rate, and look for numbers in the manifest that can't be right.",
        )


def _refuse_uneven(gather: int, processes: int) -> None:
    """Raise InputError unless each process has as many examples of a step: they wait for each other at each one."""
    if gather % processes:
        raise InputError(
            f"{gather} examples a step can't be shared out evenly to {processes} processes.",
            "Give a multiple of their number with --gather.",
        )


class _Teaching:
    """A model with its adapter, what it is taught and how. Several processes share each step (`accelerate launch`)."""

    def __init__(self, manifest: Manifest, base: Path, course: TuningCourse) -> None:
        import torch
        from accelerate import Accelerator

        torch.manual_seed(course.seed)
        mixed = "bf16" if course.precision == "bfloat16" else "no"
        self._accelerator = Accelerator(mixed_precision=mixed)
        _refuse_uneven(course.gather, self._accelerator.num_processes)

        # These take seconds to load, so what is refused is refused before.
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForImageTextToText

        plain = AutoModelForImageTextToText.from_pretrained(base, trust_remote_code=False, local_files_only=True)
        config = LoraConfig(
            r=course.rank, lora_alpha=2 * course.rank, lora_dropout=_DROPOUT, target_modules=_TARGETS,
            task_type="CAUSAL_LM",
        )  # fmt: skip
        model = get_peft_model(plain, config)
        self._adapted = model
        self.trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        optimizer = torch.optim.AdamW(self.trained.values(), lr=course.learning_rate, weight_decay=0.0)
        self._model, self.optimizer = self._accelerator.prepare(model, optimizer)
        self._prompts, self._end = vision_prompts(base), end_of_turn(base)
        self._learnt, self._kept = manifest.split(course.held_out, course.seed)
        self._course = course

    @property
    def is_first(self) -> bool:
        """Whether this process writes the files."""
        return bool(self._accelerator.is_main_process)

    def step(self, number: int) -> float:
        """Learn from the examples of one step, and give their mean loss.

        Which they are and what dropout leaves out of each follow from the seed and the step's number alone, however
        often it was interrupted and to however many processes it is shared out.
        """
        import torch

        course, shares = self._course, self._accelerator.num_processes
        self._model.train()
        self._set_rate(number)
        random = np.random.default_rng((course.seed, number))
        chosen = random.integers(len(self._learnt.examples), size=course.gather).tolist()
        chances = random.integers(1 << 62, size=course.gather).tolist()
        mine = slice(self._accelerator.process_index, None, shares)
        losses = []
        for place, chance in zip(chosen[mine], chances[mine], strict=True):
            torch.manual_seed(chance)
            loss = self._loss(self._learnt, place)
            self._accelerator.backward(loss * shares / course.gather)
            losses.append(loss.detach())
        self._accelerator.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(self._accelerator.reduce(torch.stack(losses).mean(), reduction="mean"))

    def judge(self) -> float:
        """The mean loss of the kept examples."""
        import torch

        self._model.eval()
        with torch.inference_mode():
            return float(np.mean([float(self._loss(self._kept, n)) for n in range(len(self._kept.examples))]))

    def check_weights(self) -> None:
        """Raise EngineError where what was learnt is no number any more."""
        for weight in self.trained.values():
            _check_finite("weights", weight.detach().float().cpu().numpy())

    def write(self, folder: Path) -> None:
        """The adapter, as PEFT loads it."""
        if self.is_first:
            with writing_to(folder, checkpoint.NOUN):
                self._adapted.save_pretrained(folder, save_embedding_layers=False)  # "auto" would ask the hub

    def _loss(self, manifest: Manifest, place: int) -> "Tensor":
        example = manifest.examples[place]
        lesson = lesson_of(example, manifest.picture(example), self._prompts, self._end, self._adapted)
        with self._accelerator.autocast():
            return self._model(**lesson.inputs, labels=lesson.labels).loss

    def _set_rate(self, number: int) -> None:
        """A short rise, then half a cosine."""
        course = self._course
        share = min((number + 1) / max(1, course.steps // 20), 0.5 * (1 + math.cos(math.pi * number / course.steps)))
        for group in self.optimizer.param_groups:
            group["lr"] = course.learning_rate * share
