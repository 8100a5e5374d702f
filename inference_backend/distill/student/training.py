"""Teaches a student: minutes on a processor, for some thousand small pictures."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from blender_addon.core.channels import INDEX
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
    """How long and how it is taught. mirror: whether the character looks the same in a mirror, but for its pose."""

    epochs: int = 40
    batch_size: int = 48
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
    student = Student(len(channels))
    teacher = Teacher(lessons, channels, seed=course.seed, mirror=course.mirror)
    pace = _Pace.of(student, course, len(teacher.epoch(course.batch_size)))
    reader = StudentReader(student, channels, means, spreads)
    for epoch in range(course.epochs):
        losses = [
            _step(student, pace, teacher.batch(places), (means, spreads)) for places in teacher.epoch(course.batch_size)
        ]
        scores = _scores(reader, test, columns)
        told(Progress(epoch + 1, course.epochs, float(np.mean(losses)), scores["error"], scores["correlation"]))
    card = StudentCard(
        channels, tuple(means.tolist()), tuple(spreads.tolist()), manifest.sources, len(learnt.examples),
        manifest.digest, _unease(reader, test), scores,
    )  # fmt: skip
    _write(student, card, folder)
    return card


@dataclass(frozen=True)
class _Pace:
    """How far each step goes."""

    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler

    @classmethod
    def of(cls, student: Student, course: Course, steps: int) -> "_Pace":
        """steps: of each epoch."""
        optimizer = torch.optim.AdamW(student.parameters(), lr=course.learning_rate, weight_decay=1e-2)
        total = course.epochs * steps
        warm = max(1, total // 20)

        def rate(step: int) -> float:
            """A short rise, then half a cosine down to nothing."""
            return min((step + 1) / warm, 0.5 * (1 + math.cos(math.pi * step / total)) + 1e-3)

        return cls(optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate))


def _step(student: Student, pace: "_Pace", batch: Batch, units: tuple[Tensor, Tensor]) -> float:
    student.train()
    means, spreads = units
    places, values = student.finder(batch.wholes), student.reader(batch.faces)
    # Squares, not amounts: most shapes rest in most faces, and the likeliest amount of all would be none.
    loss = functional.mse_loss(values, (batch.values - means) / spreads)
    loss = loss + _FINDER_WEIGHT * functional.mse_loss(places, batch.places)
    pace.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(student.parameters(), 5.0)
    pace.optimizer.step()
    pace.schedule.step()
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
