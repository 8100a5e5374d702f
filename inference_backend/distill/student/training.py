"""Teaches a student: minutes on a processor, for some thousand small pictures."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from blender_addon.core.channels import INDEX, SHAPES
from blender_addon.core.errors import InputError

from ..evaluation import mean_correlation
from ..manifest import Manifest
from .card import WEIGHTS_NAME, StudentCard
from .lessons import Batch, Lessons, Teacher
from .network import Student
from .reading import StudentReader

HELD_OUT: Final = 0.08
"""Of the pictures, to judge by; the student never learns from them."""
_FINDER_WEIGHT: Final = 20.0
"""Makes an error of a tenth of the picture's side weigh like one of half a channel's spread."""
_FEWEST: Final = 8


@dataclass(frozen=True)
class Course:
    """How long and how it is taught. mirror: whether the character looks the same in a mirror, but for its pose.

    minutes: the most that it may take; without a limit, the same course gives the same student.
    """

    epochs: int = 40
    minutes: float = math.inf
    batch_size: int = 32
    learning_rate: float = 3e-3
    seed: int = 0
    mirror: bool = True
    threads: int = 0


@dataclass(frozen=True)
class Progress:
    """After each epoch. error: mean error of the channels on the pictures that are kept from it."""

    epoch: int
    epochs: int
    loss: float
    error: float
    correlation: float


def train_student(
    manifest: Manifest, folder: Path, course: Course, told: Callable[[Progress], None] = lambda _progress: None
) -> StudentCard:
    """Teach one and write it to `folder`. Raise InputError where there is too little to learn from."""
    if len(manifest.examples) < _FEWEST:
        raise InputError(f"{len(manifest.examples)} pictures are too few.", "Render some thousand.")
    if course.threads:
        torch.set_num_threads(course.threads)
    torch.manual_seed(course.seed)
    learnt, kept = manifest.split(HELD_OUT, course.seed)
    lessons, test = Lessons.of(learnt), Lessons.of(kept)
    channels = lessons.learnable()
    columns = [INDEX[name] for name in channels]
    means, spreads = lessons.values.mean(dim=0)[columns], lessons.values.std(dim=0)[columns]
    student = Student(len(channels)).to(memory_format=torch.channels_last)
    teacher = Teacher(lessons, channels, seed=course.seed, mirror=course.mirror)
    units = _Units(means, spreads, torch.tensor([name in SHAPES for name in channels]))
    pace = _Pace(student, course, len(teacher.epoch(course.batch_size)))
    reader = StudentReader(student, channels, means, spreads, mirror=course.mirror)
    for epoch in range(course.epochs):
        losses = [
            _step(student, pace, teacher.batch(places), units)
            for places in teacher.epoch(course.batch_size)
            if pace.done < 1
        ]
        if not losses:
            break
        scores = _scores(reader, test, columns)
        told(Progress(epoch + 1, course.epochs, float(np.mean(losses)), scores["error"], scores["correlation"]))
    card = StudentCard(
        channels, tuple(means.tolist()), tuple(spreads.tolist()), manifest.sources, len(learnt.examples),
        manifest.digest, course.mirror, _unease(reader, test), scores,
    )  # fmt: skip
    _write(student, card, folder)
    return card


class _Pace:
    """How far each step goes: a short rise, then half a cosine down to nothing.

    steps: of each epoch.
    """

    def __init__(self, student: Student, course: Course, steps: int) -> None:
        self._optimizer = torch.optim.AdamW(student.parameters(), lr=course.learning_rate, weight_decay=1e-2)
        self._highest = course.learning_rate
        self._total = course.epochs * steps
        self._seconds = course.minutes * 60
        self._started = time.monotonic()
        self._taken = 0

    @property
    def done(self) -> float:
        """The share of the course that is over, by its steps or by the clock."""
        return max(self._taken / self._total, (time.monotonic() - self._started) / self._seconds)

    def step(self) -> None:
        """Change the weights by their gradients."""
        done = min(self.done, 1.0)
        rate = self._highest * min(20 * done + 0.01, 0.5 * (1 + math.cos(math.pi * done)) + 1e-3)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._taken += 1


@dataclass(frozen=True, eq=False)
class _Units:
    """Of the reader's outputs: how they become the channels' own, and which of these end at 0 and 1."""

    means: Tensor
    spreads: Tensor
    is_shape: Tensor

    def loss(self, told: Tensor, truth: Tensor) -> Tensor:
        """Squares of the misses in spreads, not amounts: most shapes rest in most faces, and the likeliest amount of
        all would be none. What would be cut off at a shape's end is no miss.
        """
        values = told * self.spreads + self.means
        excused = self.is_shape & (((truth <= 0) & (values < 0)) | ((truth >= 1) & (values > 1)))
        return ((values - truth) / self.spreads).masked_fill(excused, 0.0).square().mean()


def _step(student: Student, pace: _Pace, batch: Batch, units: _Units) -> float:
    student.train()
    loss = units.loss(student.reader(batch.faces), batch.values)
    loss = loss + _FINDER_WEIGHT * functional.mse_loss(student.finder(batch.wholes), batch.places)
    loss.backward()
    for part in (student.finder, student.reader):  # each by itself: neither should slow the other one down
        torch.nn.utils.clip_grad_norm_(part.parameters(), 5.0)
    pace.step()
    return float(loss.detach())


def _scores(reader: StudentReader, test: Lessons, columns: list[int]) -> dict[str, float]:
    read = reader.read(test.pictures).values
    truth = test.values[:, columns].numpy()
    return {"error": float(np.abs(read - truth).mean()), "correlation": mean_correlation(read, truth)}


def _unease(reader: StudentReader, test: Lessons) -> float:
    return float(np.quantile(reader.read(test.pictures).unease, 0.99))


def _write(student: Student, card: StudentCard, folder: Path) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    card.write(folder)
    save_file({name: tensor.contiguous() for name, tensor in student.state_dict().items()}, folder / WEIGHTS_NAME)
