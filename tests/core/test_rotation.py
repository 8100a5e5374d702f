"""Checked by where the nose, the crown and the left ear go, not by formulas."""

import numpy as np
import pytest

from blender_addon.core.rotation import (
    BLENDER_FACING,
    EULER_ORDERS,
    Facing,
    axis_angles,
    axis_rotation,
    bone_basis,
    eulers,
    facing_of_face,
    head_rotation,
    quaternions,
)

FACINGS = {
    "Blender, -Y": BLENDER_FACING,
    "turned to +X": Facing((1, 0, 0), (0, 0, 1)),
    "Y up, Z forward": Facing((0, 0, 1), (0, 1, 0)),
    "lying": Facing((0, 0, 1), (1, 0, 0)),
}


def random_rotations(count, seed=1, largest=0.9):
    random = np.random.default_rng(seed)
    return head_rotation(*random.uniform(-largest, largest, (3, count)))


def from_quaternion(q):
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


@pytest.mark.parametrize("facing", FACINGS.values(), ids=FACINGS)
def test_signs(facing):
    angle = 0.5
    assert head_rotation(angle, 0, 0, facing) @ facing.forward @ facing.left == pytest.approx(np.sin(angle))
    assert head_rotation(0, angle, 0, facing) @ facing.forward @ facing.up == pytest.approx(np.sin(angle))
    assert head_rotation(0, 0, angle, facing) @ facing.up @ facing.left == pytest.approx(np.sin(angle))


def test_left_of_a_blender_character_is_plus_x():
    assert BLENDER_FACING.left == pytest.approx([1, 0, 0])


def test_yaw_is_outermost():
    nose = head_rotation(np.pi / 2, 0.3, 0, BLENDER_FACING) @ BLENDER_FACING.forward
    assert nose == pytest.approx([np.cos(0.3), 0, np.sin(0.3)])  # to the left, and still up


def test_roll_alone_leaves_the_nose():
    assert head_rotation(0.4, 0.2, 0.9) @ (0, -1, 0) == pytest.approx(head_rotation(0.4, 0.2, 0) @ (0, -1, 0))


def test_bone_basis_turns_the_nose_with_any_rest_pose():
    for seed, rotation in enumerate(random_rotations(20)):
        rest = random_rotations(1, seed + 50, 3.0)[0]
        posed = rest @ bone_basis(rotation, rest)  # how Blender composes rest and pose
        nose_in_bone = rest.T @ BLENDER_FACING.forward
        assert posed @ nose_in_bone == pytest.approx(rotation @ BLENDER_FACING.forward)


def test_quaternions_are_exact_and_continuous():
    turns = np.linspace(0, 4 * np.pi, 400)
    matrices = axis_rotation(np.array([1, 2, 3]) / np.sqrt(14), turns)
    found = quaternions(matrices)
    for q, matrix in zip(found, matrices, strict=True):
        np.testing.assert_allclose(from_quaternion(q), matrix, atol=1e-9)
    assert np.abs(np.diff(found, axis=0)).max() < 0.05


def test_quaternions_start_near_the_given_one():
    assert quaternions(np.eye(3), near=(-1, 0, 0, 0))[0] == pytest.approx([-1, 0, 0, 0])


@pytest.mark.parametrize("order", EULER_ORDERS)
def test_eulers_compose_back(order):
    for matrix in random_rotations(30):
        angles = eulers(matrix, order)[0]
        composed = np.eye(3)
        for axis in order:  # the first axis of the name is applied first
            index = "XYZ".index(axis)
            composed = axis_rotation(np.eye(3)[index], angles[index]) @ composed
        np.testing.assert_allclose(composed, matrix, atol=1e-9)


def test_eulers_do_not_jump():
    found = eulers(axis_rotation((0, 0, 1), np.linspace(0, 4 * np.pi, 100)), "XYZ")
    assert found[-1, 2] == pytest.approx(4 * np.pi)


def test_unknown_order_is_refused():
    with pytest.raises(ValueError, match="is not one of"):
        eulers(np.eye(3), "XXY")


def test_axis_angles():
    angle, *axis = axis_angles(axis_rotation((0, 0, 1), 0.7))[0]
    assert (angle, axis) == (pytest.approx(0.7), pytest.approx([0, 0, 1]))
    assert axis_angles(np.eye(3))[0] == pytest.approx([0, 0, 1, 0])


def test_facing_from_the_points_of_a_face():
    facing = facing_of_face(left_eye=(3, -8, 165), right_eye=(-3, -8, 165), mouth=(0, -9.5, 158)).snapped()
    assert facing.forward == pytest.approx([0, -1, 0])
    assert facing.up == pytest.approx([0, 0, 1])


def test_a_face_between_the_axes_is_not_snapped():
    forward = np.array([np.sin(0.7), -np.cos(0.7), 0])
    assert Facing(forward, (0, 0, 1)).snapped().forward == pytest.approx(forward)


def test_points_in_a_line_are_refused():
    with pytest.raises(ValueError, match="one line"):
        facing_of_face((1, 0, 0), (-1, 0, 0), (0, 0, 0))


def test_the_mirror_image_of_a_head_turns_as_its_mirror_image():
    mirror = np.diag([-1.0, 1.0, 1.0])
    points = [np.array(point, dtype=float) for point in ((3, -8, 165), (-3, -8, 165), (0, -9.5, 158))]
    facing = facing_of_face(*points)
    image = facing_of_face(*(mirror @ point for point in points), is_mirrored=True)
    np.testing.assert_allclose(image.left, mirror @ facing.left, atol=1e-12)
    np.testing.assert_allclose(image.forward, mirror @ facing.forward, atol=1e-12)
    turned = head_rotation(0.3, -0.2, 0.1, image)
    np.testing.assert_allclose(turned, mirror @ head_rotation(0.3, -0.2, 0.1, facing) @ mirror, atol=1e-12)
