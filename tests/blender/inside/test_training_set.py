"""Pictures of the bound head to learn from: exact numbers, and a scene that is left as it was."""

import shutil

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.training import Shot, View, read_examples, write_lines
from bl_ext.user_default.mien.scene.actions import ensure_action, ensure_fcurve
from PIL import Image

from .scenes import owners

SIZE_PX = 32
GREY, WHITE = (View(backdrop=((grey, grey, grey), (grey, grey, grey))) for grey in (0.2, 1.0))
SMILE = Pose.from_mapping({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "mouthUpperUpLeft": 1.0})
SHOTS = {
    "turned": (Pose.from_mapping({"jawOpen": 0.8, "headYaw": 0.3, "leftEyeYaw": 0.2}), View(yaw=0.1)),
    "neutral": (Pose.neutral(), View()),
    "calm": (Pose.neutral(), GREY),
    "calm again": (Pose.neutral(), GREY),
    "smiling": (SMILE, GREY),
    "to its left": (Pose.from_mapping({"headYaw": 0.6}), WHITE),
    "to its right": (Pose.from_mapping({"headYaw": -0.6}), WHITE),
}
"""What is rendered once for all tests, as one order: before the first picture, the points of the face are chosen."""


def shot(name, pose, view=None):
    return Shot(f"{name}.png", pose, view or View())


def render(folder, *shots):
    """Render shots to a folder; gives all examples that its manifest then tells of, by name."""
    plan = folder.with_suffix(".jsonl")
    plan.write_text(write_lines(shots), encoding="utf-8")
    done = bpy.ops.mien.render_training_set(filepath=str(plan), folder=str(folder), size=SIZE_PX, samples=4)
    assert done == {"FINISHED"}
    examples = read_examples((folder / "manifest.jsonl").read_text(encoding="utf-8"))
    return {example.image.removesuffix(".png"): example for example in examples}


@pytest.fixture(scope="module")
def rendered(file_with_head, tmp_path_factory):
    """The folder of the shots, and the examples by name; from the file itself, before any test has its own scene."""
    bpy.ops.wm.open_mainfile(filepath=file_with_head)
    folder = tmp_path_factory.mktemp("rendered") / "set"
    return folder, render(folder, *(shot(name, *shown) for name, shown in SHOTS.items()))


@pytest.fixture
def begun(rendered, tmp_path):
    """A folder of one's own with those pictures, to go on with."""
    return shutil.copytree(rendered[0], tmp_path / "set")


def pixels(rendered, name):
    """0..1, shape (height, width, 3). By Pillow: Blender 5.0 can crash where the pixels of an image are listed."""
    with Image.open(rendered[0] / f"{name}.png") as picture:
        return np.asarray(picture.convert("RGB")) / 255


def test_the_numbers_are_those_of_the_picture(head, rendered):
    _, examples = rendered
    turned = examples["turned"]
    assert turned.pose["jawOpen"] == pytest.approx(0.8)
    assert turned.pose["headYaw"] == pytest.approx(0.2, abs=1e-4)  # as the camera sees it
    assert turned.pose["leftEyeYaw"] == 0  # the looks of the lids carry this head's gaze
    assert turned.source == head.name
    assert turned.description.movements
    assert np.allclose(examples["neutral"].pose.values, 0, atol=1e-5)


def test_pictures_of_another_list_are_not_taken_for_these(head, begun):
    with pytest.raises(RuntimeError, match="those of another list"):
        render(begun, shot("neutral", Pose.from_mapping({"jawOpen": 0.8})))


def test_what_is_in_the_box_differs_between_poses(rendered):
    calm, again, smiling = (pixels(rendered, name) for name in ("calm", "calm again", "smiling"))
    assert np.array_equal(calm, again)
    left, top, width, height = (round(side) for side in rendered[1]["smiling"].box)
    assert 0.4 * SIZE_PX < max(width, height) < 0.8 * SIZE_PX
    changed = np.abs(smiling - calm).max(axis=2) > 0.05
    assert changed[top : top + height, left : left + width].sum() > 0.8 * changed.sum() > 5


def test_a_head_turned_to_its_left_looks_to_the_right_of_the_picture(rendered):
    seen_left, seen_right = (pixels(rendered, name) for name in ("to its left", "to its right"))
    assert np.abs(seen_left - seen_right[:, ::-1]).mean() < 0.5 * np.abs(seen_left - seen_right).mean()


def test_the_scene_is_left_as_it_was(head, scene, tmp_path):
    mesh = head.meshes[0]
    keys = mesh.data.shape_keys
    action = ensure_action(keys, "Own")
    curve = ensure_fcurve(keys, 'key_blocks["jawOpen"].value')
    curve.keyframe_points.insert(1, 0.5)
    scene.frame_set(1)
    before = [(owner.name, owner.animation_data and owner.animation_data.action) for owner in owners()]
    kinds = ("scenes", "objects", "cameras", "lights", "worlds")
    counts = [len(getattr(bpy.data, kind)) for kind in kinds]
    examples = render(tmp_path / "set", shot("smile", Pose.from_mapping({"mouthSmileLeft": 1.0})))
    assert examples["smile"].pose["jawOpen"] == 0  # the Action had no part in it
    assert [(owner.name, owner.animation_data and owner.animation_data.action) for owner in owners()] == before
    assert keys.animation_data.action == action
    assert keys.key_blocks["jawOpen"].value == pytest.approx(0.5)
    assert keys.key_blocks["mouthSmileLeft"].value == 0
    assert [len(getattr(bpy.data, kind)) for kind in kinds] == counts


def test_an_order_goes_on_where_it_stopped(head, begun):
    former = (begun / "neutral.png").stat().st_mtime_ns
    examples = render(begun, shot("neutral", Pose.neutral()), shot("open", Pose.from_mapping({"jawOpen": 1.0})))
    assert list(examples) == [*SHOTS, "open"]
    assert (begun / "neutral.png").stat().st_mtime_ns == former
    assert (begun / "open.png").exists()


def test_what_is_no_shot_list_is_told(head, tmp_path):
    (tmp_path / "shots.jsonl").write_text('{"image": "a.png"}\n', encoding="utf-8")
    with pytest.raises(RuntimeError, match="Line 1 is no shot"):
        bpy.ops.mien.render_training_set(filepath=str(tmp_path / "shots.jsonl"))
    with pytest.raises(RuntimeError, match="can't be read"):
        bpy.ops.mien.render_training_set(filepath=str(tmp_path / "none.jsonl"))


def test_a_head_is_needed(scene):
    assert not bpy.ops.mien.render_training_set.poll()


def test_brows_do_not_turn_a_head_bound_by_its_rig(head):
    bpy.context.view_layer.objects.active = head.anchor
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    from bl_ext.user_default.mien.scene.stored_character import active_character

    assert np.allclose(active_character(bpy.context.scene).facing.forward, (0, -1, 0))
