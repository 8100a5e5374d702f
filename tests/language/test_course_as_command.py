"""A student's course as the add-on runs it: a command that tells how far it is, and that can be ended."""

import os
import sys

import pytest

from blender_addon.client.command import CommandLine
from blender_addon.client.job import JobState
from building.layout import ROOT
from inference_backend.distill.student.card import WEIGHTS_PATTERN

from .test_student import draw_set

LIMIT_S = 120


@pytest.fixture
def course(tmp_path):
    """The command for a small set of pictures; its student goes into a folder of the test's."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    draw_set(pictures, 16, 1)
    environment = {"XDG_DATA_HOME": str(tmp_path / "data"), "PATH": os.environ["PATH"]}
    command = CommandLine(sys.executable, ROOT, tmp_path / "log" / "command.log", environment)
    heard = []

    def begin(*options):
        return command.job(
            ["distill", "train-student", str(pictures), "--threads", "1", *options],
            lambda line: heard.append(line) or line,
        )

    return begin, heard, tmp_path / "data"


def test_it_tells_each_epoch_and_writes_the_student(course):
    begin, heard, data = course
    job = begin("--epochs", "3")
    assert job.wait(LIMIT_S) is JobState.DONE
    assert [line.partition(":")[0] for line in heard if line.startswith("epoch")] == [
        f"epoch {n} of 3" for n in (1, 2, 3)
    ]
    assert list(data.glob(f"**/{WEIGHTS_PATTERN}"))
    assert job.result().splitlines()[-1].startswith("It is in ")


def test_ended_in_the_middle_it_writes_none(course):
    begin, heard, data = course
    job = begin("--epochs", "100000")
    while not any(line.startswith("epoch") for line in heard) and job.wait(0.1) is JobState.RUNNING:
        assert job.elapsed < LIMIT_S
    job.cancel()
    assert job.step() is JobState.CANCELLED
    assert not list(data.glob(f"**/{WEIGHTS_PATTERN}"))
