"""An adapter for a tiny Qwen3-VL, taught on drawn pictures: the loss falls, an interruption leaves no trace."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import PeftModel
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText

from blender_addon.core.errors import EngineError, InputError, MienError
from blender_addon.core.formats.pose_convention import SEMANTICFACE
from blender_addon.core.formats.released_records import channels_from
from blender_addon.core.formats.semanticface import read_face_reply
from blender_addon.core.pose import Pose
from blender_addon.core.training import Example, write_lines
from inference_backend.distill.manifest import Manifest
from inference_backend.distill.tuning.lessons import IGNORED, answer_of, end_of_turn, lesson_of
from inference_backend.distill.tuning.training import TuningCourse, TuningProgress, tune
from inference_backend.language.making import make_semanticface
from inference_backend.language.prompts import vision_prompts
from inference_backend.language.settings import LanguageSettings
from tests.language.tiny_qwen3 import save_base
from tests.language.tiny_qwen3_vl import save_vision_adapter, save_vision_base

ROOT = Path(__file__).parents[2]
WEIGHTS = "adapter_model.safetensors"
CHECKPOINT = "checkpoint.safetensors"
COURSE = TuningCourse(steps=24, rank=8, learning_rate=3e-2, gather=1, keep_every=100, judge_every=24, held_out=0.25)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_vision_base(tmp_path_factory.mktemp("vision"), hidden=32, layers=1)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    examples = []
    for number, jaw in enumerate(np.linspace(0, 1, 4)):
        Image.new("RGB", (64, 64), (int(200 * jaw), 90, 60)).save(folder / f"{number}.png")
        examples.append(Example.of(f"{number}.png", Pose.from_mapping({"jawOpen": jaw}), "Colour"))
    (folder / "manifest.jsonl").write_text(write_lines(examples))
    return Manifest.read(folder)


@pytest.fixture(scope="module")
def taught(manifest, base, tmp_path_factory):
    """An adapter that was taught without interruption, and what was told meanwhile."""
    told: list[TuningProgress] = []
    folder = tmp_path_factory.mktemp("adapter")
    tune(manifest, base, folder, COURSE, told.append)
    return folder, told


def test_the_answer_reads_as_a_reply_of_the_release(manifest):
    example = manifest.examples[2]
    reply = read_face_reply(answer_of(example))
    pose = Pose.from_mapping(channels_from(reply.values, SEMANTICFACE))
    assert np.allclose(pose.values, example.pose.values, atol=1e-3)
    assert "Facial Expression Category" in reply.words


def test_only_the_answer_is_learnt(manifest, base):
    prompts, end = vision_prompts(base), end_of_turn(base)
    model = AutoModelForImageTextToText.from_pretrained(base)
    example = manifest.examples[1]
    lesson = lesson_of(example, manifest.picture(example), prompts, end, model)
    labels, tokens = lesson.labels[0], lesson.inputs["input_ids"][0]
    learnt = labels != IGNORED
    assert (labels[learnt] == tokens[learnt]).all()
    assert tokens[learnt].tolist() == [*prompts.encode(answer_of(example)), end]
    assert not learnt[: int((~learnt).sum())].any()  # the question stands before all of it


def test_the_loss_falls(taught):
    _folder, told = taught
    assert [progress.step for progress in told] == list(range(1, 25))
    assert told[-1].loss < 0.8 * told[0].loss
    assert told[-1].kept_loss < told[0].loss
    assert all(progress.kept_loss is None for progress in told[:-1])


def test_an_interruption_leaves_no_trace(manifest, base, taught, tmp_path):
    told: list[TuningProgress] = []
    tune(manifest, base, tmp_path, COURSE, told.append, stop_at=9)
    assert not (tmp_path / WEIGHTS).exists()
    torch.manual_seed(99)  # whatever happened to chance meanwhile
    tune(manifest, base, tmp_path, COURSE, told.append)
    folder, unbroken = taught
    assert told == unbroken
    first, second = load_file(folder / WEIGHTS), load_file(tmp_path / WEIGHTS)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_adapter_loads_and_changes_what_is_said(taught, base, manifest):
    plain = AutoModelForImageTextToText.from_pretrained(base)
    example = manifest.examples[0]
    lesson = lesson_of(example, manifest.picture(example), vision_prompts(base), end_of_turn(base), plain)
    with torch.inference_mode():
        before = float(plain(**lesson.inputs, labels=lesson.labels).loss)
        adapted = PeftModel.from_pretrained(plain, taught[0]).eval()
        after = float(adapted(**lesson.inputs, labels=lesson.labels).loss)
    assert after < 0.8 * before


def test_another_course_does_not_go_on_with_a_checkpoint(manifest, base, tmp_path):
    tune(manifest, base, tmp_path, COURSE, stop_at=1)
    with pytest.raises(InputError, match="of another course"):
        tune(manifest, base, tmp_path, replace(COURSE, learning_rate=0.5))


def test_a_damaged_checkpoint_is_told(manifest, base, tmp_path):
    tune(manifest, base, tmp_path, COURSE, stop_at=1)
    whole = (tmp_path / CHECKPOINT).read_bytes()
    for damaged in (b"{", whole[:100], whole[:-100]):
        (tmp_path / CHECKPOINT).write_bytes(damaged)
        with pytest.raises(InputError, match="is damaged"):
            tune(manifest, base, tmp_path, COURSE)


@pytest.mark.parametrize("kind", ["weight/", "moment/0/exp_avg"])
def test_a_checkpoint_that_lacks_something_is_told(manifest, base, tmp_path, kind):
    tune(manifest, base, tmp_path, COURSE, stop_at=1)
    with safe_open(tmp_path / CHECKPOINT, "pt") as file:
        told, names = file.metadata(), file.keys()
        state = {name: file.get_tensor(name).clone() for name in names}
    del state[next(name for name in state if name.startswith(kind))]
    save_file(state, tmp_path / CHECKPOINT, told)
    with pytest.raises(InputError, match="is damaged"):
        tune(manifest, base, tmp_path, COURSE)


def test_a_checkpoint_stays_until_the_next_one_is_whole(manifest, base, tmp_path):
    tune(manifest, base, tmp_path, COURSE, stop_at=2)
    (tmp_path / f"{CHECKPOINT}.part").write_bytes(b"ended in the middle")
    told: list[TuningProgress] = []
    tune(manifest, base, tmp_path, COURSE, told.append, stop_at=3)
    assert [progress.step for progress in told] == [3]
    assert [file.name for file in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_course_that_went_wrong_writes_nothing(manifest, base, tmp_path):
    course = TuningCourse(steps=3, rank=2, learning_rate=1e30, gather=1, keep_every=1)
    with pytest.raises(EngineError, match=r"became infinite, so that no adapter .* smaller --learning-rate"):
        tune(manifest, base, tmp_path, course)
    assert not (tmp_path / WEIGHTS).exists()
    assert all(torch.isfinite(tensor).all() for tensor in load_file(tmp_path / CHECKPOINT).values())


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_told_before_the_course(manifest, base, tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    told: list[TuningProgress] = []
    with pytest.raises(MienError, match=r"The adapter can't be written to .* Give another folder with -o"):
        tune(manifest, base, tmp_path / place, COURSE, told.append)
    assert not told


def test_a_base_that_is_none_is_told(manifest, tmp_path):
    with pytest.raises(EngineError, match="There is no folder"):
        tune(manifest, tmp_path / "missing", tmp_path / "adapter", COURSE)
    with pytest.raises(EngineError, match=r"config\.json is missing"):
        tune(manifest, manifest.folder, tmp_path / "adapter", COURSE)
    with pytest.raises(EngineError, match="sees no pictures"):
        tune(manifest, save_base(tmp_path / "words"), tmp_path / "adapter", COURSE)
    assert not (tmp_path / "adapter").exists()


TWO = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
"""What `accelerate launch` starts for several GPUs; on processors it would ask for MPI, and else start one process."""


def command(*words, launched=(), **environ):
    """A command of Mien in a process of its own, in which accelerate begins anew."""
    line = [sys.executable, *launched, "-m", "inference_backend", *map(str, words)]
    quiet = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, env=quiet | environ)


def test_mixed_precision_from_the_command_line(manifest, base, tmp_path):
    words = ["--base", base, "-o", tmp_path, "--steps", "1", "--gather", "1", "--precision", "bfloat16"]
    done = command("distill", "tune", manifest.folder, *words)
    assert "step 1 of 1: loss" in done.stderr
    assert (tmp_path / WEIGHTS).exists()


def test_the_engine_reads_with_what_was_taught(manifest, base, taught, tmp_path):
    environ = {"MIEN_LANGUAGE_FACE_BASE": str(base), "MIEN_LANGUAGE_FACE_ADAPTER": str(taught[0])}
    reader = make_semanticface(LanguageSettings.from_environ(environ))
    (own,) = reader.estimate(manifest.picture(manifest.examples[2]), max_faces=1)
    reader.unload()
    untaught = make_semanticface(
        LanguageSettings(face_base=str(base), face_adapter=str(save_vision_adapter(base, tmp_path)))
    )
    (other,) = untaught.estimate(manifest.picture(manifest.examples[2]), max_faces=1)
    assert own.pose != other.pose  # it is the adapter that reads
    untaught.unload()


def test_two_processes_teach_what_one_does(manifest, base, tmp_path):
    """Each step's examples are shared out; the sum is the same, but for the order of its parts."""
    words = ["--base", base, "--steps", 3, "--gather", 2, "--rank", 4, "--learning-rate", 0.01]
    alone: list[TuningProgress] = []
    course = TuningCourse(steps=3, gather=2, rank=4, learning_rate=0.01)
    tune(manifest, base, tmp_path / "one", course, alone.append)
    shared = command(
        "distill", "tune", manifest.folder, *words, "-o", tmp_path / "two", launched=TWO, ACCELERATE_USE_CPU="true"
    )
    assert shared.stderr.count("step 3 of 3") == 1  # the second process says nothing
    assert shared.stdout.count("The adapter is in") == 1
    one, two = load_file(tmp_path / "one" / WEIGHTS), load_file(tmp_path / "two" / WEIGHTS)
    assert one.keys() == two.keys()
    assert any(weight.any() for name, weight in one.items() if "lora_B" in name)  # they begin at 0
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=1e-5)
    assert losses(shared.stderr) == pytest.approx([progress.loss for progress in alone], abs=2e-3)


def test_a_step_that_can_not_be_shared_out_is_told(manifest, base, tmp_path):
    words = ["--base", base, "-o", tmp_path, "--gather", 3]
    with pytest.raises(subprocess.CalledProcessError) as caught:
        command("distill", "tune", manifest.folder, *words, launched=TWO, ACCELERATE_USE_CPU="true")
    assert "mien: 3 examples a step can't be shared out evenly to 2 processes. Give a multiple" in caught.value.stderr


def losses(text):
    """Of each step, as they were told."""
    return [float(loss) for loss in re.findall(r"^step \d+ of \d+: loss ([\d.]+)", text, re.MULTILINE)]
