"""Teaches a student: minutes on a processor, for some thousand small pictures.

Where the pictures tell the points of the face, three things are learnt at once: the reader learns to see the points in
the pictures; the interpreter learns what points mean, mostly from faces that are drawn without rendering, blurred as
the reader blurs; and both learn from the pictures what only the looks of the face tell. Then the interpreter goes on
alone. Without points, only the looks are learnt from.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional

from blender_addon.core.channels import INDEX, SHAPES
from blender_addon.core.errors import EngineError, InputError

from ..evaluation import mean_correlation
from ..manifest import Manifest
from ..output_folder import make_folder
from .card import StudentCard
from .clock import Clock, Phase
from .drawing import POSES, FaceDrawer
from .interpreting import STEPS, teach_interpreter
from .keeping import NOUN, keep
from .lessons import Lessons, Teacher
from .network import Sighting, Student, reader_side
from .reading import StudentReader
from .units import Units

HELD_OUT: Final = 0.08
"""Of the pictures, to judge by; the student never learns from them."""
_FINDER_WEIGHT: Final = 20.0
"""Makes an error of a tenth of the picture's side weigh like one of half a channel's spread."""
_FEWEST: Final = 8
_DRAWN: Final = 128
"""Faces that are drawn for each step, beside the pictures: they cost hardly anything."""
_SHARPNESS: Final = 1.0
"""Cells: how near to its point a cell must be to count as one that shows it."""
_UNRIPE: Final = 0.2
"""Share of the course in which what the reader sees is not yet worth interpreting."""
_FEWEST_STEPS: Final = 4
_INTERPRETING_FROM: Final = 0.85
_JUDGING_FROM: Final = 0.97
"""Shares of the clock: from when the interpreter goes on alone, and from when the student is judged and written."""


@dataclass(frozen=True)
class Course:
    """How long and how it is taught. mirror: whether the character looks the same in a mirror, but for its pose.

    minutes: the most that it may take, the reading of the pictures included, but for a few steps that are always taken;
        without a limit, the same course gives the same student.
    drawn_poses: how many faces are thought up to learn from without pictures, where the character's points are known.
    interpreting_steps: for the interpreter alone, at the end; milliseconds each.
    """

    epochs: int = 40
    minutes: float = math.inf
    batch_size: int = 16
    learning_rate: float = 3e-3
    seed: int = 0
    mirror: bool = True
    threads: int = 0
    drawn_poses: int = POSES
    interpreting_steps: int = STEPS

    def __post_init__(self) -> None:
        """Raise InputError where nothing would be learnt."""
        if self.epochs < 1 or not self.minutes > 0:
            raise InputError("A course without epochs or time teaches nothing.", "Give it one epoch at least.")


@dataclass(frozen=True)
class Progress:
    """After each epoch. error: mean error of the channels on the pictures that are kept from it.

    interpreted: the share that is over of what the interpreter learns alone, after all epochs; 0 before.
    """

    epoch: int
    epochs: int
    loss: float
    error: float
    correlation: float
    interpreted: float = 0.0


def train_student(
    manifest: Manifest, folder: Path, course: Course, told: Callable[[Progress], None] = lambda _progress: None
) -> StudentCard:
    """Teach one and write it to `folder`.

    Raise InputError where there is too little to learn from, and EngineError where what is learnt is no student; then
    one that was there before stays.
    """
    clock = Clock(course.minutes)
    if len(manifest.examples) < _FEWEST:
        raise InputError(f"{len(manifest.examples)} pictures are too few.", "Render some thousand.")
    if course.threads:
        torch.set_num_threads(course.threads)
    torch.manual_seed(course.seed)
    learnt, kept = manifest.split(HELD_OUT, course.seed)
    lessons, test = (Lessons.of(part, pointed=manifest.knows_points) for part in (learnt, kept))
    channels = lessons.learnable()
    make_folder(folder, NOUN)  # before the minutes that the course takes
    columns = [INDEX[name] for name in channels]
    means, spreads = lessons.values.mean(dim=0)[columns], lessons.values.std(dim=0)[columns]
    side, point_count = reader_side(lessons.squares), lessons.points.shape[1]
    mirror = course.mirror and not point_count
    student = Student(side, point_count, len(channels)).to(memory_format=torch.channels_last)
    teacher = Teacher(lessons, channels, side, seed=course.seed, mirror=mirror)
    drawer = None
    if point_count:
        face = manifest.face_points()
        drawer = FaceDrawer(face, lessons.values, lessons.points, seed=course.seed, poses=course.drawn_poses)
        student.interpreter.note_points(teacher.drawn(drawer, 1000)[0])
    units = Units(means, spreads, torch.tensor([name in SHAPES for name in channels]))
    epoch_steps = len(teacher.epoch(course.batch_size))
    end = _JUDGING_FROM if drawer is None else _INTERPRETING_FROM
    phase = Phase(clock, course.epochs * epoch_steps, end=end, fewest=_FEWEST_STEPS)
    school = _School(student, _Pace(student, course.learning_rate, phase), teacher, units, drawer)
    reader = StudentReader(student, channels, means, spreads, mirror=mirror)
    for epoch in range(1, course.epochs + 1):
        losses = [school.step(places) for places in teacher.epoch(course.batch_size) if not phase.is_over]
        if losses:
            _check_finite("loss", losses)
            scores = _scores(reader, test, columns)
            last = Progress(epoch, course.epochs, float(np.mean(losses)), scores["error"], scores["correlation"])
            told(last)
        if phase.is_over:
            break
    if drawer is not None:
        alone = Phase(clock, course.interpreting_steps, end=_JUDGING_FROM, fewest=_FEWEST_STEPS)
        for share, loss in teach_interpreter(student, teacher, units, drawer, alone):
            _check_finite("loss", [loss])
            told(replace(last, loss=loss, interpreted=share))
        scores = _scores(reader, test, columns)
    _note_usual(student, teacher)
    card = StudentCard(
        channels, tuple(means.tolist()), tuple(spreads.tolist()), side, point_count, manifest.sources,
        len(learnt.examples), manifest.digest, mirror, _unease(reader, test), scores,
        lack=manifest.why_points_are_unused,
    )  # fmt: skip
    _check_finite("unease", [card.unease])
    for tensor in student.state_dict().values():
        _check_finite("weights", tensor.numpy())
    return keep(student, card, folder)


class _Pace:
    """How far each step goes: a short rise, then half a cosine down to nothing."""

    def __init__(self, student: Student, learning_rate: float, phase: Phase) -> None:
        self._optimizer = torch.optim.AdamW(student.parameters(), lr=learning_rate, weight_decay=1e-2)
        self._highest = learning_rate
        self._phase = phase

    @property
    def done(self) -> float:
        """The share of the course that is over."""
        return self._phase.done

    def step(self) -> None:
        """Change the weights by their gradients."""
        done = self.done
        rate = self._highest * min(20 * done + 0.01, 0.5 * (1 + math.cos(math.pi * done)) + 1e-3)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._phase.count()


class _School:
    """One step after the other. drawer: of faces without pictures; None where nobody knows the character's points."""

    def __init__(
        self, student: Student, pace: _Pace, teacher: Teacher, units: Units, drawer: FaceDrawer | None
    ) -> None:
        self._student, self._pace, self._teacher, self._units = student, pace, teacher, units
        self._drawer = drawer

    def step(self, places: Tensor) -> float:
        """Show the lessons at these places, and change the student by what it says; the loss."""
        student, batch = self._student.train(), self._teacher.batch(places)
        sighting = student.reader(batch.faces)
        ripeness = min(1.0, self._pace.done / _UNRIPE) if self._drawer else 1.0
        loss = ripeness * self._units.loss(student.interpreter(sighting), batch.values)
        loss = loss + _FINDER_WEIGHT * functional.mse_loss(student.finder(batch.wholes), batch.places)
        if self._drawer is not None:
            loss = loss + _pointing_loss(sighting, batch.points, student.reader.cells)
            loss = loss + self._drawn_loss(self._drawer, (sighting.points - batch.points).detach())
        loss.backward()
        for part in student.children():  # each by itself: none should slow the others down
            torch.nn.utils.clip_grad_norm_(part.parameters(), 5.0)
        self._pace.step()
        return float(loss.detach())

    def _drawn_loss(self, drawer: FaceDrawer, misses: Tensor) -> Tensor:
        """misses: by how much the reader errs on pictures; drawn points are blurred by the like."""
        points, values = self._teacher.drawn(drawer, _DRAWN)
        blurred = points + misses[torch.randint(len(misses), (_DRAWN,))]
        return self._units.loss(self._student.interpreter.of_points(blurred), values)


def _pointing_loss(sighting: Sighting, points: Tensor, cells: int) -> Tensor:
    """How far the reader is from telling the cells of the points, and in cells, how far off their means are.

    points: in shares of the squares; those outside can't be seen.
    """
    inside = ((points > 0) & (points < 1)).all(dim=-1)
    middles = (torch.arange(cells) + 0.5) / cells
    near = torch.exp(-0.5 * ((points[..., None] - middles) * (cells / _SHARPNESS)).square())
    near = near / near.sum(dim=-1, keepdim=True).clamp(min=1e-6)
    wanted = (near[:, :, 1, :, None] * near[:, :, 0, None, :]).flatten(2)
    missed = -(wanted * sighting.maps).sum(dim=-1)
    away = (sighting.points - points).abs().sum(dim=-1) * cells
    return ((missed + away) * inside).sum() / inside.sum().clamp(min=1)


def _scores(reader: StudentReader, test: Lessons, columns: list[int]) -> dict[str, float]:
    read = reader.read(test.pictures).values
    truth = test.values[:, columns].numpy()
    scores = {"error": float(np.abs(read - truth).mean()), "correlation": mean_correlation(read, truth)}
    _check_finite("scores", list(scores.values()))
    return scores


def _check_finite(noun: str, numbers: ArrayLike) -> None:
    if not np.isfinite(numbers).all():
        raise EngineError(
            f"The course went wrong: its {noun} became infinite, so that nothing was written.",
            "Look for pictures, boxes and points that can't be right, or render the training set again.",
        )


def _note_usual(student: Student, teacher: Teacher) -> None:
    student.eval()
    with torch.no_grad():
        looks = [student.reader(teacher.batch(places).faces).looks for places in teacher.epoch(64)]
    student.interpreter.note_usual(torch.cat(looks))


def _unease(reader: StudentReader, test: Lessons) -> float:
    return float(np.quantile(reader.read(test.pictures).unease, 0.99))
