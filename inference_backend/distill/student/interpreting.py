"""Teaches the interpreter alone, once the reader sees well: a thousand faces are drawn in the time of a picture."""

import math
from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor

from .clock import Phase
from .drawing import FaceDrawer
from .lessons import Teacher
from .network import Sighting, Student
from .units import Units

STEPS: Final = 1500
_DRAWN: Final = 256
_SEEN: Final = 64
_RATE: Final = 1.5e-3
_BATCH: Final = 64
_TELL_EVERY: Final = 0.1
"""Of the phase."""


def teach_interpreter(
    student: Student, teacher: Teacher, units: Units, drawer: FaceDrawer, phase: Phase
) -> Iterator[tuple[float, float]]:
    """On drawn faces, blurred as the reader errs on pictures, and on what it sees in the pictures themselves.

    Yields now and then which share of the phase is over, and the loss.
    """
    seen, truths, values = _seen(student, teacher)
    misses = seen.points - truths
    interpreter = student.interpreter.train()
    optimizer = torch.optim.AdamW(interpreter.parameters(), lr=_RATE, weight_decay=1e-2)
    told = 0.0
    while not phase.is_over:
        optimizer.param_groups[0]["lr"] = _RATE * 0.5 * (1 + math.cos(math.pi * phase.done))
        points, drawn = teacher.drawn(drawer, _DRAWN)
        blurred = points + misses[torch.randint(len(misses), (_DRAWN,))]
        some = torch.randint(len(values), (_SEEN,))
        loss = units.loss(interpreter.of_points(blurred), drawn)
        loss = loss + units.loss(interpreter(Sighting(seen.points[some], seen.looks[some], seen.maps)), values[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        phase.count()
        if phase.is_over or phase.done >= told + _TELL_EVERY:
            told = phase.done
            yield told, float(loss.detach())


def _seen(student: Student, teacher: Teacher) -> tuple[Sighting, Tensor, Tensor]:
    """What the reader sees in all the pictures, where the points are and what the faces show."""
    student.eval()
    points, looks, truths, values = [], [], [], []
    with torch.no_grad():
        for places in teacher.epoch(_BATCH):
            batch = teacher.batch(places)
            sighting = student.reader(batch.faces)
            points.append(sighting.points)
            looks.append(sighting.looks)
            truths.append(batch.points)
            values.append(batch.values)
    all_seen = Sighting(torch.cat(points), torch.cat(looks), torch.zeros(0))
    return all_seen, torch.cat(truths), torch.cat(values)
