"""A student learns drawn faces from pictures, is kept, loaded and asked; all the real code on a tiny task."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from blender_addon.core.errors import EngineError, InputError, MienError
from blender_addon.core.pose import Pose
from blender_addon.core.training import Example, write_lines
from inference_backend.cli import main
from inference_backend.distill.evaluation import evaluate
from inference_backend.distill.manifest import Manifest
from inference_backend.distill.student.card import CARD_NAME, WEIGHTS_NAME, WEIGHTS_PATTERN, StudentCard
from inference_backend.distill.student.engine import StudentEngine
from inference_backend.distill.student.keeping import keep
from inference_backend.distill.student.lessons import Lessons, Teacher, fit, mirror_values
from inference_backend.distill.student.network import Student
from inference_backend.distill.student.place import PATH_SETTING
from inference_backend.distill.student.reading import StudentReader
from inference_backend.distill.student.training import Course, train_student

SIDE = 64


def drawn_face(random, number):
    """A disc with two eyes and a mouth: closed by blinks, opened by the jaw. Its left is on the picture's right."""
    channels = {"eyeBlinkLeft": random.random(), "eyeBlinkRight": random.random(), "jawOpen": random.random()}
    size = random.uniform(30, 50)
    x, y = random.uniform(size / 2, SIDE - size / 2, 2)
    picture = Image.new("RGB", (SIDE * 4, SIDE * 4), tuple(int(part) for part in random.integers(0, 90, 3)))
    draw = ImageDraw.Draw(picture)

    def ellipse(cx, cy, wide, high, fill):
        places = (
            x + (cx - wide / 2) * size,
            y + (cy - high / 2) * size,
            x + (cx + wide / 2) * size,
            y + (cy + high / 2) * size,
        )
        draw.ellipse([4 * place for place in places], fill=fill)

    ellipse(0, 0, 1, 1, (90, 200, 90))
    for side, name in ((0.22, "eyeBlinkLeft"), (-0.22, "eyeBlinkRight")):
        ellipse(side, -0.15, 0.26, 0.03 + 0.27 * (1 - channels[name]), (250, 250, 120))
    ellipse(0, 0.25, 0.4, 0.03 + 0.3 * channels["jawOpen"], (150, 20, 30))
    box = (x - size / 2, y - size / 2, size, size)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX), Example.of(
        f"{number}.png", Pose.from_mapping(channels), "Disc", box
    )


def draw_set(folder, count, seed):
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        picture, example = drawn_face(random, number)
        picture.save(folder / example.image)
        examples.append(example)
    (folder / "manifest.jsonl").write_text(write_lines(examples))
    return Manifest.read(folder)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return draw_set(tmp_path_factory.mktemp("learnt"), 200, 1)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory):
    return draw_set(tmp_path_factory.mktemp("unseen"), 40, 2)


COURSE = Course(epochs=6, batch_size=16, threads=1)


@pytest.fixture(scope="module")
def student(manifest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("student")
    train_student(manifest, folder, COURSE)
    return folder


def test_it_reads_pictures_that_it_has_never_seen(student, unseen):
    scores = evaluate(StudentEngine(student), unseen)
    assert scores.channels == 3
    assert scores.found > 0.9
    assert scores.error < 0.1
    assert scores.correlation > 0.9
    assert scores.sides_kept > 0.8


def test_it_finds_the_face(student, unseen):
    engine = StudentEngine(student)
    for example in unseen.examples[:10]:
        (face,) = engine.estimate(unseen.picture(example), max_faces=1)
        assert np.allclose(face.box, example.box, atol=0.12 * SIDE)


def test_it_is_less_sure_of_other_pictures(student, unseen):
    random = np.random.default_rng(3)
    noise = [random.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(8)]
    engine = StudentEngine(student)

    def sureness(pictures):
        return np.mean([face.confidence for picture in pictures for face in engine.estimate(picture, max_faces=1)])

    assert sureness(noise) < sureness([unseen.picture(example) for example in unseen.examples]) - 0.1


def test_it_says_what_it_was_taught_on(student, manifest):
    card = StudentCard.read(student)
    assert card.sources == ("Disc",)
    assert card.channels == ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen")
    assert card.digest == manifest.digest
    status = StudentEngine(student).status()
    assert (status.state, status.detail) == ("ready", card.told)
    assert "Learnt Disc from" in card.told


def test_the_same_course_gives_the_same_student(manifest, tmp_path):
    few = replace(manifest, examples=manifest.examples[:24])
    course = Course(epochs=1, batch_size=8, threads=1)
    first, second = (train_student(few, tmp_path / name, course) for name in "ab")
    assert first == second
    assert (tmp_path / "a" / first.weights).read_bytes() == (tmp_path / "b" / second.weights).read_bytes()


def test_a_course_ends_when_its_time_is_over(manifest, tmp_path):
    few = replace(manifest, examples=manifest.examples[:24])
    told = []
    train_student(few, tmp_path, Course(epochs=100_000, minutes=0.02, batch_size=8, threads=1), told.append)
    assert 1 <= len(told) < 1000
    assert StudentCard.read(tmp_path).channels


def test_a_clock_that_is_over_before_the_first_step_still_gives_a_student(manifest, tmp_path):
    few = replace(manifest, examples=manifest.examples[:24])
    told = []
    train_student(few, tmp_path, Course(epochs=100_000, minutes=1e-9, batch_size=8, threads=1), told.append)
    assert len(told) in (1, 2)
    assert StudentCard.read(tmp_path).scores["error"] > 0


def test_a_course_without_epochs_is_refused():
    with pytest.raises(InputError, match="teaches nothing"):
        Course(epochs=0)


def test_a_lopsided_character_is_not_looked_at_in_the_mirror(student, manifest, unseen, tmp_path):
    few = replace(manifest, examples=manifest.examples[:24])
    card = train_student(few, tmp_path, replace(COURSE, epochs=1, mirror=False))
    assert not card.mirror
    assert StudentCard.read(student).mirror
    pictures = Lessons.of(unseen).pictures[:4]
    seen = []

    class Watched(Student):
        def find(self, pictures, whole):
            seen.append(pictures)
            return super().find(pictures, whole)

    for mirror, looks in ((False, 1), (True, 2)):
        seen.clear()
        StudentReader(Watched(64, 0, 3), card.channels, torch.zeros(3), torch.ones(3), mirror=mirror).read(pictures)
        assert len(seen) == looks


def test_mirroring_twice_is_nothing(manifest):
    values = Lessons.of(replace(manifest, examples=manifest.examples[:4])).values
    assert (mirror_values(mirror_values(values)) == values).all()
    assert (mirror_values(values)[:, 0] == values[:, 7]).all()  # the blinks


def test_a_leaned_lesson_says_so():
    """A bar is drawn upright; in each lesson it leans to the viewer's right as `headRoll` grows."""
    picture = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    picture[:, :, 16:48, 30:34] = 255
    lessons = Lessons(
        picture.expand(40, -1, -1, -1),
        torch.tensor([[32.0, 32.0, 40.0, 0.0]]).expand(40, 4),
        torch.zeros(40, 61),
        torch.tensor([[[32.0, 22.0], [32.0, 42.0]]]).expand(40, 2, 2),
    )
    teacher = Teacher(lessons, ("headRoll",), 96, seed=0, mirror=False)
    (places,) = teacher.epoch(40)
    batch = teacher.batch(places)
    bars = batch.faces[:, 0]
    across = torch.arange(bars.shape[-1], dtype=torch.float32)
    middles = [(half * across).sum(dim=(1, 2)) / half.sum(dim=(1, 2)) for half in (bars[:, 20:48], bars[:, 48:76])]
    leaning = (middles[0] - middles[1]).numpy()
    assert np.corrcoef(leaning, batch.values[:, 0].numpy())[0, 1] > 0.9
    upper, lower = batch.points[:, 0, 0], batch.points[:, 1, 0]
    assert np.corrcoef(leaning, (upper - lower).numpy())[0, 1] > 0.9


def test_a_mirrored_lesson_has_its_sides_exchanged(manifest):
    few = Lessons.of(replace(manifest, examples=manifest.examples[:40]))
    channels = ("eyeBlinkLeft", "eyeBlinkRight")
    teacher = Teacher(few, channels, 96, seed=0)
    (places,) = teacher.epoch(40)
    batch = teacher.batch(places)
    plain = few.values[places][:, [0, 7]]
    turned = (batch.values == plain.flip(1)).all(dim=1)
    assert ((batch.values == plain).all(dim=1) | turned).all()
    assert 5 < turned.sum() < 35
    eyes = batch.faces[:, 0, 26:48]  # red: 250 of 255 for an eye, 90 for the skin
    left, right = eyes[..., 52:76].mean(dim=(1, 2)), eyes[..., 20:44].mean(dim=(1, 2))
    brighter = np.corrcoef((left - right).numpy(), (batch.values[:, 1] - batch.values[:, 0]).numpy())[0, 1]
    assert brighter > 0.5  # an open eye is bright, and the left one is on the right


def test_a_wide_picture_is_fitted_into_a_square():
    square, scale, (left, top) = fit(np.full((50, 100, 3), 255, dtype=np.uint8))
    side = square.shape[0]
    assert (scale, left, top) == (side / 100, 0, side // 4)
    assert (square[: side // 4] == 128).all()


def test_the_command_line_teaches_and_reads(manifest, tmp_path, monkeypatch, capsys):
    (manifest.folder / "few.jsonl").write_text(write_lines(manifest.examples[:24]))
    words = ["--epochs", "1", "--threads", "1", "-o", str(tmp_path / "disc")]
    assert main(["distill", "train-student", str(manifest.folder / "few.jsonl"), *words]) == 0
    assert "Learnt Disc from 22 pictures" in capsys.readouterr().out
    monkeypatch.setenv(PATH_SETTING, str(tmp_path / "disc"))
    assert main(["engines", "--json"]) == 0
    engines = {engine["name"]: engine for engine in json.loads(capsys.readouterr().out)["engines"]}
    assert "Learnt Disc" in engines["student"]["detail"]
    assert main(["distill", "evaluate", str(manifest.folder / "few.jsonl"), "--engine", "student"]) == 0
    assert "| | student |" in capsys.readouterr().out


def test_too_few_pictures_are_refused(manifest, tmp_path):
    with pytest.raises(InputError, match="3 pictures are too few"):
        train_student(replace(manifest, examples=manifest.examples[:3]), tmp_path, COURSE)


def test_a_course_that_goes_wrong_leaves_the_former_student(manifest, tmp_path):
    former = b"the card of a good one"
    (tmp_path / CARD_NAME).write_bytes(former)
    wild = replace(COURSE, epochs=1, learning_rate=1e30)
    with pytest.raises(EngineError, match="nothing was written"):
        train_student(replace(manifest, examples=manifest.examples[:48]), tmp_path, wild)
    assert (tmp_path / CARD_NAME).read_bytes() == former


def bare_card(student):
    return StudentCard(
        ("jawOpen",), (0.3,), (0.2,), student.side, 0, ("Disc",), 20, "0" * 64, mirror=True, unease=1.0, scores={}
    )  # fmt: skip


def test_a_student_that_is_ended_while_it_is_written_leaves_the_former_one(tmp_path, monkeypatch):
    former = keep(Student(64, 0, 1), bare_card(Student(64, 0, 1)), tmp_path)

    def ended(card, folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(StudentCard, "write", ended)
        with pytest.raises(KeyboardInterrupt):
            keep(Student(64, 0, 1), bare_card(Student(64, 0, 1)), tmp_path)
    assert StudentCard.read(tmp_path) == former
    assert StudentEngine(tmp_path).estimate(np.zeros((8, 8, 3), dtype=np.uint8), max_faces=1)
    after = keep(Student(64, 0, 1), bare_card(Student(64, 0, 1)), tmp_path)
    assert [file.name for file in tmp_path.glob(WEIGHTS_PATTERN)] == [after.weights]


def test_a_student_of_a_time_when_weights_had_one_name_is_read(tmp_path):
    card = keep(Student(64, 0, 1), bare_card(Student(64, 0, 1)), tmp_path)
    (tmp_path / card.weights).rename(tmp_path / WEIGHTS_NAME)
    data = json.loads((tmp_path / CARD_NAME).read_text())
    del data["weights"]
    (tmp_path / CARD_NAME).write_text(json.dumps(data))
    assert StudentEngine(tmp_path).estimate(np.zeros((8, 8, 3), dtype=np.uint8), max_faces=1)


def test_a_folder_that_cannot_be_is_told_before_the_course(manifest, tmp_path):
    (tmp_path / "taken").write_text("a file")
    few = replace(manifest, examples=manifest.examples[:24])
    told = []
    with pytest.raises(MienError, match="can't be written"):
        train_student(few, tmp_path / "taken", replace(COURSE, epochs=1), told.append)
    assert not told


def test_pictures_of_one_pose_are_refused(manifest, tmp_path):
    same = [replace(example, pose=Pose.neutral()) for example in manifest.examples[:10]]
    with pytest.raises(InputError, match="the same in all pictures"):
        train_student(replace(manifest, examples=tuple(same)), tmp_path, COURSE)


def test_no_student_is_no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv(PATH_SETTING, str(tmp_path))
    engine = StudentEngine()
    assert engine.status().state == "not installed"
    with pytest.raises(EngineError, match="cannot be used"):
        engine.estimate(np.zeros((8, 8, 3), dtype=np.uint8), max_faces=1)


@pytest.mark.parametrize("damage", [b"", b"not safetensors", None])
def test_damaged_weights_are_told(student, tmp_path, damage):
    (tmp_path / CARD_NAME).write_bytes((student / CARD_NAME).read_bytes())
    if damage is not None:
        (tmp_path / StudentCard.read(student).weights).write_bytes(damage)
    with pytest.raises(EngineError, match="damaged or missing"):
        StudentEngine(tmp_path).estimate(np.zeros((8, 8, 3), dtype=np.uint8), max_faces=1)


NaN = float("nan")


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2"},
        {"channels": ["nose"]},
        {"means": []},
        {"mirror": 1},
        {"unease": "low"},
        {"unease": NaN},
        {"unease": 0.0},
        {"weights": "../student.safetensors"},
        {"means": [NaN] * 3},
        {"scores": {"error": NaN}},
    ],
)
def test_a_damaged_card_is_told(student, tmp_path, change):
    card = json.loads((student / CARD_NAME).read_text())
    (tmp_path / CARD_NAME).write_text(json.dumps({**card, **change}))
    assert "is damaged" in StudentEngine(tmp_path).status().detail


def test_a_student_of_another_version_is_refused(student, tmp_path):
    card = json.loads((student / CARD_NAME).read_text())
    (tmp_path / CARD_NAME).write_text(json.dumps({**card, "version": 1}))
    with pytest.raises(EngineError, match="is of version 1, and this program knows 2"):
        StudentCard.read(tmp_path)
    assert "teach it again" in StudentEngine(tmp_path).status().detail


def test_the_newest_student_is_found(student, tmp_path, monkeypatch):
    from inference_backend.distill.student import place

    monkeypatch.delenv(PATH_SETTING, raising=False)
    monkeypatch.setattr(place, "students_folder", lambda: tmp_path)
    assert place.student_folder() is None
    for age, name in enumerate(("new", "old")):
        (tmp_path / name).mkdir()
        (tmp_path / name / CARD_NAME).write_text("{}")
        os.utime(tmp_path / name / CARD_NAME, (1e9 - age, 1e9 - age))
    assert place.student_folder() == tmp_path / "new"
