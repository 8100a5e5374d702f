"""The engine gives what MediaPipe gives, on real photos."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from blender_addon.core.pose import Pose
from inference_backend.face.head_pose import Angles, View, fit_head_pose
from inference_backend.face.landmarks import FaceLandmarks
from inference_backend.face.models import FaceModels
from inference_backend.face.search import find_faces
from tests.carriers import face_model_file
from tests.face.mediapipe_oracle import Oracle, OracleFace, open_oracle
from tests.photos import Photo, real_photos

MAX_FACES = 10
# The limits of the issue that asked for the engine; what is measured is far below, and printed.
MEAN_LIMIT, PERCENTILE_99_LIMIT, ANGLE_LIMIT_DEGREES = 0.01, 0.10, 3.0
# And our own, so that a slip that stays within those is seen too.
OUR_MEAN_LIMIT, OUR_PERCENTILE_99_LIMIT, OUR_ANGLE_LIMIT_DEGREES = 0.002, 0.02, 1.5
# Landmarks of one face agree to a fraction of its width.
SAME_FACE_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Pair:
    """One face as both see it; `ours` is None where we missed it."""

    photo: Photo
    theirs: OracleFace
    ours: FaceLandmarks | None
    pose: Pose | None


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with open_oracle(face_model_file(), max_faces=MAX_FACES) as opened:
        yield opened


@pytest.fixture(scope="module")
def pairs(oracle: Oracle, models: FaceModels) -> list[Pair]:
    return [pair for photo in real_photos() for pair in _pairs_in(photo, oracle, models)]


def _pairs_in(photo: Photo, oracle: Oracle, models: FaceModels) -> Iterator[Pair]:
    theirs = oracle.faces(photo.picture)
    ours = find_faces(models, photo.picture, wanted=MAX_FACES)
    for face in theirs:
        match = min(ours, key=lambda other: _distance(face, other), default=None)
        if match is None or _distance(face, match) > SAME_FACE_SHARE * float(np.ptp(face.points[:, 0])):
            yield Pair(photo, face, None, None)
        else:
            yield Pair(photo, face, match, models.pose(match, _size(photo)))


def _size(photo: Photo) -> tuple[int, int]:
    return photo.picture.shape[1], photo.picture.shape[0]


def _distance(theirs: OracleFace, ours: FaceLandmarks) -> float:
    return float(np.linalg.norm(theirs.points - ours.points[:, :2], axis=1).mean())


def test_there_are_enough_photos_with_a_face(pairs: list[Pair]) -> None:
    assert len({pair.photo.name for pair in pairs}) >= 40


def test_every_face_that_mediapipe_finds_is_found(pairs: list[Pair]) -> None:
    missed = [pair.photo.name for pair in pairs if pair.ours is None]
    assert missed == []


def test_the_51_shared_shapes_agree(pairs: list[Pair]) -> None:
    shared = sorted(set(pairs[0].theirs.shapes) - {"_neutral"})
    assert len(shared) == 51
    poses = [(pair.pose, pair.theirs.shapes) for pair in pairs if pair.pose is not None]
    differences = np.array([[abs(pose[name] - shapes[name]) for name in shared] for pose, shapes in poses])
    mean, percentile_99 = differences.mean(), np.percentile(differences, 99)
    worst = shared[int(differences.max(axis=0).argmax())]
    print(
        f"\n{len(poses)} faces in {len({pair.photo.name for pair in pairs})} photos against MediaPipe: "
        f"mean difference {mean:.4f}, 99th percentile {percentile_99:.4f}, most {differences.max():.4f} ({worst})"
    )
    assert mean <= min(MEAN_LIMIT, OUR_MEAN_LIMIT)
    assert percentile_99 <= min(PERCENTILE_99_LIMIT, OUR_PERCENTILE_99_LIMIT)


def test_head_rotations_agree(pairs: list[Pair], models: FaceModels) -> None:
    apart = []
    for pair in pairs:
        if pair.ours is None:
            continue
        rotation = fit_head_pose(pair.ours.points, View.of_picture(_size(pair.photo)), models.canonical).rotation
        apart.append(_degrees_between(rotation, pair.theirs.rotation))
    print(f"\nhead rotation against MediaPipe: median {np.median(apart):.2f}, most {max(apart):.2f} degrees")
    assert max(apart) <= min(ANGLE_LIMIT_DEGREES, OUR_ANGLE_LIMIT_DEGREES)


def test_head_channels_are_the_angles_of_the_matrix(pairs: list[Pair]) -> None:
    for pair in pairs:
        if pair.pose is None:
            continue
        theirs = Angles.from_rotation(pair.theirs.rotation)
        ours = [np.degrees(pair.pose[name]) for name in ("headYaw", "headPitch", "headRoll")]
        assert ours == pytest.approx(np.degrees([theirs.yaw, theirs.pitch, theirs.roll]), abs=ANGLE_LIMIT_DEGREES)


def _degrees_between(first: np.ndarray, second: np.ndarray) -> float:
    cosine = (np.trace(first.T @ second) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
