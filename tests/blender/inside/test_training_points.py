"""Where points of the face are in pictures to learn from, on heads whose eyes are turned by shapes and by bones."""

import shutil

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.face_points import FACE_POINTS_NAME, FacePoints
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.training import Shot, View, read_examples, write_lines
from bl_ext.user_default.mien.ui.operators.training_set import MIEN_OT_render_training_set
from bl_ext.user_default.mien.ui.work import now

from .rigs import add_eye_bones, bound, is_look, remove_keys, unbound
from .waiting import Waiting

SIZE_PX = 64
FILL = 0.6


SMILE = {"mouthSmileLeft": 1.0, "jawOpen": 0.5}
SHOTS = (
    (Pose.neutral(), View(fill=FILL)),
    (Pose.from_mapping(SMILE), View(fill=FILL)),
    (Pose.neutral(), View(yaw=0.5, fill=FILL)),
)
"""Calm, smiling, and seen from its left: rendered once for all tests, since before it the points are chosen."""


def landmarks(folder, *shots):
    """Render poses in views, and give what the points are with where they are in each picture."""
    plan = folder.with_name("shots.jsonl")
    plan.write_text(write_lines(Shot(f"{n}.png", *shot) for n, shot in enumerate(shots)), encoding="utf-8")
    bpy.ops.mien.render_training_set(filepath=str(plan), folder=str(folder), size=SIZE_PX, samples=1)
    examples = read_examples((folder / "manifest.jsonl").read_text(encoding="utf-8"))
    face = FacePoints.from_text((folder / FACE_POINTS_NAME).read_text(encoding="utf-8"))
    return face, np.array([example.landmarks for example in examples])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rendered") / "set"


@pytest.fixture(scope="module")
def rendered(file_with_head, folder):
    """What the points are with where they are; from the file itself, before any test has its own scene."""
    bpy.ops.wm.open_mainfile(filepath=file_with_head)
    return landmarks(folder, *SHOTS)


def on(face, mesh):
    return np.array([name.startswith(f"{mesh} ") for name in face.names])


def test_points_of_every_part_are_told(head, rendered):
    face, (calm, _, _) = rendered
    assert calm.shape == (len(face.names), 2) == (128, 2)
    assert set(face.channels) == set(head.bound)
    assert all(on(face, name).any() for name in ("Face", "Tongue", "EyeLeft", "EyeRight"))
    assert ((calm > 0) & (calm < SIZE_PX)).all()
    left, right = calm[on(face, "EyeLeft")].mean(axis=0), calm[on(face, "EyeRight")].mean(axis=0)
    assert left[0] > right[0] + 0.1 * SIZE_PX
    assert left[1] == pytest.approx(right[1], abs=0.02 * SIZE_PX)


def test_points_move_in_the_picture_as_they_are_told_to(rendered):
    face, (calm, smiling, _) = rendered
    moved = sum(face.moves[face.channels.index(name)] * amount for name, amount in SMILE.items())
    expected = moved[:, :2] * (1, -1) * FILL * SIZE_PX
    assert np.abs(expected).max() > 2
    assert np.allclose(smiling - calm, expected, atol=0.15 * np.abs(expected).max())


def test_a_camera_from_the_left_sees_what_is_in_front_farther_left(rendered):
    face, (_, _, seen) = rendered
    middle = np.flatnonzero(np.abs(face.rest[:, 0]) < 0.1)
    depths = face.rest[middle, 2]
    front, back = middle[depths.argmax()], middle[depths.argmin()]
    assert seen[front, 0] < seen[back, 0] - 0.03 * SIZE_PX


def test_eyes_that_bones_turn_have_points_too(head, tmp_path):
    rig, parts = unbound(head)
    for part in parts.values():
        if part.type == "MESH" and part.data.shape_keys:
            remove_keys(part, is_look)
    add_eye_bones(rig, (parts["EyeLeft"], parts["EyeRight"]))
    bound(rig)
    view = View(fill=FILL)
    aside_pose = Pose.from_mapping({"leftEyeYaw": 0.3})
    face, (calm, aside) = landmarks(tmp_path / "set", (Pose.neutral(), view), (aside_pose, view))
    assert {"leftEyeYaw", "leftEyePitch", "rightEyeYaw", "rightEyePitch"} < set(face.channels)
    across = (aside - calm)[:, 0]
    assert across[on(face, "EyeLeft")].max() > 0.01 * SIZE_PX
    assert np.allclose(across[on(face, "EyeRight")], 0, atol=1e-3)
    told = face.moves[face.channels.index("leftEyeYaw")][on(face, "EyeLeft"), 0] * 0.3 * FILL * SIZE_PX
    assert np.allclose(across[on(face, "EyeLeft")], told, atol=0.15)


def test_pictures_of_another_head_are_not_added(head, rendered, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "set")
    file = copy / FACE_POINTS_NAME
    file.write_text(file.read_text(encoding="utf-8").replace("Face ", "Mask "), encoding="utf-8")
    counts = len(bpy.data.scenes), len(bpy.data.objects)
    with pytest.raises(RuntimeError, match="show another head"):
        landmarks(copy, *SHOTS)
    assert (len(bpy.data.scenes), len(bpy.data.objects)) == counts
    waiting = begun(tmp_path)
    assert waiting.send_until_done() == {"CANCELLED"}
    assert "show another head" in waiting.said[-1][1]
    assert (len(bpy.data.scenes), len(bpy.data.objects)) == counts
    assert now.work is None


def begun(tmp_path):
    options = {"filepath": str(tmp_path / "shots.jsonl"), "folder": str(tmp_path / "set"), "size": SIZE_PX}
    return Waiting(MIEN_OT_render_training_set, samples=1, **options)


def test_blender_goes_on_while_they_are_chosen_and_esc_stops_that(face, tmp_path):
    (tmp_path / "shots.jsonl").write_text(write_lines([Shot("0.png", Pose.neutral(), View())]), encoding="utf-8")
    scenes = len(bpy.data.scenes)
    waiting = begun(tmp_path)
    told = []
    for _ in range(20):
        assert waiting.send("TIMER") == {"PASS_THROUGH"}
        told.append(waiting.operator.work.progress)
    assert all(words.startswith("Choosing the points to learn") for words in told)
    assert len(set(told)) > 10
    assert waiting.send("ESC") == {"CANCELLED"}
    assert "0 pictures" in waiting.said[-1][1]
    assert not list((tmp_path / "set").iterdir())
    assert len(bpy.data.scenes) == scenes


@pytest.mark.parametrize("spoil", ["folder gone", "no room for pictures", "no room for points"])
def test_a_folder_that_fails_in_the_middle_is_told_and_nothing_is_called_done(face, tmp_path, spoil):
    shots = [Shot(f"{n}.png", Pose.neutral(), View()) for n in range(3)]
    (tmp_path / "shots.jsonl").write_text(write_lines(shots), encoding="utf-8")
    folder = tmp_path / "set"
    scenes = len(bpy.data.scenes)
    if spoil == "no room for points":
        (folder / FACE_POINTS_NAME).mkdir(parents=True)
    waiting = begun(tmp_path)
    if spoil != "no room for points":
        while not (folder / "0.png").exists():
            assert waiting.send("TIMER") == {"PASS_THROUGH"}
        shutil.rmtree(folder)
        if spoil == "no room for pictures":
            folder.write_bytes(b"")
    assert waiting.send_until_done() == {"CANCELLED"}
    assert waiting.said[-1][0] == "WARNING"
    assert any(words in waiting.said[-1][1] for words in ("moved or emptied", "can be written"))
    assert now.work is None
    assert len(bpy.data.scenes) == scenes
