"""What the table of engines says of readings that are known."""

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.channels import INDEX, SHAPES
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.reader import describe
from blender_addon.core.training import Example, write_lines
from blender_addon.core.wire import EngineStatus, FaceEstimate
from inference_backend.distill.evaluation import evaluate, table
from inference_backend.distill.manifest import Manifest
from inference_backend.distill.plausible import PlausibleFaces

COUNT = 40


class Recaller:
    """An engine that knows the picture by its colour, and changes what it knows. None: it sees no face."""

    def __init__(self, poses, change):
        self.name, self._poses, self._change = "recaller", poses, change

    def status(self):
        return EngineStatus("recaller", ("image",), "ready", "")

    def estimate(self, picture, *, max_faces, head_frame, **_):
        pose = self._change(self._poses[int(picture[0, 0, 0])])
        if pose is None:
            return ()
        return (FaceEstimate((0.0, 0.0, 8.0, 8.0), 1.0, pose, describe(pose)),)

    def unload(self):
        pass


@pytest.fixture(scope="module")
def poses():
    faces = PlausibleFaces(5)
    return [faces.draw() for _ in range(COUNT)]


@pytest.fixture(scope="module")
def manifest(poses, tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    for number in range(COUNT):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")
    lines = write_lines([Example.of(f"{number}.png", pose, "test") for number, pose in enumerate(poses)])
    (folder / "manifest.jsonl").write_text(lines)
    return Manifest.read(folder)


def test_the_truth_scores_best(manifest, poses):
    scores = evaluate(Recaller(poses, lambda pose: pose), manifest)
    assert scores.error < 1e-5
    assert scores.correlation == pytest.approx(1.0)
    assert (scores.found, scores.sides_kept, scores.words_agree) == (1.0, 1.0, 1.0)


def test_an_engine_that_sees_nothing_scores_as_a_resting_face(manifest, poses):
    scores = evaluate(Recaller(poses, lambda pose: None), manifest)
    truth = manifest.values()
    varying = truth.std(axis=0) > 0.02
    assert scores.error == pytest.approx(np.abs(truth[:, varying]).mean(), rel=1e-4)
    assert (scores.found, scores.found_error, scores.correlation, scores.words_agree) == (0.0, None, 0.0, None)


def test_an_engine_that_evens_the_sides_out_keeps_none(manifest, poses):
    def even(pose):
        values = pose.values.copy()
        for name in SHAPES:
            if name.endswith("Left") and not name.startswith(("eyeLook", "jaw", "mouthLeft")):
                left, right = INDEX[name], INDEX[name.replace("Left", "Right")]
                values[[left, right]] = values[[left, right]].mean()
        return Pose(values)

    scores = evaluate(Recaller(poses, even), manifest)
    assert scores.sides_kept == 0.0
    assert 0.3 < scores.correlation < 1.0


def test_a_constant_error_is_told_by_region(manifest, poses):
    def more_jaw(pose):
        return Pose.from_mapping({**pose.as_mapping(), "jawOpen": pose["jawOpen"] + 0.3})

    scores = evaluate(Recaller(poses, more_jaw), manifest)
    assert scores.regions["jaw"] > 0.05
    assert scores.regions["brows"] < 1e-4


def test_the_table_has_a_column_for_each(manifest, poses):
    lines = table([evaluate(Recaller(poses, lambda pose: pose), manifest)] * 2).splitlines()
    assert lines[0] == "| | recaller | recaller |"
    assert "| face found | 100% | 100% |" in lines
