"""Crops, head and eye angles, where the right answer is known by construction."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from inference_backend.face.gaze import PUPIL_RADIUS, _meet_sphere, eye_angles, listing_angles
from inference_backend.face.head_pose import (
    VERTICAL_FIELD_OF_VIEW,
    Angles,
    View,
    fit_head_pose,
)
from inference_backend.face.level import Gaze
from inference_backend.face.models import FaceModels
from inference_backend.face.regions import Region, region_from_landmarks
from inference_backend.face.sampling import sample_turned, sample_upright
from tests.photos import astronaut

SIZE = (640, 480)


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Roll first, then pitch, then yaw, in the signs of `core.channels`; axes x left, y up, z forward."""
    cos_y, sin_y = math.cos(yaw), math.sin(yaw)
    cos_p, sin_p = math.cos(pitch), math.sin(pitch)
    cos_r, sin_r = math.cos(roll), math.sin(roll)
    to_the_left = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    upwards = np.array([[1, 0, 0], [0, cos_p, sin_p], [0, -sin_p, cos_p]])
    to_the_shoulder = np.array([[cos_r, sin_r, 0], [-sin_r, cos_r, 0], [0, 0, 1]])
    turned: NDArray[np.float64] = to_the_left @ upwards @ to_the_shoulder
    return turned


def test_the_signs_of_the_angles() -> None:
    forward, top = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert (rotation(0.3, 0, 0) @ forward)[0] > 0  # the nose goes to the subject's left
    assert (rotation(0, 0.3, 0) @ forward)[1] > 0  # and up
    assert (rotation(0, 0, 0.3) @ top)[0] > 0  # the top of the head goes to the left shoulder


@pytest.mark.parametrize("angles", [(0, 0, 0), (0.4, -0.2, 0.1), (-0.6, 0.3, -0.5), (0.1, 0.7, 0.9)])
def test_angles_come_back_from_a_rotation(angles: tuple[float, float, float]) -> None:
    found = Angles.from_rotation(rotation(*angles))
    assert (found.yaw, found.pitch, found.roll) == pytest.approx(angles)


def photographed(models: FaceModels, turn: NDArray[np.float64], distance: float) -> NDArray[np.float32]:
    """The canonical face as the landmark model would give it, seen from `distance` centimetres."""
    placed = models.canonical.vertices @ turn.T + np.array([3.0, -2.0, -distance])
    pixels_per_unit = SIZE[1] / (2 * math.tan(VERTICAL_FIELD_OF_VIEW / 2))
    points = np.zeros((478, 3))
    points[:468, 0] = SIZE[0] / 2 + pixels_per_unit * placed[:, 0] / -placed[:, 2]
    points[:468, 1] = SIZE[1] / 2 - pixels_per_unit * placed[:, 1] / -placed[:, 2]
    points[:468, 2] = pixels_per_unit * -(placed[:, 2] + distance) / distance
    return points.astype(np.float32)


@pytest.mark.parametrize("distance", [40, 80, 200])
@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 0, 0), (-30, 10, 5), (0, 20, -20), (10, -20, 30)])
def test_a_known_head_pose_is_found(models: FaceModels, angles: tuple[float, ...], distance: float) -> None:
    turn = rotation(*np.radians(angles))
    pose = fit_head_pose(photographed(models, turn, distance), View.of_picture(SIZE), models.canonical)
    found = np.degrees([pose.angles.yaw, pose.angles.pitch, pose.angles.roll])
    assert found == pytest.approx(angles, abs=1.5)
    assert pose.translation == pytest.approx([3.0, -2.0, -distance], rel=0.06, abs=0.6)


@pytest.mark.parametrize("crop", [0.0, 150.0])
@pytest.mark.parametrize("pitch", [-20, 0, 20])
def test_what_is_cut_off_a_picture_changes_nothing_from_afar(models: FaceModels, pitch: float, crop: float) -> None:
    points = photographed(models, rotation(0, math.radians(pitch), 0), 150)
    points[:, :2] -= crop
    from_afar, as_seen = View.from_afar(points, models.canonical), View.of_picture(SIZE)
    pose = fit_head_pose(points, from_afar, models.canonical)
    both = fit_head_pose(points, as_seen.beside(from_afar), models.canonical)
    assert np.allclose(both[0].rotation, fit_head_pose(points, as_seen, models.canonical).rotation, atol=1e-9)
    assert np.allclose(both[0].translation, fit_head_pose(points, as_seen, models.canonical).translation, atol=1e-6)
    assert np.allclose(both[1].rotation, pose.rotation, atol=1e-9)
    assert math.degrees(pose.angles.pitch) == pytest.approx(pitch, abs=1.5)
    assert math.degrees(pose.angles.yaw) == pytest.approx(0, abs=1.5)


def test_a_nod_leaves_the_line_of_sight() -> None:
    before = Gaze(Angles(0.3, -0.2, 0.15), Angles(0.1, 0.2, 0.0), Angles(-0.05, 0.18, 0.0))
    after = before.nodded(0.1)
    assert after.head.pitch > before.head.pitch
    for eye in ("left_eye", "right_eye"):
        was = before.head.rotation @ getattr(before, eye).rotation[:, 2]
        now = after.head.rotation @ getattr(after, eye).rotation[:, 2]
        assert now == pytest.approx(was)


def test_head_and_eyes_that_tilt_against_one_another_give_half_of_it_but_no_more_than_four_degrees() -> None:
    def tilted(head: float, eyes: float) -> tuple[float, float]:
        eye = Angles(0, math.radians(eyes), 0)
        gaze = Gaze(Angles(0, math.radians(head), 0), eye, eye).without_a_personal_tilt(np.array(True))
        return math.degrees(gaze.head.pitch), math.degrees(gaze.left_eye.pitch)

    assert tilted(-10, 4) == pytest.approx((-8, 2))
    assert tilted(4, -6) == pytest.approx((2, -4))
    assert tilted(-25, 20) == pytest.approx((-21, 16))
    assert tilted(-20, -10) == pytest.approx((-20, -10))


def test_where_the_iris_stands_is_where_the_eye_looks(models: FaceModels) -> None:
    """The irises moved by a known turn of the eyeballs, on a head that faces the camera and on turned ones."""
    for head in ((0, 0, 0), (20, -5, 0), (-15, 10, 15)):
        straight = looking(models, head, 0, 0)
        sideways = looking(models, head, 20, 0)
        upwards = looking(models, head, 0, 15)
        assert straight == pytest.approx([0, 0, 0, 0], abs=1.5)
        assert sideways == pytest.approx([20, 0, 20, 0], abs=3)
        assert upwards == pytest.approx([0, 15, 0, 15], abs=3)


def looking(models: FaceModels, head: tuple[float, ...], yaw: float, pitch: float) -> list[float]:
    """Yaw and pitch of the left and the right eye, in degrees, for eyes that were turned so."""
    turn, distance = rotation(*np.radians(head)), 60.0
    points = photographed(models, turn, distance)
    gaze = rotation(math.radians(yaw), math.radians(pitch), 0) @ np.array([0, 0, 1])
    pixels_per_unit = SIZE[1] / (2 * math.tan(VERTICAL_FIELD_OF_VIEW / 2))
    for outer, inner, iris, side in ((263, 362, 473, 1), (33, 133, 468, -1)):
        middle = models.canonical.vertices[[outer, inner]].mean(axis=0)
        centre = middle + np.array([side * 0.12, 0.10, -0.65])
        pupil = turn @ (centre + PUPIL_RADIUS * gaze) + np.array([3.0, -2.0, -distance])
        points[iris, 0] = SIZE[0] / 2 + pixels_per_unit * pupil[0] / -pupil[2]
        points[iris, 1] = SIZE[1] / 2 - pixels_per_unit * pupil[1] / -pupil[2]
    view = View.of_picture(SIZE)
    pose = fit_head_pose(points, view, models.canonical)
    left, right = eye_angles(points, view, pose, models.canonical)
    return [math.degrees(angle) for angle in (left.yaw, left.pitch, right.yaw, right.pitch)]


def test_listing_gives_roll_only_to_oblique_gazes() -> None:
    assert listing_angles(np.array([0.0, 0.0, 1.0])) == Angles(0, 0, 0)
    for direction in ((0.3, 0.0), (0.0, 0.3)):
        x, y = direction
        assert listing_angles(np.array([x, y, math.sqrt(1 - x * x - y * y)])).roll == pytest.approx(0, abs=1e-12)
    oblique = listing_angles(np.array([0.4, 0.4, math.sqrt(1 - 0.32)]))
    # Half-angle relation of Listing's law: tan(roll/2) = tan(yaw/2) tan(pitch/2) in size.
    expected = math.tan(oblique.yaw / 2) * math.tan(oblique.pitch / 2)
    assert abs(math.tan(oblique.roll / 2)) == pytest.approx(expected, rel=1e-6)


def test_a_ray_that_misses_the_eyeball_gives_its_nearest_point() -> None:
    met = _meet_sphere(np.array([5.0, 0.0, 50.0]), np.array([0.0, 0.0, -1.0]))
    assert met == pytest.approx([1, 0, 0])


def test_an_upright_region_of_its_own_size_is_the_picture_itself() -> None:
    picture = astronaut()[:128, 100:228]
    assert np.array_equal(sample_upright(picture, Region(64, 64, 128, 128, 0.0), 128), picture)


@pytest.mark.parametrize(
    ("center_x", "center_y", "length"), [(100, 60, 256), (128, 0, 512), (300, -10, 384), (900, 50, 128)]
)
def test_places_on_pixels_are_those_pixels(center_x: float, center_y: float, length: float) -> None:
    picture, step = astronaut()[:150, :220], round(length / 128)
    crop = sample_upright(picture, Region(center_x, center_y, length, length, 0.0), 128)
    left, top = round(center_x - length / 2), round(center_y - length / 2)
    padded = np.pad(picture, ((300, 1000), (300, 1000), (0, 0)))  # black beyond the picture
    assert np.array_equal(crop, padded[top + 300 :: step, left + 300 :: step][:128, :128])


@pytest.mark.parametrize("region", [Region(230.3, 140.7, 150, 150, 0.3), Region(20, 10, 90, 120, -0.7)])
def test_a_crop_mixes_the_four_pixels_around_each_place(region: Region) -> None:
    side, margin = 96, 128
    a, b, c, d, e, f = region.affine(side)
    u, v = np.arange(side), np.arange(side)[:, np.newaxis]
    x, y = a * u + b * v + c + margin, d * u + e * v + f + margin
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = (x - column)[..., np.newaxis], (y - row)[..., np.newaxis]
    picture = np.pad(astronaut().astype(float), ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    upper = (1 - right) * picture[row, column] + right * picture[row, column + 1]
    lower = (1 - right) * picture[row + 1, column] + right * picture[row + 1, column + 1]
    difference = np.abs(sample_turned(astronaut(), region, side) - ((1 - below) * upper + below * lower))
    assert difference.max() < 1.5
    assert difference.mean() < 0.3


def test_a_quarter_turn_is_exact() -> None:
    picture = astronaut()[100:164, 200:264]
    turned = sample_turned(picture, Region(32, 32, 64, 64, math.pi / 2), 64)
    # A clockwise region sees the picture turned the other way; its first row comes from beyond the edge,
    # since regions turn about a corner between pixels.
    assert np.array_equal(turned[1:], np.rot90(picture)[:-1])


def test_an_upright_crop_blends_into_the_black_around_the_picture() -> None:
    # 70 x 30 pixels in a square of 70, at every 1.4th pixel: rows lie between the picture and the black around it.
    picture, side = astronaut()[:30, :70], 50
    places = 1.4 * np.arange(side)
    framed = np.pad(picture.astype(float), ((21, 21), (1, 2), (0, 0)))
    row, column = np.floor(places + 1).astype(int), np.floor(places + 1).astype(int)
    below, right = (places % 1)[:, np.newaxis, np.newaxis], (places % 1)[:, np.newaxis]
    upper = (1 - right) * framed[row][:, column] + right * framed[row][:, column + 1]
    lower = (1 - right) * framed[row + 1][:, column] + right * framed[row + 1][:, column + 1]
    crop = sample_upright(picture, Region(35, 15, 70, 70, 0.0), side)
    assert np.abs(crop - ((1 - below) * upper + below * lower)).max() < 1.5


def test_beyond_the_edge_comes_black_or_the_edge() -> None:
    white = np.full((20, 20, 3), 255, np.uint8)
    outside = Region(0, 10, 40, 20, 0.0)
    assert (sample_upright(white, outside, 10)[:, :4] == 0).all()
    assert (sample_turned(white, outside, 10) == 255).all()
    assert (sample_upright(white, Region(500, -300, 40, 40, 0.0), 10) == 0).all()
    assert (sample_turned(white, Region(500, -300, 40, 40, 0.3), 10) == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_a_picture_of_a_few_pixels_can_be_sampled(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.full((height, width, 3), 200, np.uint8)
    for region in (Region(width / 2, height / 2, 5, 5, 0.4), Region(-50, 70, 3, 8, -1.0)):
        assert (sample_turned(picture, region, 16) == 200).all()


def test_a_region_far_larger_than_the_picture_costs_no_memory() -> None:
    crop = sample_turned(np.full((10, 4000, 3), 9, np.uint8), Region(2000, 5, 1e6, 1e6, 0.7), 16)
    assert (crop == 9).all()


def test_the_next_region_follows_the_landmarks(models: FaceModels) -> None:
    """From a first region out of the detector, the tracker's regions settle on one and keep the landmarks."""
    picture = astronaut()
    first = models.locate(picture, models.detector.detect(picture)[0].region())
    assert first is not None
    second = models.locate(picture, region_from_landmarks(first.points))
    assert second is not None
    assert np.abs(first.points - second.points)[:, :2].mean() < 1.5


def test_regions_that_differ_by_a_trifle_are_one_on_the_grid() -> None:
    chance = np.random.default_rng(3)
    same = 0
    for _ in range(200):
        x, y, turn = *chance.uniform(-500, 500, 2).tolist(), chance.uniform(-1, 1)
        side = chance.uniform(20, 900)
        region = Region(x, y, side, side, turn)
        gridded = region.on_grid()
        assert gridded.center_x == pytest.approx(x, abs=side / 1024)
        assert gridded.width == gridded.height == pytest.approx(side, rel=0.002)
        assert gridded.rotation == pytest.approx(turn, abs=0.001)
        same += gridded == Region(x + side * 1e-5, y, side * (1 + 1e-5), side * (1 + 1e-5), turn + 1e-5).on_grid()
    assert same > 120
