"""Pictures of the bound head to learn from: exact numbers, and a scene that is left as it was."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.training import Shot, View, read_examples, write_lines
from bl_ext.user_default.mien.scene.actions import ensure_action, ensure_fcurve
from PIL import Image

from .scenes import owners

SIZE_PX = 32


def shots(*poses, views=None):
    views = views or [View()] * len(poses)
    return [Shot(f"{n}.png", pose, view) for n, (pose, view) in enumerate(zip(poses, views, strict=True))]


@pytest.fixture
def render(tmp_path):
    """Render shots to a folder, and read the manifest and the pixels back."""

    def rendered(planned):
        plan = tmp_path / "shots.jsonl"
        plan.write_text(write_lines(planned), encoding="utf-8")
        done = bpy.ops.mien.render_training_set(
            filepath=str(plan), folder=str(tmp_path / "set"), size=SIZE_PX, samples=4
        )
        assert done == {"FINISHED"}
        examples = read_examples((tmp_path / "set" / "manifest.jsonl").read_text(encoding="utf-8"))
        return examples, [pixels(tmp_path / "set" / example.image) for example in examples]

    return rendered


def pixels(path):
    """0..1, shape (height, width, 3). By Pillow: Blender 5.0 can crash where the pixels of an image are listed."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")) / 255


def test_the_numbers_are_those_of_the_picture(head, render):
    turned = Pose.from_mapping({"jawOpen": 0.8, "headYaw": 0.3, "leftEyeYaw": 0.2})
    (example, other), _ = render(shots(turned, Pose.neutral(), views=[View(yaw=0.1), View()]))
    assert example.pose["jawOpen"] == pytest.approx(0.8)
    assert example.pose["headYaw"] == pytest.approx(0.2, abs=1e-4)  # as the camera sees it
    assert example.pose["leftEyeYaw"] == 0  # the looks of the lids carry this head's gaze
    assert example.source == head.name
    assert example.description.movements
    assert np.allclose(other.pose.values, 0, atol=1e-5)


def test_pictures_of_another_list_are_not_taken_for_these(head, render):
    render(shots(Pose.neutral()))
    with pytest.raises(RuntimeError, match="those of another list"):
        render(shots(Pose.from_mapping({"jawOpen": 0.8})))


def test_what_is_in_the_box_differs_between_poses(head, render):
    backdrop = ((0.2, 0.2, 0.2), (0.2, 0.2, 0.2))
    views = [View(backdrop=backdrop)] * 3
    smile = Pose.from_mapping({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "mouthUpperUpLeft": 1.0})
    examples, (calm, again, smiling) = render(shots(Pose.neutral(), Pose.neutral(), smile, views=views))
    assert np.array_equal(calm, again)
    left, top, width, height = (round(side) for side in examples[2].box)
    assert 0.4 * SIZE_PX < max(width, height) < 0.8 * SIZE_PX
    changed = np.abs(smiling - calm).max(axis=2) > 0.05
    assert changed[top : top + height, left : left + width].sum() > 0.8 * changed.sum() > 5


def test_a_head_turned_to_its_left_looks_to_the_right_of_the_picture(head, render):
    views = [View(backdrop=((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)))] * 2
    left, right = Pose.from_mapping({"headYaw": 0.6}), Pose.from_mapping({"headYaw": -0.6})
    _, (seen_left, seen_right) = render(shots(left, right, views=views))
    assert np.abs(seen_left - seen_right[:, ::-1]).mean() < 0.5 * np.abs(seen_left - seen_right).mean()


def test_the_scene_is_left_as_it_was(head, render, scene):
    mesh = head.meshes[0]
    keys = mesh.data.shape_keys
    action = ensure_action(keys, "Own")
    curve = ensure_fcurve(keys, 'key_blocks["jawOpen"].value')
    curve.keyframe_points.insert(1, 0.5)
    scene.frame_set(1)
    before = [(owner.name, owner.animation_data and owner.animation_data.action) for owner in owners()]
    kinds = ("scenes", "objects", "cameras", "lights", "worlds")
    counts = [len(getattr(bpy.data, kind)) for kind in kinds]
    examples, _ = render(shots(Pose.from_mapping({"mouthSmileLeft": 1.0})))
    assert examples[0].pose["jawOpen"] == 0  # the Action had no part in it
    assert [(owner.name, owner.animation_data and owner.animation_data.action) for owner in owners()] == before
    assert keys.animation_data.action == action
    assert keys.key_blocks["jawOpen"].value == pytest.approx(0.5)
    assert keys.key_blocks["mouthSmileLeft"].value == 0
    assert [len(getattr(bpy.data, kind)) for kind in kinds] == counts


def test_an_order_goes_on_where_it_stopped(head, render, tmp_path):
    planned = shots(Pose.neutral(), Pose.from_mapping({"jawOpen": 1.0}))
    render(planned[:1])
    first = (tmp_path / "set" / "0.png").stat().st_mtime_ns
    examples, _ = render(planned)
    assert [example.image for example in examples] == ["0.png", "1.png"]
    assert (tmp_path / "set" / "0.png").stat().st_mtime_ns == first


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
