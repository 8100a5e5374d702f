"""A student that is told points of the face: it learns to see them, and what they mean from faces nobody rendered."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_addon.core.channels import INDEX
from blender_addon.core.errors import InputError
from blender_addon.core.face_points import FACE_POINTS_NAME, FacePoints
from blender_addon.core.pose import Pose
from blender_addon.core.rotation import head_rotation
from blender_addon.core.training import write_lines
from inference_backend.distill.evaluation import evaluate
from inference_backend.distill.manifest import Manifest
from inference_backend.distill.student.card import StudentCard
from inference_backend.distill.student.drawing import FaceDrawer
from inference_backend.distill.student.engine import StudentEngine
from inference_backend.distill.student.lessons import Lessons
from inference_backend.distill.student.network import cut, even_points, points_inside
from inference_backend.distill.student.training import Course, train_student

from .test_student import drawn_face

CHANNELS = ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen")


def disc_points():
    """Of the drawn face: both lids of both eyes, both lips, and its rim; its left is on the picture's right."""
    rest, moves = [], []

    def add(left, up, moved=()):
        rest.append((left, up, 0))
        moves.append([(0, dict(moved).get(name, 0), 0) for name in CHANNELS])

    for left, name in ((0.22, "eyeBlinkLeft"), (-0.22, "eyeBlinkRight")):
        add(left, 0.15 + 0.15, {name: -0.135}.items())
        add(left, 0.15 - 0.15, {name: 0.135}.items())
    add(0, -0.25 + 0.015, {"jawOpen": 0.15}.items())
    add(0, -0.25 - 0.015, {"jawOpen": -0.15}.items())
    for left, up in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
        add(left, up)
    names = tuple(f"Disc {number}" for number in range(len(rest)))
    return FacePoints(
        names, np.array(rest, np.float32), CHANNELS, np.array(moves, np.float32).transpose(1, 0, 2).copy()
    )


def landmarks_of(face, example):
    left, top, size, _ = example.box
    places = face.rest + np.einsum("c,ckd->kd", [example.pose[name] for name in face.channels], face.moves)
    return tuple((left + size * (0.5 + x), top + size * (0.5 - y)) for x, y, _ in places.tolist())


def draw_set(folder, count, seed):
    random, face, examples = np.random.default_rng(seed), disc_points(), []
    for number in range(count):
        picture, example = drawn_face(random, number)
        picture.save(folder / example.image)
        examples.append(replace(example, landmarks=landmarks_of(face, example)))
    (folder / "manifest.jsonl").write_text(write_lines(examples))
    (folder / FACE_POINTS_NAME).write_text(face.to_text())
    return Manifest.read(folder)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return draw_set(tmp_path_factory.mktemp("pointed"), 160, 1)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory):
    return draw_set(tmp_path_factory.mktemp("unseen"), 40, 2)


COURSE = Course(epochs=7, batch_size=16, threads=1, drawn_poses=0, interpreting_steps=150)


def test_it_reads_pictures_that_it_has_never_seen(manifest, unseen, tmp_path):
    card = train_student(manifest, tmp_path, COURSE)
    assert (card.points, card.mirror) == (10, False)
    scores = evaluate(StudentEngine(tmp_path), unseen)
    assert scores.error < 0.1
    assert scores.correlation > 0.9
    assert scores.sides_kept > 0.8


def test_a_course_with_points_ends_by_the_clock_and_tells_of_all_its_parts(manifest, tmp_path):
    few = replace(manifest, examples=manifest.examples[:48])
    told = []
    began = time.monotonic()
    course = Course(epochs=100_000, minutes=0.1, batch_size=8, threads=1, interpreting_steps=10**7)
    train_student(few, tmp_path, course, told.append)
    assert 4 < time.monotonic() - began < 60  # of 6 s; this machine may be busy
    shares = [progress.interpreted for progress in told if progress.interpreted]
    assert shares == sorted(shares)
    assert shares
    assert shares[-1] == 1


def test_a_drawn_face_is_where_the_rendered_one_is(manifest):
    lessons = Lessons.of(manifest)
    drawer = FaceDrawer(manifest.face_points(), lessons.values, lessons.points, seed=0, poses=0)
    assert float(drawer.misses.max()) < 0.02
    points, values, views = drawer.draw(50)
    sizes = lessons.squares[views, 2]
    opened = (points[:, 5, 1] - points[:, 4, 1]) / sizes
    assert torch.allclose(opened, 0.03 + 0.3 * values[:, INDEX["jawOpen"]], atol=1e-3)


def test_a_turned_head_is_drawn_as_a_camera_sees_it():
    random = np.random.default_rng(4)
    rest = random.uniform(-0.5, 0.5, (30, 3)).astype(np.float32)
    face = FacePoints(tuple("abc" * 10), rest, ("jawOpen",), random.normal(0, 0.1, (1, 30, 3)).astype(np.float32))
    values = torch.zeros(2, 61)
    values[:, INDEX["headYaw"]], values[:, INDEX["headPitch"]] = torch.tensor([[0.4, -0.2], [0.1, 0.3]])
    values[:, INDEX["jawOpen"]] = torch.tensor([0.0, 1.0])
    seen = []
    turned = zip(*(values[:, INDEX[n]].tolist() for n in ("headYaw", "headPitch", "jawOpen")), strict=True)
    for yaw, pitch, opened in turned:
        turn = head_rotation(yaw, pitch, 0.0)
        places = in_blender(rest + opened * face.moves[0])
        still = in_blender(rest) @ turn.T
        places = places @ turn.T - (still.min(axis=0) + still.max(axis=0)) / 2
        scale = 100 / (1.3225 + places[:, 1])
        seen.append(np.column_stack([60 + places[:, 0] * scale, 70 - places[:, 2] * scale]))
    points = torch.tensor(np.array(seen)).float()
    drawer = FaceDrawer(face, values, points, seed=0, poses=0)
    assert float(drawer.misses.max()) < 0.05


def in_blender(places):
    """From the character's left, up and forward to Blender's axes: a face looks along -Y, its left is +X."""
    return np.column_stack([places[:, 0], -places[:, 2], places[:, 1]])


def test_points_are_told_in_the_square_that_is_cut():
    picture = torch.zeros(1, 3, 64, 64)
    picture[:, :, 20:22, 40:42] = 1.0
    squares = torch.tensor([[34.0, 26.0, 40.0, 0.5]])
    (point,) = points_inside(torch.tensor([[[41.0, 21.0]]]), squares)[0]
    seen = cut(picture, squares, 80)[0, 0]
    down, across = np.unravel_index(int(seen.argmax()), seen.shape)
    assert np.allclose(point.numpy() * 80, (across + 0.5, down + 0.5), atol=2)


def test_without_points_the_whole_square_is_looked_at():
    points = even_points(2)
    assert points.shape[0] == 2
    assert torch.allclose(points.mean(dim=1), torch.full((2, 2), 0.5))


def test_pictures_whose_points_are_not_all_known_teach_without_them(manifest, tmp_path):
    first, *others = manifest.examples[:24]
    mixed = replace(manifest, examples=(replace(first, landmarks=()), *others))
    card = train_student(mixed, tmp_path, Course(epochs=1, batch_size=8, threads=1))
    assert card.points == 0
    assert StudentCard.read(tmp_path) == card
    assert "not learnt from, since 1 of 24 lines" in card.told


def test_a_face_that_nothing_moves_is_told(manifest):
    lessons = Lessons.of(replace(manifest, examples=manifest.examples[:8]))
    face = disc_points()
    with pytest.raises(InputError, match=r"Nothing in face_points\.json moves"):
        FaceDrawer(replace(face, moves=0 * face.moves), lessons.values, lessons.points, seed=0, poses=0)


def test_damaged_points_are_told(manifest, tmp_path):
    (tmp_path / FACE_POINTS_NAME).write_text(
        '{"points": ["Disc 0"], "rest": [[0, 0]], "moves": {"jawOpen": [[0, 0, 0]]}}'
    )
    with pytest.raises(InputError, match="tells no points of a face"):
        replace(manifest, folder=tmp_path).face_points()
    (tmp_path / FACE_POINTS_NAME).unlink()
    with pytest.raises(InputError, match="can't be read"):
        replace(manifest, folder=tmp_path).face_points()


def test_points_are_kept_as_they_are():
    face = disc_points()
    again = FacePoints.from_text(face.to_text())
    assert (again.names, again.channels) == (face.names, face.channels)
    assert np.allclose(again.rest, face.rest, atol=1e-5)
    assert np.allclose(again.moves, face.moves, atol=1e-5)


def test_landmarks_are_kept_in_the_manifest(manifest):
    example = manifest.examples[0]
    assert np.allclose(example.landmarks, landmarks_of(disc_points(), example), atol=0.02)
    assert Pose.neutral() != example.pose
